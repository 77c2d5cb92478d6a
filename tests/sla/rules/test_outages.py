from dataclasses import replace
from datetime import timedelta

import pytest

from sla.rules.emergencies import emergency_reading
from sla.rules.exclusions import ExclusionKind
from sla.rules.maintenance import Ground
from sla.rules.outages import (
    STATED_WITHIN,
    availability_outages,
    distance_from_stated,
    joined,
    pieces,
)
from tests.sla.rules.given import TERMS, at, down, emergency, finding, maintenance, span, spans


def outages(*logs, cut=(), now=None, found=()):
    return availability_outages(logs, cut, TERMS, now and at(now), found)


def found_spans(*logs, cut=(), now=None, found=()):
    return tuple(outage.span for outage in outages(*logs, cut=cut, now=now, found=found))


class TestAnAvailabilityOutage:
    """S2"""

    @pytest.mark.parametrize(
        ("end", "counts"), [("10:29:59.999999", False), ("10:30", True), ("10:30:00.000001", True)]
    )
    def test_lasts_thirty_minutes_or_more(self, end, counts):
        assert found_spans(down("10:00", end)) == (spans(("10:00", end)) if counts else ())

    def test_is_one_where_the_log_overlaps_or_touches(self):
        assert found_spans(down("10:00", "10:20"), down("10:20", "10:30"), down("10:05", "10:10")) == spans(
            ("10:00", "10:30")
        )

    def test_is_none_where_any_gap_separates_short_intervals(self):
        assert found_spans(down("10:00", "10:20"), down("10:20:00.000001", "10:40")) == ()

    def test_occurs_thirty_minutes_after_the_start_of_the_piece(self):
        (outage,) = outages(down("10:00", "12:00"), cut=[maintenance("10:00", "10:15")])

        assert (outage.start, outage.end) == (at("10:15"), at("12:00"))
        assert outage.occurrence == at("10:45")

    def test_gives_a_remedy_period_from_ten_minutes_after_its_start(self):
        (outage,) = outages(down("10:00", "10:30"))

        assert outage.remedy == span("10:10", "10:30")

    def test_follows_the_figures_of_its_edition(self):
        terms = replace(TERMS, outage_minutes=45, outage_deduction_minutes=20)
        (outage,) = availability_outages([down("10:00", "10:45")], [], terms, None)

        assert (outage.occurrence, outage.remedy) == (at("10:45"), span("10:20", "10:45"))
        assert availability_outages([down("10:00", "10:44")], [], terms, None) == ()

    def test_comes_in_order_of_time(self):
        assert found_spans(down("14:00", "15:00"), down("10:00", "11:00")) == spans(
            ("10:00", "11:00"), ("14:00", "15:00")
        )


class TestAnOpenOutage:
    """S2"""

    @pytest.mark.parametrize(("now", "counts"), [("10:29:59.999999", False), ("10:30", True), ("11:00", True)])
    def test_counts_once_it_is_thirty_minutes_old(self, now, counts):
        assert found_spans(down("10:00", None), now=now) == (spans(("10:00", now)) if counts else ())

    def test_is_open_and_runs_to_the_moment_asked(self):
        (outage,) = outages(down("10:00", None), now="10:50")

        assert outage.open
        assert (outage.end, outage.remedy) == (at("10:50"), span("10:10", "10:50"))

    def test_needs_the_moment_asked(self):
        with pytest.raises(ValueError, match=r"^an outage that is still open needs the moment asked$"):
            outages(down("10:00", None))

    @pytest.mark.parametrize("now", ["09:00", "10:00"])
    def test_is_nothing_before_it_began(self, now):
        assert found_spans(down("10:00", None), now=now) == ()

    def test_that_has_ended_is_not_open_even_at_the_moment_of_its_end(self):
        (outage,) = outages(down("10:00", "10:50"), now="10:50")

        assert not outage.open

    def test_stays_open_where_the_open_interval_touches_one_that_ended(self):
        (outage,) = outages(down("10:00", "10:50"), down("10:50", None), now="10:50")

        assert outage.open

    def test_is_not_open_while_maintenance_cuts_it(self):
        (outage,) = outages(down("10:00", None), cut=[maintenance("10:40", "11:30")], now="10:50")

        assert (outage.span, outage.open) == (span("10:00", "10:40"), False)

    def test_is_not_open_at_the_instant_at_which_maintenance_begins(self):
        (outage,) = outages(down("10:00", None), cut=[maintenance("10:40", "11:30")], now="10:40")

        assert not outage.open

    def test_is_open_again_after_maintenance(self):
        first, second = outages(down("10:00", None), cut=[maintenance("10:40", "11:00")], now="11:30")

        assert (first.open, second.open) == (False, True)

    def test_may_begin_with_one_that_ended(self):
        (outage,) = outages(down("10:00", None), down("10:00", "10:20"), now="10:50")

        assert (outage.span, outage.open) == (span("10:00", "10:50"), True)

    def test_beside_one_that_ended_leaves_that_one_closed(self):
        first, second = outages(down("08:00", "09:00"), down("10:00", None), now="11:00")

        assert (first.open, second.open) == (False, True)

    def test_that_begins_later_does_not_open_one_that_ends_now(self):
        (outage,) = outages(down("10:00", "11:00"), down("12:00", None), now="11:00")

        assert not outage.open


