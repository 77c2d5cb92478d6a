"""What was found to exclude a part of an outage for one firm, while its claim was open (S6)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from functools import partial

from entitlements.rules.spans import Span
from sla.actions.findings import Found, keep_finding_document, record_finding
from sla.demo.cast import Cast
from sla.demo.scene import Scene, moment
from sla.models import Outage
from sla.uploads import CheckedFile


def scenes(cast: Cast, now: datetime) -> Iterator[Scene]:
    at = moment(now, 1, time(10, 20))
    yield Scene(at, partial(_provider_failed, cast, at))


def _provider_failed(cast: Cast, now: datetime) -> None:
    """The first five minutes of it were the firm's own internet provider."""
    customer = cast.contracts["maple"].customer
    outage = Outage.objects.get(title="Event storage not reachable")
    began = outage.downtimes.get(customer=customer).start
    found = Found(
        kind="i",
        span=Span(began, began + timedelta(minutes=5)),
        statement="Your internet provider had lost its route to us until five minutes after our storage failed.",
        evidence="The provider's report of the incident, its time line",
        customers=(customer,),
        outage=outage,
    )
    document = keep_finding_document(file=_report(began), by=cast.manager, now=now)
    record_finding(found=found, document=document, by=cast.manager, now=now)


def _report(began: datetime) -> CheckedFile:
    content = f"Route lost {began:%Y-%m-%d %H:%M}Z, restored {began + timedelta(minutes=5):%H:%M}Z.\n".encode()
    return CheckedFile("provider-report.txt", "txt", content, hashlib.sha256(content).hexdigest())
