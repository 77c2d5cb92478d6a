"""S3, S15: maintenance on record, its notices customer by customer, and what it cuts out of an outage."""

from __future__ import annotations

from copy import copy
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

from entitlements.actions.refused import Refused
from entitlements.actions.reports import note_report
from entitlements.delivery_reports import Report
from entitlements.models import Customer, Event, Letter, Role, User
from entitlements.notices import rendering
from entitlements.rules.spans import Span
from sla.actions import maintenance as actions
from sla.actions import maintenance_runs as runs
from sla.actions.business_days import end_normal_hours
from sla.actions.publishing import open_the_way, publish_outage
from sla.assessment import assess, terms_on
from sla.maintenance import forecast_of_each, maintenance_of_each, months_around
from sla.maintenance_letters import no_longer_true
from sla.models import Failure, MaintenanceChange, MaintenanceNotice, MaintenancePeriod, Recomputation
from sla.outage_logs import logged_pieces
from sla.rules.maintenance import Ground
from sla.rules.outages import AvailabilityOutage
from tests import accounts
from tests import factories as make
from tests import maintenance_factories as work
from tests.desk import at, signed_in
from tests.factories import DAY, HOUR, NOW
from tests.shared import shared
from tests.sla.evidence.logs import Line, log_file, tables
from tests.sla.evidence.test_desk_alerts import told

pytestmark = pytest.mark.django_db
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)

START = datetime(2026, 6, 22, 8, 0, tzinfo=UTC)
"""Monday, June 22, one in the morning in San Francisco. The Friday before is a holiday."""
DEADLINE = datetime(2026, 6, 18, 8, 0, tzinfo=UTC)


@shared
def acme() -> Customer:
    """A customer with a contract; the vendor's year is on record."""
    work.year()
    return make.contract().customer


@shared
def planned(acme: Customer) -> MaintenancePeriod:
    make.member(customer=acme, email="olivia@acme.example")
    return work.planned(start=START, minutes=120)


def ground(customer: Customer, start: datetime = START, now: datetime = NOW + 30 * DAY) -> Ground | None:
    """The ground of the only maintenance of the customer in the month."""
    (one,) = maintenance_of_each([customer.pk], months_around(start, start + HOUR), now)[customer.pk]
    return one.ground


def outages(customer: Customer, start: datetime, minutes: int, now: datetime = NOW) -> list[Span]:
    """What is left of an outage of the logs, once maintenance is cut out, and is long enough to count."""
    outage = make.outage(customer=customer, start=start, minutes=minutes, now=now)
    found = logged_pieces(outage, customer, terms_on(start, customer.contracts.get()), now)
    return [piece.span for piece in found if isinstance(piece, AvailabilityOutage)]


