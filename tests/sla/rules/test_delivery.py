from dataclasses import replace
from datetime import timedelta

import pytest

from sla.rules.delivery import OutOfScope, delivery
from sla.rules.exclusions import ExclusionKind
from sla.rules.volume import Quarter, volume_exclusion
from tests.sla.rules.given import NEW_YORK, TERMS, alert, at, finding, span, spans


def measured(now=None, maintenance=(), findings=(), volume=None, **facts):
    return delivery(alert(**facts), TERMS, now and at(now), maintenance=maintenance, findings=findings, volume=volume)


class TestTheDeliveryPeriod:
    """S4"""

    def test_runs_from_the_receipt_to_the_log_less_the_configured_delay(self):
        assert measured(logged="10:20", delay=timedelta(minutes=3)).period == timedelta(minutes=17)

    @pytest.mark.parametrize("logged", ["09:59", "10:00", "10:03"])
    def test_is_never_below_zero(self, logged):
        assert measured(logged=logged, delay=timedelta(minutes=3)).period == timedelta()

    @pytest.mark.parametrize(
        ("channel", "kind"),
        [("phone", "provider_api_call"), ("push", "push_attempt"), ("sms", "sms_sent"), ("email", "email_sent")],
    )
    def test_ends_with_the_log_of_its_channel(self, channel, kind):
        logs = [(other, at("10:01")) for other in TERMS.deciding_logs.values() if other != kind]

        answer = measured(channel=channel, logs=(*logs, (kind, at("10:08"))))

        assert answer.period == timedelta(minutes=8)

    def test_ends_with_the_earliest_entry(self):
        logs = tuple(("provider_api_call", at(clock)) for clock in ("10:20", "10:07", "10:30"))

        assert measured(logs=logs).period == timedelta(minutes=7)

    @pytest.mark.parametrize(("receipt", "minutes"), [("10:06", 6), ("10:07", 7), ("10:08", 7)])
    def test_ends_with_a_receipt_of_delivery_only_if_that_is_earlier(self, receipt, minutes):
        logs = (("provider_api_call", at("10:07")), ("delivery_receipt", at(receipt)))

        assert measured(logs=logs).period == timedelta(minutes=minutes)


class TestAnAlertOutOfScope:
    """S4"""

    @pytest.mark.parametrize(
        ("facts", "why"),
        [
            ({"channel": "chat"}, OutOfScope.CHANNEL),
            ({"registered": "MX"}, OutOfScope.COUNTRY),
            ({"located": "MX"}, OutOfScope.COUNTRY),
            ({"registered": None}, OutOfScope.COUNTRY),
            ({"first_responder": False}, OutOfScope.RESPONDER),
            ({"high_urgency": False}, OutOfScope.URGENCY),
            ({"initial": False}, OutOfScope.NOT_INITIAL),
        ],
    )
    def test_is_no_failure_and_says_why(self, facts, why):
        answer = measured(**{"logged": "11:00", **facts})

        assert (answer.in_scope, answer.out_of_scope) == (False, (why,))
        assert (answer.failure, answer.occurrence, answer.remedy) == (False, None, ())
        (refusal,) = answer.refusals
        assert (refusal.clause, refusal.code) == ("S4", why.value)
        assert refusal.sentence.endswith(".")

    def test_names_every_reason(self):
        answer = measured(channel="chat", registered="MX", first_responder=False, high_urgency=False, initial=False)

        assert answer.out_of_scope == tuple(OutOfScope)
        assert len({refusal.sentence for refusal in answer.refusals}) == 5

    @pytest.mark.parametrize(("registered", "located"), [("US", "CA"), ("CA", "US"), ("CA", "CA")])
    def test_is_not_one_in_canada(self, registered, located):
        assert measured(registered=registered, located=located).in_scope

    def test_may_still_be_open_when_nobody_asks(self):
        answer = measured(logged=None, located="MX")

        assert (answer.period, answer.open, answer.failure) == (None, True, False)


