"""A request for an engagement, written for speed: it is what many people do at once (E5–E7, E9, E14).

Read, decide by the rules, write; and no lock in between. The write takes the year's lock and stands only if the year's turn is still
the one at which the book was read. If somebody came first, all of it is done again under the lock.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime

from django.db import connection, transaction

from entitlements.actions.open_books import OpenBook, open_book
from entitlements.actions.refused import Refused
from entitlements.models import Activity, Contract, ContractYear, Engagement, User
from entitlements.references import new_reference
from entitlements.rules.days import local_day
from entitlements.rules.refusals import Refusal

# Every column that must be filled; all others are empty in a request.
COLUMNS = [field for field in Engagement._meta.concrete_fields if not field.null and not field.primary_key]

# The guard and the lock are one: a row that somebody else holds is waited for and looked at again.
# The event comes first, so that the triggers hang their lines on it.
WRITE = f"""
    WITH place AS (
        UPDATE entitlements_contractyear SET turn = turn + 1
         WHERE id = %s AND turn = %s
           AND NOT EXISTS (SELECT FROM entitlements_engagement WHERE form_key = %s)
        RETURNING id),
    event AS (
        INSERT INTO entitlements_event (happened_at, verb, matter, actor_id, note, "table", row_id)
        SELECT %s, 'engagement.requested', %s, %s, '', '', '' FROM place RETURNING id),
    told AS (SELECT set_config('makegood.event', id::text, true) FROM event),
    engagement AS (
        INSERT INTO entitlements_engagement ({", ".join(field.column for field in COLUMNS)})
        SELECT {", ".join(["%s"] * len(COLUMNS))} FROM told RETURNING id, year_id, day),
    entry AS (
        INSERT INTO entitlements_usageentry (year_id, engagement_id, kind, places, day, happened_at, by_id, reason)
        SELECT year_id, id, 'hold', %s, day, %s, %s, '' FROM engagement)
    SELECT id FROM engagement
"""  # noqa: S608 - the columns' names are ours


def request_engagement(
    *,
    contract: Contract,
    activity: Activity,
    wished_day: date,
    advice_wording: str,
    by: User,
    now: datetime,
    topic: str = "",
    form_key: uuid.UUID | None = None,
    ps_reference: str = "",
) -> Engagement:
    """E5, E11, E12: ask for an engagement on a wished day (of the contract's zone); from now on it holds its place.

    The caller has seen both confirmations; `advice_wording` is what was accepted. A form sent twice (`form_key`) asks once. With the
    reference of a Professional Services agreement (`ps_reference`) no place is counted (E7). Raises Refused when the day lies
    outside the term or before today, no place is left, it is not available, or a product is missing.
    """
    wish = Engagement(
        reference=new_reference("ENG"),
        contract=contract,
        activity=activity,
        day=wished_day,
        wished_day=wished_day,
        topic=topic,
        ps_reference=ps_reference,
        requested_at=now,
        requested_by=by,
        advice_accepted_at=now,
        advice_accepted_by=by,
        advice_wording=advice_wording,
        preparation_confirmed_at=now,
        preparation_confirmed_by=by,
        form_key=form_key or uuid.uuid4(),
    )
    try:
        return _ask(wish) or _ask_under_lock(wish)
    except Refused:
        if form_key and (asked := Engagement.objects.filter(form_key=form_key).first()):
            return asked
        raise


def _ask(wish: Engagement) -> Engagement | None:
    """None: somebody else came first, or the form was sent before."""
    book = open_book(wish.contract_id, wish.day)
    if refusals := _refusals(wish, book):
        raise Refused(*refusals)
    wish.year_id = book.year_id
    wish.pk = _write(wish, book.turn)
    if wish.pk is None:
        return None
    wish._state.adding, wish._state.db = False, connection.alias
    return wish


@transaction.atomic
def _ask_under_lock(wish: Engagement) -> Engagement:
    ContractYear.objects.select_for_update().get(pk=wish.year_id)
    if asked := Engagement.objects.filter(form_key=wish.form_key).first():
        return asked
    written = _ask(wish)
    assert written, "under the lock nobody comes first"
    return written


def _refusals(wish: Engagement, book: OpenBook) -> list[Refusal]:
    if book.year_id and wish.day < local_day(wish.requested_at, book.contract.zone):
        return [Refusal("E5", "in_the_past", "That day is over.", "Choose today or a later day.")]
    return book.refusals(wish.facts())


def _write(wish: Engagement, turn: int | None) -> int | None:
    """The engagement, its line in the ledger and the action's line in the log, in one statement; None if the turn has passed."""
    by, now = wish.requested_by_id, wish.requested_at
    place = [wish.year_id, turn, wish.form_key]
    event = [now, wish.reference, by]
    entry = [0 if wish.ps_reference else 1, now, by]
    with connection.cursor() as cursor:
        cursor.execute(WRITE, [*place, *event, *(getattr(wish, field.attname) for field in COLUMNS), *entry])
        row = cursor.fetchone()
    return row[0] if row else None
