from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from entitlements.models import Event, Letter, Role
from sla.actions.claims import lapse_claim, submit_by_itself
from sla.actions.decisions import strike_line
from sla.models import Claim, ClaimState
from tests.factories import (
    DAY,
    HOUR,
    NOW,
    contract,
    decided,
    draft,
    failure,
    manager,
    member,
    proposal,
    sent_claim,
)

LINE = {
    "what": "Order 4711",
    "attempted_day": "2026-06-09",
    "attempted_time": "10:20",
    "revenue": "1,200.50",
    "expenses": "200.5",
}
SECOND = timedelta(seconds=1)


def at(name: str, claim: Claim, *more: Any) -> str:
    return reverse(name, args=[claim.reference, *more])


@pytest.fixture
def begun(db: None) -> Claim:
    """A draft with nothing in it but the report."""
    return draft()


@pytest.fixture
def complete(db: None) -> Claim:
    """A draft that could be sent; its failure was reported at NOW, its window ends on June 25 at 4:00 UTC."""
    return draft(complete=True)


class TestStarting:
    """S13, X9: a claim is begun once, by a post."""

    def test_it_begins_from_the_report_and_asks_nothing_of_it_again(self, signed_in) -> None:
        reported = failure(description="Nobody was alerted.")
        browser = signed_in(reported.reported_by)

        begun = browser.post(reverse("start_claim", args=[reported.reference]))

        claim = Claim.objects.get()
        assert begun.url == at("claim", claim)
        assert "Nobody was alerted." in browser.get(at("claim_what_happened", claim)).content.decode()

    def test_begun_twice_it_is_one_claim(self, signed_in) -> None:
        reported = failure()
        browser, url = signed_in(reported.reported_by), reverse("start_claim", args=[reported.reference])

        assert browser.post(url).url == browser.post(url).url
        assert Claim.objects.count() == 1

    def test_a_link_begins_nothing(self, signed_in) -> None:
        reported = failure()

        assert signed_in(reported.reported_by).get(reverse("start_claim", args=[reported.reference])).status_code == 405
        assert Claim.objects.count() == 0

    def test_after_the_window_the_reason_is_said_on_the_failures_page(self, signed_in, clock) -> None:
        reported = failure()
        browser = signed_in(reported.reported_by)
        clock(reported.closes_at)

        page = browser.post(reverse("start_claim", args=[reported.reference]), follow=True).content.decode()

        assert "The time to claim has ended." in page
        assert Claim.objects.count() == 0


class TestTheTasks:
    """C6, S13: each step says where it stands; deadline, reference and the last saving stand at the top of every one."""

    def test_an_empty_draft_cannot_be_checked_yet(self, signed_in, begun) -> None:
        tasks = signed_in(begun.opened_by).get(at("claim", begun)).context["tasks"]

        assert [task["state"] for task in tasks] == [
            "completed",
            "not_started",
            "not_started",
            "in_progress",
            "cannot_start",
        ]

    def test_a_complete_one_can(self, signed_in, complete) -> None:
        page = signed_in(complete.opened_by).get(at("claim", complete))

        assert [task["state"] for task in page.context["tasks"]] == ["completed"] * 4 + ["not_started"]
        assert "the claim sends itself" in page.content.decode()

    @pytest.mark.parametrize(
        "name",
        ["claim", "claim_what_happened", "claim_transactions", "claim_evidence", "claim_contact", "claim_check"],
    )
    def test_the_head_of_every_step(self, signed_in, begun, name) -> None:
        page = signed_in(begun.opened_by).get(at(name, begun)).content.decode()

        assert begun.reference in page
        assert "Wednesday, June 24, 2026, 11:59 p.m. Eastern Time (EDT, UTC−4)" in page
        assert "Saved " in page
        assert "not sent yet" in page

    @pytest.mark.parametrize("name", ["claim", "claim_check"])
    def test_the_sole_remedy_is_said_in_our_words(self, signed_in, complete, name) -> None:
        """S18."""
        page = signed_in(complete.opened_by).get(at(name, complete)).content.decode()

        assert 'data-clause="S18"' in page
        assert "there is no other remedy" in page


