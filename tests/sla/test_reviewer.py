"""S12–S14, M5: what a reviewer does beside the decision: the queue, the cause, goodwill by two people, an audit."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from entitlements.actions.refused import Refused
from entitlements.models import Letter, User
from sla import review_queue, similar
from sla.actions.aside import cover_claim, name_cause, put_aside, take_up_again
from sla.actions.audits import Auditor, close_audit, open_audit
from sla.actions.claims import lapse_claim
from sla.actions.decisions import propose_decision, take_claim
from sla.actions.information import ask_for_information
from sla.actions.lines import strike_lines
from sla.actions.second_looks import ask_for_second_look, reopen_claim
from sla.actions.waivers import approve_waiver, propose_waiver, return_waiver
from sla.admin import queue_page
from sla.assessment import assess
from sla.models import Audit, Claim, ClaimFailure, Waiver
from sla.rules.replay import replay
from tests import credit_factories as ledger
from tests import factories as make
from tests.desk import at, signed_in
from tests.factories import DAY, HOUR, NOW
from tests.shared import shared
from tests.sla.test_actions_decisions import another_of, refusals

pytestmark = pytest.mark.django_db
LATER = NOW + 2 * DAY


def page_of(claim):
    return reverse("admin:claim", args=[claim.reference])


def post(user, address, **given):
    return signed_in(user, just=LATER).post(address, given)


@pytest.fixture
def desk_clock(monkeypatch):
    at(monkeypatch, LATER)


@shared
def lapsed(reported):
    """A claim that could have been sent, and was not in time."""
    claim = make.draft(failure=reported, complete=True, sends_itself=False)
    lapse_claim(claim=claim, now=claim.closes_at + HOUR)
    return Claim.objects.get(pk=claim.pk)


@shared
def reviewed(sent_claim):
    """A claim under review, and who has it."""
    return SimpleNamespace(claim=sent_claim, by=make.manager())


@shared
def of_its_cause(decided_claim):
    """A claim that was sent for a second failure of the same cause, on another contract of the customer's."""
    return make.sent_claim(failure=another_of(decided_claim))


def another_claim(claim):
    """Of a failure a day before, on the same contract."""
    return make.sent_claim(failure=make.failure(contract=claim.contract, began=NOW - 2 * DAY))


def audited(claim, **changes):
    told = {"side": "independent", "email": "ada@ledgers.example", "name": "Ada", "firm": "Ledgers & Co"}
    auditor = Auditor(**told | changes)
    return open_audit(
        claim=claim, auditor=auditor, scope="The orders.", answer_by=LATER + DAY, by=make.manager(), now=LATER
    )


def moved(working, deadline):
    """As workings had it before: the deadline moved, and no word of the waiver."""
    told = [(label, deadline if label in ("deadline", "closes_at") else value) for label, value in working.inputs]
    kept = tuple((label, value) for label, value in told if label != "waived")
    return replace(working, inputs=kept, steps=tuple(moved(step, deadline) for step in working.steps))


