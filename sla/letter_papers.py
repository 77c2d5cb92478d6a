"""The papers that go with letters: the receipt with N11, the decision with N16, the memo with N17, the election with N18, N20 and N21, the
same bytes as in the portal."""

from __future__ import annotations

from collections.abc import Iterator

from entitlements.models import Letter
from sla import election_papers, memos, pdf, shift_memos
from sla.models import Claim, CreditEntry, Election, Proposal, ShiftMemo


def papers_of(letter: Letter) -> Iterator[tuple[str, bytes]]:
    """Their names, and each as PDF; of other letters none."""
    if letter.kind == "claim_received":
        for claim in Claim.objects.select_related("contract__customer").filter(reference=letter.matter):
            yield f"{letter.matter}-receipt.pdf", pdf.receipt(claim)
    if letter.kind in ("election_notice", "election_confirmed", "election_chosen", "election_decided"):
        for election in Election.objects.select_related("contract__customer", "withdrawal").filter(
            reference=letter.matter
        ):
            yield f"{letter.matter}.pdf", election_papers.paper_of(election)
    if letter.kind == "election_decided":
        of_a_choice = {"choice": letter.point.removeprefix("choice ")}
        told = of_a_choice if letter.point else {"issued_at__lte": letter.written_at}
        for memo in ShiftMemo.objects.select_related("election__contract").filter(
            election__reference=letter.matter, **told
        ):
            yield f"{memo.memo_number}.pdf", shift_memos.paper_of(memo)
    if letter.kind == "claim_decided":
        decided = Proposal.objects.select_related("claim__contract__customer", "edition")
        for proposal in decided.filter(claim__reference=letter.matter, approved_at=letter.deadline):
            yield f"{letter.matter}-decision.pdf", pdf.decision(proposal)
    if letter.kind in ("credit_posted", "credit_changed") and letter.deadline:
        lines = CreditEntry.objects.filter(memo__isnull=False, credit__claim__reference=letter.matter)
        for entry in memos.with_all_of_it(lines.filter(posted_at=letter.deadline)):
            yield f"{entry.memo_number}.pdf", memos.paper_of(entry)
