"""The memo of a shift credit as a paper with its number (S17, S18), the same bytes whenever it is asked for, and who sees which."""

from __future__ import annotations

from django.db.models import QuerySet

from entitlements import pdf
from entitlements.access import Visitor, customers_of, may_manage
from entitlements.links import link
from entitlements.pdf import Facts, section
from entitlements.rules.working import Step
from entitlements.wording import moment_in_words, money_in_words
from entitlements.wording import weekday_in_words as day_words
from sla.models import ShiftMemo
from sla.pdf import step_as_printed

WHAT_FOR = (
    "It is what is left over of what was paid ahead, since the plan is a lower one from the day of effect on. It is no credit for a loss, "
    "and takes nothing from one: failures before that day stay under the Enterprise terms."
)

WHAT_FOR_LESS = (
    "It takes back what an earlier memo of this election credited, all or a part of it, since a choice in writing that was received in "
    "time is entered now, and counts as if it had been entered at once. It takes nothing from a credit for a loss."
)


def shift_memos_visible_to(user: Visitor) -> QuerySet[ShiftMemo]:
    """A customer's people see those of their own customers; a manager sees all."""
    found = ShiftMemo.objects.select_related("election__contract")
    return found if may_manage(user) else found.filter(customer__in=customers_of(user))


def paper_of(memo: ShiftMemo) -> bytes:
    """The memo as PDF; its election has taken effect."""
    election = memo.election
    working = step_as_printed(Step.from_json(election.working), election.tz) if election.working else None
    return pdf.paper(
        title=title_of(memo),
        reference=memo.memo_number,
        address=link("election", election.reference),
        at=memo.issued_at,
        facts=facts_of(memo),
        sections=[
            section("What it is for", text=[WHAT_FOR_LESS if memo.amount < 0 else WHAT_FOR]),
            section(f"How the sum came about, sums in {memo.currency}", working=working),
        ],
    )


def title_of(memo: ShiftMemo) -> str:
    """What the paper is: one by which the sum is less is no credit."""
    kind = "Correction of a credit memo:" if memo.amount < 0 else "Credit memo"
    return f"{kind} {memo.memo_number}"


def facts_of(memo: ShiftMemo) -> Facts:
    """What page and paper say of it."""
    election = memo.election
    assert election.effect_day
    facts = {
        "Number": memo.memo_number,
        "To": memo.made_out_to,
        "What": what_of(memo),
        "Sum": money_in_words(memo.amount, memo.currency),
        "Election": election.reference,
        "Order form": election.contract.order_form,
        "Day of effect": day_words(election.effect_day),
        "Issued": moment_in_words(memo.issued_at, election.tz),
    }
    return list(facts.items())


def what_of(memo: ShiftMemo) -> str:
    """In a few words: what it credits, or takes back."""
    if memo.choice_id is None:
        return "Shift credit"
    more = "more by" if memo.amount > 0 else "taken back by"
    return f"Shift credit, {more} a choice in writing that was received in time"