class TestGoodwill:
    """S13: late only by a waiver of two people."""

    def waived(self, claim, **people):
        waiver = propose_waiver(claim=claim, reason="Our page was down.", by=make.approver(), now=claim.closes_at + DAY)
        return approve_waiver(waiver=waiver, by=make.approver(), now=claim.closes_at + 2 * DAY)

    def test_two_people_let_a_lapsed_claim_in_and_it_counts(self, lapsed):
        claim = self.waived(lapsed)

        assert (claim.state, claim.received_at, claim.waived_at) == ("submitted", *[lapsed.closes_at + 2 * DAY] * 2)
        found = assess(Claim.objects.get(pk=claim.pk), now=lapsed.closes_at + 3 * DAY)
        assert [one.closes_at for one in found.goodwill] == [lapsed.closes_at]
        assert found.assessed == 2000
        assert "lateness waived by two people" in [step.name for _, step in found.working.walk()]
        assert ClaimFailure.objects.filter(claim=claim, released_at__isnull=True, failure__state="claimed").exists()

    def test_its_working_keeps_the_deadline_that_was_missed_and_is_replayed(self, lapsed):
        """S13, S19: the waiver stands beside it; decisions from when it moved the deadline instead are replayed as they were frozen."""
        claim = self.waived(lapsed)
        working = assess(Claim.objects.get(pk=claim.pk), now=lapsed.closes_at + 3 * DAY).figures.working
        (in_time,) = [dict(step.inputs) for _, step in working.walk() if step.name == "failures in time"]
        (counted,) = [dict(step.inputs) for _, step in working.walk() if step.name == "remedy period"]
        before = moved(working, claim.received_at + datetime.resolution)

        assert in_time["closes_at"] == counted["deadline"] == lapsed.closes_at
        assert counted["waived"] is True
        assert replay(working).working == working
        assert before != working
        assert replay(before).working == before

    def test_its_proposer_alone_does_not(self, lapsed):
        one = make.approver()
        waiver = propose_waiver(claim=lapsed, reason="x", by=one, now=LATER + 20 * DAY)

        assert refusals(approve_waiver, waiver=waiver, by=one, now=LATER + 20 * DAY) == [("S19", "second_person")]
        assert Claim.objects.get(pk=lapsed.pk).state == "lapsed"

    def test_nor_does_somebody_who_may_not_approve(self, lapsed):
        waiver = propose_waiver(claim=lapsed, reason="x", by=make.manager(), now=LATER + 20 * DAY)

        assert refusals(approve_waiver, waiver=waiver, by=make.manager(), now=LATER) == [("S19", "may_not_approve")]

    def test_a_second_one_is_refused_until_the_first_is_returned(self, lapsed):
        first = propose_waiver(claim=lapsed, reason="x", by=make.manager(), now=LATER + 20 * DAY)

        assert refusals(propose_waiver, claim=lapsed, reason="y", by=make.manager(), now=LATER) == [
            ("S13", "one_waiver")
        ]
        return_waiver(waiver=first, reason="No ground.", by=make.approver(), now=LATER)
        assert propose_waiver(claim=lapsed, reason="y", by=make.manager(), now=LATER).pk
        assert refusals(approve_waiver, waiver=first, by=make.approver(), now=LATER) == [("S13", "settled")]

    def test_what_is_missing_cannot_be_waived_and_why_is_told_to_whoever_cannot_complete_it(self, draft):
        lapse_claim(claim=draft, now=draft.closes_at + HOUR)

        found = refusals(propose_waiver, claim=draft, reason="x", by=make.manager(), now=draft.closes_at + DAY)
        page = (
            signed_in(make.manager(), just=LATER).get(reverse("admin:claim", args=[draft.reference])).content.decode()
        )

        assert ("S13", "evidence") in found
        assert "It cannot be waived" in page
        assert "If the customer claims in writing, enter that" in page
        assert "Upload at least one document" not in page

    def test_what_was_in_time_needs_none(self, reviewed):
        assert refusals(propose_waiver, claim=reviewed.claim, reason="x", by=reviewed.by, now=LATER) == [
            ("S13", "not_late")
        ]

    @pytest.mark.usefixtures("desk_clock")
    def test_on_the_page_by_two_people(self, lapsed):
        post(make.manager(), page_of(lapsed) + "waiver/", **{"waiver-reason": "Our page was down."})
        seen = signed_in(make.approver(), just=LATER).get(page_of(lapsed)).content.decode()
        forged = post(Waiver.objects.get().proposed_by, page_of(lapsed) + "waiver/approve/")
        post(make.approver(), page_of(lapsed) + "waiver/approve/")

        assert "Approve the waiver" in seen
        assert b'data-code="may_not_approve"' in forged.content
        assert Claim.objects.get(pk=lapsed.pk).state == "submitted"

    @pytest.mark.usefixtures("desk_clock")
    def test_is_returned_with_a_reason(self, lapsed):
        post(make.manager(), page_of(lapsed) + "waiver/", **{"waiver-reason": "x"})
        post(make.approver(), page_of(lapsed) + "waiver/return/", **{"return-reason": "No ground."})

        assert Waiver.objects.get().return_reason == "No ground."