class TestLostTransactions:
    """S9, X4: what was lost, line by line; sums as people write them, and never guessed."""

    def test_a_line_is_added_and_listed(self, signed_in, begun) -> None:
        page = signed_in(begun.opened_by).post(at("claim_transactions", begun), LINE, follow=True).content.decode()

        line = begun.transactions.get()
        assert (line.revenue, line.expenses) == (Decimal("1200.50"), Decimal("200.50"))
        assert line.attempted_at == NOW - DAY + timedelta(minutes=20)
        assert "1,000.00" in page

    @pytest.mark.parametrize("typed", ["1,200.50", "1200.5", "1200", "1,200", " 1200.50 ", "0", "12,345,678.90"])
    def test_sums_that_can_be_read_in_one_way(self, signed_in, begun, typed) -> None:
        signed_in(begun.opened_by).post(at("claim_transactions", begun), LINE | {"revenue": typed})

        assert begun.transactions.get().revenue == Decimal(typed.strip().replace(",", ""))

    @pytest.mark.parametrize(
        "typed",
        [
            "1.200,50",
            "1.200",
            "12,00",
            "1,2345",
            "1 200.50",
            "-5",
            "1200.505",
            "USD 12",
            "1e3",
            "١٢",
            "",
            "nan",
            "9" * 16,
        ],
    )
    def test_sums_that_cannot_come_back_as_they_were_typed(self, signed_in, begun, typed) -> None:
        page = signed_in(begun.opened_by).post(at("claim_transactions", begun), LINE | {"revenue": typed})

        assert begun.transactions.count() == 0
        assert page.context["form"]["revenue"].value() == typed
        assert "Fill in" in page.content.decode() if not typed else "1,200.50" in page.content.decode()

    def test_one_outside_the_remedy_period_is_marked_and_taken(self, signed_in, begun) -> None:
        """S8: the first ten minutes of an outage are no part of it."""
        browser = signed_in(begun.opened_by)
        for clock_time in ("10:09", "10:10", "11:34", "11:35"):
            form = LINE | {"attempted_time": clock_time, "what": f"Order at {clock_time}"}
            page = browser.post(at("claim_transactions", begun), form, follow=True)

        assert [one.in_period for one in page.context["lines"]] == [False, True, True, False]
        assert page.content.decode().count("Outside the remedy period") == 2

    def test_one_in_the_future_is_refused(self, signed_in, begun) -> None:
        form = LINE | {"attempted_day": "2026-06-10", "attempted_time": "10:01"}

        page = signed_in(begun.opened_by).post(at("claim_transactions", begun), form)

        assert "cannot have been attempted in the future" in page.content.decode()

    def test_the_same_line_twice_is_one_line(self, signed_in, begun) -> None:
        """X9: a double click loses nothing and adds nothing."""
        browser = signed_in(begun.opened_by)
        for _ in range(2):
            browser.post(at("claim_transactions", begun), LINE)

        assert begun.transactions.count() == 1

    def test_a_line_is_taken_out_by_a_post_only(self, signed_in, begun) -> None:
        browser = signed_in(begun.opened_by)
        browser.post(at("claim_transactions", begun), LINE)
        url = at("remove_transaction", begun, 1)

        assert browser.get(url).status_code == 405
        assert begun.transactions.count() == 1

        browser.post(url)
        browser.post(url)

        assert begun.transactions.count() == 0

    def test_more_lines_take_no_more_queries(self, signed_in, begun) -> None:
        browser = signed_in(begun.opened_by)
        browser.post(at("claim_transactions", begun), LINE)
        with CaptureQueriesContext(connection) as few:
            browser.get(at("claim_check", begun))
        for n in range(5):
            browser.post(at("claim_transactions", begun), LINE | {"what": f"Order {n}"})

        with CaptureQueriesContext(connection) as many:
            browser.get(at("claim_check", begun))

        assert len(many) == len(few)

    def test_fields_that_nobody_asked_for_are_dropped(self, signed_in, begun, caplog) -> None:
        """P36."""
        signed_in(begun.opened_by).post(at("claim_transactions", begun), LINE | {"struck": "completed", "line": "9"})

        line = begun.transactions.get()
        assert (line.line, line.struck) == (1, "")
        assert "unknown_fields_dropped" in caplog.text