class TestADeliveryFailure:
    """S5, S8"""

    @pytest.mark.parametrize(
        ("logged", "failure", "remedy"),
        [
            ("10:04:59.999999", False, ()),
            ("10:05", False, ()),
            ("10:05:00.000001", True, spans(("10:05", "10:05:00.000001"))),
            ("10:25", True, spans(("10:05", "10:25"))),
        ],
    )
    def test_is_a_period_of_more_than_five_minutes(self, logged, failure, remedy):
        answer = measured(logged=logged)

        assert (answer.failure, answer.remedy) == (failure, remedy)

    def test_occurs_five_minutes_after_the_alert_was_due(self):
        answer = measured(logged="10:20", delay=timedelta(minutes=3))

        assert answer.occurrence == at("10:08")
        assert answer.remedy == spans(("10:08", "10:20"))

    def test_follows_the_figure_of_its_edition(self):
        terms = replace(TERMS, delivery_limit_minutes=15)

        assert delivery(alert(logged="10:16"), terms, None).remedy == spans(("10:15", "10:16"))

    def test_that_is_none_never_occurred(self):
        assert measured(logged="10:05").occurrence is None


class TestAnAlertNeverAttempted:
    """S5"""

    @pytest.mark.parametrize(
        ("acknowledged", "resolved", "end"),
        [("10:10", None, "10:10"), (None, "10:12", "10:12"), ("10:10", "10:12", "10:10"), ("10:12", "10:10", "10:10")],
    )
    def test_runs_to_the_acknowledgement_or_resolution_whichever_came_first(self, acknowledged, resolved, end):
        answer = measured(
            logged=None, acknowledged=acknowledged and at(acknowledged), resolved=resolved and at(resolved)
        )

        assert (answer.attempted, answer.open, answer.ended) == (False, False, at(end))
        assert answer.remedy == spans(("10:05", end))

    def test_ignores_the_acknowledgement_once_it_was_attempted(self):
        answer = measured(logged="10:20", acknowledged=at("10:10"))

        assert (answer.attempted, answer.period) == (True, timedelta(minutes=20))

    def test_is_not_attempted_by_the_log_of_another_channel(self):
        answer = measured(logs=(("sms_sent", at("10:01")),), acknowledged=at("10:10"))

        assert (answer.attempted, answer.period) == (False, timedelta(minutes=10))

    @pytest.mark.parametrize(
        ("now", "failure"), [("10:00", False), ("10:05", False), ("10:05:00.000001", True), ("11:00", True)]
    )
    def test_is_open_until_then(self, now, failure):
        answer = measured(now=now, logged=None)

        assert (answer.open, answer.failure, answer.period) == (True, failure, at(now) - at("10:00"))

    def test_has_no_known_period_while_it_is_open_and_no_moment_is_asked(self):
        answer = measured(logged=None)

        assert (answer.in_scope, answer.attempted, answer.open, answer.failure) == (True, False, True, False)
        assert (answer.period, answer.occurrence, answer.remedy) == (None, None, ())

    def test_needs_no_moment_once_it_has_ended(self):
        assert measured(now="12:00", logged=None, resolved=at("10:10")).ended == at("10:10")