class TestAnAudit:
    """S14: scope, auditor, findings, and what changed in the amount."""

    def test_puts_the_claim_in_audit_and_tells_both(self, reviewed):
        audit = audited(reviewed.claim)

        assert Claim.objects.get(pk=reviewed.claim.pk).state == "in_audit"
        kinds = {one.kind: one.addressee for one in Letter.objects.filter(kind__startswith="audit_")}
        assert kinds["audit_asked"] == "ada@ledgers.example"
        assert "audit_opened" in kinds
        assert (audit.assessed_before, audit.auditor.name) == (2000, "Ada")

    def test_the_customer_reads_what_is_audited_by_whom_and_until_when(self, reviewed):
        audit = audited(reviewed.claim)

        page = (
            signed_in(reviewed.claim.submitted_by)
            .get(reverse("claim", args=[reviewed.claim.reference]))
            .content.decode()
        )

        assert audit.scope in page
        assert str(audit.auditor) in page
        assert f'datetime="{audit.answer_by:%Y-%m-%dT%H:%M:%SZ}"' in page

    def test_what_it_finds_changes_the_amount(self, reviewed):
        audit, claim = audited(reviewed.claim), reviewed.claim
        told = {"reason": "completed", "note": "Paid in November.", "by": reviewed.by, "now": LATER}
        strike_lines(lines=claim.transactions.filter(line=1), claim=claim, count=1, **told)

        closed = close_audit(audit=audit, findings="One was paid.", refused=False, by=reviewed.by, now=LATER)

        assert (closed.assessed_before, closed.assessed_after, closed.capped_after) == (2000, 1000, 1000)
        assert Claim.objects.get(pk=claim.pk).state == "in_review"
        assert refusals(close_audit, audit=audit, findings="x", refused=False, by=reviewed.by, now=LATER) == [
            ("S19", "already_moved_on")
        ]
        again = audited(Claim.objects.get(pk=claim.pk))
        assert refusals(close_audit, audit=audit, findings="x", refused=False, by=reviewed.by, now=LATER) == [
            ("S14", "closed")
        ]
        assert Audit.objects.get(closed_at=None) == again

    def test_nothing_is_decided_meanwhile(self, reviewed):
        audited(reviewed.claim)

        told = {"outcome": "deny", "grounds": "S9: none.", "by": reviewed.by, "now": LATER}
        assert refusals(propose_decision, claim=reviewed.claim, **told) == [("S19", "already_moved_on")]

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            (lambda claim: {"email": make.manager().email}, "not_independent"),
            (lambda claim: {"email": claim.opened_by.email}, "not_independent"),
            (lambda claim: {"email": make.person(is_active=False).email}, "account_closed"),
            (lambda claim: {"side": "vendor", "email": claim.opened_by.email}, "not_ours"),
            (lambda claim: {"side": "vendor", "email": "nobody@here.example"}, "not_ours"),
        ],
        ids=["ours", "the customer's", "closed", "not ours", "unknown"],
    )
    def test_its_auditor_is_what_is_said_of_them(self, changes, code, reviewed):
        with pytest.raises(Refused) as refused:
            audited(reviewed.claim, **changes(reviewed.claim))

        assert [one.code for one in refused.value.refusals] == [code]

    @pytest.mark.usefixtures("desk_clock")
    def test_the_customer_is_asked_to_help_until_then(self, reviewed):
        audited(reviewed.claim)

        home = signed_in(reviewed.claim.opened_by).get("/").content.decode()
        assert f"Help with the audit of claim {reviewed.claim.reference}" in home
        assert (LATER + DAY).isoformat()[:10] in home

    @pytest.mark.usefixtures("desk_clock")
    def test_its_auditor_opens_just_that_claim_while_it_is_open(self, reviewed):
        audit, other = audited(reviewed.claim), another_claim(reviewed.claim)
        file, address = reviewed.claim.evidence.get(), reverse("audit", args=[reviewed.claim.reference])
        ada = signed_in(audit.auditor)

        assert "The orders." in ada.get(address).content.decode()
        home = ada.get("/").content.decode()
        assert "Audit claim" in home
        assert reverse("credit_list") not in home  # no link leads where they may not go
        assert ada.post(reverse("evidence", args=[reviewed.claim.reference, file.pk])).status_code == 200
        assert ada.post(reverse("evidence", args=[other.reference, other.evidence.get().pk])).status_code == 404
        assert ada.get(reverse("claim", args=[reviewed.claim.reference])).status_code == 403
        assert signed_in(make.manager()).get(address).status_code == 404
        close_audit(audit=audit, findings="x", refused=True, by=reviewed.by, now=LATER)
        assert ada.get(address).status_code == 404
        assert ada.post(reverse("evidence", args=[reviewed.claim.reference, file.pk])).status_code == 404

    @pytest.mark.usefixtures("desk_clock")
    def test_on_the_page(self, reviewed):
        told = {"side": "independent", "email": "ada@ledgers.example", "scope": "The orders.", "day": "2026-06-20"}
        without = post(reviewed.by, page_of(reviewed.claim) + "audit/", **{f"audit-{n}": v for n, v in told.items()})
        told |= {"name": "Ada", "firm": "Ledgers & Co"}
        post(reviewed.by, page_of(reviewed.claim) + "audit/", **{f"audit-{n}": v for n, v in told.items()})
        post(reviewed.by, page_of(reviewed.claim) + "audit/close/", **{"close-findings": "As stated."})
        seen = signed_in(reviewed.by).get(page_of(reviewed.claim)).content.decode()

        assert "Name the auditor&#x27;s firm." in without.content.decode()
        assert Audit.objects.get().findings == "As stated."
        assert "Change of the amount" in seen


