from __future__ import annotations

from typing import Any

from django.urls import reverse

from entitlements.models import Event, Role
from sla.actions.claims import lapse_claim, submit_by_itself
from sla.actions.decisions import strike_line
from sla.models import Claim, ClaimState
from tests import factories as make
from tests.factories import DAY, HOUR, NOW


def at(name: str, claim: Claim, *more: Any) -> str:
    return reverse(name, args=[claim.reference, *more])


class TestTheReceipt:
    """S13, P1: reference, time to the second, and every document with its hash; the same paper every time."""

    def test_it_states_what_was_received(self, signed_in, sent_claim) -> None:
        page = signed_in(sent_claim.submitted_by).get(at("claim_receipt", sent_claim)).content.decode()

        assert "Wednesday, June 10, 2026, 11:00:00 a.m. Eastern Time (EDT, UTC−4)" in page
        assert sent_claim.evidence.get().sha256 in page

    def test_a_claim_that_sent_itself_says_so(self, signed_in, complete_draft, clock) -> None:
        moment = complete_draft.sends_itself_at
        submit_by_itself(claim=complete_draft, now=moment + 40 * DAY)

        page = signed_in(complete_draft.opened_by).get(at("claim_receipt", complete_draft)).content.decode()

        assert "by itself, one hour before its deadline" in page
        assert "Wednesday, June 24, 2026, 11:00:00 p.m." in page

    def test_a_draft_has_none(self, signed_in, complete_draft) -> None:
        browser = signed_in(complete_draft.opened_by)

        assert browser.get(at("claim_receipt", complete_draft)).status_code == 404
        assert browser.get(at("claim_receipt_pdf", complete_draft)).status_code == 404

    def test_the_paper_is_the_same_bytes_also_after_later_evidence_and_the_decision(
        self, signed_in, clock, sent_claim
    ) -> None:
        browser = signed_in(sent_claim.submitted_by)
        first = browser.get(at("claim_receipt_pdf", sent_claim))

        make.decided(proposal=make.proposal(claim=sent_claim))
        clock(NOW + 9 * DAY)
        again = browser.get(at("claim_receipt_pdf", sent_claim))

        assert first.content == again.content
        assert first.content.startswith(b"%PDF-")
        assert first["Content-Disposition"] == f'attachment; filename="{sent_claim.reference}-receipt.pdf"'

    def test_what_somebody_typed_is_never_run_as_markup(self, signed_in, gold) -> None:
        odd = make.failure(contract=gold, description="#panic() *bold* $x$ <b> @ref [ ] \\ // `code`")
        sent = make.sent_claim(failure=odd)

        assert signed_in(sent.submitted_by).get(at("claim_receipt_pdf", sent)).status_code == 200


class TestTheClaimAfterSending:
    """C8, S19: its state in a sentence, what happened, and the decision with every figure."""

    def test_the_state_says_who_has_the_next_move(self, signed_in, sent_claim) -> None:
        page = signed_in(sent_claim.submitted_by).get(at("claim", sent_claim)).content.decode()

        assert "We have received your claim and will check it. You need to do nothing." in page
        assert "Claim sent and received" in page

    def test_a_decision_opens_to_its_working(self, signed_in, decided_claim) -> None:
        page = signed_in(decided_claim.submitted_by).get(at("claim", decided_claim)).content.decode()

        assert page.count("USD 2,000.00") >= 4
        assert "Realized loss" in page
        assert "by PagerDuty" in page
        assert 'data-clause="S12"' in page or 'data-clause="S19"' in page

    def test_its_paper_prints_the_same_tree_in_the_same_bytes(self, signed_in, decided_claim) -> None:
        browser = signed_in(decided_claim.submitted_by)

        first, second = (browser.get(at("claim_decision_pdf", decided_claim)).content for _ in range(2))

        assert first == second
        assert len(first) > 10_000

    def test_what_the_review_finds_is_not_shown_before_it_is_decided(self, signed_in, sent_claim) -> None:
        found = {"reason": "no_document", "note": "secret", "by": make.manager(), "now": NOW + DAY}
        strike_line(line=sent_claim.transactions.first(), **found)
        waiting = make.proposal(claim=sent_claim, grounds="Not yet said to anybody.")
        browser = signed_in(sent_claim.submitted_by)

        before = browser.get(at("claim", sent_claim)).content.decode()
        make.decided(proposal=waiting)
        after = browser.get(at("claim", sent_claim)).content.decode()

        assert "Not yet said" not in before
        assert "No document" not in before
        assert "propose" not in before.lower()
        assert "Not yet said to anybody." in after
        assert 'No document: Line 1, <span class="money">USD 1,000.00</span>' in after

    def test_it_is_withdrawn_by_a_post_after_a_question(self, signed_in, sent_claim) -> None:
        browser = signed_in(sent_claim.submitted_by)

        assert "Withdraw claim" in browser.get(at("withdraw_claim", sent_claim)).content.decode()
        sent_claim.refresh_from_db()
        assert sent_claim.state == ClaimState.SUBMITTED

        for _ in range(2):
            browser.post(at("withdraw_claim", sent_claim))
        sent_claim.refresh_from_db()
        assert sent_claim.state == ClaimState.WITHDRAWN
        assert Event.objects.filter(verb="claim.withdrawn").count() == 1

    def test_a_decided_one_cannot_be_withdrawn_and_the_page_says_why(self, signed_in, decided_claim) -> None:
        browser = signed_in(decided_claim.submitted_by)

        page = browser.post(at("withdraw_claim", decided_claim), follow=True).content.decode()

        assert "cannot become withdrawn" in page

    def test_a_lapsed_one_can_be_read(self, signed_in, clock, reported) -> None:
        lapsed = make.draft(failure=reported, complete=True, sends_itself=False)
        lapse_claim(claim=lapsed, now=lapsed.closes_at + HOUR)
        clock(lapsed.closes_at + HOUR)

        page = signed_in(lapsed.opened_by).get(at("claim", lapsed)).content.decode()

        assert "Nothing in it was deleted." in page
        assert "Order 1" in page


