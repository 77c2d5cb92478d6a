"""A letter begins as a row, in the transaction of its cause: key, addressee, and a frozen context that is all that it will say."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection

from entitlements.links import Page, page
from entitlements.models import Customer, Letter, User
from entitlements.models.prepared import tell
from entitlements.rules.working import figure_as_json, figure_from_json

AT_ONCE = 100
"""So many letters are held as text: each is a kilobyte, and on its way to the server it is there more than once."""

PLAIN = {str, int, bool, type(None)}
"""What is in JSON what it is: most of a letter."""
_as_json = json.JSONEncoder(default=str).encode

LetterRow = dict[str, Any]
"""A letter that is not written yet, by its columns."""


class Addressee(NamedTuple):
    """To whom a letter goes: the key of a person, where it is one on record, and the address."""

    person: int | None
    email: str


def write(
    kind: str,
    *,
    matter: str,
    to: Iterable[User | str | Addressee],
    context: dict[str, Any],
    now: datetime,
    customer: Customer | None = None,
    deadline: datetime | None = None,
    point: str = "",
    urgent: bool = False,
    attachments: Iterable[tuple[str, str, str]] = (),
) -> None:
    """Write one letter for each active person, in the caller's transaction. One with the same key is there already: nothing.

    `to` are people, or those whose key and address are known; or the bare address of somebody who is not on record, or not by this one.
    `kind` names the templates `emails/<kind>.*`; `context` is all that they will see; `attachments` are (name, type, text);
    `deadline` and `now` are instants in UTC.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"{kind}: a letter is written in the transaction of its cause")
    rows = rows_to(
        dict.fromkeys(_addressee(one) for one in to if not isinstance(one, User) or one.is_active),
        kind,
        matter=matter,
        context=context,
        now=now,
        customer_id=customer.pk if customer else None,
        deadline=deadline,
        point=point,
        urgent=urgent,
        attachments=attachments,
    )
    Letter.objects.bulk_create((Letter(**row) for row in rows), ignore_conflicts=True)


def rows_to(
    addressees: Iterable[Addressee],
    kind: str,
    *,
    matter: str,
    context: dict[str, Any],
    now: datetime,
    customer_id: int | None = None,
    deadline: datetime | None = None,
    point: str = "",
    urgent: bool = False,
    attachments: Iterable[tuple[str, str, str]] = (),
) -> list[LetterRow]:
    """What `write` writes, for an act that is done to many matters at once; `write_rows` writes it."""
    kept, files = frozen(context), [list(file) for file in attachments]
    return [
        {
            "kind": kind,
            "matter": matter,
            "deadline": deadline,
            "addressee": one.email,
            "point": point,
            "customer_id": customer_id,
            "person_id": one.person,
            "context": kept,
            "attachments": files,
            "written_at": now,
            "due_at": now,
            "urgent": urgent,
            "message_id": message_id(kind, matter, deadline, point, one.email),
        }
        for one in addressees
    ]


def write_rows(letters: Iterable[LetterRow]) -> None:
    """Write these by few statements, in the caller's transaction; the next are made while the server writes the last. One with the same
    key is there already: nothing."""
    left = map(_as_json, letters)
    portions = iter(lambda: ",".join(islice(left, AT_ONCE)), "")
    tell("SELECT write_letters(%s)", ([f"[{some}]"] for some in portions))


def write_instead(letter: Letter, to: User | str, *, now: datetime) -> Letter:
    """The same letter to another reader, since it did not reach its own; or the one they have got. In the caller's transaction."""
    key = {name: getattr(letter, name) for name in ("kind", "matter", "deadline", "point")}
    address = _addressee(to).email
    instead = Letter(
        **key,
        **{name: getattr(letter, name) for name in ("customer", "context", "attachments", "urgent")},
        addressee=address,
        person=to if isinstance(to, User) else None,
        written_at=now,
        due_at=now,
        in_place_of=letter,
        message_id=message_id(**key, address=address),
    )
    Letter.objects.bulk_create([instead], ignore_conflicts=True)
    return Letter.objects.get(**key, addressee=address)


def frozen(value: Any) -> Any:
    """A letter's context as JSON that keeps instants, days, spans, exact figures and pages what they are."""
    if type(value) in PLAIN:
        return value
    if isinstance(value, dict):
        return {"of": {key: frozen(one) for key, one in value.items()}}
    if isinstance(value, list):
        return [frozen(one) for one in value]
    if isinstance(value, Page):
        return {"page": [value.name, *value.args]}
    return figure_as_json(value)


def thawed(data: Any) -> Any:
    """The context that `frozen` wrote."""
    if isinstance(data, dict) and set(data) == {"of"}:
        return {key: thawed(one) for key, one in data["of"].items()}
    if isinstance(data, list):
        return [thawed(one) for one in data]
    if isinstance(data, dict) and set(data) == {"page"}:
        return page(*data["page"])
    return figure_from_json(data)


def message_id(kind: str, matter: str, deadline: datetime | None, point: str, address: str) -> str:
    """T2: made from the key, so that the same letter is the same message however often it goes."""
    key = "\n".join([kind, matter, deadline.isoformat() if deadline else "", point, address])
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{settings.MAIL_DOMAIN}>"


def _addressee(one: User | str | Addressee) -> Addressee:
    if isinstance(one, Addressee):
        return one
    return Addressee(one.pk, one.email) if isinstance(one, User) else Addressee(None, one)