class TestMaintenanceInAnOutage:
    """S2, S3"""

    def test_leaves_two_outages_each_with_its_own_deduction(self):
        first, second = outages(down("09:00", "10:30"), cut=[maintenance("09:30", "10:00")])

        assert first.remedy == span("09:10", "09:30")
        assert second.remedy == span("10:10", "10:30")

    def test_does_not_join_two_short_pieces(self):
        assert found_spans(down("09:00", "10:00"), cut=[maintenance("09:29", "09:31")]) == ()

    def test_that_repairs_it_does_not_cut_it(self):
        repair = maintenance("10:20", "11:00", repairs_outage=True)

        assert found_spans(down("10:00", "11:00"), cut=[repair]) == spans(("10:00", "11:00"))

    def test_that_began_with_the_outage_repairs_it_too(self):
        repair = maintenance("10:00", "11:00", repairs_outage=True)

        assert found_spans(down("10:00", "11:00"), cut=[repair]) == spans(("10:00", "11:00"))

    def test_that_repairs_one_outage_cuts_another_that_begins_later(self):
        repair = maintenance("10:20", "12:00", repairs_outage=True)
        logs = down("10:00", "10:40"), down("11:00", "11:45")

        assert found_spans(*logs, cut=[repair]) == spans(("10:00", "10:40"))

    def test_that_repairs_an_outage_not_in_the_log_cuts_nothing(self):
        repair = maintenance("09:00", "11:00", repairs_outage=True)

        assert found_spans(down("10:00", "11:00"), cut=[repair]) == spans(("10:00", "11:00"))

    def test_cuts_where_another_period_repairs(self):
        repair = maintenance("10:20", "11:00", repairs_outage=True)
        planned = maintenance("10:30", "11:00")

        assert found_spans(down("10:00", "11:00"), cut=[repair, planned]) == spans(("10:00", "10:30"))

    def test_may_cover_it_all(self):
        assert pieces([down("10:00", "11:00")], [maintenance("09:00", "12:00")], TERMS, None) == ()


class TestAFindingOnAnOutage:
    """S6"""

    def test_cuts_as_maintenance_does(self):
        network = finding(ExclusionKind.CUSTOMER_NETWORK, "10:30", "10:45")

        assert found_spans(down("10:00", "11:00"), found=[network]) == spans(("10:00", "10:30"))

    def test_that_binds_only_alerts_does_not_cut(self):
        push = finding(ExclusionKind.PUSH_CHANNEL, "10:30", "10:45")

        assert found_spans(down("10:00", "11:00"), found=[push]) == spans(("10:00", "11:00"))

    def test_keeps_the_outage_closed_while_it_runs(self):
        network = finding(ExclusionKind.CUSTOMER_NETWORK, "10:30", "11:00")
        (outage,) = outages(down("10:00", None), found=[network], now="10:30")

        assert not outage.open


class TestAPieceThatIsTooShort:
    """S2"""

    def test_says_by_how_much(self):
        (piece,) = pieces([down("10:00", "10:29:59")], [], TERMS, None)

        assert piece.short_by == timedelta(seconds=1)
        assert piece.working.name == "not an Availability Outage"
        assert dict(piece.working.inputs) == {
            "open": False,
            "length": timedelta(minutes=29, seconds=59),
            "outage_minutes": 30,
            "short_by": timedelta(seconds=1),
        }
        assert piece.working.result == span("10:00", "10:29:59")
        assert [step.name for step in piece.working.steps] == ["server logs", "maintenance"]

    def test_stands_beside_the_outages_in_order_of_time(self):
        found = pieces([down("09:00", "10:00")], [maintenance("09:10", "09:30")], TERMS, None)

        assert [piece.span for piece in found] == list(spans(("09:00", "09:10"), ("09:30", "10:00")))
        assert [piece.working.name for piece in found] == ["not an Availability Outage", "Availability Outage"]

    def test_is_cut_by_findings_and_may_be_open(self):
        network = finding(ExclusionKind.CUSTOMER_NETWORK, "10:00", "10:10")
        (piece,) = pieces([down("10:00", None)], [], TERMS, at("10:15"), [network])

        assert (piece.span, piece.open) == (span("10:10", "10:15"), True)


