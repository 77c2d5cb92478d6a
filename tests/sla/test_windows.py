"""S13: a deadline that was told never comes nearer, and what our logs say moves it away; over local midnight, both ways."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange

from entitlements.actions.contract_states import terminate
from entitlements.actions.refused import Refused
from entitlements.models import Contract, Event, Letter
from sla.actions.claims import add_transactions
from sla.actions.decisions import assign_outage
from sla.actions.outages import LoggedInterval, end_outage, record_outage
from sla.admin.claim_facts import timeliness
from sla.assessment import assess
from sla.models import Claim, Downtime
from sla.reminders import no_longer_true
from sla.sweep import sweep
from tests import factories as make
from tests.factories import DAY, HOUR, NOW, TODAY
from tests.shared import shared

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
MIDNIGHT = datetime(2026, 6, 9, 4, tzinfo=UTC)
"""In New York, where the default contract is."""
NINTH, TENTH = (datetime(2026, 6, 24 + n, 4, tzinfo=UTC) for n in range(2))
"""The ends of the windows of what occurred on June 8 and on June 9."""


def log_of(contract, *spans, now=NOW):
    return record_outage(
        title="Down",
        intervals=[LoggedInterval(contract.customer, start, end) for start, end in spans],
        source="log",
        by=make.manager(),
        now=now,
    )


@shared
def failure(gold):
    """Reported as of an hour before midnight; our logs know nothing of it."""
    return make.failure(contract=gold, began=MIDNIGHT - HOUR, minutes=150, logged=False)


class TestWhatWasTold:
    """S13: the stored deadline stands, also where the logs would have had an earlier one."""

    def test_a_claim_in_time_by_it_is_in_time_after_the_logs_say_the_day_before(self, gold):
        failure = make.failure(contract=gold, began=MIDNIGHT - 15 * MINUTE, minutes=90, logged=False)
        assert failure.closes_at == TENTH
        claim = make.sent_claim(draft=make.draft(failure=failure, complete=True), received_at=TENTH - HOUR * 2)
        outage = log_of(failure.contract, (MIDNIGHT - HOUR, MIDNIGHT + HOUR))

        assign_outage(claim=claim, outage=outage, by=make.manager(), now=TENTH)

        found = assess(Claim.objects.get(pk=claim.pk), now=TENTH)
        assert found.figures is not None
        assert [row["in_time"] for row in timeliness(claim, found, claim.read_failures())] == [True]

    def test_logs_that_say_the_day_after_make_it_later(self, failure):
        claim = make.draft(failure=failure, complete=True)
        assert (claim.closes_at, claim.sends_itself_at) == (NINTH, NINTH - HOUR)

        log_of(failure.contract, (MIDNIGHT - 10 * MINUTE, MIDNIGHT + HOUR))

        for one in (failure, claim):
            one.refresh_from_db()
        assert failure.closes_at == claim.closes_at == TENTH
        assert claim.sends_itself_at == TENTH - HOUR
        assert Event.objects.filter(verb="claim.window_widened", matter=claim.reference).exists()

    def test_an_open_report_is_widened_and_reminded_of_anew(self, failure):
        before = failure.remind_at

        log_of(failure.contract, (MIDNIGHT - 10 * MINUTE, MIDNIGHT + HOUR))

        failure.refresh_from_db()
        assert (failure.closes_at, failure.remind_at > before) == (TENTH, True)

    def test_a_draft_is_reminded_of_its_later_deadline_and_not_of_the_earlier(self, failure):
        """T1: the points of the new deadline come, and what waits with the old one is untrue."""
        make.draft(failure=failure)
        sweep(now=NINTH - DAY, application_now=NINTH - DAY)
        old = Letter.objects.get(kind="draft_reminder")
        log_of(old.customer.contracts.get(), (MIDNIGHT - 10 * MINUTE, MIDNIGHT + HOUR), now=NINTH - DAY + HOUR)

        sweep(now=NINTH, application_now=NINTH)

        new = Letter.objects.get(kind="draft_reminder", deadline=TENTH)
        assert (old.point, new.point) == ("1d", "1d")
        assert no_longer_true([old, new], NINTH + HOUR) == {old.pk}

    def test_a_window_that_has_ended_stays_ended(self, failure):
        log_of(failure.contract, (MIDNIGHT - 10 * MINUTE, MIDNIGHT + HOUR), now=NINTH)

        failure.refresh_from_db()
        assert failure.closes_at == NINTH

    def test_the_desk_reads_its_verdict_from_the_assessment(self, gold):
        failure = make.failure(contract=gold, began=MIDNIGHT - HOUR, minutes=90)
        claim = make.sent_claim(draft=make.draft(failure=failure, complete=True))
        Downtime.objects.update(during=DateTimeTZRange(MIDNIGHT - 10 * MINUTE, MIDNIGHT + HOUR))

        (row,) = timeliness(claim, assess(claim, now=NOW + DAY), claim.read_failures())

        assert row["closes_at"] == TENTH


class TestPiecesOnTwoDays:
    """S13, A4: the claim's window ends with the last of theirs."""

    SPANS = ((MIDNIGHT - 2 * HOUR, MIDNIGHT - HOUR), (MIDNIGHT, MIDNIGHT + HOUR))

    def test_known_at_the_report(self, gold):
        log_of(gold, *self.SPANS)

        failure = make.failure(contract=gold, began=MIDNIGHT - 2 * HOUR, minutes=180)

        assert failure.occurred_at == MIDNIGHT - 90 * MINUTE
        assert make.draft(failure=failure).closes_at == failure.closes_at == TENTH

    def test_known_when_it_ends(self, gold):
        outage = log_of(gold, self.SPANS[0], (MIDNIGHT, None), now=MIDNIGHT + MINUTE)
        failure = make.failure(contract=gold, began=MIDNIGHT - 2 * HOUR, minutes=60, now=MIDNIGHT + MINUTE)
        assert failure.closes_at == NINTH

        end_outage(outage=outage, ended_at=MIDNIGHT + HOUR, by=make.manager(), now=NOW)

        failure.refresh_from_db()
        assert failure.closes_at == TENTH


