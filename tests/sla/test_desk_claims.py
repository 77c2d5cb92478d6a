from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from entitlements.models import Event, Letter
from entitlements.notices import render
from entitlements.wording import moment_in_short
from sla import lines
from sla.actions.claims import withdraw_claim
from sla.actions.drafts import add_transactions, declare
from sla.admin import claim_facts as facts
from sla.admin.claim_line_forms import LinesForm
from sla.admin.forms import AssignForm
from sla.admin.queues import TO_APPROVE
from sla.models import Claim, Credit, CreditEntry, Downtime, Outage, Proposal
from tests import factories as make
from tests.desk import at, signed_in

pytestmark = pytest.mark.django_db
LATER = make.NOW + 2 * make.DAY


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    at(monkeypatch, LATER)


def between(times, zone):
    end = moment_in_short(times.upper, zone) if times.upper else "still open"
    return f"{moment_in_short(times.lower, zone)} – {end}"


def page_of(claim):
    return reverse("admin:claim", args=[claim.reference])


def proposal_page(proposal):
    return reverse("admin:proposal", args=[proposal.pk])


def post(user, address, **given):
    return signed_in(user, just=LATER).post(address, given)


class TestClaimPage:
    """S9, S11, S13, S19: computed facts beside the customer's statement."""

    def test_shows_the_figures_and_that_it_was_in_time(self, sent_claim):
        answer = signed_in(make.manager()).get(page_of(sent_claim)).content.decode()

        assert "In time, 14 days 13 hours before the deadline" in answer
        assert answer.count("2,000.00") >= 3
        assert "the loss itself, the least of the three bounds" in answer

    def test_marks_where_the_logs_differ_from_the_statement(self, unlogged):
        outage = make.outage(customer=unlogged.contract.customer, start=make.NOW - make.DAY, minutes=80)

        post(make.manager(), page_of(unlogged) + "outage/", **{"outage-outage": outage.pk})
        answer = signed_in(make.manager()).get(page_of(unlogged)).content.decode()

        assert "≠ 15 min earlier in our logs" in answer
        assert Claim.objects.get(pk=unlogged.pk).cause == outage.cause

    def test_only_outages_of_the_customer_near_the_time_are_offered(self, sent_claim):
        mine = make.outage(customer=sent_claim.contract.customer, start=make.NOW - 2 * make.DAY)
        long_ago = make.outage(customer=sent_claim.contract.customer, start=make.NOW - 30 * make.DAY)
        of_another = make.outage()

        answer = signed_in(make.manager()).get(page_of(sent_claim)).content.decode()
        forced = post(make.manager(), page_of(sent_claim) + "outage/", **{"outage-outage": of_another.pk})

        assert mine.reference in answer
        assert long_ago.reference not in answer
        assert "There is a problem" in forced.content.decode()

    def test_each_is_offered_with_the_times_of_this_customer(self, sent_claim):
        """By them the reviewer chooses which it was (S2)."""
        contract = sent_claim.contract
        make.outage(customers=[contract.customer, make.customer()], start=make.NOW - 2 * make.DAY, minutes=80)
        make.outage(customer=contract.customer, start=make.NOW - make.DAY + timedelta(hours=3), minutes=None)
        offered = [
            (outage, [one.during for one in Downtime.objects.of(contract.customer).filter(outage=outage)])
            for outage in Outage.objects.order_by("-recorded_at", "-id")
        ]
        assert [len(times) for _, times in offered] == [1, 1, 1]

        for _ in range(2):
            near = facts.outages_near(sent_claim, sent_claim.read_failures())
            assert [(outage, words.removeprefix(f"{outage.reference} {outage.title}: ")) for outage, words in near] == [
                (outage, "; ".join(between(one, contract.tz) for one in times)) for outage, times in offered
            ]
            form = AssignForm({"outage-outage": str(offered[1][0].pk)}, outages=near)
            assert [words for _, words in form.fields["outage"].choices] == [words for _, words in near]
            assert form.is_valid()
            assert form.cleaned_data["outage"] == offered[1][0]
            assert not AssignForm({"outage-outage": "0"}, outages=near).is_valid()

    def test_a_draft_is_the_customers_own(self, complete_draft):
        answer = signed_in(make.manager()).get(page_of(complete_draft)).content.decode()

        assert "Order 1" not in answer
        assert "List of lost orders" not in answer

    def test_taking_it_puts_it_in_review(self, sent_claim):
        manager = make.manager()

        post(manager, page_of(sent_claim) + "take/")

        sent_claim.refresh_from_db()
        assert (sent_claim.state, sent_claim.taken_by) == ("in_review", manager)

    def test_a_line_is_struck_with_a_reason_and_kept_again(self, sent_claim):
        manager = make.manager()
        finding = {"strike-reason": "no_document", "strike-note": "No order shows it."}

        post(manager, page_of(sent_claim) + "lines/1/strike/", **finding)
        struck = signed_in(manager).get(page_of(sent_claim)).content.decode()
        post(manager, page_of(sent_claim) + "lines/1/keep/")

        assert "No document" in struck
        assert "1,000.00" in struck
        assert sent_claim.transactions.get(line=1).struck == ""

    def test_a_line_is_not_struck_without_saying_what_shows_it(self, sent_claim):
        answer = post(make.manager(), page_of(sent_claim) + "lines/1/strike/", **{"strike-reason": "completed"})

        assert "Fill in: What shows it" in answer.content.decode()
        assert sent_claim.transactions.get(line=1).struck == ""

    def test_what_only_looks_like_a_line_is_none(self, sent_claim):
        assert signed_in(make.manager()).get(page_of(sent_claim), {"strike": "²"}).status_code == 200

    def test_a_denial_names_its_clauses(self, sent_claim):
        manager = make.manager()

        without = post(manager, page_of(sent_claim) + "propose/denial/", **{"denial-explanation": "No."})
        post(
            manager,
            page_of(sent_claim) + "propose/denial/",
            **{"denial-clauses": ["S9", "S13"], "denial-explanation": "No document shows a loss."},
        )

        assert "Tick the clauses on which the denial rests." in without.content.decode()
        assert Proposal.objects.get().grounds == "S9, S13: No document shows a loss."

    def test_an_approval_that_lacks_an_outage_is_refused_with_the_reason(self, unlogged):
        answer = post(make.manager(), page_of(unlogged) + "propose/approval/", **{"approval-grounds": "Kept."})

        assert b'data-code="no_failure"' in answer.content
        assert b">\nKept.</textarea>" in answer.content
        assert not Proposal.objects.exists()

    def test_an_approval_is_offered_where_it_can_be_proposed(self, sent_claim):
        assert "propose/approval/" in signed_in(make.manager()).get(page_of(sent_claim)).content.decode()

    def test_none_is_offered_without_an_outage_and_the_page_says_so(self, unlogged):
        page = signed_in(make.manager()).get(page_of(unlogged)).content.decode()

        assert "propose/approval/" not in page
        assert "Not as it stands now" in page

    def test_nor_for_a_cause_that_is_credited(self, decided_claim):
        """S12"""
        contract = make.contract(customer=decided_claim.contract.customer)
        second = make.sent_claim(failure=make.failure(contract=contract))

        page = signed_in(make.manager()).get(page_of(second)).content.decode()

        assert "propose/approval/" not in page
        assert f"{Credit.objects.get().reference} already credits this cause." in page

    def test_asks_as_many_questions_for_many_lines_as_for_two(self, sent_claim):
        failure = make.failure(contract=sent_claim.contract, began=make.NOW - 2 * make.DAY)
        draft = make.draft(failure=failure, complete=True)
        told = {"claim": draft, "by": draft.opened_by, "now": make.NOW}
        add_transactions(lines=make.transactions(began=make.NOW, lines=30), **told)
        long = make.sent_claim(draft=declare(**told))
        client = signed_in(make.manager())
        client.get(page_of(sent_claim))
        with CaptureQueriesContext(connection) as two:
            client.get(page_of(sent_claim))
        with CaptureQueriesContext(connection) as many:
            client.get(page_of(long))

        assert len(many) == len(two)


