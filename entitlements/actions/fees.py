"""The fees of a contract, month by month (S11): put on record, and corrected with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from entitlements.actions.log import record
from entitlements.actions.plainly import in_plain_words
from entitlements.models import Contract, FeeMonth, User


@dataclass(frozen=True, slots=True)
class Fee:
    """What a seat cost, and how many were paid: on some days of a month, or (None) in all of it."""

    cost_per_seat: Decimal
    paid_seats: int
    days: DateRange | None = None


@transaction.atomic
def record_fees(
    *, contract: Contract, months: Mapping[date, tuple[Decimal, int]], by: User, now: datetime
) -> list[FeeMonth]:
    """S11: put on record what a seat cost in each month (keyed by its first day) and how many seats were paid."""
    record("contract.fees_recorded", matter=contract.order_form, by=by, now=now)
    return FeeMonth.objects.bulk_create(
        FeeMonth(contract=contract, month=month, cost_per_seat=cost, paid_seats=seats)
        for month, (cost, seats) in sorted(months.items())
    )


@transaction.atomic
def enter_month(
    *, contract: Contract, month: date, lines: Sequence[Fee], reason: str, by: User, now: datetime
) -> list[FeeMonth]:
    """S11: the fees of a month (by its first day), in the place of what is on record for it; what they were stays in the log.

    Several lines have their days and are added by them. What was decided on the old figures stays decided. Raises Refused for
    lines that overlap.
    """
    Contract.objects.select_for_update(no_key=True).get(pk=contract.pk)
    old = list(contract.fee_months.filter(month=month))
    verb = "contract.fees_corrected" if old else "contract.fees_recorded"
    record(verb, matter=contract.order_form, by=by, now=now, note=f"{month:%Y-%m}. {reason}".strip())
    for row in old[len(lines) :]:
        row.delete()
    rows = [*old[: len(lines)], *(FeeMonth(contract=contract, month=month) for _ in lines[len(old) :])]
    with in_plain_words(FeeMonth, "S11"):
        for row, line in zip(rows, lines, strict=True):
            row.cost_per_seat, row.paid_seats, row.days = line.cost_per_seat, line.paid_seats, line.days
            row.save()
    return rows