class TestAReportWithoutAnEnd:
    """S2: it means the outage that runs then or starts near it, and no later one."""

    @pytest.mark.parametrize(
        ("starts", "meant"),
        [(-HOUR, True), (2 * HOUR - MINUTE, True), (2 * HOUR, False), (DAY, False)],
        ids=["runs then", "starts near it", "two hours later", "the next day"],
    )
    def test_which_outage_it_means(self, starts, meant, gold):
        began = NOW - 3 * DAY
        outage = log_of(gold, (began + starts, began + starts + 90 * MINUTE))

        failure = make.failure(contract=gold, began=began, minutes=None, logged=False)

        assert failure.outage == (outage if meant else None)

    def test_the_nearest_of_two(self, gold):
        began = NOW - 3 * DAY
        log_of(gold, (began - 100 * MINUTE, began - 60 * MINUTE))
        near = log_of(gold, (began + 10 * MINUTE, began + 60 * MINUTE))

        assert make.failure(contract=gold, began=began, minutes=None, logged=False).outage == near


class TestASuspendedContract:
    """S1: by its dated suspensions; a status without a date stands against an approval."""

    def test_suspended_on_the_day_it_credits_nothing(self, sent_claim):
        day = TODAY - DAY
        sent_claim.contract.suspensions.create(days=DateRange(day, day + DAY), reason="Unpaid")

        assert assess(sent_claim, now=NOW).standing.standing == "suspended"

    def test_suspended_on_the_day_after_it_credits(self, sent_claim):
        sent_claim.contract.suspensions.create(days=DateRange(TODAY, None), reason="Unpaid")
        Contract.objects.update(status="suspended")

        assert assess(Claim.objects.get(pk=sent_claim.pk), now=NOW + DAY).obstacles == []

    def test_since_when_is_asked(self, sent_claim):
        Contract.objects.update(status="suspended")

        (obstacle,) = assess(Claim.objects.get(pk=sent_claim.pk), now=NOW + DAY).obstacles

        assert obstacle.clause == "S1"
        assert "The contract is suspended; since when is not on record." in str(obstacle)

    def test_terminated_later_it_credits_what_occurred_before_its_last_day(self, sent_claim):
        terminate(contract=sent_claim.contract, last_day=TODAY, reason="Sold.", by=make.manager(), now=NOW)

        assert make.proposal(claim=Claim.objects.get(pk=sent_claim.pk)).credited == Decimal("2000.00")

    def test_terminated_before_it_occurred_it_does_not(self, sent_claim):
        terminate(contract=sent_claim.contract, last_day=TODAY - 2 * DAY, reason="Sold.", by=make.manager(), now=NOW)

        (obstacle,) = assess(Claim.objects.get(pk=sent_claim.pk), now=NOW + DAY).obstacles

        assert obstacle.code == "outside_term"