class TestTheSecondToSave:
    """M5.10: nobody overwrites what a colleague has just done; they are shown it."""

    def seen_by(self, user, claim):
        return signed_in(user).get(page_of(claim)).context["seen"]

    def test_is_shown_the_difference_and_nothing_is_overwritten(self, sent_claim):
        one, other = make.manager(), make.manager()
        seen = self.seen_by(other, sent_claim)
        post(one, page_of(sent_claim) + "lines/1/strike/", **{"strike-reason": "completed", "strike-note": "By noon."})

        told = {"seen": seen, "strike-reason": "no_document", "strike-note": "None came."}
        answer = post(other, page_of(sent_claim) + "lines/1/strike/", **told).content.decode()

        assert 'data-code="changed_meanwhile"' in answer
        assert "<ins>completed</ins>" in answer
        assert ">\nNone came.</textarea>" in answer
        assert sent_claim.transactions.get(line=1).struck == "completed"

    def test_sends_it_again_and_is_heard(self, sent_claim):
        one, other = make.manager(), make.manager()
        seen = self.seen_by(other, sent_claim)
        post(one, page_of(sent_claim) + "take/")
        first = post(other, page_of(sent_claim) + "take/", seen=seen)

        post(other, page_of(sent_claim) + "take/", seen=first.context["seen"])

        assert Claim.objects.get(pk=sent_claim.pk).taken_by == other

    def test_ones_own_acts_in_another_tab_do_not_stand_in_the_way(self, sent_claim):
        one = make.manager()
        seen = self.seen_by(one, sent_claim)
        post(one, page_of(sent_claim) + "take/")

        post(one, page_of(sent_claim) + "propose/approval/", seen=seen)

        assert Proposal.objects.exists()


