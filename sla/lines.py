"""The lines of a claim as a reviewer goes through them: some found of many, by what the rules and the reviewers say of each (S9).

One question each, however many lines there are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, DecimalField, F, Q, QuerySet, Sum

from entitlements import wording
from entitlements.rules.refusals import Refusal
from entitlements.rules.spans import Span
from sla.assessment import what_counts
from sla.loss_stated import UNDOCUMENTED, Alike, alike, inside
from sla.models import Claim, LostTransaction

STANDS = {
    "": "All of them",
    "counts": "Those that count",
    "undocumented": "Those that count and name no document",
    "struck": "Struck out by us",
    "outside": "Outside the remedy period",
    "kept": "Kept, with a reason",
}
_PROFIT = F("revenue") - F("expenses")
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Sought:
    """Which lines: by their words, how they stand (a key of `STANDS`), and their profit, both ends included."""

    text: str = ""
    stands: str = ""
    least: Decimal | None = None
    most: Decimal | None = None


@dataclass(frozen=True, slots=True)
class LinesSum:
    """How many lines, and what they come to."""

    lines: int
    profit: Decimal


@dataclass(frozen=True, slots=True)
class OfDocument:
    """How many of the lines that count name a document, and what they come to; without one it is empty."""

    document: str
    lines: int
    profit: Decimal


def remedy_of(claim: Claim, now: datetime) -> tuple[Span, ...]:
    """S8: the remedy periods that the lines are judged by; they do not depend on the lines."""
    return what_counts(claim, now=now).remedy


def found(claim: Claim, sought: Sought, remedy: Iterable[Span]) -> QuerySet[LostTransaction]:
    """The lines that are sought, in their order, each with its `profit_stated`."""
    lines = LostTransaction.objects.filter(claim=claim).annotate(profit_stated=_PROFIT).order_by("line")
    if sought.text:
        named = Q(what__icontains=sought.text)
        lines = lines.filter(named | Q(line=int(sought.text)) if sought.text.isdecimal() else named)
    if sought.least is not None:
        lines = lines.filter(profit_stated__gte=sought.least)
    if sought.most is not None:
        lines = lines.filter(profit_stated__lte=sought.most)
    return _standing(lines, sought.stands, inside(remedy))


def _standing(lines: QuerySet[LostTransaction], stands: str, within: Q) -> QuerySet[LostTransaction]:
    match stands:
        case "counts":
            return lines.filter(within, struck="")
        case "undocumented":
            return lines.filter(within, UNDOCUMENTED, struck="")
        case "struck":
            return lines.exclude(struck="")
        case "outside":
            return lines.exclude(within)
        case "kept":
            return lines.exclude(kept_note="")
    return lines


def summed(lines: QuerySet[LostTransaction]) -> LinesSum:
    """Of these lines, however they stand: the profit as it is stated."""
    whole = lines.order_by().aggregate(lines=Count("pk"), profit=Sum(_PROFIT, output_field=DecimalField()))
    return LinesSum(whole["lines"], whole["profit"] or _NOTHING)


def documents_of(claim: Claim, remedy: Iterable[Span]) -> list[OfDocument]:
    """S9: which documents the counted amounts name; those that name none last. A claim by the rate has no such amounts (S10)."""
    return [] if claim.method == Claim.Method.RATE else by_document(alike(claim, remedy))


def by_document(lines: Iterable[Alike]) -> list[OfDocument]:
    """The same of lines that are summed already, in their order."""
    counted = [one for one in lines if one.within and not one.struck]
    return [
        OfDocument(document or "", sum(one.count for one in of_it), sum((one.profit for one in of_it), _NOTHING))
        for document in dict.fromkeys(one.document for one in counted)
        for of_it in [[one for one in counted if one.document == document]]
    ]


def reason_against_undocumented(documents: Iterable[OfDocument]) -> Refusal | None:
    """S9, S19: why these amounts are not credited as they stand: some name no document that shows them. None if each does."""
    bare = sum(one.lines for one in documents if not one.document)
    if not bare:
        return None
    return Refusal(
        "S9",
        "names_no_document",
        f"No document is named for {wording.counted(bare, 'line')} of those that count.",
        "Name the document that shows them, many at once, or strike them out.",
    )