class TestAnExclusionOfAnAlert:
    """S6"""

    def test_cuts_its_period_as_maintenance_does(self):
        network = finding(ExclusionKind.CUSTOMER_NETWORK, "10:02", "10:12")
        answer = measured(logged="10:20", findings=[network])

        assert answer.period == timedelta(minutes=10)
        assert answer.occurrence == at("10:15")
        assert answer.remedy == spans(("10:15", "10:20"))

    @pytest.mark.parametrize(("by_outage", "minutes"), [(True, 20), (False, 10)])
    def test_of_an_outage_cuts_nothing_of_what_no_outage_caused(self, by_outage, minutes):
        """S8: found otherwise, it shares nothing with the outage; a cause of its own excludes it as before."""
        one = replace(finding(ExclusionKind.INTERNET, "10:02", "10:12"), by_outage=by_outage)
        answer = delivery(alert(logged="10:20"), TERMS, None, findings=[one], found_otherwise=True)

        assert answer.period == timedelta(minutes=minutes)
        assert not answer.shares_with_an_outage

    def test_leaves_several_remedy_periods(self):
        answer = measured(logged="10:20", maintenance=spans(("10:10", "10:15")))

        assert answer.remedy == spans(("10:05", "10:10"), ("10:15", "10:20"))
        assert answer.occurrence == at("10:05")

    def test_moves_the_occurrence_behind_a_cut_that_begins_when_five_minutes_are_full(self):
        answer = measured(logged="10:20", maintenance=spans(("10:05", "10:15")))

        assert (answer.occurrence, answer.remedy) == (at("10:15"), spans(("10:15", "10:20")))

    def test_leaves_no_failure_if_five_minutes_or_less_remain(self):
        answer = measured(logged="10:20", maintenance=spans(("10:05", "10:30")))

        assert (answer.failure, answer.occurrence) == (False, None)

    def test_names_no_maintenance_that_ran_at_another_time(self):
        """Its working has what cuts it, not all that ran in half a year."""
        answer = measured(logged="10:20", maintenance=spans(("09:00", "10:00"), ("10:19", "11:00"), ("12:00", "13:00")))

        assert dict(answer.working.inputs)["cuts"] == spans(("10:19", "11:00"))

    def test_by_the_push_channel_cuts_only_alerts_by_push(self):
        push = finding(ExclusionKind.PUSH_CHANNEL, "10:00", "10:20")
        by_push = {"channel": "push", "logs": (("push_attempt", at("10:20")),)}

        assert not measured(findings=[push], **by_push).failure
        assert measured(findings=[push]).failure

    @pytest.mark.parametrize(("volume", "failure"), [(11, True), (12, False)])
    def test_by_volume_excludes_it_whole(self, volume, failure):
        quarters = [Quarter(at("09:00"), 1, 1), Quarter(at("10:00"), volume, 1)]
        excluded = volume_exclusion(at("10:00"), quarters, NEW_YORK, TERMS)

        answer = measured(volume=excluded)

        assert answer.failure is failure
        assert bool(answer.remedy) is failure
        assert answer.working.steps == (excluded.working,)


class TestTheWorkingOfADelivery:
    """S4"""

    def test_holds_everything_that_decided_it(self):
        network = finding(ExclusionKind.CUSTOMER_NETWORK, "10:06", "10:08")
        known = alert(delay=timedelta(minutes=1), acknowledged=at("10:30"), resolved=at("10:40"))
        answer = delivery(known, TERMS, None, findings=[network], maintenance=spans(("10:08", "10:10")))

        assert answer.working.result == timedelta(minutes=15)
        assert answer.working.steps == (network.working,)
        assert dict(answer.working.inputs) == {
            "received": at("10:00"),
            "channel": "phone",
            "logs": (("provider_api_call", at("10:20")),),
            "delay": timedelta(minutes=1),
            "high_urgency": True,
            "first_responder": True,
            "registered": "US",
            "located": "US",
            "acknowledged": at("10:30"),
            "resolved": at("10:40"),
            "initial": True,
            "deciding_log": "provider_api_call",
            "delivery_limit_minutes": 5,
            "ended": at("10:20"),
            "open": False,
            "attempted": True,
            "out_of_scope": (),
            "cuts": (span("10:06", "10:10"),),
            "failure": True,
            "occurrence": at("10:10"),
            "remedy": spans(("10:10", "10:20")),
        }

    def test_names_why_it_is_out_of_scope(self):
        assert dict(measured(located="MX").working.inputs)["out_of_scope"] == ("country",)