class TestANotice:
    """S15: the same local time on the last business day before; the acceptance by the customer's mail server counts."""

    def test_each_customer_has_a_row_with_the_stored_moment(self, planned, acme):
        notice = planned.notices.get()

        assert (notice.customer, notice.version, notice.deadline) == (acme, 1, DEADLINE)

    @pytest.mark.parametrize(("late", "expected"), [(timedelta(), Ground.NOTICED), (SECOND, None)])
    def test_accepted_at_the_moment_is_in_time_and_a_second_after_is_not(self, planned, acme, late, expected):
        work.accepted(period=planned, at=DEADLINE + late)
        work.ran(period=planned)

        assert ground(acme) is expected

    def test_the_first_acceptance_by_any_contact_counts(self, acme):
        make.member(customer=acme, roles=[Role.READ_ONLY])
        make.member(customer=acme)
        period = work.planned(start=START)
        late, early = Letter.objects.filter(matter=period.reference)
        Letter.objects.filter(pk=late.pk).update(state="accepted", accepted_at=DEADLINE + DAY)
        Letter.objects.filter(pk=early.pk).update(state="accepted", accepted_at=DEADLINE - DAY)
        work.ran(period=period)

        assert ground(acme) is Ground.NOTICED

    def test_what_came_back_was_not_accepted(self, planned, acme):
        work.accepted(period=planned, at=DEADLINE)
        Letter.objects.update(bounced_at=DEADLINE + MINUTE)
        work.ran(period=planned)

        assert ground(acme) is None

    def test_it_counts_for_the_customer_that_it_reached(self, acme, gold):
        other, shared_by_both = gold.customer, make.member(customer=acme)
        shared_by_both.memberships.create(customer=other, roles=[Role.OWNER])
        period = work.planned(start=START)
        work.accepted(period=period, at=DEADLINE, customer=other)
        work.ran(period=period)

        assert (ground(other), ground(acme)) == (Ground.NOTICED, None)

    def test_a_document_shows_an_acceptance_too(self, planned, acme):
        runs.accept_by_document(
            notice=planned.notices.get(),
            accepted_at=DEADLINE - HOUR,
            document="Receipt of the courier, 17 June",
            by=make.manager(),
            now=DEADLINE + DAY,
        )
        work.ran(period=planned)

        assert ground(acme) is Ground.NOTICED

    def test_each_reads_the_times_in_their_own_zone_and_in_utc(self, acme):
        """S15: a person's own zone; of a bare address, and of whoever chose none, the contract's."""
        abroad = make.member(customer=acme)
        User.objects.filter(pk=abroad.pk).update(zone="Asia/Tokyo")
        odd = make.member(customer=acme)
        User.objects.filter(pk=odd.pk).update(zone="Mars/Olympus")
        accounts.contact(customer=acme, email="legal@acme.example", confirmed=True)
        period = work.planned(start=START)
        later, by = Span(START + DAY, START + DAY + HOUR), make.manager()
        actions.change_window(period=period, window=later, why="Later.", by=by, now=NOW)
        actions.cancel_maintenance(period=period, why="Not now.", by=by, now=NOW)

        letters = Letter.objects.filter(matter=period.reference).select_related("person")
        assert len(letters) == 9
        for letter in letters:
            rendering.render(letter)
            own, other = ("JST", "EDT") if letter.person == abroad else ("EDT", "JST")
            assert own in letter.subject
            assert "8:00 a.m. UTC" in letter.text
            assert (own in letter.text, other in letter.text) == (True, False)

    def test_a_contact_for_legal_notices_gets_it_too_and_an_address_gets_it_once(self, planned, acme):
        accounts.contact(customer=acme, confirmed=True)
        accounts.contact(customer=acme, email="olivia@acme.example", confirmed=True)

        second = work.planned(start=START)

        told = Letter.objects.filter(matter=second.reference).values_list("addressee", flat=True)
        assert sorted(told) == ["legal@acme.example", "olivia@acme.example"]

    @pytest.mark.parametrize(
        ("start", "deadline"),
        [
            # The clocks go forward on Sunday, March 8, over half past two: the notice is in time until half past three.
            (datetime(2027, 3, 15, 9, 30, tzinfo=UTC), datetime(2027, 3, 14, 10, 30, tzinfo=UTC)),
            # They go back on Sunday, November 1: the first of the two half past ones counts.
            (datetime(2026, 11, 2, 9, 30, tzinfo=UTC), datetime(2026, 11, 1, 8, 30, tzinfo=UTC)),
        ],
        ids=["forward", "back"],
    )
    def test_in_the_nights_when_the_clocks_change(self, acme, start, deadline):
        for year in (2026, 2027):
            work.year(year=year, weekend=[work.SATURDAY], holidays={})

        assert work.planned(start=start).notices.get().deadline == deadline

    def test_over_a_new_year_each_year_has_its_own_weekend(self, acme):
        work.year(year=2026, weekend=[4, 5], holidays={})
        work.year(year=2027, weekend=[5, 6], holidays={date(2027, 1, 1): "New Year"})
        start = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)  # a Monday; Thursday, December 31 is the last business day

        assert work.planned(start=start).notices.get().deadline == datetime(2026, 12, 31, 9, 0, tzinfo=UTC)

    def test_nothing_is_planned_past_the_years_on_record(self, acme):
        with pytest.raises(Refused, match="holidays of 2027 are not on record"):
            work.planned(start=datetime(2027, 6, 1, 9, 0, tzinfo=UTC))

        assert not MaintenancePeriod.objects.exists()


