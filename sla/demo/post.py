"""What became of a letter after a server took it: one came back for ever, and went to the next contact (T2, N25)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time
from functools import partial

from entitlements.actions.reports import note_report
from entitlements.delivery_reports import BOUNCED, Report
from entitlements.models import Letter, LetterState
from sla.demo.cast import Cast
from sla.demo.scene import Scene, moment

READER = "tom@kiwi.example"


def scenes(cast: Cast, now: datetime) -> Iterator[Scene]:
    """Tom Wilkes has left Kiwi Freight, and nobody has said so."""
    at = moment(now, 1, time(9, 0))
    yield Scene(at, partial(_came_back, at))


def _came_back(at: datetime) -> None:
    sent = Letter.objects.filter(addressee=READER, state=LetterState.ACCEPTED, accepted_at__lt=at)
    report = Report(
        kind=BOUNCED,
        message_id=sent.latest("accepted_at").message_id,
        came_back_to=(),
        recipient=READER,
        host="mx.kiwi.example",
        diagnostic="550 5.1.1 No mailbox of this name",
        at=at,
        source="mx.kiwi.example, report 1",
        signed=True,
    )
    note_report(report=report, by=None, now=at)
