"""S13, T3: a complete draft that nobody sent sends itself one hour before its deadline, once, as of that instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from entitlements.models import Event, Letter, MissedReminder
from entitlements.notices.writing import thawed
from sla.actions.claims import submit_claim
from sla.actions.drafts import remove_transaction
from sla.actions.sendings import send_by_themselves
from sla.completeness import complete, is_complete
from sla.models import Claim, ClaimState
from sla.sweep import MARGIN, sweep
from tests.factories import DAY, HOUR, NOW, contract, draft, evidence, failure
from tests.shared import shared
from tests.sla.test_losses import begun as begun
from tests.sla.test_losses import by_rate  # noqa: F401 - with the fixture that it stands on

TICK, SECOND = timedelta(microseconds=1), timedelta(seconds=1)
LOCALLY_MIDNIGHT = {
    "America/Los_Angeles": datetime(2026, 6, 25, 7, tzinfo=UTC),
    "Pacific/Auckland": datetime(2026, 6, 25, 12, tzinfo=UTC),
    "Australia/Lord_Howe": datetime(2026, 6, 25, 13, 30, tzinfo=UTC),
    "Europe/London": datetime(2026, 6, 24, 23, tzinfo=UTC),
}
"""The first instant after fifteen days from June 9 (in the Pacific already the 10th), by hand."""


@shared
def one_in_each_zone() -> list[Claim]:
    return [draft(contract=contract(zone=zone), complete=True) for zone in LOCALLY_MIDNIGHT]


def rings(now: datetime) -> Any:
    return sweep(now=now, application_now=now)


class TestTheMoment:
    @pytest.mark.parametrize("weeks_late", [0, 6])
    def test_is_one_hour_before_the_deadline_of_each_zone_however_late_the_clock_runs(
        self, one_in_each_zone, weeks_late
    ):
        for claim in one_in_each_zone:
            run = rings(claim.sends_itself_at + MARGIN + weeks_late * 7 * DAY)
            claim.refresh_from_db()

            assert run.alarm == ""

            assert (claim.state, claim.received_by_the_clock) == (ClaimState.SUBMITTED, True)
            assert claim.received_at == LOCALLY_MIDNIGHT[claim.contract.zone] - HOUR
            assert claim.submitted_by == claim.declared_by

    def test_is_not_an_instant_earlier(self, one_in_each_zone):
        """The clock waits for requests that were received before it (T4)."""
        first = min(one_in_each_zone, key=lambda claim: claim.sends_itself_at)

        rings(first.sends_itself_at + MARGIN - TICK)
        assert Claim.objects.drafts().count() == len(one_in_each_zone)

        rings(first.sends_itself_at + MARGIN)
        assert Claim.objects.drafts().count() == len(one_in_each_zone) - 1

    @pytest.mark.parametrize("late", [0 * DAY, HOUR, 42 * DAY])
    def test_that_finds_a_clock_which_reminded_of_nothing_puts_on_record_what_was_missed(self, complete_draft, late):
        """T1: nobody was told that it would."""
        rings(complete_draft.sends_itself_at + MARGIN + late)

        noted = MissedReminder.objects.filter(matter=complete_draft.reference)
        assert sorted(noted.values_list("point", flat=True)) == ["1d", "3d", "4h", "7d"]

    @pytest.mark.parametrize(("before", "by_a_person"), [(TICK, True), (0 * TICK, False), (-SECOND, False)])
    def test_who_sends_before_it_has_sent_it(self, complete_draft, before, by_a_person):
        """T3: at it or after it, whoever comes finds it sent, whether the clock has rung or not."""
        moment = complete_draft.sends_itself_at

        sent = submit_claim(claim=complete_draft, by=complete_draft.opened_by, received_at=moment - before)
        rings(moment + MARGIN)

        sent.refresh_from_db()
        assert sent.received_by_the_clock is not by_a_person
        assert sent.received_at == (moment - before if by_a_person else moment)
        assert Letter.objects.filter(kind="claim_received").count() == 1


class TestWhatIsComplete:
    def test_is_the_same_asked_of_one_and_of_many(self, by_rate):  # noqa: F811
        reports = [failure(contract=by_rate.contract, began=NOW - n * DAY) for n in range(2, 7)]
        whole, without_lines, without_name, taken_back = (draft(failure=one, complete=True) for one in reports[:4])
        for key in without_lines.transactions.values_list("pk", flat=True):
            remove_transaction(claim=without_lines, key=key, by=without_lines.opened_by, now=NOW)
        Claim.objects.filter(pk=without_name.pk).update(contact_name="")
        taken_back.evidence.update(removed_at=NOW, removed_by=taken_back.opened_by)
        Claim.objects.filter(pk__in=[without_lines.pk]).update(declared_at=NOW, declared_by=whole.opened_by)
        draft(failure=reports[4])

        found = {claim.pk for claim in complete(Claim.objects.all())}

        assert found == {claim.pk for claim in Claim.objects.all() if is_complete(claim)} == {whole.pk, by_rate.pk}

    def test_what_is_not_complete_any_more_is_not_sent(self, complete_draft):
        """Whatever took the evidence away did not say so to the draft."""
        complete_draft.evidence.update(removed_at=NOW, removed_by=complete_draft.opened_by)

        assert send_by_themselves([complete_draft], complete_draft.sends_itself_at) == []
        assert Claim.objects.drafts().count() == 1


class TestManyAtOnce:
    def test_a_hundred_take_as_many_questions_as_one(self, one_in_each_zone):
        late = max(claim.sends_itself_at for claim in one_in_each_zone)
        asked = []
        for some in (one_in_each_zone[:1], one_in_each_zone[1:]):
            with CaptureQueriesContext(connection) as queries:
                assert len(send_by_themselves(some, late)) == len(some)
            asked.append(len(queries))

        assert asked[0] == asked[1]

    def test_the_receipt_is_that_of_a_person_who_sends(self, complete_draft):
        """N11: to the same people, with the same files; only by itself."""
        evidence(claim=complete_draft)
        sent = draft(failure=failure(contract=complete_draft.contract, began=NOW - 2 * DAY), complete=True)
        submit_claim(claim=sent, by=sent.opened_by, received_at=NOW + HOUR)

        send_by_themselves([complete_draft], complete_draft.sends_itself_at)

        told = {
            one.reference: Letter.objects.filter(kind="claim_received", matter=one.reference)
            for one in (sent, complete_draft)
        }
        by_hand, by_itself = (set(letters.values_list("addressee", flat=True)) for letters in told.values())
        assert by_hand == by_itself
        one, other = (thawed(letters.first().context) for letters in told.values())
        assert set(one) == set(other)
        assert (one["by_itself"], other["by_itself"]) == (False, True)
        assert one["files"] == other["files"]

    def test_each_is_in_the_log_at_its_own_moment(self, one_in_each_zone):
        send_by_themselves(one_in_each_zone, NOW + 30 * DAY)

        for claim in one_in_each_zone:
            act = Event.objects.get(matter=claim.reference, verb="claim.sent_itself")
            assert (act.happened_at, act.actor) == (claim.sends_itself_at, None)
            assert Event.objects.filter(part_of=act, table="sla_claim", row_id=claim.pk).count() == 1


class TestTheSameMoment:
    """P13: a person sends while the clock does."""

    def send_from_an_old_look(self, claim):
        """The clock looked before the person had sent it, and writes after."""
        submit_claim(claim=claim, by=claim.opened_by, received_at=claim.sends_itself_at - TICK)
        return send_by_themselves([claim], claim.sends_itself_at + MARGIN)

    def test_it_is_sent_once_and_the_persons_receipt_stands(self, complete_draft):
        assert self.send_from_an_old_look(complete_draft) == []

        moment = complete_draft.sends_itself_at
        complete_draft.refresh_from_db()
        assert (complete_draft.received_at, complete_draft.received_by_the_clock) == (moment - TICK, False)
        assert Letter.objects.filter(kind="claim_received").count() == 1

    def test_without_its_condition_it_would_be_received_twice(self, complete_draft, monkeypatch):
        """The twin: the statement takes whatever it is told to."""
        monkeypatch.setattr(
            "sla.actions.sendings._still_due", lambda claims, now: Claim.objects.filter(pk=complete_draft.pk)
        )

        with pytest.raises(IntegrityError, match="what_was_received_stays"):
            self.send_from_an_old_look(complete_draft)

    def test_all_at_once_each_is_received_once(self, at_once):
        claims = [draft(complete=True) for _ in range(4)]
        moment = claims[0].sends_itself_at
        receipts = [moment - TICK, moment, moment + SECOND, moment - HOUR]

        results = at_once(
            *(
                lambda claim=claim, receipt=receipt: submit_claim(claim=claim, by=claim.opened_by, received_at=receipt)
                for claim, receipt in zip(claims, receipts, strict=True)
            ),
            *[lambda: rings(moment + MARGIN)] * 2,
        )
        rings(moment + MARGIN)  # what a request held at that moment was passed by

        assert not [one for one in results if isinstance(one, Exception)]
        for claim, receipt in zip(claims, receipts, strict=True):
            claim.refresh_from_db()
            assert claim.state == ClaimState.SUBMITTED
            assert claim.received_at in {moment, min(receipt, moment)}
            assert claim.received_by_the_clock is (claim.received_at == moment)
            sent = Event.objects.filter(matter=claim.reference, verb__in=["claim.sent", "claim.sent_itself"])
            assert sent.count() == Letter.objects.filter(kind="claim_received", matter=claim.reference).count() == 1