class TestManyLines:
    """S9, M5.6: struck out or kept with a reason, many at once by a filter, by the same few questions."""

    def lines_of(self, claim, **sought):
        return page_of(claim) + "lines/?" + urlencode(sought)

    def judge(self, claim, found, finding="strike", sought=None, **told):
        given = {"which": "found", "finding": finding, "note": "Seen in the export."} | told
        address = self.lines_of(claim, **(sought or {}))
        return post(make.manager(), address, found=found, **{f"judge-{name}": value for name, value in given.items()})

    def test_all_that_a_filter_finds_are_struck_with_the_reason_on_each(self, sent_claim):
        answer = self.judge(sent_claim, 1, reason="completed", sought={"q": "Order 1"})

        assert answer.status_code == 302
        struck = list(sent_claim.transactions.values_list("struck", "struck_note"))
        assert struck == [("completed", "Seen in the export."), ("", "")]
        assert Event.objects.get(verb="claim.lines_struck").note.startswith("1 line: Completed")

    def test_the_ticked_ones_only(self, sent_claim):
        self.judge(sent_claim, 2, reason="no_document", which="ticked", line=["2"])

        told = {"judge-which": "ticked", "judge-finding": "strike", "judge-reason": "completed", "judge-note": "x"}
        post(make.manager(), self.lines_of(sent_claim), line=["2"], **told)

        assert list(sent_claim.transactions.values_list("struck", flat=True)) == ["", "completed"]

    def test_lines_are_kept_with_a_reason(self, sent_claim):
        self.judge(sent_claim, 2, reason="no_document")
        self.judge(sent_claim, 2, finding="keep", sought={"stands": "struck"})

        assert list(sent_claim.transactions.values_list("struck", "kept_note")) == [("", "Seen in the export.")] * 2

    def test_each_counted_amount_names_its_document(self, sent_claim):
        sent_claim.transactions.update(document=None)
        before = signed_in(make.manager()).get(page_of(sent_claim)).content.decode()
        self.judge(sent_claim, 2, finding="document", document=sent_claim.evidence.get().pk)
        after = signed_in(make.manager()).get(page_of(sent_claim)).content.decode()

        assert 'data-code="names_no_document"' in before
        assert "stands=undocumented" in before
        assert "No document is named" not in after

    def test_other_lines_than_those_looked_at_are_not_struck(self, sent_claim):
        answer = self.judge(sent_claim, 3, reason="completed")

        assert b'data-code="other_lines"' in answer.content
        assert not sent_claim.transactions.exclude(struck="").exists()

    @pytest.mark.parametrize(
        ("told", "said"),
        [
            ({"reason": ""}, "Choose why they do not count."),
            ({"reason": "completed", "note": ""}, "Say what shows it."),
            ({"finding": "document"}, "Choose the document."),
        ],
        ids=["no reason", "no note", "no document"],
    )
    def test_what_is_missing_is_said(self, told, said, sent_claim):
        assert said in self.judge(sent_claim, 2, **told).content.decode()

    def test_nothing_is_judged_while_a_proposal_waits(self, proposal):
        answer = self.judge(proposal.claim, 2, reason="completed")

        assert b'data-code="one_waits"' in answer.content

    FOUND = (
        ({}, [1, 2]),
        ({"stands": "counts"}, [1, 2]),
        ({"stands": "undocumented"}, []),
        ({"stands": "outside"}, []),
        ({"stands": "struck"}, []),
        ({"stands": "kept"}, []),
        ({"q": "2"}, [2]),
        ({"least": "1000.01"}, []),
        ({"most": "x"}, [1, 2]),
    )

    def test_lines_are_found(self, sent_claim):
        remedy = lines.remedy_of(sent_claim, LATER)
        for sought, expected in self.FOUND:
            found = lines.found(sent_claim, LinesForm(sought).sought(), remedy)

            assert [one.line for one in found] == expected, sought

    def test_the_page_shows_what_is_found_and_so_does_the_file(self, sent_claim):
        desk = signed_in(make.manager())

        shown = desk.get(self.lines_of(sent_claim, q="2")).context["lines"]
        file = desk.get(self.lines_of(sent_claim, format="csv", q="2"))

        assert [one.line for one in shown] == [2]
        rows = b"".join(file.streaming_content).decode().splitlines()
        assert [row.partition(",")[0] for row in rows] == ["line", "2"]


