"""The verbs of a finding of cause (S6): recorded with its evidence, corrected, withdrawn; what it was stays on record.

Each recomputes open claims visibly and leaves decided ones as they are (S19); windows that were told never shrink (S13).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from entitlements.actions.log import record
from entitlements.actions.refused import OTHER_ANSWERS, Refused
from entitlements.models import Customer, User
from entitlements.rules.refusals import Refusal
from entitlements.rules.spans import Span
from sla.actions.finding_facts import judged_anew
from sla.actions.outages import locked_outage
from sla.models import Claim, Examination, Finding, FindingCustomer, FindingDocument, Outage
from sla.models.findings import OWN_KINDS
from sla.rules.exclusions import PUSH, ExclusionKind
from sla.uploads import CheckedFile, keep

ANSWERS = ("kind", "span", "statement", "evidence", "outage")
"""What makes two findings of one form the same."""

_PUSH_CHANNEL = ExclusionKind.PUSH_CHANNEL.numeral


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """S6: what was found. `customers`: whom it concerns, None for everybody. With an `outage` it is upon that; with a channel or an
    incident upon such alerts; with none of these upon all that the customers had in the `span` (UTC).

    `rests_on` and `state_then`: of a customer responsibility, by which document, and how that stood.
    """

    kind: str
    span: Span
    statement: str
    evidence: str
    customers: tuple[Customer, ...] | None
    detail: str = ""
    rests_on: str = ""
    state_then: str = ""
    outage: Outage | None = None
    channel: str = ""
    incident: str = ""

    def keys(self) -> list[int] | None:
        """The customers whom it concerns, by key; None: everybody."""
        return None if self.customers is None else [one.pk for one in self.customers]


@transaction.atomic
def keep_finding_document(*, file: CheckedFile, by: User, now: datetime) -> FindingDocument:
    """S6: the document that shows a finding, kept as it was handed in."""
    record("finding.document_kept", matter=file.sha256[:16], by=by, now=now, note=file.name)
    return FindingDocument.objects.create(
        name=file.name,
        kind=file.kind,
        size=file.size,
        sha256=file.sha256,
        stored_as=keep(file),
        flag=file.flag,
        uploaded_at=now,
        uploaded_by=by,
    )


@transaction.atomic
def open_finding_document(*, finding: Finding, by: User, now: datetime) -> FindingDocument:
    """S6: note who opens the evidence of a finding, and when."""
    record("finding.document_opened", matter=finding.reference, by=by, now=now, note=finding.document.sha256)
    return finding.document


@transaction.atomic
def record_finding(
    *, found: Found, document: FindingDocument, by: User, now: datetime, form_key: uuid.UUID | None = None
) -> Finding:
    """S6: put a cause that excludes failures on record, with its evidence. A form sent twice (`form_key`) records once (X9).

    Raises Refused for a time that lies ahead, for nobody whom it concerns, and for an outage that none of them had then.
    """
    if earlier := _recorded_before(form_key, found, by):
        return earlier
    _refuse_what_cannot_be(found, now)
    with judged_anew([found], because="an exclusion was found", by=by, now=now) as matter:
        record("finding.recorded", matter=matter, by=by, now=now)
        return _put_on_record(found, document, matter, by, now, form_key=form_key or uuid.uuid4())


@transaction.atomic
def correct_finding(
    *,
    finding: Finding,
    found: Found,
    document: FindingDocument,
    reason: str,
    by: User,
    now: datetime,
    form_key: uuid.UUID | None = None,
) -> Finding:
    """S6: it was another: the finding is withdrawn, and the corrected one stands in its place. What it was stays on record.

    Raises Refused for one that stands no more, and for what could not have been recorded either.
    """
    if earlier := _recorded_before(form_key, found, by):
        return earlier
    _lock_in_order(finding.outage, found.outage)
    _refuse_what_cannot_be(found, now)
    current = _locked(finding)
    with judged_anew([current, found], because=f"{current.reference} was corrected", by=by, now=now) as matter:
        why = f"Corrected by {matter}: {reason}"
        record("finding.withdrawn", matter=current.reference, by=by, now=now, note=why)
        _take_back(current, why, by, now)
        record("finding.corrected", matter=matter, by=by, now=now, note=reason)
        return _put_on_record(
            found, document, matter, by, now, form_key=form_key or uuid.uuid4(), corrects=current, reason=reason
        )


@transaction.atomic
def withdraw_finding(*, finding: Finding, reason: str, by: User, now: datetime) -> Finding:
    """S6: it should not have been recorded: it stays on record and excludes nothing any more.

    Raises Refused for one that stands no more.
    """
    current = _locked(finding)
    with judged_anew([current], because=f"{current.reference} was withdrawn", by=by, now=now, matter=current.reference):
        record("finding.withdrawn", matter=current.reference, by=by, now=now, note=reason)
        _take_back(current, reason, by, now)
    return current


@transaction.atomic
def note_examined(*, claim: Claim, kind: str, note: str, by: User, now: datetime) -> Examination:
    """S6: it was looked whether an exclusion holds for a claim, and it was not found."""
    record("claim.exclusion_examined", matter=claim.reference, by=by, now=now, note=f"({kind}) {note}")
    return Examination.objects.create(claim=claim, kind=kind, note=note, examined_at=now, examined_by=by)


def _put_on_record(
    found: Found,
    document: FindingDocument,
    reference: str,
    by: User,
    now: datetime,
    *,
    form_key: uuid.UUID,
    corrects: Finding | None = None,
    reason: str = "",
) -> Finding:
    finding = Finding.objects.create(
        reference=reference,
        kind=found.kind,
        detail=found.detail,
        during=DateTimeTZRange(found.span.start, found.span.end),
        statement=found.statement,
        evidence=found.evidence,
        document=document,
        rests_on=found.rests_on,
        state_then=found.state_then,
        everybody=found.customers is None,
        outage=found.outage,
        channel=PUSH if found.kind == _PUSH_CHANNEL else found.channel,
        incident=found.incident,
        found_at=now,
        found_by=by,
        corrects=corrects,
        reason=reason,
        form_key=form_key,
    )
    FindingCustomer.objects.bulk_create(
        FindingCustomer(finding=finding, customer=one) for one in dict.fromkeys(found.customers or ())
    )
    return finding


def _take_back(finding: Finding, reason: str, by: User, now: datetime) -> None:
    finding.withdrawn_at, finding.withdrawn_by, finding.withdrawn_reason = now, by, reason
    finding.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])


def _recorded_before(form_key: uuid.UUID | None, found: Found, by: User) -> Finding | None:
    """X9: what the same form has recorded already; the same form of the same person at the same moment waits here. With other answers
    it is refused: a guess would lose one of the two."""
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    earlier = Finding.objects.filter(form_key=form_key).first() if form_key else None
    if earlier and any(getattr(earlier, name) != getattr(found, name) for name in ANSWERS):
        raise Refused(OTHER_ANSWERS)
    return earlier


def _lock_in_order(*outages: Outage | None) -> None:
    """Two corrections that cross wait for each other's outages, and never block."""
    keys = [one.pk for one in outages if one]
    list(Outage.objects.filter(pk__in=keys).order_by("pk").select_for_update(no_key=True))


