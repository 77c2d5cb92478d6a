"""Every letter of the claim path, rendered as it goes and compared whole; its HTML says the same (N8–N11, N15–N17)."""

from __future__ import annotations

import html
import re

from entitlements import notices
from entitlements.models import Letter, LetterState
from entitlements.rules.working import Step
from entitlements.wording import working_in_brief
from sla.actions.claims import lapse_claim, submit_by_itself
from sla.actions.failures import close_failure
from sla.letters import preview_of_decision
from sla.models import Claim, Failure
from sla.reminders import remind_of_draft, remind_of_failure
from tests import credit_factories as ledger
from tests.factories import HOUR, NOW, contract, customer, decided, draft, failure, member, proposal, sent_claim
from tests.shared import shared

FOOT = """
PagerDuty Customer Success

--
Reference: {reference}
You can answer this letter; a person reads support@example.com.
This letter belongs to your contract, so it cannot be switched off.
"""
FOOT_OF_A_REMINDER = FOOT.replace(
    "This letter belongs to your contract, so it cannot be switched off.",
    "Reminders like this one can be switched off: https://support.example.com/account/reminders/",
)
REMEDY = "A service credit is all that the terms give for a delivery failure: there is no other remedy for it."


@shared
def reported() -> Failure:
    """Reported on June 10 at seven in the morning, Pacific Time, for the day before."""
    return failure(
        contract=contract(customer=customer(name="Lakeside & Sons"), zone="America/Los_Angeles"),
        description="A secret of the customer.",
    )


def rendered(kind: str) -> Letter:
    letter = Letter.objects.filter(kind=kind).latest("id")
    notices.render(letter)
    return letter


def lines(letter: Letter) -> str:
    """The letter's text without blanks at line ends, which no reader sees."""
    return "\n".join(line.rstrip() for line in letter.text.splitlines()) + "\n"


def words_of_text(letter: Letter) -> list[str]:
    body = letter.text.partition("\nPagerDuty Customer Success")[0].rsplit("\n", 2)[0]
    return [word for word in body.rsplit("\n", 1)[0].split() if word != "-"]


def words_of_html(letter: Letter) -> list[str]:
    body = letter.html.partition("</h1>")[2].partition('<a class="button"')[0]
    inline = re.sub(r"</?(time|span|b|a)\b[^>]*>", "", body)
    return [word for word in html.unescape(re.sub(r"<[^>]+>", " ", inline)).split() if word != "-"]


class TestTheReportIsReceived:
    """S13, N8."""

    def test_it_is_this_letter(self, reported: Failure) -> None:
        letter = rendered("failure_reported")
        ref = reported.reference

        assert letter.subject == f"[{ref}] Delivery failure — claim by Wed Jun 24, 2026, 11:59 p.m. PDT"
        assert lines(letter) == (
            f"""\
Claim by Wednesday, June 24, 2026, 11:59 p.m. Pacific Time (PDT, UTC−7) — 14 days 17 hours left.
We received your report Wednesday, June 10, 2026, 7:00:00 a.m. Pacific Time (PDT, UTC−7).

What failed: The service was not available
Began, as you stated: Tuesday, June 9, 2026, 7:00 a.m. Pacific Time (PDT, UTC−7)
Ended, as you stated: Tuesday, June 9, 2026, 8:35 a.m. Pacific Time (PDT, UTC−7)

It became a failure on Tuesday, June 9, 2026, 7:30:00 a.m. Pacific Time (PDT, UTC−7). The days of the time to claim count from that day; the page shows how.
A report is not a claim. Begin the claim on the page below; the calendar file with this letter holds its last hour.

{REMEDY}

Start the claim:
https://support.example.com/failures/{ref}/
"""
            + FOOT.format(reference=ref)
        )


class TestTheClaimIsNotBegun:
    """T1, N9."""

    def test_it_is_this_letter_under_the_same_subject(self, reported: Failure) -> None:
        remind_of_failure(failure=reported, now=reported.remind_at)
        letter, ref = rendered("claim_reminder"), reported.reference

        assert letter.subject == rendered("failure_reported").subject
        assert lines(letter) == (
            f"""\
Claim by Wednesday, June 24, 2026, 11:59 p.m. Pacific Time (PDT, UTC−7) — 7 days left.
You reported {ref}, and there is no claim for it yet.

A claim needs the transactions that were lost, a document that shows them, and somebody whom we may ask. You can begin it now and finish it later; only what is sent by the deadline counts.

{REMEDY}

Start the claim:
https://support.example.com/failures/{ref}/
"""
            + FOOT_OF_A_REMINDER.format(reference=ref)
        )