class TestAChange:
    """S15: moved later or lengthened needs a new notice; shortened inside it, none."""

    def change(self, period, start, minutes):
        window = Span(start, start + minutes * MINUTE)
        return actions.change_window(period=period, window=window, why="A part is late.", by=make.manager(), now=NOW)

    def test_moved_it_needs_a_notice_of_its_own(self, planned, acme):
        work.accepted(period=planned, at=DEADLINE)
        moved = self.change(planned, START + HOUR, 120)
        work.ran(period=moved)

        assert moved.version == 2
        assert moved.notices.get(version=2).deadline == DEADLINE + HOUR
        assert ground(acme) is None
        work.accepted(period=moved, at=DEADLINE + HOUR)
        assert ground(acme) is Ground.NOTICED

    def test_shortened_it_needs_none_and_customers_are_told(self, planned, acme):
        work.accepted(period=planned, at=DEADLINE)
        shorter = self.change(planned, START + HOUR, 30)
        work.ran(period=shorter, minutes=60)

        assert (shorter.version, shorter.notices.count()) == (1, 1)
        (one,) = maintenance_of_each([acme.pk], months_around(START, START + HOUR), NOW + 30 * DAY)[acme.pk]
        assert one.ground is Ground.NOTICED
        assert one.announced == Span(START + HOUR, START + 90 * MINUTE)
        assert Letter.objects.filter(kind="maintenance_changed", customer=acme).exists()

    def test_it_is_kept_with_what_was_before(self, planned):
        moved = self.change(planned, START + HOUR, 60)

        change = MaintenanceChange.objects.get()
        assert (change.before, change.after) == (planned.announced, moved.announced)
        assert (change.why, change.new_notice) == ("A part is late.", False)

    def test_the_calendar_file_replaces_the_earlier_one_and_a_cancelled_one_takes_it_out(self, planned):
        moved = self.change(planned, START + HOUR, 120)
        actions.cancel_maintenance(period=moved, why="Not needed.", by=make.manager(), now=NOW)

        files = [Calendar.from_ical(one.attachments[0][2]) for one in Letter.objects.order_by("pk")]
        events = [file.walk("VEVENT")[0] for file in files]
        assert len({event["UID"] for event in events}) == 1
        assert [int(event["SEQUENCE"]) for event in events] == [0, 1, 2]
        assert [file["METHOD"] for file in files] == ["PUBLISH", "PUBLISH", "CANCEL"]

    def test_what_was_not_sent_yet_and_is_not_true_any_more_stays_here(self, planned):
        self.change(planned, START + HOUR, 120)
        first, second = Letter.objects.order_by("pk")
        assert no_longer_true([first, second], NOW) == {first.pk}

        actions.cancel_maintenance(period=planned, why="Not needed.", by=make.manager(), now=NOW)
        assert no_longer_true([second], NOW) == {second.pk}

    def test_none_once_it_has_begun(self, planned):
        runs.start_maintenance(period=planned, started_at=START, by=make.manager(), now=START)

        for act in (
            lambda: self.change(planned, START + HOUR, 60),
            lambda: actions.cancel_maintenance(period=planned, why="No.", by=make.manager(), now=START),
        ):
            with pytest.raises(Refused, match="begun"):
                act()


class TestANoticeThatComesBack:
    """S15, S19: what a mail server took and gave back was not accepted, and what that changes is on record."""

    @pytest.fixture
    def excused(self, planned, acme):
        """A claim for an outage of two hours, the first of which noticed maintenance cuts out."""
        work.accepted(period=planned, at=DEADLINE)
        work.ran(period=planned, minutes=60)
        later = START + 5 * HOUR
        contract = acme.contracts.get()
        failure = make.failure(contract=contract, began=START, minutes=120, now=later)
        claim = make.draft(failure=failure, complete=True, now=later)
        return make.sent_claim(draft=claim, received_at=later)

    def comes_back(self, letter, source):
        report = Report(
            kind="bounced",
            message_id=letter.message_id,
            came_back_to=(),
            recipient=letter.addressee,
            host="mx.acme.example",
            diagnostic="550 5.1.1 User unknown",
            at=None,
            source=source,
        )
        assert note_report(report=report, by=None, now=START + DAY) == letter

    def test_open_claims_have_a_line(self, excused, planned):
        (letter,) = Letter.objects.filter(matter=planned.reference, kind="maintenance_notice")

        self.comes_back(letter, "one")

        kept = Recomputation.objects.get(claim=excused)
        assert (kept.remedy_before, kept.remedy_after) == (50 * MINUTE, 110 * MINUTE)
        assert Event.objects.filter(verb="maintenance.notice_came_back", matter=planned.reference).exists()

    def test_another_letter_of_the_notice_keeps_it(self, excused, planned, acme):
        (letter,) = Letter.objects.filter(matter=planned.reference, kind="maintenance_notice")
        Letter.objects.filter(pk=letter.pk).update(accepted_at=DEADLINE - HOUR)
        other = copy(letter)
        other.pk, other.addressee, other.message_id = None, "second@acme.example", "<second@makegood.example>"
        other.save()

        self.comes_back(letter, "two")

        assert not Recomputation.objects.exists()


