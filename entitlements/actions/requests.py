"""A request for an engagement, written for speed: it is what many people do at once (E5–E7, E9, E14).

Read, decide by the rules, write; and no lock in between. Whatever is refused is refused without a lock. What is plainly allowed is
written in one more round trip (`write_request`, in migration 0012): the lock, then all of the rows, if there is still room by the
ledger and the contract is as it was read. Everything else is read, decided and written once more under the lock.
"""

from __future__ import annotations

import json
import uuid
from datetime import date, datetime

from django.db import connection, transaction

from entitlements.actions.open_books import OpenBook, open_book
from entitlements.actions.places import outside_term
from entitlements.actions.refused import Refused
from entitlements.models import Activity, Contract, ContractYear, Engagement, User
from entitlements.references import new_reference
from entitlements.rules.days import local_day
from entitlements.rules.refusals import Refusal
from entitlements.rules.rooms import Room, room_for

# Every column that must be filled; all others are empty in a request.
COLUMNS = [field for field in Engagement._meta.concrete_fields if not field.null and not field.primary_key]

ANYHOW = Room((), None)


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
    """None: it has to be asked under the lock, because it is not plain, somebody came first, or the form was sent before."""
    book = _book_that_allows(wish)
    room = room_for(wish.facts(), book.contract, book.editions)
    if not room.is_left(book.counted_in_year()):
        return None
    return _write(wish, book, room)


@transaction.atomic
def _ask_under_lock(wish: Engagement) -> Engagement:
    ContractYear.objects.select_for_update(no_key=True).get(pk=wish.year_id)
    if asked := Engagement.objects.filter(form_key=wish.form_key).first():
        return asked
    written = _write(wish, _book_that_allows(wish), ANYHOW)
    assert written, "under the lock nobody comes first"
    return written


def _book_that_allows(wish: Engagement) -> OpenBook:
    """The book in which nothing stands against the wish; else Refused."""
    book = open_book(wish.contract_id, wish.day)
    if book.year_id is None:
        raise Refused(outside_term(book.contract.start, book.contract.last))
    wish.year_id = book.year_id
    if wish.day < local_day(wish.requested_at, book.contract.zone):
        raise Refused(Refusal("E5", "in_the_past", "That day is over.", "Choose today or a later day."))
    if refusals := book.refusals(wish.facts()):
        raise Refused(*refusals)
    return book


def _write(wish: Engagement, book: OpenBook, room: Room) -> Engagement | None:
    """The engagement, its line in the ledger and the action's line in the log; None if there is no room or the turn has passed."""
    filled = json.dumps({field.column: getattr(wish, field.attname) for field in COLUMNS}, default=str)
    with connection.cursor() as cursor:
        cursor.execute("SELECT write_request(%s, %s, %s, %s)", [filled, book.turn, list(room.activities), room.places])
        key = cursor.fetchone()[0]
    if key is None:
        return None
    wish.pk = key
    wish._state.adding, wish._state.db = False, connection.alias
    return wish