class TestTwoPeople:
    """S12, S19: who approves is never who proposed."""

    def test_one_proposes_another_approves_and_the_ledger_has_it(self, sent_claim):
        one, other = make.manager(), make.approver()

        post(one, page_of(sent_claim) + "propose/approval/", **{"approval-grounds": "The logs show it."})
        post(other, proposal_page(Proposal.objects.get()) + "approve/")

        entry = CreditEntry.objects.get()
        assert (entry.amount, entry.proposed_by, entry.approved_by) == (Decimal("2000.00"), one, other)
        ledger = signed_in(one).get("/admin/sla/creditentry/", {"customer": sent_claim.contract.customer_id})
        assert "the sum of 1 line" in ledger.content.decode()
        assert "USD 2,000.00" in ledger.content.decode()

    def test_the_proposer_sees_no_approve_button_and_a_forced_post_is_refused(self, sent_claim):
        proposer = make.approver()
        proposal = make.proposal(claim=sent_claim, by=proposer)

        seen = signed_in(proposer).get(proposal_page(proposal)).content.decode()
        forced = post(proposer, proposal_page(proposal) + "approve/")

        assert proposer.is_superuser
        assert "approve/" not in seen
        assert b'data-code="second_person"' in forced.content
        assert not Credit.objects.exists()

    def test_a_manager_who_may_not_approve_is_refused(self, proposal):
        forced = post(make.manager(), proposal_page(proposal) + "approve/")

        assert b"You may not approve decisions." in forced.content
        assert not Credit.objects.exists()

    def test_who_signed_in_long_ago_shows_once_more_that_it_is_them(self, proposal):
        """V47: a fresh sign-in, for a forged post as well."""
        long_ago = signed_in(make.approver(), just=LATER - timedelta(minutes=11))

        seen = long_ago.get(proposal_page(proposal)).content.decode()
        forced = long_ago.post(proposal_page(proposal) + "approve/")

        assert "Confirm that it is you" in seen
        assert "Approve this decision" not in seen
        assert forced.url.startswith(reverse("step_up"))
        assert not Credit.objects.exists()

    def test_a_withdrawn_claims_proposal_does_not_wait_any_more(self, proposal):
        claim = proposal.claim
        assert TO_APPROVE.rows(LATER).count() == 1

        withdraw_claim(claim=claim, by=claim.opened_by, now=LATER)

        assert TO_APPROVE.rows(LATER).count() == 0

    def test_its_page_offers_no_approval_and_says_why(self, proposal):
        boss = make.approver()
        withdraw_claim(claim=proposal.claim, by=proposal.claim.opened_by, now=LATER)

        seen = signed_in(boss).get(proposal_page(proposal)).content.decode()

        assert f"Returned by {proposal.claim.opened_by}" in seen
        assert "Approve this decision" not in seen

    def test_the_second_person_sees_the_other_readings_and_what_stands_against_it(self, monkeypatch, unlogged):
        reading = ("S9", "assessed in another way", Decimal("1234.00"))
        monkeypatch.setattr("sla.admin.claim_facts.other_readings", lambda assessment: [reading])
        proposal = make.proposal(claim=unlogged, outcome="deny")

        seen = signed_in(make.approver()).get(proposal_page(proposal)).content.decode()

        assert "assessed in another way" in seen
        assert "1,234.00" in seen
        assert 'data-code="no_failure"' in seen

    def test_a_proposal_is_returned_with_a_reason(self, proposal):
        other = make.approver()

        post(other, proposal_page(proposal) + "return/", **{"return-reason": "Line 2 lacks a document."})

        proposal.refresh_from_db()
        assert (proposal.returned_by, proposal.return_reason) == (other, "Line 2 lacks a document.")

    def test_the_letter_that_is_shown_is_the_letter_that_goes(self, proposal):
        shown = signed_in(make.approver()).get(proposal_page(proposal)).context["letter"]
        post(make.approver(), proposal_page(proposal) + "approve/")
        written = Letter.objects.get(kind="claim_decided", addressee=shown.addressee)
        render(written)

        assert (shown.subject, shown.text) == (written.subject, written.text)