class TestWhatItCuts:
    """S3: only what is excused, and only within the month's ten hours."""

    def test_a_noticed_period_inside_the_announced_window_only(self, planned, acme):
        work.accepted(period=planned, at=DEADLINE)
        work.ran(period=planned, minutes=150)

        assert outages(acme, START, 180, now=NOW + 30 * DAY) == [Span(START + 2 * HOUR, START + 3 * HOUR)]

    def test_nothing_where_the_notice_came_too_late(self, planned, acme):
        work.accepted(period=planned, at=DEADLINE + SECOND)
        work.ran(period=planned)

        assert outages(acme, START, 120, now=NOW + 30 * DAY) == [Span(START, START + 2 * HOUR)]

    def test_wholly_inside_the_normal_hours_needs_no_notice(self, acme):
        hours = work.normal_hours()
        start = datetime(2026, 6, 14, 8, 0, tzinfo=UTC)  # Sunday, one in the morning
        work.ran(period=work.planned(start=start, minutes=240))
        assert outages(acme, start, 240, now=NOW + 5 * DAY) == []

        end_normal_hours(hours=hours, last=date(2026, 6, 13), by=make.manager(), now=NOW)
        assert ground(acme, start) is None

    def test_normal_hours_hold_from_their_first_day_on(self, acme):
        start = datetime(2026, 6, 14, 8, 0, tzinfo=UTC)
        work.emergency(start=start, minutes=60, now=start + 2 * DAY)
        work.normal_hours(first=date(2026, 6, 15))
        assert ground(acme, start) is Ground.EMERGENCY

        work.normal_hours(first=date(2026, 6, 14), last=date(2026, 6, 14))
        assert ground(acme, start) is Ground.NORMAL_HOURS

    @pytest.mark.parametrize(("late", "left"), [(timedelta(), 0), (timedelta(microseconds=1), 1)])
    def test_an_emergency_with_its_reason_within_a_day(self, acme, late, left):
        start = NOW - 2 * DAY
        work.emergency(start=start, now=start + DAY + late)

        assert len(outages(acme, start, 60)) == left

    def test_a_repair_does_not_cut_its_own_outage(self, acme):
        start = NOW - 2 * HOUR
        outage = make.outage(customer=acme, start=start, minutes=60)
        work.emergency(start=start + 10 * MINUTE, minutes=50, repairs=outage)

        found = logged_pieces(outage, acme, terms_on(start, acme.contracts.get()), NOW)
        assert [piece.span for piece in found] == [Span(start, start + HOUR)]

    def test_a_repair_cuts_an_outage_of_the_same_cause_that_begins_while_it_goes_on(self, acme):
        start = NOW - 3 * HOUR
        first = make.outage(customer=acme, start=start, minutes=40)
        again = make.outage(customer=acme, start=start + HOUR, minutes=45, cause=first.cause)
        work.emergency(start=start + 20 * MINUTE, minutes=100, repairs=first)

        terms = terms_on(start, acme.contracts.get())
        assert [piece.span for piece in logged_pieces(first, acme, terms, NOW)] == [Span(start, start + 40 * MINUTE)]
        assert logged_pieces(again, acme, terms, NOW) == ()

    def test_ten_hours_are_full_to_the_second(self, acme):
        start = datetime(2026, 6, 1, 0, 0, tzinfo=UTC)
        work.emergency(start=start, minutes=9 * 60 + 59, now=start + 20 * HOUR)
        work.emergency(start=start + DAY, minutes=31, now=start + 2 * DAY)

        assert outages(acme, start + DAY, 31) == [Span(start + DAY + MINUTE, start + DAY + 31 * MINUTE)]

    def test_the_months_midnight_splits_it(self, acme):
        midnight = datetime(2026, 6, 1, 0, 0, tzinfo=UTC)
        work.emergency(start=midnight - 11 * HOUR, minutes=12 * 60, now=midnight + 2 * HOUR)

        assert outages(acme, midnight - 2 * HOUR, 180) == [Span(midnight - HOUR, midnight)]
        may, june = (forecast_of_each([acme.pk], month, NOW)[acme.pk] for month in (date(2026, 5, 2), date(2026, 6, 2)))
        assert (may.used, may.beyond, june.used, june.left) == (11 * HOUR, HOUR, HOUR, 9 * HOUR)

    def test_only_of_customers_whom_it_concerns(self, acme, gold):
        other = gold.customer
        work.emergency(start=NOW - 5 * HOUR, customers=[other])

        assert len(outages(acme, NOW - 5 * HOUR, 60)) == 1
        assert outages(other, NOW - 5 * HOUR, 60) == []

    def test_what_still_runs_cuts_until_now(self, acme):
        work.emergency(start=NOW - 2 * HOUR, minutes=None)
        outage = make.outage(customer=acme, start=NOW - 2 * HOUR, minutes=None)

        terms = terms_on(NOW, acme.contracts.get())
        assert logged_pieces(outage, acme, terms, NOW) == ()

    def test_the_working_shows_the_account(self, acme):
        work.emergency(start=NOW - 5 * HOUR)
        outage = make.outage(customer=acme, start=NOW - 5 * HOUR, minutes=120)
        (piece,) = logged_pieces(outage, acme, terms_on(NOW, acme.contracts.get()), NOW)

        names = [step.name for _, step in piece.working.walk()]
        assert {"maintenance", "maintenance period", "allowance of the month"} <= set(names)


