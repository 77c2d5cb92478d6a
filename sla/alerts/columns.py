"""What a file of notifications has to have, under which heads it is usually found, and what its rows become (S4)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from sla.models.alerts import LOG_KINDS

MOST_COLUMNS = 100
OTHER_LOG = "log:"
"""Begins the name of what is an entry of a kind that has no column of its own: `log:fax_sent`."""


class Kind(Enum):
    """How a cell reads. Of a few-valued kind a file has few different cells, however many rows."""

    CUSTOMER = "customer"
    TEXT = "text"
    INSTANT = "instant"
    YES_NO = "yes_no"
    URGENCY = "urgency"
    CHANNEL = "channel"
    COUNTRY = "country"
    DELAY = "delay"

    @property
    def is_few_valued(self) -> bool:
        return self not in (Kind.TEXT, Kind.INSTANT)


@dataclass(frozen=True, slots=True)
class Field:
    """Something that a notification has: where it is stored, what it is called, and the heads that say it."""

    name: str
    kind: Kind
    label: str
    help: str
    heads: tuple[str, ...] = ()
    needed: bool = False
    may_be_empty: bool = True


_LOGS = {
    "provider_api_call": "Phone: API call to the provider",
    "push_attempt": "Push: report of the attempt",
    "sms_sent": "SMS: report that it was sent",
    "email_sent": "E-mail: report that it was sent",
    "delivery_receipt": "A provider’s receipt of delivery, any channel",
}

FIELDS = (
    Field(
        "customer_id",
        Kind.CUSTOMER,
        "Customer",
        "Its number, as on record here.",
        ("customer", "customer_number", "account"),
        True,
        False,
    ),
    Field(
        "incident", Kind.TEXT, "Incident", "Its number.", ("incident", "incident_id", "incident_number"), True, False
    ),
    Field(
        "received_at",
        Kind.INSTANT,
        "Trigger received",
        "When we received the trigger: our clock, which decides.",
        ("received_at", "received", "trigger_received", "triggered_at"),
        True,
        False,
    ),
    Field(
        "initial",
        Kind.YES_NO,
        "Initial alert",
        "Yes: the first alert of a new incident.",
        ("initial", "is_initial"),
        True,
        False,
    ),
    Field(
        "first_responder",
        Kind.YES_NO,
        "First responder",
        "Yes: it went to the first responder.",
        ("first_responder", "is_first_responder"),
        True,
        False,
    ),
    Field("high_urgency", Kind.URGENCY, "Urgency", "High or low.", ("urgency", "high_urgency"), True, False),
    Field(
        "channel",
        Kind.CHANNEL,
        "Channel",
        "Phone, push, sms, email, or another.",
        ("channel", "notification_type"),
        True,
        False,
    ),
    Field(
        "delay",
        Kind.DELAY,
        "Configured delay",
        "A number, in the unit that you choose below.",
        ("delay", "configured_delay", "delay_minutes"),
        True,
        False,
    ),
    Field(
        "registered",
        Kind.COUNTRY,
        "Country, registered",
        "Two letters, or empty where the log has none.",
        ("registered", "registered_country"),
        True,
    ),
    Field(
        "located",
        Kind.COUNTRY,
        "Country, located",
        "Two letters, or empty where the log has none.",
        ("located", "located_country"),
        True,
    ),
    Field(
        "responder",
        Kind.TEXT,
        "Responder",
        "Who it went to, as the log names them.",
        ("responder", "responder_id", "user"),
    ),
    *(
        Field(f"{kind}_at", Kind.INSTANT, label, "Time of the log entry.", (f"{kind}_at", kind))
        for kind, label in _LOGS.items()
    ),
    Field(
        "acknowledged_at", Kind.INSTANT, "Acknowledged", "When the incident was.", ("acknowledged_at", "acknowledged")
    ),
    Field("resolved_at", Kind.INSTANT, "Resolved", "When the incident was.", ("resolved_at", "resolved")),
    Field(
        "provider_reference",
        Kind.TEXT,
        "Provider’s reference",
        "As the provider gave it.",
        ("provider_reference", "provider_ref", "message_id"),
    ),
    Field(
        "occurred_at",
        Kind.INSTANT,
        "Occurred",
        "The event’s own time, by the customer’s clock.",
        ("occurred_at", "occurred"),
    ),
    Field(
        "provider_at",
        Kind.INSTANT,
        "Provider’s time",
        "By the provider’s own clock; never decides.",
        ("provider_at", "provider_time"),
    ),
)
BY_NAME = {field.name: field for field in FIELDS}
INSTANTS = tuple(field.name for field in FIELDS if field.kind is Kind.INSTANT)
LOGGED = tuple(f"{kind}_at" for kind in LOG_KINDS)

STORED = ("other_logs", *BY_NAME, "line")
"""The columns of a row as it is loaded, in this order."""

IDENTITY = ("incident", "channel", "responder", "provider_reference", "delay")
"""What tells a customer's notifications apart that were received at the same instant; the first index of their tables hashes it."""

MAY_COME_LATER = (*LOGGED, "acknowledged_at", "resolved_at", "provider_at")
"""What a notification may not have yet when its log is written, beside entries of other kinds and the provider's reference."""


def guessed(heads: Sequence[str]) -> dict[str, str]:
    """Which head is probably what: a proposal for the person who names the columns."""
    plain = {re.sub(r"[^a-z0-9]+", "_", head.lower()).strip("_"): head for head in reversed(heads)}
    found = {field.name: next((plain[one] for one in field.heads if one in plain), "") for field in FIELDS}
    return {name: head for name, head in found.items() if head}


def wrong_with(columns: Mapping[str, str], heads: Iterable[str]) -> dict[str, str]:
    """What stands against naming the columns so, by field: a sentence each."""
    known, wrong = set(heads), {}
    for field in FIELDS:
        if field.needed and not columns.get(field.name):
            wrong[field.name] = f"Choose the column that has “{field.label}”."
    for name, head in columns.items():
        if head not in known:
            wrong[name] = f"The file has no column “{head[:60]}”. Choose one that it has."
        elif name not in BY_NAME and not re.fullmatch(rf"{OTHER_LOG}[a-z][a-z_]{{0,40}}", name):
            wrong[name] = "Name a kind of log entry by small letters and “_”."
    twice = {head for head in columns.values() if list(columns.values()).count(head) > 1}
    return wrong | {name: f"“{head[:60]}” is chosen twice." for name, head in columns.items() if head in twice}


def unnamed(columns: Mapping[str, str], later_heads: Mapping[str, int]) -> list[tuple[str, int]]:
    """Of the heads that only later rows have, each with the line of the first, those for which nothing was named."""
    return [(head, line) for head, line in later_heads.items() if head not in columns.values()]