class TestTheCause:
    """S12: the same cause as another, or covered by its credit."""

    def test_is_named_anew_or_after_another_claim(self, unlogged):
        named = name_cause(claim=unlogged, cause=None, title="Phone provider", by=make.manager(), now=LATER)
        assert named.cause.title == "Phone provider"
        assert set(unlogged.failures.values_list("cause", flat=True)) == {named.cause_id}

        second = make.sent_claim(failure=make.failure(contract=unlogged.contract, began=NOW - DAY, logged=False))
        like = name_cause(claim=second, cause=named.cause, title="", by=make.manager(), now=LATER)
        assert like.cause_id == named.cause_id
        assert (
            name_cause(claim=like, cause=None, title="Another", by=make.manager(), now=LATER).cause_id != named.cause_id
        )

    def test_of_an_outage_on_record_is_merged_not_named(self, reviewed):
        told = {"cause": None, "title": "x", "by": reviewed.by, "now": LATER}
        assert refusals(name_cause, claim=reviewed.claim, **told) == [("S12", "has_a_cause")]

    def test_a_recurrence_after_the_fix_is_a_new_cause(self, unlogged):
        fixed = make.outage(customer=unlogged.contract.customer).cause
        fixed.fixed_at, fixed.fixed_by = NOW - 30 * DAY, make.manager()
        fixed.save()

        assert refusals(name_cause, claim=unlogged, cause=fixed, title="", by=make.manager(), now=LATER) == [
            ("S12", "recurrence")
        ]

    def test_a_credit_of_the_same_cause_covers_it(self, decided_claim, of_its_cause):
        covered = cover_claim(claim=of_its_cause, by=make.manager(), now=LATER)

        assert covered.state == "covered"
        assert Letter.objects.filter(kind="claim_covered", matter=of_its_cause.reference).exists()
        assert [(one.customers, one.amount) for one in similar.received_by_cause(of_its_cause)] == [(1, 2000)]
        assert [(one.pk, one.given) for one in similar.claims_like(of_its_cause)] == [(decided_claim.pk, 2000)]

    def test_the_customer_reads_which_credit_covers_it_and_when_it_was_closed(self, decided_claim, of_its_cause):
        cover_claim(claim=of_its_cause, by=make.manager(), now=LATER)
        client = signed_in(of_its_cause.submitted_by)

        page = client.get(reverse("claim", args=[of_its_cause.reference])).content.decode()

        assert reverse("credit", args=[ledger.credit(claim=decided_claim).reference]) in page
        assert "Closed, since your credit for the same cause covers it" in page

    def test_what_it_was_credited_is_told_whatever_went_into_invoices(self, decided_claim, of_its_cause):
        ledger.posted(ledger.application(of=ledger.credit(claim=decided_claim), amount="700"))

        assert [one.amount for one in similar.received_by_cause(of_its_cause)] == [2000]
        assert [one.given for one in similar.claims_like(of_its_cause)] == [2000]

    def test_its_cause_opens_where_it_is_merged(self, sent_claim):
        desk, cause = signed_in(make.manager(), just=LATER), reverse("admin:cause", args=[sent_claim.cause.reference])
        found = desk.get(reverse("admin:find"), {"q": sent_claim.cause.reference})

        assert cause in desk.get(page_of(sent_claim)).content.decode()
        assert found.url == cause

    def test_where_a_reviewer_named_the_cause_two_people_decide(self, unlogged):
        """S19: one person ends no claim by a cause of their own choice."""
        credited = make.decided(proposal=make.proposal(contract=unlogged.contract))
        named = name_cause(claim=unlogged, cause=credited.cause, title="", by=make.manager(), now=LATER)

        assert refusals(cover_claim, claim=named, by=make.manager(), now=LATER) == [("S12", "cause_was_named")]
        assert b"propose to deny it on S12" in signed_in(make.manager(), just=LATER).get(page_of(named)).content

    def test_covered_it_is_looked_at_again_when_its_customer_asks(self, of_its_cause):
        by = of_its_cause.opened_by
        cover_claim(claim=of_its_cause, by=make.manager(), now=LATER)
        asked = ask_for_second_look(claim=of_its_cause, reason="Another fault.", by=by, now=LATER + HOUR)
        assert reverse("admin:reopen_claim", args=[of_its_cause.reference]).encode() in (
            signed_in(make.manager(), just=LATER).get(page_of(of_its_cause)).content
        )

        again = reopen_claim(claim=of_its_cause, reason="So it seems.", by=make.manager(), now=LATER + 2 * HOUR)

        asked.refresh_from_db()
        assert (again.state, again.closed_at, asked.reopened) == ("in_review", None, True)

    def test_a_credit_of_which_nothing_stands_covers_nothing(self, decided_claim, of_its_cause):
        """S12, S19: what it had covered is looked at again, and told so."""
        late = make.sent_claim(failure=another_of(decided_claim))
        cover_claim(claim=of_its_cause, by=make.manager(), now=LATER)

        ledger.posted(ledger.reversal(of=decided_claim.credits.get().entries.get()))

        of_its_cause.refresh_from_db()
        assert of_its_cause.state == "in_review"
        assert Letter.objects.filter(kind="second_look_settled", matter=of_its_cause.reference).exists()
        assert refusals(cover_claim, claim=late, by=make.manager(), now=LATER) == [("S12", "undone")]

    def test_without_one_nothing_is_covered(self, reviewed):
        assert refusals(cover_claim, claim=reviewed.claim, by=reviewed.by, now=LATER) == [("S12", "not_credited")]

    @pytest.mark.usefixtures("desk_clock")
    def test_on_the_page(self, unlogged):
        empty = post(make.manager(), page_of(unlogged) + "cause/")
        post(make.manager(), page_of(unlogged) + "cause/", **{"cause-title": "Phone provider"})

        assert "say what the new one is" in empty.content.decode()
        assert Claim.objects.get(pk=unlogged.pk).cause.title == "Phone provider"