class TestACorrection:
    """S19: it reaches open claims, visibly, and never a decided one."""

    def test_an_open_claim_is_judged_anew(self, acme):
        sent = make.sent_claim(contract=acme.contracts.get())
        failure = sent.failures.get()
        before = assess(sent, now=NOW + 2 * HOUR).figures

        work.emergency(start=failure.began_at, minutes=40, now=NOW)

        after = assess(sent, now=NOW + 2 * HOUR)
        assert before is not None
        assert after.union.counted.first_occurrence == failure.began_at + 70 * MINUTE
        assert Event.objects.filter(verb="claim.maintenance_changed", matter=sent.reference).exists()
        kept = Recomputation.objects.get(claim=sent, decided=False)
        assert kept.remedy_before > kept.remedy_after == after.union.counted.time

    def test_one_upon_a_late_alert_too(self, acme):
        """S3: maintenance is cut out of delivery periods as it is of outages."""
        received = NOW - DAY
        tables([Line(2, acme.pk, "INC-7", told(received, 60), log_file(NOW, make.manager()).pk)])
        failure = make.failure(
            contract=acme.contracts.get(), kind="B", began=received, minutes=60, incident="INC-7", logged=False
        )
        claim = make.sent_claim(draft=make.draft(failure=failure, complete=True))

        work.emergency(start=received + 20 * MINUTE, minutes=30, now=NOW)

        kept = Recomputation.objects.get(claim=claim)
        assert (kept.remedy_before, kept.remedy_after) == (55 * MINUTE, 25 * MINUTE)
        assert Event.objects.filter(verb="claim.maintenance_changed", matter=claim.reference).exists()

    def test_a_decided_claim_is_not(self, acme):
        decided = make.decided(proposal=make.proposal(contract=acme.contracts.get()))
        frozen = decided.proposals.get().working

        work.emergency(start=decided.failures.get().began_at, minutes=95, now=NOW)

        assert decided.proposals.get().working == frozen
        assert not Event.objects.filter(verb="claim.maintenance_changed").exists()
        assert Recomputation.objects.get(claim=decided).decided

    def test_what_really_ran_is_put_right_with_the_old_times_kept(self, acme):
        period = work.emergency(start=NOW - 5 * HOUR)
        runs.correct_run(
            period=period,
            started_at=NOW - 4 * HOUR,
            ended_at=NOW - 3 * HOUR,
            why="The log of the switch says so.",
            by=make.manager(),
            now=NOW,
        )

        change = MaintenanceChange.objects.get()
        assert (change.what, change.before.lower, change.after.lower) == ("run", NOW - 5 * HOUR, NOW - 4 * HOUR)
        assert outages(acme, NOW - 4 * HOUR, 60) == []

    def test_corrected_to_what_it_is_nothing_happens(self, acme):
        period = work.emergency(start=NOW - 5 * HOUR)
        times = {"started_at": period.ran.lower, "ended_at": period.ran.upper}
        runs.correct_run(period=period, **times, why="Looked at again.", by=make.manager(), now=NOW)

        assert not MaintenanceChange.objects.exists()

    def test_a_published_outage_is_looked_at_again(self, acme):
        period = work.emergency(start=NOW - DAY, minutes=50)
        outage = make.outage(customer=acme, start=NOW - DAY, minutes=60)
        publish_outage(outage=outage, by=make.manager(), now=NOW)
        assert not open_the_way(opening=outage.openings.get(), now=NOW)

        shorter = {"started_at": NOW - DAY, "ended_at": NOW - DAY + 5 * MINUTE}
        runs.correct_run(period=period, **shorter, why="The log.", by=make.manager(), now=NOW)

        assert open_the_way(opening=outage.openings.get(), now=NOW)
        assert Failure.objects.get().found_by_us

    def test_contracts_are_locked_once_for_all_outages(self, acme):
        for customer in (acme, make.contract().customer):
            make.outage(customer=customer, start=NOW - DAY)

        with CaptureQueriesContext(connection) as asked:
            work.emergency(start=NOW - DAY)

        locks = [one["sql"] for one in asked if one["sql"].endswith('FOR NO KEY UPDATE OF "entitlements_contract"')]
        assert len(locks) == 1

    def test_everybody_is_also_whose_contract_began_after_it(self):
        contract = make.contract(first=date(2026, 6, 9))
        began = datetime(2026, 6, 10, 3, 0, tzinfo=UTC)  # an hour before midnight in New York
        failure = make.failure(contract=contract, began=began, minutes=180, now=began + 4 * HOUR)
        make.contract()
        period = work.emergency(start=began - 3 * DAY, minutes=40, now=NOW)

        moved = {"started_at": began, "ended_at": began + 40 * MINUTE}
        runs.correct_run(period=period, **moved, why="The log.", by=make.manager(), now=NOW)

        told = failure.closes_at
        failure.refresh_from_db()
        assert failure.closes_at == told + DAY

    def test_a_window_that_ends_later_by_it_is_widened(self, acme):
        began = datetime(2026, 6, 10, 3, 0, tzinfo=UTC)  # an hour before midnight in New York
        failure = make.failure(contract=acme.contracts.get(), began=began, minutes=180, now=began + 4 * HOUR)
        told = failure.closes_at

        work.emergency(start=began, minutes=40, now=NOW)

        failure.refresh_from_db()
        assert failure.closes_at == told + DAY


