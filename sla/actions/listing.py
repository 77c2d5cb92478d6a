"""Lines of lost transactions put into the list of a claim, one or 50,000 by one statement (S9)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from django.db import connection

from sla.models import Claim, TransactionFile


class Stated(Protocol):
    """What is stated of a lost transaction; `attempted_at` in UTC, money in the contract's currency."""

    @property
    def attempted_at(self) -> datetime: ...
    @property
    def what(self) -> str: ...
    @property
    def revenue(self) -> Decimal: ...
    @property
    def expenses(self) -> Decimal: ...


_INSERT = """
    INSERT INTO sla_losttransaction
           (claim_id, file_id, line, attempted_at, what, revenue, expenses, form_key, struck, struck_note, kept_note)
    SELECT %s, %s, n + (SELECT coalesce(max(line), 0) FROM sla_losttransaction WHERE claim_id = %s),
           attempted_at, what, revenue, expenses, coalesce(form_key, gen_random_uuid()), '', '', ''
      FROM unnest(%s::timestamptz[], %s::text[], %s::numeric[], %s::numeric[], %s::uuid[]) WITH ORDINALITY
           AS stated(attempted_at, what, revenue, expenses, form_key, n)
"""


def put_into_the_list(claim: Claim, lines: Sequence[Stated], *, file: TransactionFile | None = None) -> None:
    """In their order, behind those that are there. Under the claim's lock, and under the act that the caller has recorded."""
    if not lines:
        return
    columns = zip(*((one.attempted_at, one.what, one.revenue, one.expenses) for one in lines), strict=True)
    keys = [getattr(one, "form_key", None) for one in lines]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [claim.pk, file.pk if file else None, claim.pk, *map(list, columns), keys])
