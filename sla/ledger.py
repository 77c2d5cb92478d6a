"""A credit, and a customer's ledger, as pages show them: every line with how it came about and what was left after it (M6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate

from django.db.models import QuerySet

from sla.models import Credit, CreditEntry
from sla.wording import line_of_ledger


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """A line, with the balance after it and what of it still stands after what undoes or corrects it."""

    entry: CreditEntry
    balance: Decimal
    stands: Decimal

    @property
    def what(self) -> str:
        corrected = self.entry.corrects.kind if self.entry.corrects else ""
        return line_of_ledger(self.entry.kind, self.entry.amount, self.entry.currency, corrected)

    @property
    def can_be_changed(self) -> bool:
        """S19: a grant or an application, as long as something of it stands."""
        return self.entry.corrects_id is None and self.stands != 0


def lines_of(credit: Credit) -> list[LedgerLine]:
    """All lines of one credit, in the order in which they were posted."""
    people = ("proposed_by", "approved_by", "corrects", "posting")
    entries = list(credit.entries.select_related(*people).order_by("pk"))
    balances = accumulate(entry.amount for entry in entries)
    return [LedgerLine(one, balance, _stands(one, entries)) for one, balance in zip(entries, balances, strict=True)]


def _stands(one: CreditEntry, entries: Iterable[CreditEntry]) -> Decimal:
    return sum((other.amount for other in entries if one.pk in (other.pk, other.corrects_id)), Decimal("0.00"))


def with_balances(credits: QuerySet[Credit]) -> list[tuple[Credit, Decimal, Decimal]]:
    """Each credit with what was granted and what is left; two questions for all."""
    found = list(credits.select_related("claim__contract", "cause", "proposal", "customer"))
    sums: dict[int, Decimal] = {}
    granted: dict[int, Decimal] = {}
    for key, kind, amount in CreditEntry.objects.filter(credit__in=found).values_list("credit", "kind", "amount"):
        sums[key] = sums.get(key, Decimal("0.00")) + amount
        if kind == CreditEntry.Kind.GRANT:
            granted[key] = amount
    return [(one, granted.get(one.pk, Decimal("0.00")), sums.get(one.pk, Decimal("0.00"))) for one in found]
