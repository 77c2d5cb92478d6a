"""What is lost, as it is stated before it is on record: transactions one by one, or the rates in their place (S9, S10)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class TransactionLine:
    """A lost transaction as the customer states it; `attempted_at` in UTC, money in the contract's currency."""

    attempted_at: datetime
    what: str
    revenue: Decimal
    expenses: Decimal = Decimal(0)
    form_key: uuid.UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedRates:
    """S10: as the customer states them; money in the contract's currency, days of its zone, both or neither."""

    reason: str
    revenue: Decimal
    expenses: Decimal
    completed_revenue: Decimal
    completed_expenses: Decimal
    first_day: date | None = None
    last_day: date | None = None

    @property
    def below_nothing(self) -> bool:
        """S10: a profit below nothing would raise the claim."""
        return self.expenses > self.revenue or self.completed_expenses > self.completed_revenue