class TestContactAndAudit:
    """S13, S14: whom we may ask; the consent is a tick of its own and can be taken back."""

    CONTACT = {"name": "Ana Ortiz", "email": "ana@lakeside.example", "phone": ""}

    def test_it_is_saved_with_the_consent(self, signed_in, begun) -> None:
        form = self.CONTACT | {"audit_consent": "on", "sends_itself": "on"}

        signed_in(begun.opened_by).post(at("claim_contact", begun), form)

        begun.refresh_from_db()
        assert (begun.contact_name, begun.audit_consent_at, begun.sends_itself) == ("Ana Ortiz", NOW, True)

    def test_without_the_ticks_consent_and_switch_are_off(self, signed_in, complete) -> None:
        signed_in(complete.opened_by).post(at("claim_contact", complete), self.CONTACT)

        complete.refresh_from_db()
        assert (complete.audit_consent_at, complete.sends_itself, complete.sends_itself_at) == (None, False, None)

    @pytest.mark.parametrize("address", ["", "ana", "ana@x\r\nBcc: all@x.example"])
    def test_an_address_that_is_none_is_refused(self, signed_in, begun, address) -> None:
        """P38."""
        page = signed_in(begun.opened_by).post(at("claim_contact", begun), self.CONTACT | {"email": address})

        assert "email" in page.context["form"].errors


class TestChecking:
    """S8–S11, S13: every answer and file with its way back, the figures with their working, and who signs for whom."""

    def test_what_is_missing_is_named_with_where_to_put_it_right(self, signed_in, begun) -> None:
        page = signed_in(begun.opened_by).get(at("claim_check", begun)).content.decode()

        assert "No lost transaction is listed." in page
        assert "There is no evidence yet." in page
        assert "Your consent to an audit is open." in page
        assert f"Send claim {begun.reference}" not in page

    def test_the_figures_are_the_customers_and_open_to_their_working(self, signed_in, complete) -> None:
        page = signed_in(complete.opened_by).get(at("claim_check", complete)).content.decode()

        assert "Your figures, not a decision" in page
        assert "1 h 25 min" in page
        assert "2,000.00" in page
        assert "59,040.00" in page
        assert all(f'data-clause="{clause}"' in page for clause in ("S8", "S9", "S11"))

    def test_where_our_logs_know_nothing_the_customers_own_times_give_the_figures(self, signed_in) -> None:
        unknown = draft(failure=failure(logged=False), complete=True)

        page = signed_in(unknown.opened_by).get(at("claim_check", unknown)).content.decode()

        assert "1 h 25 min" in page
        assert "2,000.00" in page

    def test_a_late_alert_has_figures_too(self, signed_in) -> None:
        late = draft(failure=failure(kind="B", minutes=30), complete=True)

        page = signed_in(late.opened_by).get(at("claim_check", late)).content.decode()

        assert "(25 min)" in page

    def test_every_step_can_be_changed_from_here(self, signed_in, complete) -> None:
        page = signed_in(complete.opened_by).get(at("claim_check", complete)).content.decode()

        for name in ("claim_transactions", "claim_evidence", "claim_contact"):
            assert f'href="{at(name, complete)}"' in page

    def test_the_tick_says_who_signs_for_whom(self, signed_in, complete) -> None:
        page = signed_in(complete.opened_by).get(at("claim_check", complete)).content.decode()

        assert f"I, {complete.opened_by.name}, declare for {complete.contract.customer.name}" in page
        assert "Not sent yet." in page
        assert f"Send claim {complete.reference}" in page


