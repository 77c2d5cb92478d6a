"""C12.7: everything that is on record about a customer, as plain rows, for its owner. Secrets and files themselves stay where they are."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, QuerySet

from entitlements.models import Customer, Letter, Membership, User
from entitlements.one_use import masked
from sla.models import ClaimState, LostTransaction

HALVES = ("entitlements", "sla")
SECRETS = {"token_hash", "form_key", "context", "html", "raw", "attachments", "last_error", "message_id"}
"""Halves of links, and what the dispatcher alone needs; a letter is in its text."""


DECIDED = (ClaimState.APPROVED, ClaimState.CREDITED, ClaimState.DENIED)
"""Only then is it told what the review found of a claim."""

UNTIL_TOLD: dict[str, dict[str, Any]] = {
    "Proposal": {"approved_at__isnull": False},
    "Entry": {"confirmed_at__isnull": False},
    "Outcome": {"given_at__isnull": False},
    "Examination": {"claim__state__in": DECIDED},
}
"""What is still being written at the desk is not on record about anybody."""


def rows_of(customer: Customer) -> dict[str, QuerySet[Any]]:
    """The rows under their headings; `people` are those whom the other rows name by number."""
    found = {_heading(model): _rows(model, path, customer) for model, path in sorted(_paths().items(), key=_by_name)}
    people = User.objects.filter(memberships__customer=customer).distinct().order_by("pk")
    return {"people": people, **found}


def _rows(model: type[Model], path: str, customer: Customer) -> QuerySet[Any]:
    told = dict(UNTIL_TOLD.get(model.__name__, {}))
    if path.startswith("outcome__"):
        told["outcome__given_at__isnull"] = False
    return model._default_manager.filter(**{path: customer}, **told).order_by("pk")


def _paths() -> dict[type[Model], str]:
    """Each table that leads to a customer by its own columns, and how: nobody has to remember to list a new one."""
    models = [model for half in HALVES for model in apps.get_app_config(half).get_models()]
    paths: dict[type[Model], str] = {Customer: ""}
    found = True
    while found:
        found = False
        for model in models:
            path = None if model in paths else _path(model, paths)
            if path:
                paths[model], found = path, True
    del paths[Customer]
    return paths


def _path(model: type[Model], known: dict[type[Model], str]) -> str | None:
    ways = [
        "__".join(filter(None, (field.name, known[field.related_model])))
        for field in model._meta.concrete_fields
        if field.is_relation and field.related_model in known
    ]
    return min(ways, key=len, default=None)


def _heading(model: type[Model]) -> str:
    return "people and roles" if model is Membership else str(model._meta.verbose_name_plural)


def _by_name(pair: tuple[type[Model], str]) -> str:
    return _heading(pair[0])


def counts_of(customer: Customer) -> list[tuple[str, int]]:
    """What the file will hold, for the page that offers it."""
    return [(name.capitalize(), rows.count()) for name, rows in rows_of(customer).items()]


def as_json(customer: Customer, now: datetime) -> str:
    """The file: a table a heading, each row by the names of its columns; instants in UTC."""
    tables = {name: [_plain(row) for row in _values(rows)] for name, rows in rows_of(customer).items()}
    told = {"customer": customer.name, "customer_number": customer.external_id, "as_of": now, **tables}
    return json.dumps(told, cls=_Everything, indent=1, ensure_ascii=False)


def _values(rows: QuerySet[Any]) -> Any:
    if rows.model is User:
        return rows.values("id", "name", "email", "zone", "date_style", "joined_at", "last_login")
    if rows.model is Letter:
        return [{**row, "text": masked(row["text"], row["addressee"])} for row in rows.values()]
    if rows.model is LostTransaction:
        return [_as_told(row) for row in rows.values(*_columns(rows.model), "claim__state")]
    return rows.values()


def _as_told(row: dict[str, Any]) -> dict[str, Any]:
    """S9: a line as its customer stated it; what was found of it once the claim is decided."""
    decided = row.pop("claim__state") in DECIDED
    return row if decided else {name: value for name, value in row.items() if not name.startswith("struck")}


def _columns(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in SECRETS}


class _Everything(DjangoJSONEncoder):
    """Periods and the like by their own words."""

    def default(self, o: Any) -> Any:
        try:
            return super().default(o)
        except TypeError:
            return str(o)