class TestWhatAGetDoes:
    """S19: a decision is a POST."""

    ACTS = ("take/", "outage/", "lines/1/strike/", "lines/1/keep/", "propose/approval/", "propose/denial/")

    @pytest.mark.parametrize("asked", ["", "?strike=1", "?strike=x"])
    def test_a_claim_that_is_looked_at_is_as_it_was(self, asked, sent_claim):
        client, before = signed_in(make.approver()), Event.objects.count()

        assert client.get(page_of(sent_claim) + asked).status_code == 200
        assert Event.objects.count() == before

    def test_an_act_upon_a_claim_leads_to_its_page_and_is_not_done(self, sent_claim):
        client, page, before = signed_in(make.approver()), page_of(sent_claim), Event.objects.count()

        assert {act: client.get(page + act).url for act in self.ACTS} == dict.fromkeys(self.ACTS, page)
        assert Event.objects.count() == before

    def test_nor_is_one_upon_a_proposal(self, proposal):
        client, page = signed_in(make.approver()), proposal_page(proposal)
        before = (Event.objects.count(), Letter.objects.count())

        assert client.get(page).status_code == 200
        assert [client.get(page + act).url for act in ("approve/", "return/")] == [page, page]
        assert (Event.objects.count(), Letter.objects.count()) == before
