"""The alert log of the last two months, as an export brings it in: what came in time, what came late, and what is out of scope (S4, S7)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from functools import partial
from typing import NamedTuple

from django.core.files.base import ContentFile

from sla.actions import alerts
from sla.alerts.columns import guessed
from sla.alerts.keeping import MOST_BYTES, keep
from sla.alerts.work import work
from sla.demo.cast import Cast
from sla.demo.scene import Scene, moment

HEADS = (
    "customer", "incident", "initial", "responder", "first_responder", "urgency", "channel", "registered", "located", "received_at",
    "delay", "provider_api_call_at", "push_attempt_at", "sms_sent_at", "email_sent_at", "acknowledged_at", "provider_reference",
)  # fmt: skip
LOG = {"phone": "provider_api_call_at", "push": "push_attempt_at", "sms": "sms_sent_at", "email": "email_sent_at"}
CHANNELS = tuple(LOG)
DAYS, EVERY, HANDED_IN = 60, timedelta(hours=9), timedelta(hours=2)


class ToldAlerts(NamedTuple):
    """A firm's alerts: the country of its people, and how many minutes the late ones took, each so many days ago."""

    firm: str
    country: str
    late: tuple[tuple[int, int], ...] = ()
    bursts: tuple[int, ...] = ()


FIRMS = (
    ToldAlerts("northwind", "US", late=((4, 9), (11, 7))),
    ToldAlerts("maple", "CA", late=((6, 12),), bursts=(6,)),
    ToldAlerts("copper", "US"),
    ToldAlerts("orchid", "JP", late=((3, 15),)),
    ToldAlerts("lakeside", "US", late=((9, 13),)),
)


class LateOne(NamedTuple):
    """A late alert of the log, as its customer can report it; instants in UTC, the delay in minutes."""

    incident: str
    channel: str
    delay: int
    received: datetime
    logged: datetime


def late_one(firm: str, now: datetime) -> LateOne:
    """The first late alert of a firm in the log that is handed in at `now` less two hours."""
    told = next(one for one in FIRMS if one.firm == firm)
    received = sorted(_received(told, now - HANDED_IN))
    n, (at, took) = next((n, one) for n, one in enumerate(received) if one[1] > timedelta(minutes=5))
    delay = _delay(n)
    return LateOne(_incident(told, n), _channel(n), delay, at, at + timedelta(minutes=delay) + took)


def _incident(told: ToldAlerts, n: int) -> str:
    return f"{told.firm[:3].upper()}-{4100 + n}"


def _channel(n: int) -> str:
    return CHANNELS[n % len(CHANNELS)]


def _delay(n: int) -> int:
    return n % 3


def scenes(cast: Cast, now: datetime) -> Iterator[Scene]:
    at = now - HANDED_IN
    yield Scene(at, partial(_import, cast, at))


def _import(cast: Cast, now: datetime) -> None:
    name = f"alerts-until-{now:%Y-%m-%d}.csv"
    kept = keep(ContentFile(_file(cast, now), name=name), name, most_bytes=MOST_BYTES)
    source = alerts.hand_in(file=kept, by=cast.manager, now=now)
    alerts.check(source=source, naming=alerts.Naming(guessed(HEADS)), by=cast.manager, now=now)
    work(clock=lambda: now)
    alerts.confirm(source=source, without_refused=False, by=cast.manager, now=now)
    work(clock=lambda: now)


def _file(cast: Cast, now: datetime) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADS)
    for told in FIRMS:
        customer = cast.contracts[told.firm].customer.external_id
        for n, (received, took) in enumerate(sorted(_received(told, now))):
            writer.writerow(_row(customer, told, n, received, took))
    return text.getvalue().encode()


def _received(told: ToldAlerts, now: datetime) -> Iterator[tuple[datetime, timedelta]]:
    """When each trigger was received, and how long after it was due its alert left."""
    first = moment(now, DAYS, time(0, 7))
    at, n = first, 0
    while at < now - timedelta(hours=1):
        yield at, timedelta(seconds=3 + n % 40)
        at, n = at + EVERY, n + 1
    for days, minutes in told.late:
        yield moment(now, days, time(14, 4)), timedelta(minutes=minutes)
    for days in told.bursts:
        yield from (
            (moment(now, days, time(14, 1)) + timedelta(seconds=20 * n), timedelta(seconds=8)) for n in range(30)
        )


def _row(customer: str, told: ToldAlerts, n: int, received: datetime, took: timedelta) -> list[str]:
    channel = _channel(n)
    delay = timedelta(minutes=_delay(n))
    logged = received + delay + took
    cells = {
        "customer": customer, "incident": _incident(told, n), "initial": "true", "responder": f"U{n % 5}",
        "first_responder": "true", "urgency": "low" if n % 17 == 5 else "high", "channel": channel, "registered": told.country,
        "located": told.country, "received_at": received.isoformat(), "delay": str(_delay(n)), LOG[channel]: logged.isoformat(),
        "acknowledged_at": (logged + timedelta(minutes=4)).isoformat(), "provider_reference": f"{told.firm[:2]}{n:05}",
    }  # fmt: skip
    return [cells.get(head, "") for head in HEADS]
