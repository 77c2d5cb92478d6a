"""A request for an engagement, written for speed: it is what many people do at once (E5–E7, E9, E14).

Most are plain: while the year's whole count is below the least cap from the day on, the prefix rule of E6 says yes whatever the
days. Such a request is one round trip: `request_plainly` (migration 0032) takes the lock, sees by the ledger that there is room,
and writes all of the rows. Everything else is decided by the rules: a refusal without a lock, a yes once more under it.
"""

from __future__ import annotations

import json
import uuid
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from entitlements.actions.open_books import OpenBook, as_book, open_book
from entitlements.actions.places import check_not_over, locked_year, outside_term
from entitlements.actions.refused import OTHER_ANSWERS, Refused
from entitlements.failpoints import failpoint
from entitlements.models import Activity, Contract, Engagement, User
from entitlements.models.prepared import ask
from entitlements.references import new_reference
from entitlements.rules.booking_answers import DAY_IS_OVER
from entitlements.rules.days import local_day

# A new engagement, column by column, in the order of the model. What neither this nor a wish fills the database refuses.
NEW = {field.attname: field.get_default() for field in Engagement._meta.concrete_fields}

# What makes two wishes of one form the same.
ANSWERS = ("requested_by_id", "contract_id", "activity_id", "wished_day")

# Two zones are at most 26 hours apart: in what was the last hour of a year it is at the earliest the day before its last.
A_ZONE_AWAY = timedelta(days=1)

_as_json = json.JSONEncoder(default=str).encode


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
    accepted_by: User | None = None,
    wished_start: datetime | None = None,
    preparation: dict[str, str] | None = None,
) -> Engagement:
    """E5, E11, E12: ask for an engagement on a wished day (of the contract's zone); from now on it holds its place.

    The caller has seen both confirmations; `advice_wording` is what was accepted, by `accepted_by` where somebody enters the
    request for a customer's person (E11), else by whoever asks. A form sent twice (`form_key`) asks once. With the
    reference of a Professional Services agreement (`ps_reference`) no place is counted (E7). `wished_start` is the instant (UTC)
    wished for on that day, if one was; `preparation` what was answered to each thing to bring (E12). Raises Refused when the day lies
    outside the term or before today, no place is left, it is not available, or a product is missing.
    """
    accepter = accepted_by or by
    columns = {
        "reference": new_reference("ENG"),
        "contract_id": contract.pk,
        "activity_id": activity.pk,
        "day": wished_day,
        "wished_day": wished_day,
        "wished_start": wished_start,
        "preparation": preparation,
        "topic": topic,
        "ps_reference": ps_reference,
        "requested_at": now,
        "requested_by_id": by.pk,
        "advice_accepted_at": now,
        "advice_accepted_by_id": accepter.pk,
        "advice_wording": advice_wording,
        "preparation_confirmed_at": now,
        "preparation_confirmed_by_id": accepter.pk,
        "form_key": form_key or uuid.uuid4(),
    }
    wish = Engagement(*(NEW | columns).values())
    wish.contract, wish.activity, wish.requested_by = contract, activity, by
    try:
        _check_year(wish)
        made = (_ask(wish) if _is_plain(wish) else None) or _ask_under_lock(wish)
        failpoint("request.held")
        return made
    except Refused:
        if form_key and (asked := _asked_before(wish)):
            return asked
        raise


def _is_plain(wish: Engagement) -> bool:
    """E5, E7: a wish that the database may answer by itself: for a place, and not for a day that is over."""
    return not wish.ps_reference and wish.day >= local_day(wish.requested_at, wish.contract.tz)


def _check_year(wish: Engagement) -> None:
    """E3: after a change of zone a year may be over by its stored end, and the contract's own day still lies in it."""
    now = wish.requested_at
    today = local_day(now, wish.contract.tz)
    if today <= wish.day <= today + A_ZONE_AWAY:
        for year in wish.contract.years.of_day(wish.day):
            check_not_over(year, now)


def _ask(wish: Engagement) -> Engagement | None:
    """None: it is allowed as things stand, but not plainly, or somebody came first, or the form was sent before."""
    answer = _call("request_plainly(%s::jsonb)", wish)
    if len(answer) == 2:
        wish.year_id = answer[1]
        return _as_written(wish, answer[0])
    _check(wish, as_book(answer, wish.contract_id))
    return None


@transaction.atomic
def _ask_under_lock(wish: Engagement) -> Engagement:
    wish.year_id = locked_year(wish.contract, day=wish.day).pk
    if asked := _asked_before(wish):
        return asked
    _check(wish, open_book(wish.contract_id, wish.day))
    return _as_written(wish, _call("write_request(jsonb_populate_record(NULL::entitlements_engagement, %s))", wish))


def _asked_before(wish: Engagement) -> Engagement | None:
    """X9: what the same form has asked for already. With other answers it is refused: a guess would lose one of the two."""
    asked = Engagement.objects.filter(form_key=wish.form_key).first()
    if asked and any(getattr(asked, name) != getattr(wish, name) for name in ANSWERS):
        raise Refused(OTHER_ANSWERS)
    return asked


def _check(wish: Engagement, book: OpenBook) -> None:
    if book.year_id is None:
        raise Refused(outside_term(book.contract.start, book.contract.last))
    if wish.day < local_day(wish.requested_at, book.contract.zone):
        raise Refused(DAY_IS_OVER)
    if refusals := book.refusals(wish.facts()):
        raise Refused(*refusals)


def _call(function: str, wish: Engagement) -> Any:
    columns = {name: getattr(wish, name) for name in NEW}
    return ask(f"SELECT {function}", [_as_json(columns)])[0]


def _as_written(wish: Engagement, key: int) -> Engagement:
    wish.pk = key
    wish._state.adding, wish._state.db = False, connection.alias
    return wish