class TestTheDraftIsNotSent:
    """T1, N10."""

    def test_it_names_what_is_missing(self, reported: Failure) -> None:
        begun = draft(failure=reported)
        remind_of_draft(claim=begun, now=begun.remind_at)
        letter, ref = rendered("draft_reminder"), begun.reference

        assert letter.subject == f"[{ref}] Claim not sent yet — closes Wed Jun 24, 2026, 11:59 p.m. PDT"
        assert lines(letter) == (
            f"""\
Send the claim by Wednesday, June 24, 2026, 11:59 p.m. Pacific Time (PDT, UTC−7) — 7 days left.
{ref} is a draft. A draft is not a claim: only what is sent by the deadline counts.

What is missing:
- No lost transaction is listed.
- There is no evidence yet.
- Nobody has declared that the answers are true.

Continue the claim:
https://support.example.com/claims/{ref}/
"""
            + FOOT.format(reference=ref)
        )

    def test_a_complete_one_is_told_that_it_sends_itself(self, reported: Failure) -> None:
        complete = draft(failure=reported, complete=True)
        remind_of_draft(claim=complete, now=complete.remind_at)

        assert (
            "Nothing is missing. It only has to be sent.\n"
            "If nobody sends it, it sends itself Wednesday, June 24, 2026, 11:00:00 p.m. Pacific Time (PDT, UTC−7).\n"
        ) in rendered("draft_reminder").text


class TestTheWindowEnded:
    """S13, N15."""

    TEXT = """\
The time to claim: Wednesday, June 24, 2026, 11:59 p.m. Pacific Time (PDT, UTC−7) — closed 1 hour ago.
{what}

The terms give a number of days from the day of the failure, and a claim that reaches us later does not count.
{failed}If there is a reason why it could not be sent in time, answer this letter and name it. A waiver needs the consent of two people here.

See what is kept:
https://support.example.com/{page}/{ref}/
"""

    def test_of_a_report(self, reported: Failure) -> None:
        Failure.objects.update(remind_at=None)  # the clock was on time
        close_failure(failure=reported, now=reported.closes_at + HOUR)
        letter, ref = rendered("window_ended"), reported.reference

        assert letter.subject == f"[{ref}] The time to claim has ended — Wed Jun 24, 2026, 11:59 p.m. PDT"
        kept = f"No claim was sent for {ref}. Your report is kept."
        assert lines(letter) == self.TEXT.format(what=kept, failed="", page="failures", ref=ref) + FOOT.format(
            reference=ref
        )

    def test_of_a_draft_and_after_a_reminder_that_could_not_be_sent(self, reported: Failure) -> None:
        begun = draft(failure=reported)
        remind_of_draft(claim=begun, now=begun.remind_at)
        Letter.objects.filter(kind="draft_reminder").update(state=LetterState.FAILED)
        Claim.objects.update(remind_at=None)
        lapse_claim(claim=begun, now=begun.closes_at + HOUR)
        letter, ref = rendered("window_ended"), begun.reference

        kept = f"Your draft {ref} was not sent. Nothing in it was deleted; you can read it on the page below."
        failed = """
Reminders that we owed you and that did not reach you in time; say so if you write to us:
- 7 days before (Thu Jun 18, 2026, 12:00 a.m. PDT): the letter could not be sent

"""
        assert lines(letter) == self.TEXT.format(what=kept, failed=failed, page="claims", ref=ref) + FOOT.format(
            reference=ref
        )


class TestTheClaimIsReceived:
    """S13, N11."""

    def test_it_is_this_letter(self, reported: Failure) -> None:
        sent = sent_claim(failure=reported)
        letter, ref = rendered("claim_received"), sent.reference

        assert letter.subject == f"[{ref}] Claim received — Wed Jun 10, 2026, 8:00:00 a.m. PDT"
        assert lines(letter) == (
            f"""\
We received your claim Wednesday, June 10, 2026, 8:00:00 a.m. Pacific Time (PDT, UTC−7).
The time to claim: Wednesday, June 24, 2026, 11:59 p.m. Pacific Time (PDT, UTC−7) — 14 days 16 hours left.

The documents that came with it:
- List of lost orders, 20 bytes
  SHA-256 {sent.evidence.get().sha256}

We check the claim against our logs and your documents, and write to your contact with the decision, or with a question first. You need to do nothing. Documents can still be added until the time to claim ends.

{REMEDY}

See the claim:
https://support.example.com/claims/{ref}/
"""
            + FOOT.format(reference=ref)
        )

    def test_one_that_sent_itself_says_so(self, reported: Failure) -> None:
        complete = draft(failure=reported, complete=True)
        submit_by_itself(claim=complete, now=complete.sends_itself_at + 100 * HOUR)

        letter = rendered("claim_received")
        assert "Nobody had sent it, and nothing was missing: it sent itself" in letter.text
        assert letter.subject.endswith("Wed Jun 24, 2026, 11:00:00 p.m. PDT")