class TestTheEmergencyReading:
    """S3"""

    def test_shows_what_would_hold_if_emergencies_did_not_cut(self):
        reading = emergency_reading([down("10:00", "11:00")], [emergency("10:20", "11:00")], TERMS, None)

        assert reading.taken == ()
        assert [outage.span for outage in reading.other] == [span("10:00", "11:00")]
        assert (reading.remedy_time_taken, reading.remedy_time_other) == (timedelta(), timedelta(minutes=50))
        assert reading.matters

    def test_differs_in_nothing_without_an_emergency(self):
        network = finding(ExclusionKind.CUSTOMER_NETWORK, "10:50", "11:30")
        reading = emergency_reading(
            [down("10:00", None)], [maintenance("10:30", "10:35", Ground.NORMAL_HOURS)], TERMS, at("11:30"), [network]
        )

        assert [outage.span for outage in reading.taken] == [span("10:00", "10:30")]
        assert [outage.span for outage in reading.other] == [span("10:00", "10:30")]
        assert not reading.matters

    def test_shows_its_figures(self):
        reading = emergency_reading([down("09:00", "11:00")], [emergency("10:00", "10:30")], TERMS, None)

        assert reading.working.result == timedelta(minutes=110)
        assert dict(reading.working.inputs) == {
            "remedy_time_taken": timedelta(minutes=70),
            "outages_taken": spans(("09:00", "10:00"), ("10:30", "11:00")),
            "outages_other": spans(("09:00", "11:00")),
        }


class TestTheWorkingOfAnOutage:
    """S2"""

    def test_holds_logs_maintenance_and_findings(self):
        network = finding(ExclusionKind.CUSTOMER_NETWORK, "11:30", "12:00")
        logs = down("10:30", None), down("10:00", "10:40")
        (outage,) = outages(*logs, cut=[maintenance("10:50", "11:00")], found=[network], now="11:00")
        log, account, excluded = outage.working.steps

        assert outage.working.result == span("10:00", "10:50")
        assert dict(outage.working.inputs) == {
            "open": False,
            "length": timedelta(minutes=50),
            "outage_minutes": 30,
            "outage_deduction_minutes": 10,
            "occurrence": at("10:30"),
            "remedy": span("10:10", "10:50"),
        }
        assert log.result == spans(("10:00", "11:00"))
        assert dict(log.inputs) == {"down": logs[::-1], "now": at("11:00")}
        assert account.name == "maintenance"
        assert excluded.result == span("11:30", "12:00")


class TestWhatACustomerStated:
    """S2: which piece of the logs is meant, and how far it lies from what was stated."""

    def distance(self, piece, began, ended=None, now=None):
        (found,) = pieces([piece], (), TERMS, now and at(now))
        return distance_from_stated(found, at(began), ended and at(ended))

    @pytest.mark.parametrize("began", ["10:00", "10:30", "10:59:59.999999"])
    def test_one_that_runs_at_the_stated_beginning_is_meant(self, began):
        assert self.distance(down("10:00", "11:00"), began) == timedelta()

    def test_one_that_ended_at_the_stated_beginning_lies_apart(self):
        assert self.distance(down("10:00", "11:00"), "11:00") == timedelta(hours=1)

    def test_one_that_still_runs_is_meant_however_late_the_statement(self):
        assert self.distance(down("10:00", None), "13:00", now="12:30") == timedelta()

    @pytest.mark.parametrize(
        ("ended", "apart"), [("10:00", None), ("10:00:00.000001", timedelta(hours=1)), ("12:00", timedelta(hours=1))]
    )
    def test_with_an_end_they_must_overlap(self, ended, apart):
        assert self.distance(down("10:00", "11:00"), "09:00", ended) == apart

    def test_with_an_end_that_begins_where_the_piece_ended_it_is_not_meant(self):
        assert self.distance(down("10:00", "11:00"), "11:00", "11:30") is None

    @pytest.mark.parametrize(("after", "meant"), [(-timedelta.resolution, True), (timedelta(), False)])
    @pytest.mark.parametrize("sign", [1, -1])
    def test_without_an_end_one_that_begins_near_is_meant(self, sign, after, meant):
        (found,) = pieces([down("10:00", "10:40")], (), TERMS, None)

        distance = distance_from_stated(found, at("10:00") + sign * (STATED_WITHIN + after), None)

        assert distance == (STATED_WITHIN + after if meant else None)


class TestIntervalsOfOneCause:
    """S2: those that overlap or touch are one, whichever outage they were recorded under."""

    def test_what_touches_directly_or_through_others_belongs_to_it(self):
        near = [down("10:20", "10:30"), down("10:30", "10:40"), down("09:50", "10:00")]
        apart = [down("10:40:00.000001", "11:00"), down("09:00", "09:49")]

        assert joined([down("10:00", "10:20")], [*apart, *near]) == tuple(sorted([down("10:00", "10:20"), *near]))

    def test_one_that_lasts_takes_in_all_that_begins_later(self):
        lasts, later = down("10:00", None), down("15:00", "16:00")

        assert joined([later], [lasts]) == (lasts, later)
        assert joined([lasts], [later, down("09:00", "09:30")]) == (lasts, later)

    def test_a_short_one_within_a_long_one_does_not_end_it(self):
        long, short, last = down("10:00", "12:00"), down("10:05", "10:10"), down("11:00", "11:30")

        assert joined([last], [short, long]) == (long, short, last)

    def test_without_its_own_there_is_nothing(self):
        assert joined([], [down("10:00", "11:00")]) == ()
