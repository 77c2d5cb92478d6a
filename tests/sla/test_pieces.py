"""S2, S12, S13: each piece of an outage is claimed in its own time, and what is one by the logs is one on record."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from entitlements import notices
from entitlements.models import Event, Letter
from entitlements.notices.writing import thawed
from sla.actions.causes import merge_causes
from sla.actions.claims import start_claim
from sla.actions.contract_terms import terminate
from sla.actions.corrections import correct_downtime, withdraw_downtime
from sla.actions.drafts import declare
from sla.actions.election_effects import decide_election
from sla.actions.outages import LoggedInterval, end_outage, record_outage
from sla.actions.publishing import open_the_way, publish_outage
from sla.actions.recomputing import with_its_claims
from sla.actions.terms_corrections import approve_terms_correction, propose_terms_correction
from sla.admin.queues import DRAFTS_7D, DRAFTS_24H
from sla.assessment import assess
from sla.exposure import opened_by
from sla.models import Claim, Failure, Opening, Recomputation
from sla.sweep import sweep
from tests import election_factories as elect
from tests import factories as make
from tests.factories import DAY, HOUR, NOW
from tests.shared import shared
from tests.sla.test_elections import ARRIVED, ENDS, turn

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
MIDNIGHT = datetime(2026, 6, 9, 4, tzinfo=UTC)
"""In New York, where the default contract is."""
NINTH = datetime(2026, 6, 24, 4, tzinfo=UTC)
"""The end of the windows of what occurred on June 8."""


@shared
def contract(gold):
    make.one_of(gold.customer, "claims")
    return gold


@shared
def published(contract):
    """An outage of an hour on June 8."""
    outage = logged(contract, (-120, -60))
    publish(outage)
    return outage


@shared
def in_two_pieces(contract):
    """An outage that was published: an hour on June 8, and one on June 9."""
    outage = logged(contract, (-120, -60), (0, 60))
    publish(outage)
    return outage


@shared
def joined(published, contract):
    """One draft, complete, of two failures: their windows end June 24 and June 25."""
    publish(logged(contract, (0, 60), cause=published.cause))
    one, other = Failure.objects.order_by("occurred_at")
    draft = make.draft(failure=one, complete=True)
    start_claim(failure=other, by=draft.opened_by, now=NOW)
    return declare(claim=draft, by=draft.opened_by, now=NOW)


@shared
def upon_a_claim(gold):
    """A published outage that was claimed, and another of its cause that goes on."""
    claim = make.sent_claim(failure=make.failure(contract=gold, minutes=60))
    outage = claim.failures.get().outage
    publish(outage, NOW + HOUR)
    told = {"customer": gold.customer, "cause": outage.cause}
    lasting = make.outage(start=NOW, minutes=None, now=NOW + HOUR, **told)
    return SimpleNamespace(customer=gold.customer, outage=outage, lasting=lasting)


def logged(contract, *spans, now=NOW, **more):
    """An outage by intervals of minutes around local midnight."""
    intervals = [
        LoggedInterval(contract.customer, MIDNIGHT + a * MINUTE, None if b is None else MIDNIGHT + b * MINUTE)
        for a, b in spans
    ]
    return record_outage(title="Down", intervals=intervals, source="log", by=make.manager(), now=now, **more)


def publish(outage, now=NOW):
    publish_outage(outage=outage, by=make.manager(), now=now)
    work_off(now)


def work_off(now):
    for opening in Opening.objects.due(now):
        open_the_way(opening=opening, now=now)


class TestAPieceAfterTheWindow:
    """S13: what our logs have after the window of a failure had ended is a failure of its own."""

    def test_of_the_same_outage_it_is_put_on_record_and_told(self, contract, published):
        now = NINTH + HOUR
        sweep(now=now, application_now=now)
        first = published.downtimes.get()
        correct_downtime(downtime=first, start=MIDNIGHT, end=MIDNIGHT + HOUR, reason="x", by=make.manager(), now=now)

        work_off(now)
        work_off(now)

        ended, new = Failure.objects.order_by("pk")
        assert (ended.state, ended.closes_at, new.state, new.closes_at) == ("closed", NINTH, "reported", NINTH + DAY)
        assert Letter.objects.filter(kind="outage_published", matter=new.reference).count() == 1
        claim = start_claim(failure=new, by=make.one_of(contract.customer, "claims"), now=now)
        assert [one.occurrence for one in assess(claim, now=now).union.counted.failures] == [MIDNIGHT + 30 * MINUTE]

    def test_before_the_sweep_has_come_by_it_is_the_same(self, published):
        """T4"""
        now = NINTH + MINUTE
        correct_downtime(
            downtime=published.downtimes.get(),
            start=MIDNIGHT,
            end=MIDNIGHT + HOUR,
            reason="x",
            by=make.manager(),
            now=now,
        )

        work_off(now)

        assert [one.closes_at for one in Failure.objects.order_by("pk")] == [NINTH, NINTH + DAY]

    def test_what_was_not_claimed_in_time_stays_so(self, published):
        now = NINTH + HOUR
        sweep(now=now, application_now=now)
        correct_downtime(
            downtime=published.downtimes.get(),
            start=MIDNIGHT - 2 * HOUR,
            end=MIDNIGHT - 30 * MINUTE,
            reason="x",
            by=make.manager(),
            now=now,
        )

        work_off(now)

        assert Failure.objects.count() == 1
        (found,) = opened_by(published, now)
        assert found.contracts[0].refusal.code == "window_ended"


class TestEachPieceHasItsOwnWindow:
    @pytest.mark.usefixtures("in_two_pieces")
    def test_one_whose_window_had_ended_drops_out_with_its_date(self):
        claim = make.sent_claim(
            draft=make.draft(failure=Failure.objects.get(), complete=True), received_at=NINTH + HOUR
        )

        found = assess(claim, now=NINTH + 2 * HOUR).union

        assert [one.event for one in found.counted.failures] == [MIDNIGHT]
        assert [(one.event, end) for one, end in found.late] == [(MIDNIGHT - 2 * HOUR, NINTH)]

    @pytest.mark.usefixtures("in_two_pieces")
    def test_the_letter_names_the_end_of_each(self):
        first, second = thawed(Letter.objects.get(kind="outage_published").context)["pieces"]

        assert (first["until"], second["until"]) == (NINTH, None)

    def test_the_last_that_was_told_stands_though_its_piece_is_withdrawn(self, in_two_pieces):
        last = in_two_pieces.downtimes.latest("during")
        withdraw_downtime(downtime=last, reason="x", by=make.manager(), now=NOW + HOUR)
        claim = make.draft(failure=Failure.objects.get(), now=NOW + HOUR)

        (found,) = assess(claim, now=NINTH + HOUR).union.counted.failures

        assert found.event == MIDNIGHT - 2 * HOUR


class TestOutagesThatTouch:
    """S2: intervals of one cause that overlap or touch are one, whichever outage they were recorded under."""

    def two(self, contract, *, apart=timedelta()):
        first = logged(contract, (-20, 0))
        minutes = apart / MINUTE
        return first, logged(contract, (minutes, minutes + 20), cause=first.cause)

    @pytest.mark.parametrize(("apart", "failures"), [(timedelta(), 1), (timedelta(microseconds=1), 0)])
    def test_they_are_one_availability_outage(self, contract, apart, failures):
        first, second = self.two(contract, apart=apart)

        publish(first), publish(second)

        assert Failure.objects.count() == Letter.objects.filter(kind="outage_published").count() == failures

    def test_the_claim_counts_it_once(self, contract):
        first, second = self.two(contract)
        publish(second)
        claim = make.draft(failure=Failure.objects.get())
        publish(first)

        found = assess(claim, now=NOW).union.counted

        assert [one.event for one in found.failures] == [MIDNIGHT - 20 * MINUTE]
        assert found.time == 30 * MINUTE

    def test_one_that_is_recorded_later_makes_what_was_published_longer(self, contract):
        first = logged(contract, (-60, 0))
        publish(first)
        logged(contract, (0, 30), cause=first.cause, now=NOW + HOUR)

        work_off(NOW + HOUR)

        assert Letter.objects.filter(kind="outage_longer").count() == 1
        assert Failure.objects.get().ended_at == MIDNIGHT + 30 * MINUTE

    def test_a_report_of_it_is_matched_whichever_is_published(self, contract):
        reported = make.failure(contract=contract, began=MIDNIGHT - 20 * MINUTE, minutes=40, logged=False)
        _, second = self.two(contract)

        publish(second)

        assert Failure.objects.get() == reported
        assert Failure.objects.get().cause == second.cause


class TestAClaimThatWasBegunBefore:
    """S12, S19: the logs come after the claim, and it says so."""

    def test_it_has_the_cause_and_a_line_of_what_changed(self, contract):
        failure = make.failure(contract=contract, began=MIDNIGHT - HOUR, minutes=50, logged=False)
        claim = make.sent_claim(draft=make.draft(failure=failure, complete=True))
        outage = logged(contract, (-60, 0))

        publish(outage, NOW + DAY)

        assert Claim.objects.get(pk=claim.pk).cause == outage.cause
        assert Event.objects.filter(verb="claim.outage_found", matter=claim.reference).exists()
        kept = Recomputation.objects.get(claim=claim)
        assert (kept.remedy_before, kept.remedy_after) == (timedelta(), 50 * MINUTE)

    def test_a_draft_too(self, contract):
        draft = make.draft(failure=make.failure(contract=contract, began=MIDNIGHT - HOUR, minutes=50, logged=False))
        outage = logged(contract, (-60, 0))

        publish(outage)

        assert Claim.objects.get(pk=draft.pk).cause == outage.cause


class TestSeveralFailuresOfOneCause:
    """S8, S12: they have one claim and one credit."""

    def test_the_second_joins_the_draft_of_the_first(self, contract, published):
        publish(logged(contract, (0, 60), cause=published.cause))
        one, other = Failure.objects.order_by("occurred_at")
        draft = make.draft(failure=one, complete=True)

        joined = start_claim(failure=other, by=draft.opened_by, now=NOW)

        assert (joined, joined.closes_at, joined.declared_at) == (draft, NINTH + DAY, None)
        assert assess(joined, now=NOW).union.counted.time == 100 * MINUTE
        other.refresh_from_db()
        assert other.state == "claimed"

    def test_what_the_kept_credit_covers_is_covered_and_its_proposal_returned(self, decided_claim):
        other = make.sent_claim(failure=make.failure(contract=decided_claim.contract, began=NOW - 3 * DAY))
        proposal = make.proposal(claim=other)
        now = NOW + 5 * DAY

        merge_causes(kept=decided_claim.cause, merged=other.cause, reason="One switch.", by=make.manager(), now=now)

        other.refresh_from_db(), proposal.refresh_from_db()
        assert (other.state, other.closed_at, proposal.returned_at) == ("covered", now, now)
        assert Event.objects.filter(verb="claim.covered", matter=other.reference).exists()

    def test_it_sends_itself_before_the_first_of_their_windows_ends(self, joined):
        """S13, T3: else the first is lost by our own clock."""
        assert joined.sends_itself_at == NINTH - HOUR

        sweep(now=NINTH, application_now=NINTH)

        sent = Claim.objects.get()
        assert (sent.received_at, sent.closes_at) == (NINTH - HOUR, NINTH + DAY)
        assert assess(sent, now=NINTH).union.counted.time == 100 * MINUTE

    @pytest.mark.usefixtures("joined")
    def test_lists_name_the_first_of_their_windows_that_has_not_ended(self):
        """S13: page, file and the letter of the morning ask for all of them at once."""
        at = [Claim.objects.with_send_by(now).get().send_by for now in (NOW, NINTH, NINTH + DAY)]

        assert at == [NINTH, NINTH + DAY, NINTH + DAY]

    def test_the_desk_counts_it_among_those_that_close_with_its_first(self, joined):
        """S13: what drops out at the first end is lost as much as the whole at the last."""
        first = joined.own_failures().order_by("closes_at").first().closes_at

        found = [queue.rows(first - 2 * HOUR) for queue in (DRAFTS_24H, DRAFTS_7D)]

        assert [list(rows) for rows in found] == [[joined], [joined]]
        assert joined.closes_at > first + 22 * HOUR

    def test_once_the_first_has_ended_it_goes_by_the_next(self, joined):
        late = declare(claim=save_open(joined, NINTH - 2 * HOUR), by=joined.opened_by, now=NINTH)

        assert late.sends_itself_at == NINTH + DAY - HOUR

    def test_it_is_reminded_of_the_first_and_then_of_the_next(self, joined):
        draft = save_open(joined, NOW)

        for now in (NINTH - DAY, NINTH - 4 * HOUR, NINTH, NINTH + DAY - 4 * HOUR):
            sweep(now=now, application_now=now)

        told = Letter.objects.filter(kind="draft_reminder", matter=draft.reference).order_by("id")
        assert list(told.values_list("deadline", "point").distinct()) == [
            (NINTH, "1d"),
            (NINTH, "4h"),
            (NINTH + DAY, "1d"),
            (NINTH + DAY, "4h"),
        ]
        assert [in_time for _, _, in_time in thawed(told.first().context)["windows"]] == [True, True]

    def test_its_letter_names_each_window(self, joined):
        draft = save_open(joined, NOW)
        sweep(now=NINTH - DAY, application_now=NINTH - DAY)

        notices.send_due(clock=lambda: NINTH - DAY)

        letter = Letter.objects.get(kind="draft_reminder", matter=draft.reference)
        assert all(f"- {failure.reference}: " in letter.text for failure in draft.failures.all())
        assert letter.html.count("1 day left") == 2

    def test_its_page_names_each_window(self, joined, signed_in):
        page = signed_in(joined.opened_by).get(reverse("claim", args=[joined.reference])).content.decode()

        assert all(failure.reference in page for failure in joined.failures.all())
        assert "Each failure counts only if" in page

    @pytest.mark.usefixtures("published")
    def test_one_of_another_cause_has_a_claim_of_its_own(self, contract):
        publish(logged(contract, (0, 60)))

        claims = {make.draft(failure=one) for one in Failure.objects.all()}

        assert len(claims) == 2

    def test_where_the_one_credit_is_given_nothing_is_opened_or_told(self, decided_claim):
        told = {"customer": decided_claim.contract.customer, "cause": decided_claim.cause}
        outage = make.outage(start=NOW - HOUR, minutes=40, **told)

        publish(outage, NOW + 3 * DAY)

        assert not Letter.objects.filter(kind="outage_published").exists()
        assert opened_by(outage, NOW)[0].contracts[0].refusal.clause == "S12"

    def test_what_was_told_is_kept_failure_by_failure(self, contract):
        """What was told for the one contract is no measure for the other, whose term began between the pieces."""
        make.contract(customer=contract.customer, first=date(2026, 6, 9))
        outage = logged(contract, (-120, -60), (0, 60))
        publish(outage)
        longer, later = outage.downtimes.latest("during"), NOW + HOUR
        end = MIDNIGHT + 90 * MINUTE
        correct_downtime(downtime=longer, start=MIDNIGHT, end=end, reason="x", by=make.manager(), now=later)

        work_off(later)

        told = Failure.objects.order_by("contract").values_list("told_times", "told_remedy")
        assert list(told) == [(2, 130 * MINUTE), (2, 80 * MINUTE)]


def save_open(draft, now):
    """The contact saved, and not to send itself; what was declared is taken back."""
    declared = Claim.objects.filter(pk=draft.pk)
    declared.update(declared_at=None, declared_by=None, sends_itself_at=None, saved_at=now)
    return declared.get()


class TestInOneOrder:
    """Whoever works on the same outage, claim or contract locks in one order, so that two wait and never block each other."""

    ORDER = ("sla_outage", "sla_cause", "entitlements_customer", "sla_opening", "entitlements_contract", "sla_claim")

    @pytest.mark.parametrize("verb", ["record", "end", "correct", "withdraw"])
    def test_outage_cause_customer_opening_contract_claim(self, verb, upon_a_claim):
        outage, lasting = upon_a_claim.outage, upon_a_claim.lasting
        (one,) = outage.downtimes.all()
        given = {"by": make.manager(), "now": NOW + 2 * HOUR}
        next_one = LoggedInterval(upon_a_claim.customer, NOW - 2 * HOUR, NOW - HOUR)
        verbs = {
            "record": lambda: record_outage(title="x", intervals=[next_one], source="x", cause=outage.cause, **given),
            "end": lambda: end_outage(outage=lasting, ended_at=NOW + HOUR, **given),
            "correct": lambda: correct_downtime(downtime=one, start=one.start, end=NOW, reason="x", **given),
            "withdraw": lambda: withdraw_downtime(downtime=one, reason="x", **given),
        }

        tables = locked_by(verbs[verb])

        assert {"sla_opening", "sla_claim", "entitlements_contract"} <= set(tables)
        assert tables == sorted(tables, key=self.ORDER.index)

    def test_the_clock_that_opens_the_way_locks_in_the_same(self, sent_claim):
        publish_outage(outage=sent_claim.failures.get().outage, by=make.manager(), now=NOW + HOUR)

        tables = locked_by(lambda: open_the_way(opening=Opening.objects.get(), now=NOW + HOUR))

        assert tables == ["sla_opening", "entitlements_contract", "sla_claim"]

    @pytest.mark.parametrize("verb", ["terminate", "correct the terms", "suspend"])
    def test_what_changes_a_contract_locks_it_before_its_claims(self, verb, sent_claim):
        contract = sent_claim.contract
        given = {"by": make.approver(), "now": NOW}
        told = {"first": NOW.date(), "reason": "x", "document": "y", "by": make.manager(), "now": NOW}
        verbs = {
            "terminate": lambda: terminate(contract=contract, last_day=NOW.date(), reason="x", **given),
            "correct the terms": lambda: approve_terms_correction(correction=correction, **given),
            "suspend": lambda: with_its_claims(contract=contract, because="x", act=lambda: None, **given),
        }
        if verb == "correct the terms":
            correction = propose_terms_correction(contract=contract, **told)

        assert locked_by(verbs[verb]) == ["entitlements_contract", "sla_claim"]

    def test_so_does_the_effect_of_an_election(self):
        election = elect.election()
        elect.accepted(election, at=ARRIVED)
        turn(ARRIVED)

        assert locked_by(lambda: decide_election(election=election, now=ENDS + HOUR)) == [
            "entitlements_contract",
            "sla_claim",
        ]


def locked_by(verb):
    """The tables of which it locks rows, in the order of the first lock of each."""
    with CaptureQueriesContext(connection) as asked:
        verb()
    found = []
    for one in asked:
        sql = one["sql"]
        if " FOR UPDATE" in sql or " FOR NO KEY UPDATE" in sql:
            table = sql.split(' FROM "')[1].split('"')[0]
            if table not in found and table in TestInOneOrder.ORDER:
                found.append(table)
    return found
