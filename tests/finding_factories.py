"""Findings of cause for tests: keyword-only, by the product's own actions (S6)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from entitlements.models import Customer, User
from entitlements.rules.spans import Span
from sla.actions.findings import Found, keep_finding_document, record_finding
from sla.models import Finding, FindingDocument, Outage
from tests import factories as make


def document(*, name: str = "provider-report.txt", by: User | None = None, now: datetime = make.NOW) -> FindingDocument:
    """What shows a finding."""
    file = make.document(name=name, content=b"The provider's report of the failure.\n")
    return keep_finding_document(file=file, by=by or make.manager(), now=now)


def found(
    *,
    start: datetime,
    minutes: float = 60,
    kind: str = "",
    customers: Sequence[Customer] | None = None,
    outage: Outage | None = None,
    **fields: str,
) -> Found:
    """S6: what was found from `start` on, of everybody unless customers are named."""
    kind = kind or ("iii" if customers is None else "i")
    said = {"statement": "Their internet provider had a failure.", "evidence": "Report 77 of the provider", **fields}
    span = Span(start, start + timedelta(minutes=minutes))
    return Found(kind=kind, span=span, customers=None if customers is None else tuple(customers), outage=outage, **said)


def finding(
    *, by: User | None = None, now: datetime = make.NOW, form_key: uuid.UUID | None = None, **facts: Any
) -> Finding:
    """A finding on record."""
    by = by or make.manager()
    return record_finding(found=found(**facts), document=document(by=by, now=now), by=by, now=now, form_key=form_key)