class TestWhoseClaimItIs:
    """P26: another customer's claim is not found, whatever is asked of it; who may only read changes nothing."""

    GETS = [
        "claim",
        "claim_what_happened",
        "claim_transactions",
        "claim_evidence",
        "claim_contact",
        "claim_check",
        "claim_receipt",
        "claim_receipt_pdf",
        "claim_decision_pdf",
        "withdraw_claim",
    ]
    POSTS = ["claim_transactions", "claim_evidence", "claim_contact", "claim_check", "claim_declare", "withdraw_claim"]

    def test_another_customers_claim_is_not_found(self, signed_in, decided_claim) -> None:
        browser = signed_in(make.member())

        assert {browser.get(at(name, decided_claim)).status_code for name in self.GETS} == {404}
        assert {browser.post(at(name, decided_claim)).status_code for name in self.POSTS} == {404}
        assert browser.post(at("remove_transaction", decided_claim, 1)).status_code == 404

    def test_a_reader_reads_a_draft_and_can_change_nothing(self, signed_in, complete_draft) -> None:
        reader = signed_in(make.member(customer=complete_draft.contract.customer, roles=[Role.READ_ONLY]))
        before = Event.objects.count()

        pages = [reader.get(at(name, complete_draft)) for name in self.GETS[:6]]
        posts = [reader.post(at(name, complete_draft)) for name in self.POSTS]

        assert {page.status_code for page in pages} == {200}
        mains = [page.content.decode().partition("<main")[2].partition("</main>")[0] for page in pages]
        assert not any('btn-primary" type="submit"' in main for main in mains)
        assert {post.status_code for post in posts} == {403}
        assert Event.objects.count() == before

    def test_opening_a_page_changes_nothing(self, signed_in, complete_draft) -> None:
        browser = signed_in(complete_draft.opened_by)
        before = Event.objects.count()

        for name in self.GETS:
            browser.get(at(name, complete_draft))

        assert Event.objects.count() == before

    def test_without_the_token_of_the_form_nothing_is_done(self, signed_in, complete_draft) -> None:
        """P33."""
        browser = signed_in(complete_draft.opened_by, enforce_csrf_checks=True)

        assert {browser.post(at(name, complete_draft)).status_code for name in self.POSTS} == {403}


class TestTheListOfClaims:
    """X5: found in any writing of its reference, narrowed by state."""

    def test_it_is_found_and_narrowed(self, signed_in, sent_claim) -> None:
        begun = make.draft(failure=make.failure(contract=sent_claim.contract, began=NOW - 4 * DAY))
        browser = signed_in(sent_claim.submitted_by)

        def found(**asked: str) -> str:
            return browser.get(reverse("claim_list"), asked).content.decode()

        assert sent_claim.reference in found()
        assert begun.reference in found()
        assert begun.reference not in found(q=sent_claim.reference.replace("-", "").lower())
        assert sent_claim.reference not in found(state="draft")
        assert "No claim is found" in found(state="denied")

    def test_it_comes_in_pages(self, signed_in, draft) -> None:
        make.alike(claim=draft, how_many=25, closes_at=NOW + DAY)

        page = signed_in(draft.opened_by).get(reverse("claim_list"), {"page": "2"}).content.decode()

        assert "Page 2 of 2" in page
        assert draft.reference in page

    def test_none_says_why(self, signed_in) -> None:
        assert "No claim was begun" in signed_in(make.member()).get(reverse("claim_list")).content.decode()