class TestTheDecision:
    """S19, N16: four figures, and the working as it was frozen."""

    def test_it_is_this_letter(self, reported: Failure) -> None:
        claim = decided(proposal=proposal(claim=sent_claim(failure=reported)))
        frozen = Step.from_json(claim.proposals.get().working)
        working = "\n".join(line.rstrip() for line in working_in_brief(frozen, claim.contract.tz, "USD"))
        letter, ref = rendered("claim_decided"), claim.reference

        assert letter.subject == f"[{ref}] Decision on your claim — Fri Jun 12, 2026, 7:00 a.m. PDT"
        assert "Realized loss (S9): 2,000.00" in working
        assert lines(letter) == (
            f"""\
We approved your claim {ref} on Friday, June 12, 2026, 7:00:00 a.m. Pacific Time (PDT, UTC−7).
The outage is in our logs and the orders are documented (S2, S9).

Claimed: USD 2,000.00
Assessed: USD 2,000.00
Capped: USD 2,000.00: the loss itself, the least of the three bounds
Credited: USD 2,000.00

The credit is posted at once, and a letter of its own confirms it.
If you disagree, answer this letter and say why: it reaches a person.

How the figures came about; each opens to its whole working on the claim's page, and the PDF there prints it:
{working}

{REMEDY}

See the decision:
https://support.example.com/claims/{ref}/
"""
            + FOOT.format(reference=ref)
        )

    def test_a_denial_names_its_grounds_and_credits_nothing(self, reported: Failure) -> None:
        denial = proposal(claim=sent_claim(failure=reported), outcome="deny", grounds="Nothing was lost (S9).")
        ref = decided(proposal=denial).reference

        text = rendered("claim_decided").text

        assert text.startswith(f"We denied your claim {ref} on Friday, June 12, 2026")
        assert "Nothing was lost (S9)." in text
        assert "Credited: none" in text
        assert "No credit comes of it." in text


class TestTheCreditIsPosted:
    """S12, N17."""

    def test_it_is_this_letter(self, reported: Failure) -> None:
        claim = decided(proposal=proposal(claim=sent_claim(failure=reported)))
        letter, credit = rendered("credit_posted"), claim.credits.get().reference

        assert letter.subject == f"[{credit}] Credit of USD 2,000.00 posted — Fri Jun 12, 2026, 7:00 a.m. PDT"
        assert lines(letter) == (
            f"""\
The credit {credit} of USD 2,000.00 was posted Friday, June 12, 2026, 7:00:00 a.m. Pacific Time (PDT, UTC−7).
It belongs to your claim {claim.reference}, and it is the one credit for its cause.
Our credit memo is attached. The credit is taken off your next invoices; a letter tells you of each.

You need to do nothing.

See the credit:
https://support.example.com/credits/{credit}/
"""
            + FOOT.format(reference=claim.reference)
        )


class TestALineOfTheLedger:
    """S19, N17: applied, undone, corrected; each letter says what is left."""

    def test_an_application_is_this_letter(self, reported: Failure) -> None:
        granted = ledger.credit(claim=decided(proposal=proposal(claim=sent_claim(failure=reported))))
        ledger.posted(ledger.application(of=granted, amount="500.00", invoice="INV-2026-0711"))
        letter = rendered("credit_changed")

        assert letter.subject == (
            f"[{granted.reference}] USD 500.00 applied to an invoice — Sat Jun 13, 2026, 7:00 a.m. PDT"
        )
        assert lines(letter) == (
            f"""\
USD 500.00 applied to an invoice: credit {granted.reference}, Saturday, June 13, 2026, 7:00:00 a.m. Pacific Time (PDT, UTC−7).

Invoice: INV-2026-0711
Left of the credit: USD 1,500.00

The invoice is less by this sum.
If this is not right, answer this letter and say why: it reaches a person.

See the credit:
https://support.example.com/credits/{granted.reference}/
"""
            + FOOT.format(reference=granted.claim.reference)
        )
        assert words_of_html(letter) == words_of_text(letter)

    def test_a_reversal_gives_its_reason_and_has_a_memo(self, reported: Failure) -> None:
        granted = ledger.credit(claim=decided(proposal=proposal(claim=sent_claim(failure=reported))))
        ledger.posted(ledger.reversal(of=granted.entries.get()))
        letter = rendered("credit_changed")

        assert "Credit of USD 2,000.00 reversed" in letter.subject
        assert "Why: Posted twice." in letter.text
        assert "Left of the credit: USD 0.00" in letter.text
        assert words_of_html(letter) == words_of_text(letter)