class TestMinutesOfAnotherCause:
    """S8: no minute is paid twice, so none lies under two causes."""

    def test_they_are_refused(self, gold):
        outage = make.outage(customer=gold.customer, start=NOW - DAY, minutes=60)

        with pytest.raises(Refused) as refused:
            make.outage(customer=gold.customer, start=NOW - DAY + 59 * MINUTE)
        assert refused.value.refusals[0].clause == "S8"

        make.outage(customer=gold.customer, start=NOW - DAY + 59 * MINUTE, cause=outage.cause)
        make.outage(customer=make.customer(), start=NOW - DAY)

    def test_what_touches_does_not_overlap(self, gold):
        make.outage(customer=gold.customer, start=NOW - DAY, minutes=60)

        assert make.outage(customer=gold.customer, start=NOW - DAY + 60 * MINUTE)


class TestTheSameForm:
    """X9: with the same answers it is the same, with others it is refused."""

    @pytest.mark.parametrize("other", [{"kind": "B"}, {"began": NOW - 2 * DAY}, {"by": None}, {"contract": None}])
    def test_a_report_with_other_answers(self, other, gold):
        key = uuid.uuid4()
        form = {"contract": gold, "by": make.one_of(gold.customer), "form_key": key, "logged": False}
        make.failure(**form)
        if "by" in other:
            other = {"by": make.member(customer=gold.customer)}
        if "contract" in other:
            other = {"contract": make.contract(customer=gold.customer)}

        with pytest.raises(Refused, match="sent already with other answers"):
            make.failure(**form | other)

    def test_two_equal_transactions_are_two_and_one_form_is_one(self, draft):
        key = uuid.uuid4()
        (line,) = make.transactions(began=NOW - DAY, lines=1)
        keyed = type(line)(line.attempted_at, line.what, line.revenue, line.expenses, key)
        other = type(line)(line.attempted_at, "Other", line.revenue, line.expenses, key)

        for _ in range(2):
            add_transactions(claim=draft, lines=[line], by=draft.opened_by, now=NOW)
            add_transactions(claim=draft, lines=[keyed], by=draft.opened_by, now=NOW)

        assert draft.transactions.count() == 3
        with pytest.raises(Refused, match="sent already with other answers"):
            add_transactions(claim=draft, lines=[other], by=draft.opened_by, now=NOW)


def test_the_largest_sums_have_room(complete_draft):
    """S19: claimed and assessed are the sums of lines; only what is credited is bound by the fees."""
    make.restate(complete_draft, revenue=Decimal("999999999999.99"), expenses=0)

    proposal = make.proposal(claim=make.sent_claim(draft=complete_draft))

    assert proposal.claimed == proposal.assessed == Decimal("1999999999999.98")