class TestTheQueue:
    """M5.1: by what is due; each once, with what is next."""

    def next_of(self, claim, now=LATER):
        return review_queue.queue(now).filter(pk=claim.pk).values_list("next", "due").first()

    def test_says_what_is_next_and_by_when(self, reviewed):
        claim, by = reviewed.claim, reviewed.by
        fourteen_days = claim.received_at + 14 * DAY
        assert self.next_of(claim) == ("take", fourteen_days)
        put_aside(claim=claim, until=LATER + DAY, why="The bank is closed.", by=by, now=LATER)
        assert self.next_of(claim) == ("aside", LATER + DAY)
        assert self.next_of(claim, LATER + DAY) == ("take", fourteen_days)
        take_up_again(claim=claim, by=by, now=LATER)
        take_claim(claim=claim, by=by, now=LATER)
        assert self.next_of(claim) == ("decide", fourteen_days)
        audit = audited(claim)
        assert self.next_of(claim) == ("audit", LATER + DAY)
        close_audit(audit=audit, findings="x", refused=False, by=by, now=LATER)
        ask_for_information(claim=claim, asked_for="x", answer_by=LATER + 3 * DAY, by=by, now=LATER)
        assert self.next_of(claim) == ("answer", LATER + 3 * DAY)

    def test_a_proposal_waits_for_a_second_person(self, proposal):
        assert self.next_of(proposal.claim)[0] == "approve"

    def test_so_does_a_waiver(self, lapsed):
        propose_waiver(claim=lapsed, reason="x", by=make.manager(), now=LATER)

        assert self.next_of(lapsed) == ("waiver", LATER + 14 * DAY)

    def test_the_next_one_is_the_first_of_it_that_waits_for_us(self, lapsed):
        """`after` reads few of the queue's claims: whatever is done to them, it has to name the queue's own first."""
        by, now = make.manager(), LATER
        first, second, third = (make.sent_claim() for _ in range(3))

        def check(now=now):
            ours = review_queue.queue(now).filter(next__in=review_queue.OURS)
            for one in (first, second, third, lapsed):
                named = ours.exclude(pk=one.pk).values_list("reference", flat=True).first()
                assert review_queue.after(one, now) == named
            return ours.values_list("pk", flat=True).first()

        def waived(claim, days):
            Waiver.objects.create(claim=claim, reason="x", proposed_at=now - days * DAY, proposed_by=by)

        assert check() == first.pk
        put_aside(claim=first, until=now + DAY, why="x", by=by, now=now)
        assert (check(), check(now + DAY)) == (second.pk, first.pk)
        take_claim(claim=second, by=by, now=now)
        ask_for_information(claim=second, asked_for="x", answer_by=now + 3 * DAY, by=by, now=now)
        assert check() == third.pk
        take_claim(claim=third, by=by, now=now)
        audited(third)
        assert check() is None
        waived(lapsed, 20)
        assert check() == lapsed.pk
        waived(second, 30)
        assert check() == second.pk

    def test_a_draft_does_not_wait(self, draft):
        assert self.next_of(draft) is None

    def test_nor_does_what_is_decided(self, decided_claim):
        assert self.next_of(decided_claim) is None

    def test_a_moment_that_is_over_puts_nothing_aside(self, reviewed):
        told = {"until": LATER, "why": "x", "by": reviewed.by, "now": LATER}
        assert refusals(put_aside, claim=reviewed.claim, **told) == [("S19", "no_time")]

    @pytest.mark.usefixtures("desk_clock")
    def test_is_a_list_with_filters_and_a_file(self, reviewed):
        take_claim(claim=reviewed.claim, by=reviewed.by, now=LATER)
        other = another_claim(reviewed.claim)
        client = signed_in(reviewed.by)

        def shown(**asked):
            return [one.pk for one, _ in client.get(reverse("admin:review_queue"), asked).context["claims"]]

        assert shown() == [reviewed.claim.pk, other.pk]
        assert shown(who="me") == [reviewed.claim.pk]
        assert shown(who="nobody", next="all") == [other.pk]
        assert shown(next="take", q=other.reference[-4:]) == [other.pk]
        assert shown(next="answer") == []
        rows = b"".join(client.get(reverse("admin:review_queue"), {"format": "csv"}).streaming_content)
        assert other.reference in rows.decode()

    @pytest.mark.usefixtures("desk_clock")
    def test_has_each_claim_on_one_of_its_pages_and_says_on_each_how_many_wait(self, reviewed, monkeypatch):
        claims = [reviewed.claim.pk, *(another_claim(reviewed.claim).pk for _ in range(2))]
        monkeypatch.setattr(queue_page, "ON_A_PAGE", 2)
        client = signed_in(reviewed.by)

        def shown(page):
            found = client.get(reverse("admin:review_queue"), page).context
            listed = found["listed"]
            return [one.pk for one, _ in found["claims"]], listed.number, listed.has_next(), found["rows"]

        first, last = (claims[:2], 1, True, "3 claims"), (claims[2:], 2, False, "3 claims")
        assert shown({}) == shown({"page": "1"}) == shown({"page": "x"}) == first
        assert shown({"page": "2"}) == shown({"page": "99"}) == last
        assert shown({"q": "nobody’s"}) == ([], 1, False, "0 claims")

    @pytest.mark.usefixtures("desk_clock")
    def test_asks_as_many_questions_for_many_as_for_one(self, reviewed):
        client = signed_in(reviewed.by)
        client.get(reverse("admin:review_queue"))
        with CaptureQueriesContext(connection) as one:
            client.get(reverse("admin:review_queue"))
        make.sent_claim(), another_claim(reviewed.claim)
        with CaptureQueriesContext(connection) as three:
            client.get(reverse("admin:review_queue"))

        assert len(one) == len(three)

    @pytest.mark.usefixtures("desk_clock")
    def test_a_claim_is_put_aside_and_taken_up_on_its_page(self, reviewed):
        address = page_of(reviewed.claim) + "aside/"
        wrong = post(reviewed.by, address, **{"aside-day": "2026-06-01", "aside-why": "x"})
        post(reviewed.by, address, **{"aside-day": "2026-06-20", "aside-why": "The bank is closed."})
        seen = signed_in(reviewed.by).get(page_of(reviewed.claim)).content.decode()
        post(reviewed.by, address + "back/")

        assert "Choose a day from tomorrow" in wrong.content.decode()
        assert "The bank is closed." in seen
        assert Claim.objects.get(pk=reviewed.claim.pk).aside_until is None


def test_an_auditor_has_an_account_and_belongs_to_nobody(reviewed):
    audited(reviewed.claim)

    ada = User.objects.get(email="ada@ledgers.example")
    assert not ada.is_staff
    assert not ada.memberships.exists()
