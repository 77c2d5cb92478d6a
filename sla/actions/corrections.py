"""An interval of the server logs that was recorded wrongly is corrected or withdrawn; what it was stays on record (S2, S13, S19)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import QuerySet

from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.models import User
from entitlements.rules.refusals import Refusal
from sla.actions.outages import LoggedInterval, locked_outage, refuse_what_cannot_be, say_how_it_stands
from sla.actions.publishing import ask_again, hold_openings
from sla.actions.recomputing import claims_on, recomputed
from sla.actions.windows import widen_windows
from sla.models import Claim, Correction, Downtime, OutageState


@transaction.atomic
def correct_downtime(
    *, downtime: Downtime, start: datetime, end: datetime | None, reason: str, by: User, now: datetime
) -> Downtime:
    """S2: an interval of the logs is another than was recorded; `end` None: it lasts. Instants in UTC.

    Open claims recompute visibly, decided ones stand (S19); windows that were told never shrink (S13). One that lasts opens its
    resolved outage again. Corrected to what it is already, nothing happens. Raises Refused for one that was withdrawn, and for
    times that could not have been recorded either.
    """
    current = _locked(downtime)
    _refuse_one_that_was_withdrawn(current)
    was, becomes = current.during, DateTimeTZRange(start, end)
    if was == becomes:
        return current
    if end and end <= start:
        raise Refused(Refusal("S2", "ended_before", "It cannot have ended before it began.", "Check both times."))
    refuse_what_cannot_be([LoggedInterval(current.customer, start, end)], current.outage.cause, current.outage, now)
    reference = current.outage.reference
    hold_openings([current.customer_id])
    with recomputed(
        _claims_on(current, was, becomes), because=f"{reference} was corrected", matter=reference, by=by, now=now
    ):
        record("outage.corrected", matter=reference, by=by, now=now, note=f"{current.customer}: {reason}")
        Correction.objects.create(
            downtime=current, was=was, becomes=becomes, reason=reason, corrected_at=now, corrected_by=by
        )
        current.during = becomes
        current.save(update_fields=["during"])
        _not_over_after_all(current, reason, by, now)
        ask_again(current.outage.cause, [current.customer_id], by=by, now=now)
        widen_windows(current.outage, by=by, now=now)
    return current


@transaction.atomic
def withdraw_downtime(*, downtime: Downtime, reason: str, by: User, now: datetime) -> Downtime:
    """S2: an interval of the logs should never have been recorded. It stays on record and counts no more; withdrawn twice, once.

    Open claims recompute visibly, decided ones stand (S19). A window may end later by it, as where its first piece falls away, and
    none shrinks (S13).
    """
    current = _locked(downtime)
    if current.withdrawn_at:
        return current
    reference = current.outage.reference
    because = f"an interval of {reference} was withdrawn"
    hold_openings([current.customer_id])
    with recomputed(_claims_on(current, current.during), because=because, matter=reference, by=by, now=now):
        record("outage.interval_withdrawn", matter=reference, by=by, now=now, note=f"{current.customer}: {reason}")
        Correction.objects.create(
            downtime=current, was=current.during, becomes=None, reason=reason, corrected_at=now, corrected_by=by
        )
        current.withdrawn_at, current.withdrawn_by = now, by
        current.save(update_fields=["withdrawn_at", "withdrawn_by"])
        ask_again(current.outage.cause, [current.customer_id], by=by, now=now)
        widen_windows(current.outage, by=by, now=now)
    return current


def _locked(downtime: Downtime) -> Downtime:
    locked_outage(downtime.outage)
    return (
        Downtime.objects.select_for_update(of=("self",)).select_related("outage__cause", "customer").get(pk=downtime.pk)
    )


def _not_over_after_all(current: Downtime, reason: str, by: User, now: datetime) -> None:
    """S2: no outage is resolved while an interval of it lasts."""
    if current.end is None and current.outage.state == OutageState.RESOLVED:
        say_how_it_stands(outage=current.outage, state=OutageState.INVESTIGATING, note=reason, by=by, now=now)


def _refuse_one_that_was_withdrawn(current: Downtime) -> None:
    if current.withdrawn_at:
        raise Refused(
            Refusal(
                "S2",
                "withdrawn",
                "This interval was withdrawn.",
                "Record what the logs show as an interval of its own.",
            )
        )


def _claims_on(downtime: Downtime, *during: DateTimeTZRange) -> QuerySet[Claim]:
    return claims_on(downtime.outage.cause, [downtime.customer_id], during)
