"""S12: two causes that turn out to be one keep a single credit for each customer; what a merge would do is shown before."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from entitlements.actions.refused import Refused
from entitlements.models import Letter
from entitlements.notices import thawed
from sla.actions.causes import merge_causes, record_fix
from sla.actions.decisions import assign_outage
from sla.actions.outages import say_how_it_stands
from sla.cause_merges import preview
from sla.models import Cause, Claim, Credit, Failure, Outage
from tests import factories as make
from tests.desk import at, signed_in
from tests.factories import DAY, HOUR, NOW
from tests.question_factories import asked
from tests.shared import shared

pytestmark = pytest.mark.django_db


@shared
def credited(decided_claim: Claim) -> Claim:
    return decided_claim


@shared
def also_sent(credited: Claim) -> Claim:
    """Another of the same customer, under a cause of its own, not decided."""
    return make.sent_claim(failure=make.failure(contract=credited.contract, began=NOW - 3 * DAY))


def merge(kept, merged, **more):
    return merge_causes(kept=kept, merged=merged, reason="One switch.", by=make.manager(), now=NOW + 5 * DAY, **more)


class TestAMerge:
    def test_everything_goes_to_the_one_that_is_kept(self, credited, also_sent):
        kept, merged = also_sent.cause, credited.cause

        merge(kept, merged)

        for model in (Outage, Failure, Claim, Credit):
            assert not model.objects.filter(cause=merged).exists()
        assert Credit.objects.get(voided_at=None).cause == kept
        assert Cause.objects.get(pk=merged.pk).merged_into == kept

    def test_an_open_claim_is_covered_by_the_credit_that_is_kept(self, credited, also_sent):
        found = preview(also_sent.cause, credited.cause)
        assert [list(one.covered) for one in found.customers] == [[also_sent]]

        merge(also_sent.cause, credited.cause)

        assert Claim.objects.get(pk=also_sent.pk).state == "covered"
        with pytest.raises(Refused, match="covered by now"):
            make.proposal(claim=also_sent, now=NOW + 5 * DAY)

    def test_who_sent_a_covered_claim_is_told_by_which_credit(self, credited, also_sent):
        merge(also_sent.cause, credited.cause)

        (letter,) = Letter.objects.filter(kind="claim_covered")
        assert (letter.matter, letter.person) == (also_sent.reference, also_sent.submitted_by)
        told, credit = thawed(letter.context), Credit.objects.get()
        assert (told["credit"], told["credited_claim"], told["sent"]) == (credit.reference, credited.reference, True)

    def test_what_was_asked_about_a_covered_claim_ends_with_it(self, credited, also_sent):
        question = asked(claim=also_sent)

        merge(also_sent.cause, credited.cause)

        question.refresh_from_db()
        assert (question.ended_at, question.remind_at) == (NOW + 5 * DAY, None)

    def test_a_draft_whose_moment_has_come_is_covered_as_sent(self, credited):
        """T3: however late the clock runs."""
        failure = make.failure(contract=credited.contract, began=NOW - 3 * DAY)
        draft = make.draft(failure=failure, complete=True)
        Claim.objects.filter(pk=draft.pk).update(sends_itself_at=NOW + 4 * DAY)

        merge(credited.cause, draft.cause)

        draft.refresh_from_db()
        assert (draft.state, draft.received_at) == ("covered", NOW + 4 * DAY)

    def test_two_credits_that_stand_are_shown_and_refused(self, credited, also_sent):
        make.decided(proposal=make.proposal(claim=also_sent))
        also = Claim.objects.get(pk=also_sent.pk)

        found = preview(credited.cause, also.cause)
        assert [len(one.merge.voided) for one in found.customers] == [1]
        with pytest.raises(Refused, match="More than one credit stands"):
            merge(credited.cause, also.cause)
        assert Credit.objects.filter(voided_at=None).count() == 2

    def test_a_recurrence_stays_a_cause_of_its_own(self, credited):
        record_fix(cause=credited.cause, by=make.manager(), now=NOW)
        later = make.outage(start=NOW, minutes=40, now=NOW + HOUR)

        for kept, merged in ((credited.cause, later.cause), (later.cause, credited.cause)):
            with pytest.raises(Refused, match="recurrence"):
                merge(Cause.objects.get(pk=kept.pk), Cause.objects.get(pk=merged.pk))

    def test_nothing_is_merged_twice_or_into_itself(self, credited, also_sent):
        merge(also_sent.cause, credited.cause)

        for kept, merged in ((also_sent.cause, credited.cause), (also_sent.cause, also_sent.cause)):
            with pytest.raises(Refused, match="one already"):
                merge(kept, merged)

    def test_a_proposal_under_the_cause_that_goes_has_to_be_made_again(self, proposal):
        merge(make.outage().cause, proposal.cause)

        with pytest.raises(Refused, match="Facts have changed"):
            make.decided(proposal=proposal, now=NOW + 6 * DAY)

    def test_nothing_is_recorded_under_the_cause_that_went(self, credited, also_sent):
        merge(also_sent.cause, credited.cause)

        with pytest.raises(Refused, match=f"merged into {also_sent.cause.reference}"):
            make.outage(cause=credited.cause, start=NOW - 2 * HOUR, now=NOW + 6 * DAY)

    def test_an_outage_that_was_looked_at_before_is_assigned_with_the_cause_that_is_kept(self, credited):
        claim = make.sent_claim(failure=make.failure(contract=credited.contract, began=NOW - 3 * DAY, logged=False))
        looked_at = make.outage(customer=credited.contract.customer, start=NOW - 3 * DAY)
        assert looked_at.cause != credited.cause
        merge(credited.cause, Cause.objects.get(pk=looked_at.cause_id))

        assign_outage(claim=claim, outage=looked_at, by=make.manager(), now=NOW + 6 * DAY)

        found = Claim.objects.get(pk=claim.pk)
        assert (found.cause, found.failures.get().cause) == (credited.cause, credited.cause)

    @pytest.mark.parametrize("model", [Outage, Failure, Claim, Credit])
    def test_the_database_refuses_to_bring_anything_under_the_cause_that_went(self, credited, also_sent, model):
        merge(credited.cause, also_sent.cause)

        why = "no second person has approved" if model is Credit else "nothing comes under a merged cause"
        with pytest.raises(IntegrityError, match=why), transaction.atomic():
            model.objects.filter(cause=credited.cause).update(cause=also_sent.cause)

    def test_the_page_shows_it_and_asks_before_it_is_done(self, credited, also_sent, monkeypatch):
        at(monkeypatch, NOW + 5 * DAY)
        desk, kept, merged = signed_in(make.manager()), also_sent.cause, credited.cause
        address = f"/admin/causes/{kept.reference}/merge/"

        shown = desk.get(address, {"other": merged.reference}).content.decode()
        assert also_sent.reference in shown
        assert f'href="/admin/credits/{Credit.objects.get().reference}/"' in shown
        assert "USD 2,000.00" in shown
        assert Cause.objects.get(pk=merged.pk).merged_into is None

        desk.post(address, {"other": merged.reference, "reason": "One switch."})
        assert Cause.objects.get(pk=merged.pk).merged_into == kept
        assert "One switch." in desk.get(f"/admin/causes/{merged.reference}/").content.decode()


class TestHowAnOutageStands:
    def say(self, outage, state, note="The queue is drained."):
        return say_how_it_stands(outage=outage, state=state, note=note, by=make.manager(), now=NOW)

    def test_each_step_is_kept_with_its_note(self):
        outage = make.outage(minutes=None)

        self.say(outage, "identified")
        self.say(outage, "identified", "It is the switch.")

        assert [(one.state, one.note) for one in outage.steps.order_by("pk")] == [
            ("identified", "The queue is drained."),
            ("identified", "It is the switch."),
        ]

    def test_it_is_not_resolved_while_the_logs_have_it_open(self):
        with pytest.raises(Refused, match="The logs have it open"):
            self.say(make.outage(minutes=None), "resolved")

    def test_what_is_resolved_is_reopened_first(self):
        outage = make.outage()
        assert outage.state == "resolved"

        with pytest.raises(Refused, match="cannot become monitoring"):
            self.say(outage, "monitoring")
        assert self.say(outage, "investigating").state == "investigating"

    def test_a_cause_is_closed_when_it_is_fixed_and_all_of_it_is_over(self):
        outage = make.outage(minutes=None)
        assert outage.cause.standing == "open"

        cause = record_fix(cause=outage.cause, by=make.manager(), now=NOW)
        assert cause.standing == "fixed"

        Outage.objects.update(state="resolved")
        assert cause.standing == "closed"