class TestSending:
    """S13, T4, X9: received once, at the instant at which the request came, or not at all."""

    def test_it_is_received_at_the_clock_of_the_request(self, signed_in, complete, clock) -> None:
        clock(NOW + HOUR + 17 * SECOND)

        answer = signed_in(complete.opened_by).post(at("claim_check", complete), {"declared": "on"})

        complete.refresh_from_db()
        assert answer.url == at("claim_receipt", complete)
        assert complete.state == ClaimState.SUBMITTED
        assert complete.received_at == complete.declared_at == NOW + HOUR + 17 * SECOND
        assert complete.declared_by == complete.submitted_by == complete.opened_by

    def test_one_act_declares_and_sends(self, signed_in, complete) -> None:
        Claim.objects.filter(pk=complete.pk).update(declared_at=None, declared_by=None)

        signed_in(complete.opened_by).post(at("claim_check", complete), {"declared": "on"})

        verbs = (
            Event.objects.filter(matter=complete.reference, part_of=None).order_by("id").values_list("verb", flat=True)
        )
        assert list(verbs)[-2:] == ["claim.declared", "claim.sent"]

    def test_without_the_tick_it_is_not_sent(self, signed_in, complete) -> None:
        page = signed_in(complete.opened_by).post(at("claim_check", complete), {}).content.decode()

        complete.refresh_from_db()
        assert complete.is_draft
        assert "Tick the declaration before you send." in page
        assert "<title>Error: " in page

    def test_something_missing_is_named_and_nothing_is_declared(self, signed_in, begun) -> None:
        page = signed_in(begun.opened_by).post(at("claim_check", begun), {"declared": "on"}, follow=True)

        begun.refresh_from_db()
        assert begun.is_draft
        assert begun.declared_at is None
        assert "There is no evidence yet." in page.content.decode()

    def test_sent_twice_the_receipt_is_the_same(self, signed_in, complete, clock) -> None:
        browser = signed_in(complete.opened_by)
        first = browser.post(at("claim_check", complete), {"declared": "on"})
        clock(NOW + HOUR)

        second = browser.post(at("claim_check", complete), {"declared": "on"})

        complete.refresh_from_db()
        assert first.url == second.url
        assert complete.received_at == NOW
        assert Letter.objects.filter(kind="claim_received").count() == 1

    @pytest.mark.parametrize(("margin", "in_time"), [(-SECOND / 1_000_000, True), (0 * SECOND, False), (SECOND, False)])
    def test_at_the_deadline_it_is_late(self, signed_in, clock, margin, in_time) -> None:
        held_back = draft(complete=True, sends_itself=False)
        clock(held_back.closes_at + margin)

        signed_in(held_back.opened_by).post(at("claim_check", held_back), {"declared": "on"})

        held_back.refresh_from_db()
        assert (held_back.received_at is not None) is in_time

    def test_after_the_deadline_it_is_closed_with_the_moment_and_stays_readable(self, signed_in, clock) -> None:
        late = draft(complete=True, sends_itself=False)
        browser = signed_in(late.opened_by)
        clock(late.closes_at + 2 * HOUR)

        page = browser.post(at("claim_check", late), {"declared": "on"}, follow=True).content.decode()

        assert "The time to claim has ended." in page
        assert "Wednesday, June 24, 2026, 11:59 p.m. Eastern Time" in page
        assert "closed 2 hours ago" in page
        assert "ask for a waiver" in page
        assert "Order 1" in page
        assert "Lapsed" in page

    @pytest.mark.parametrize(
        "name", ["claim_transactions", "claim_evidence", "claim_contact", "claim_check", "claim_what_happened"]
    )
    def test_every_step_of_a_sent_claim_leads_to_the_claim_or_its_receipt(self, signed_in, name) -> None:
        sent = decided()

        assert signed_in(sent.opened_by).get(at(name, sent)).status_code == 302

    def test_declared_without_sending_it_sends_itself(self, signed_in, complete) -> None:
        """S13, T3."""
        Claim.objects.filter(pk=complete.pk).update(declared_at=None, declared_by=None, sends_itself_at=None)

        signed_in(complete.opened_by).post(at("claim_declare", complete), {"declared": "on"})

        complete.refresh_from_db()
        assert complete.is_draft
        assert complete.sends_itself_at == complete.closes_at - HOUR