def _locked(finding: Finding) -> Finding:
    """The finding as it stands, behind the lock of its outage, which every other verb takes first."""
    if finding.outage:
        locked_outage(finding.outage)
    current = Finding.objects.select_for_update(of=("self",)).select_related("outage").get(pk=finding.pk)
    if current.withdrawn_at:
        raise Refused(
            Refusal(
                "S6", "withdrawn", "This finding stands no more.", "Look at what stands now, and record what holds."
            )
        )
    return current


def _refuse_what_cannot_be(found: Found, now: datetime) -> None:
    """S6: a cause is found afterwards, of somebody, and upon what was there. Locks the outage."""
    if found.span.end > now:
        raise Refused(
            Refusal("S6", "not_yet", "A cause is found for what has happened: its end lies ahead.", "Check the times.")
        )
    if found.customers is None and found.kind in OWN_KINDS:
        sentence = f"({found.kind}) is a customer's own, so it cannot be everybody's."
        raise Refused(Refusal("S6", "customers_own", sentence, "Name the customers whom it concerns."))
    if found.customers is not None and not found.customers:
        raise Refused(Refusal("S6", "nobody", "It concerns no customer.", "Name at least one, or all of them."))
    if found.outage:
        _refuse_an_outage_that_was_not_theirs(found, locked_outage(found.outage))


def _refuse_an_outage_that_was_not_theirs(found: Found, outage: Outage) -> None:
    if found.kind == _PUSH_CHANNEL:
        raise Refused(
            Refusal("S6", "alerts_only", "The push channel excludes alerts only.", "Record it without an outage.")
        )
    hit = outage.downtimes.that_count().touching(found.span.start, found.span.end)
    if found.customers is not None:
        hit = hit.filter(customer__in=found.customers)
    if not hit.exists():
        sentence = f"The logs of {outage.reference} have nobody down whom it concerns, in this time."
        raise Refused(Refusal("S6", "not_theirs", sentence, "Check from, to, and the customers."))
