"""Files of alert logs as long as is asked for, seeded: half a year of a hundred customers, a few of them far busier than the rest."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

CUSTOMERS = 100
HEADS = (
    "customer,incident,initial,responder,first_responder,urgency,channel,registered,located,received_at,delay,provider_api_call_at,"
    "push_attempt_at,sms_sent_at,email_sent_at,delivery_receipt_at,acknowledged_at,resolved_at,provider_reference,occurred_at,provider_at"
)
CHANNELS = ("phone", "push", "sms", "email")
FIRST = datetime(2025, 11, 1, tzinfo=UTC)
LAST = timedelta(days=181)


def write(path: Path, rows: int, refused: int = 0) -> None:
    """So many rows, of which so many, spread evenly, have a country that is none."""
    bad = {rows * n // refused for n in range(refused)} if refused else set()
    with path.open("w", buffering=1 << 20) as file:
        file.write(HEADS + "\n")
        for n, cells in enumerate(_rows(rows)):
            if n in bad:
                cells[8] = "somewhere"
            file.write(",".join(cells) + "\n")


def _rows(rows: int) -> Iterator[list[str]]:
    drawn, incident, n = random.Random(7), 0, 0
    while n < rows:
        incident += 1
        received = FIRST + LAST * (n / rows)
        responders = min(drawn.choice((1, 2, 2, 3, 5, 8)), rows - n)
        yield from _incident(drawn, incident, received, responders)
        n += responders


def _incident(drawn: random.Random, incident: int, received: datetime, responders: int) -> Iterator[list[str]]:
    customer = f"C-{int(drawn.paretovariate(1)) % CUSTOMERS:04d}"
    urgency, located = drawn.choice(("high", "high", "low")), drawn.choice(("US", "US", "CA", "DE"))
    acknowledged = _text(received + timedelta(seconds=drawn.uniform(20, 900)))
    resolved = _text(received + timedelta(seconds=drawn.uniform(1_000, 9_000)))
    occurred = _text(received - timedelta(seconds=drawn.uniform(0.2, 3)))
    for one in range(responders):
        channel, delay = drawn.choice(CHANNELS), drawn.choice((0, 0, 0, 1, 5))
        waited = drawn.uniform(0.3, 20) if drawn.random() > 0.002 else drawn.uniform(100, 900)
        sent = _text(received + timedelta(minutes=delay, seconds=waited))
        logs = [sent if channel == kind else "" for kind in CHANNELS]
        first = "true" if one == 0 else "false"
        yield [
            *(
                customer,
                f"INC{incident:09d}",
                first,
                f"U{drawn.randrange(400):04d}",
                first,
                urgency,
                channel,
                "US",
                located,
            ),
            *(_text(received), str(delay), *logs, sent if channel in ("sms", "phone") else "", acknowledged, resolved),
            *(f"SM{drawn.getrandbits(64):016x}", occurred, sent),
        ]


def _text(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds")[:-6] + "Z"