class TestTheReceipt:
    """S13, P1: reference, time to the second, and every document with its hash; the same paper every time."""

    def test_it_states_what_was_received(self, signed_in) -> None:
        sent = sent_claim()

        page = signed_in(sent.submitted_by).get(at("claim_receipt", sent)).content.decode()

        assert "Wednesday, June 10, 2026, 11:00:00 a.m. Eastern Time (EDT, UTC−4)" in page
        assert sent.evidence.get().sha256 in page

    def test_a_claim_that_sent_itself_says_so(self, signed_in, complete, clock) -> None:
        moment = complete.sends_itself_at
        submit_by_itself(claim=complete, now=moment + 40 * DAY)

        page = signed_in(complete.opened_by).get(at("claim_receipt", complete)).content.decode()

        assert "by itself, one hour before its deadline" in page
        assert "Wednesday, June 24, 2026, 11:00:00 p.m." in page

    def test_a_draft_has_none(self, signed_in, complete) -> None:
        browser = signed_in(complete.opened_by)

        assert browser.get(at("claim_receipt", complete)).status_code == 404
        assert browser.get(at("claim_receipt_pdf", complete)).status_code == 404

    def test_the_paper_is_the_same_bytes_also_after_later_evidence_and_the_decision(self, signed_in, clock) -> None:
        sent = sent_claim()
        browser = signed_in(sent.submitted_by)
        first = browser.get(at("claim_receipt_pdf", sent))

        decided(proposal=proposal(claim=sent))
        clock(NOW + 9 * DAY)
        again = browser.get(at("claim_receipt_pdf", sent))

        assert first.content == again.content
        assert first.content.startswith(b"%PDF-")
        assert first["Content-Disposition"] == f'attachment; filename="{sent.reference}-receipt.pdf"'

    def test_what_somebody_typed_is_never_run_as_markup(self, signed_in) -> None:
        odd = draft(failure=failure(description="#panic() *bold* $x$ <b> @ref [ ] \\ // `code`"), complete=True)
        sent = sent_claim(draft=odd)

        assert signed_in(sent.submitted_by).get(at("claim_receipt_pdf", sent)).status_code == 200


