"""What happened to a matter, as its customer reads it: newest first, in plain words, by whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from entitlements.access import Visitor, engagements_visible_to
from entitlements.models import Event, User
from sla.access import claims_visible_to, failures_visible_to
from sla.wording import EVENT_TITLES

LATEST = 200


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a timeline, with the names that `includes/timeline.html` asks for."""

    title: str
    at: datetime
    by: str
    note: str
    matter: str


def timeline_of(matters: Iterable[str], *, reader: Visitor) -> list[Happening]:
    """The latest of what happened to these references."""
    return [_happening(event, reader) for event in _events().filter(matter__in=list(matters))[:LATEST]]


def latest_of(reader: Visitor, count: int) -> list[Happening]:
    """The latest of what happened to anything of the reader's customers."""
    references = (rows.values_list("reference") for rows in _matters(reader))
    first, *others = references
    events = _events().exclude(matter="").filter(matter__in=first.union(*others, all=True))
    return [_happening(event, reader) for event in events[:count]]


def _matters(reader: Visitor) -> list[QuerySet[Any]]:
    return [
        rows.order_by()
        for rows in (failures_visible_to(reader), claims_visible_to(reader), engagements_visible_to(reader))
    ]


def _events() -> QuerySet[Event]:
    """The actions' own lines, not the rows that they changed; a look at a ladder that sent nothing is no event for a reader."""
    told = Event.objects.filter(part_of__isnull=True, verb__in=EVENT_TITLES).select_related("actor")
    return told.exclude(Q(verb__endswith=".reminder", note="none due")).order_by("-id")


def _happening(event: Event, reader: Visitor) -> Happening:
    title = EVENT_TITLES[event.verb]
    return Happening(title, event.happened_at, _by(event.actor, reader), "", event.matter)


def _by(actor: User | None, reader: Visitor) -> str:
    if actor is None:
        return "automatically"
    if actor.pk == reader.pk:
        return "by you"
    return f"by {settings.VENDOR_NAME if actor.is_staff else actor}"
