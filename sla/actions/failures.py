"""The verbs of a reported failure (S1, S2, S5, S13). `now` is the database's clock in UTC: the receipt of the report."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import transaction

from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.models import Contract, User
from entitlements.references import new_reference
from entitlements.rules.days import local_day
from entitlements.rules.refusals import Refusal
from sla import letters, reminders
from sla.models import Downtime, Failure, FailureState, Outage, TermsEdition
from sla.rules.claim_window import closes_at, report_flagged
from sla.rules.outages import availability_outages
from sla.rules.terms import EnterpriseTerms


@transaction.atomic
def report_failure(
    *,
    contract: Contract,
    kind: str,
    began_at: datetime,
    by: User,
    now: datetime,
    ended_at: datetime | None = None,
    description: str = "",
    incident: str = "",
    channel: str = "",
    responder_country: str = "",
    configured_delay_minutes: int = 0,
    form_key: uuid.UUID | None = None,
) -> Failure:
    """S13: put a report on record with its receipt (`now`) and the stored end of its claim window.

    `began_at` and `ended_at` (None: still going on, or not known) are the customer's own, in UTC. Where our logs know an
    outage of this customer at that time, its occurrence counts (S5). A report is never refused for being late: it is flagged.
    A form sent twice (`form_key`) reports once. Raises Refused for a beginning that lies ahead, or an end before it.
    """
    Contract.objects.select_for_update(no_key=True).get(pk=contract.pk)  # the same form at the same moment waits here
    if form_key and (reported := Failure.objects.filter(form_key=form_key, contract=contract).first()):
        return reported
    _check_times(began_at, ended_at, now)
    terms = TermsEdition.objects.in_force_on(local_day(began_at, contract.tz)).facts()
    outage, occurred_at = None, _occurrence(kind, began_at, configured_delay_minutes, terms)
    if kind == Failure.Kind.OUTAGE:
        outage, occurred_at = _from_our_logs(contract, began_at, ended_at, terms, now) or (None, occurred_at)
    deadline = closes_at(occurred_at, contract.tz, terms)
    reference = new_reference("DF")
    record("failure.reported", matter=reference, by=by, now=now)
    failure = Failure.objects.create(
        reference=reference,
        contract=contract,
        kind=kind,
        began_at=began_at,
        ended_at=ended_at,
        description=description,
        incident=incident,
        channel=channel,
        responder_country=responder_country,
        configured_delay_minutes=configured_delay_minutes,
        reported_at=now,
        reported_by=by,
        reported_late=report_flagged(occurred_at, now, terms),
        occurred_at=occurred_at,
        closes_at=deadline,
        remind_at=reminders.next_look(contract, deadline, now, [reference], now),
        outage=outage,
        cause=outage.cause if outage else None,
        form_key=form_key or uuid.uuid4(),
    )
    letters.failure_reported(failure, now=now)
    return failure


@transaction.atomic
def close_failure(*, failure: Failure, now: datetime) -> bool:
    """S13: the window ended without a claim. The moment on record is its deadline, however late the clock runs.

    False if a claim was begun meanwhile.
    """
    current = Failure.objects.open().select_for_update(of=("self",)).filter(pk=failure.pk, closes_at__lte=now).first()
    if current is None:
        return False
    record("failure.window_ended", matter=current.reference, by=None, now=current.closes_at)
    current.state, current.closed_at, current.remind_at = FailureState.CLOSED, current.closes_at, None
    current.save()
    letters.window_ended(current, now=now)
    return True


def _check_times(began_at: datetime, ended_at: datetime | None, now: datetime) -> None:
    if began_at > now:
        raise Refused(Refusal("S13", "not_yet", "It cannot have begun after now.", "Check the date and the time zone."))
    if ended_at and ended_at <= began_at:
        raise Refused(Refusal("S13", "ended_before", "It cannot have ended before it began.", "Check both times."))
    if ended_at and ended_at > now:
        raise Refused(
            Refusal("S13", "not_over", "It cannot have ended after now.", "Leave the end empty while it goes on.")
        )


def _occurrence(kind: str, began_at: datetime, delay_minutes: int, terms: EnterpriseTerms) -> datetime:
    """S5: the instant at which, by the customer's own times, it has become a failure."""
    if kind == Failure.Kind.OUTAGE:
        return began_at + terms.outage_length
    return began_at + timedelta(minutes=delay_minutes) + terms.delivery_limit


def _from_our_logs(
    contract: Contract, began_at: datetime, ended_at: datetime | None, terms: EnterpriseTerms, now: datetime
) -> tuple[Outage, datetime] | None:
    """S2, S5: the outage that our logs have for this customer at that time, and when it became one; None if they have none."""
    until = ended_at or now
    known = Downtime.objects.of(contract.customer).touching(began_at, until).select_related("outage__cause")
    for downtime in known:
        logged = [(one.during.lower, one.during.upper) for one in downtime.outage.downtimes.of(contract.customer)]
        for piece in availability_outages(logged, (), terms, now):
            if piece.span.start < until and began_at < piece.span.end:
                return downtime.outage, piece.occurrence
    return None