class TestTheClaimAfterSending:
    """C8, S19: its state in a sentence, what happened, and the decision with every figure."""

    def test_the_state_says_who_has_the_next_move(self, signed_in) -> None:
        sent = sent_claim()

        page = signed_in(sent.submitted_by).get(at("claim", sent)).content.decode()

        assert "We have received your claim and will check it. You need to do nothing." in page
        assert "Claim sent and received" in page

    def test_a_decision_opens_to_its_working(self, signed_in) -> None:
        credited = decided()

        page = signed_in(credited.submitted_by).get(at("claim", credited)).content.decode()

        assert page.count("USD 2,000.00") >= 4
        assert "Realized loss" in page
        assert "by PagerDuty" in page
        assert 'data-clause="S12"' in page or 'data-clause="S19"' in page

    def test_its_paper_prints_the_same_tree_in_the_same_bytes(self, signed_in) -> None:
        credited = decided()
        browser = signed_in(credited.submitted_by)

        first, second = (browser.get(at("claim_decision_pdf", credited)).content for _ in range(2))

        assert first == second
        assert len(first) > 10_000

    def test_what_the_review_finds_is_not_shown_before_it_is_decided(self, signed_in) -> None:
        sent = sent_claim()
        strike_line(line=sent.transactions.first(), reason="no_document", note="secret", by=manager(), now=NOW + DAY)
        waiting = proposal(claim=sent, grounds="Not yet said to anybody.")
        browser = signed_in(sent.submitted_by)

        before = browser.get(at("claim", sent)).content.decode()
        decided(proposal=waiting)
        after = browser.get(at("claim", sent)).content.decode()

        assert "Not yet said" not in before
        assert "No document" not in before
        assert "propose" not in before.lower()
        assert "Not yet said to anybody." in after
        assert "No document" in after

    def test_it_is_withdrawn_by_a_post_after_a_question(self, signed_in, clock) -> None:
        sent = sent_claim()
        browser = signed_in(sent.submitted_by)

        assert "Withdraw claim" in browser.get(at("withdraw_claim", sent)).content.decode()
        sent.refresh_from_db()
        assert sent.state == ClaimState.SUBMITTED

        for _ in range(2):
            browser.post(at("withdraw_claim", sent))
        sent.refresh_from_db()
        assert sent.state == ClaimState.WITHDRAWN
        assert Event.objects.filter(verb="claim.withdrawn").count() == 1

    def test_a_decided_one_cannot_be_withdrawn_and_the_page_says_why(self, signed_in) -> None:
        credited = decided()

        page = signed_in(credited.submitted_by).post(at("withdraw_claim", credited), follow=True).content.decode()

        assert "cannot become withdrawn" in page

    def test_a_lapsed_one_can_be_read(self, signed_in, clock) -> None:
        lapsed = draft(complete=True, sends_itself=False)
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

    def test_another_customers_claim_is_not_found(self, signed_in) -> None:
        theirs = decided()
        browser = signed_in(member())

        assert {browser.get(at(name, theirs)).status_code for name in self.GETS} == {404}
        assert {browser.post(at(name, theirs)).status_code for name in self.POSTS} == {404}
        assert browser.post(at("remove_transaction", theirs, 1)).status_code == 404

    def test_a_reader_reads_a_draft_and_can_change_nothing(self, signed_in, complete) -> None:
        reader = signed_in(member(customer=complete.contract.customer, roles=[Role.READ_ONLY]))
        before = Event.objects.count()

        pages = [reader.get(at(name, complete)) for name in self.GETS[:6]]
        posts = [reader.post(at(name, complete)) for name in self.POSTS]

        assert {page.status_code for page in pages} == {200}
        assert not any('btn-primary" type="submit"' in page.content.decode().partition("<main")[2] for page in pages)
        assert {post.status_code for post in posts} == {403}
        assert Event.objects.count() == before

    def test_opening_a_page_changes_nothing(self, signed_in, complete) -> None:
        browser = signed_in(complete.opened_by)
        before = Event.objects.count()

        for name in self.GETS:
            browser.get(at(name, complete))

        assert Event.objects.count() == before

    def test_without_the_token_of_the_form_nothing_is_done(self, signed_in, complete) -> None:
        """P33."""
        browser = signed_in(complete.opened_by, enforce_csrf_checks=True)

        assert {browser.post(at(name, complete)).status_code for name in self.POSTS} == {403}


class TestTheListOfClaims:
    """X5: found in any writing of its reference, narrowed by state."""

    def test_it_is_found_and_narrowed(self, signed_in) -> None:
        lakeside = contract()
        sent = sent_claim(contract=lakeside)
        begun = draft(failure=failure(contract=lakeside, began=NOW - 4 * DAY))
        browser = signed_in(sent.submitted_by)

        def found(**asked: str) -> str:
            return browser.get(reverse("claim_list"), asked).content.decode()

        assert sent.reference in found()
        assert begun.reference in found()
        assert begun.reference not in found(q=sent.reference.replace("-", "").lower())
        assert sent.reference not in found(state="draft")
        assert "No claim is found" in found(state="denied")

    def test_it_comes_in_pages(self, signed_in) -> None:
        lakeside = contract()
        first = draft(failure=failure(contract=lakeside))
        for _ in range(25):
            Claim.objects.create(
                reference=f"CLM-{_:04}-TEST",
                contract=lakeside,
                opened_at=NOW,
                opened_by=first.opened_by,
                saved_at=NOW,
                closes_at=NOW + DAY,
            )

        page = signed_in(first.opened_by).get(reverse("claim_list"), {"page": "2"}).content.decode()

        assert "Page 2 of 2" in page
        assert first.reference in page

    def test_none_says_why(self, signed_in) -> None:
        assert "No claim was begun" in signed_in(member()).get(reverse("claim_list")).content.decode()