class TestRefusals:
    """What an act of maintenance refuses, and says why."""

    def test_times_that_cannot_be(self, planned):
        act = {"period": planned, "by": make.manager()}
        with pytest.raises(Refused, match="lies behind us"):
            runs.start_maintenance(**act, started_at=START + SECOND, now=START)
        with pytest.raises(Refused, match="does not run"):
            runs.end_maintenance(**act, ended_at=START, now=START)
        begun = runs.start_maintenance(**act, started_at=START, now=START)
        with pytest.raises(Refused, match="before it began"):
            runs.end_maintenance(period=begun, by=act["by"], ended_at=START, now=START)
        with pytest.raises(Refused, match="between its writing and now"):
            runs.accept_by_document(
                notice=planned.notices.get(), accepted_at=NOW - SECOND, document="Mail", by=act["by"], now=START
            )

    def test_a_plan_in_the_past_or_for_nobody(self, acme):
        with pytest.raises(Refused, match="has begun already"):
            work.planned(start=NOW)
        with pytest.raises(Refused, match="concerns no customer"):
            work.planned(start=START, customers=[])

    def test_a_window_of_normal_hours_twice(self, acme):
        work.normal_hours(last=date(2026, 6, 30))
        work.normal_hours(first=date(2026, 7, 1))

        with pytest.raises(Refused, match="holds on some of these days already"):
            work.normal_hours(first=date(2026, 6, 30))
        with pytest.raises(Refused, match="last day lies before"):
            work.normal_hours(begins=time(3), last=make.FIRST - DAY)


def test_what_is_planned_is_listed_however_much_ran_since(planned, acme, monkeypatch):
    monkeypatch.setattr("sla.views.maintenance.MOST", 1)
    for hours in (5, 3):
        work.emergency(start=NOW - hours * HOUR)
    at(monkeypatch, NOW)

    page = signed_in(make.one_of(acme, Role.OWNER)).get("/maintenance/").content.decode()
    assert planned.title in page


def test_a_notice_row_keeps_what_it_announced(planned):
    notice = MaintenanceNotice.objects.get()
    assert notice.announced == DateTimeTZRange(START, START + 2 * HOUR)
