"""What happened to a claim since a reviewer opened its page (M5.10): whoever saves second is shown it first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db.models import BooleanField, Count, ExpressionWrapper, Q, QuerySet

from entitlements import wording
from entitlements.acts_in_words import act_in_words, note_in_words
from entitlements.models import Event, User
from entitlements.models.worded import Worded
from sla.models import Claim

ONLY_READ = ("evidence.opened", "claim.reminder", "claim.request_reminder")
MOST_SHOWN = 20


def acts_of_others(claim: Claim, reader: User) -> Any:
    """What others, and the clock, have done to the claim, newest first; not what only read it."""
    return _acts_of_others(claim.reference, reader.pk)


def _acts_of_others(matter: str, reader: int) -> Any:
    return _acts(matter).filter(_of_others(reader))


def _acts(matter: str) -> QuerySet[Event]:
    return Event.objects.filter(matter=matter, table="")


def _of_others(reader: int) -> Q:
    return ~(Q(actor=reader) | Q(verb__in=ONLY_READ) | Q(verb__startswith="letter."))


_HOW_MANY = Worded(
    lambda matter, reader: (
        _acts_of_others(matter, reader)
        .order_by()
        .values("matter")
        .annotate(count=Count("pk"))
        .values_list("count", flat=True)
    )
)


def how_many_seen(claim: Claim, reader: User) -> int:
    """The mark that the page carries. Acts are only ever added, so that it grows with each, in whatever order they commit."""
    return _HOW_MANY.one(claim.reference, reader.pk) or 0


def _history(matter: str, reader: int) -> Any:
    of_others = ExpressionWrapper(_of_others(reader), output_field=BooleanField())
    return _acts(matter).annotate(of_others=of_others).select_related("actor")


_HISTORY = Worded(_history, planned_once=True)


def history_seen(claim: Claim, reader: User) -> tuple[list[Event], int]:
    """All acts in the claim's log, newest first, and the mark of a page that shows them: `how_many_seen` of these."""
    acts = _HISTORY(claim.reference, reader.pk)
    return acts, sum(one.of_others for one in acts)


def since(claim: Claim, reader: User, seen: int) -> list[dict[str, Any]]:
    """The acts of others after the `seen` ones, newest first, each with what it changed: (what, before, after)."""
    others = acts_of_others(claim, reader)
    acts = list(others.select_related("actor")[: max(min(others.count() - seen, MOST_SHOWN), 0)])
    changes = _changes(acts)
    return [
        {
            "title": act_in_words(act.verb),
            "at": act.happened_at,
            "by": act.who,
            "note": note_in_words(act.verb, act.note),
            "changes": changes.get(act.pk, [])[:MOST_SHOWN],
        }
        for act in acts
    ]


def _changes(acts: Iterable[Event]) -> dict[int, list[tuple[str, Any, Any]]]:
    found: dict[int, list[tuple[str, Any, Any]]] = {}
    parts = Event.objects.filter(part_of__in=[act.pk for act in acts], table__startswith="sla_", verb="update")
    for part in parts.order_by("id")[: MOST_SHOWN * MOST_SHOWN]:
        rows = found.setdefault(part.part_of_id or 0, [])
        rows += [
            (_what(part.table, column), *pair) for column, pair in (part.changes or {}).items() if _told(column, pair)
        ]
    return found


def _told(column: str, pair: object) -> bool:
    """People and moments stand in the act's own line already; of what is kept out of the log there is nothing to tell."""
    return isinstance(pair, list) and not column.endswith(("_id", "_at"))


def _what(table: str, column: str) -> str:
    model = next(one for one in apps.get_app_config("sla").get_models() if one._meta.db_table == table)
    return f"{model._meta.verbose_name}: {wording.label_in_words(column).lower()}"