@shared
def letters(reported: Failure) -> list[Letter]:
    """One of each kind, rendered."""
    lakeside = reported.contract
    remind_of_failure(failure=reported, now=reported.remind_at)
    reported.refresh_from_db()
    close_failure(failure=reported, now=reported.closes_at + HOUR)
    begun = draft(failure=failure(contract=lakeside, kind="B", minutes=None))
    remind_of_draft(claim=begun, now=begun.remind_at)
    lapse_claim(claim=begun, now=begun.closes_at + HOUR)
    complete = draft(failure=failure(contract=lakeside, kind="B"), complete=True)
    remind_of_draft(claim=complete, now=complete.remind_at)
    sent = sent_claim(failure=failure(contract=lakeside, began=reported.began_at - 50 * HOUR))
    decided(proposal=proposal(claim=sent, grounds="It is <b>documented</b> & counts."))
    written = list(Letter.objects.exclude(person__is_staff=True).order_by("id"))
    for letter in written:
        notices.render(letter)
    return written


class TestEveryLetter:
    """What holds of all of them: both forms say the same, with nothing personal, and no link that acts."""

    def test_there_is_one_of_each_kind(self, letters: list[Letter]) -> None:
        assert {letter.kind for letter in letters} == {
            *("failure_reported", "claim_reminder", "draft_reminder", "window_ended"),
            *("claim_received", "claim_decided", "credit_posted"),
        }

    def test_html_and_text_say_the_same(self, letters: list[Letter]) -> None:
        for letter in letters:
            assert words_of_html(letter) == words_of_text(letter), letter.kind

    def test_neither_has_personal_data_nor_the_name_of_a_file(self, letters: list[Letter]) -> None:
        people = {person for letter in letters for person in (letter.person.name, letter.addressee)}
        for letter in letters:
            for secret in (*people, "orders.csv", "Order 1", "secret", "+1 212"):
                assert secret not in letter.text, (letter.kind, secret)
                assert secret not in letter.html, (letter.kind, secret)

    def test_the_deadline_stands_in_the_first_two_lines_where_there_is_one(self, letters: list[Letter]) -> None:
        for letter in letters:
            if letter.kind not in ("claim_decided", "credit_posted"):
                assert "11:59 p.m. Pacific Time" in "\n".join(letter.text.splitlines()[:2]), letter.kind

    def test_what_somebody_typed_is_escaped_in_html_and_plain_in_text(self, letters: list[Letter]) -> None:
        letter = next(one for one in letters if one.kind == "claim_decided")

        assert "It is <b>documented</b> & counts." in letter.text
        assert "It is &lt;b&gt;documented&lt;/b&gt; &amp; counts." in letter.html

    def test_the_text_has_no_hard_spaces_and_the_html_no_script_or_foreign_image(self, letters: list[Letter]) -> None:
        for letter in letters:
            assert "\xa0" not in letter.text
            assert "<script" not in letter.html
            assert "<img" not in letter.html


class TestWhoeverHasLeft:
    """The letters of a matter go to the customer's people of today, whoever began it."""

    def test_gets_none_about_what_they_reported_or_opened(self, db: None) -> None:
        acme = contract()
        left, owner = member(customer=acme.customer), member(customer=acme.customer)
        reported, second = failure(contract=acme, by=left), failure(contract=acme, by=left)
        claim = draft(failure=second, complete=True, by=left)
        left.memberships.update(left_at=NOW, left_by=left)

        remind_of_failure(failure=reported, now=reported.remind_at)
        remind_of_draft(claim=claim, now=claim.remind_at)
        submit_by_itself(claim=claim, now=claim.sends_itself_at)

        kinds = ("claim_reminder", "draft_reminder", "claim_received")
        told = Letter.objects.exclude(kind="failure_reported")
        assert set(told.values_list("kind", "addressee")) == {(kind, owner.email) for kind in kinds}

    def test_a_decision_can_be_looked_at_when_nobody_is_left(self, db: None) -> None:
        waiting = proposal()
        waiting.claim.contract.customer.memberships.update(left_at=NOW, left_by=waiting.proposed_by)

        assert preview_of_decision(waiting, now=NOW).text
