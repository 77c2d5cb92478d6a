"""A reviewer finds that a late alert was not caused by the outage that it overlaps, or takes that back (S8)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.models import Customer, User
from entitlements.rules.refusals import Refusal
from sla.actions.recomputing import recomputed
from sla.evidence.one_alert import examine
from sla.evidence.reported import MEANT_WITHIN
from sla.models import Claim, Failure, FoundOtherwise, Notification


@transaction.atomic
def find_otherwise(*, alert: Notification, reason: str, by: User, now: datetime) -> FoundOtherwise:
    """S8: the alert has a remedy period of its own, since the outage did not cause it; what excludes the outage excludes nothing of
    it (S6). Open claims recompute visibly (S19).

    Found twice, the first stands. Raises Refused for an alert whose cause no outage is presumed to be.
    """
    Customer.objects.select_for_update(no_key=True).get(pk=alert.customer_id)  # two find it at one moment
    if found := _standing(alert).first():
        return found
    (examined,) = examine([alert], now)
    if not examined.rests_on_an_outage:
        raise Refused(
            Refusal("S8", "not_presumed", "No outage is presumed to be its cause.", "There is nothing to find against.")
        )
    matter, note = alert.source.reference, f"line {alert.line}: {reason}"
    because = f"the cause of the alert on line {alert.line} of {matter} was found to be another"
    with recomputed(_claims(alert), because=because, matter=matter, by=by, now=now):
        record("alert.cause_found", matter=matter, by=by, now=now, note=note)
        return FoundOtherwise.objects.create(
            customer_id=alert.customer_id,
            source_id=alert.source_id,
            line=alert.line,
            received_at=alert.received_at,
            reason=reason,
            found_at=now,
            found_by=by,
        )


@transaction.atomic
def take_finding_back(*, alert: Notification, by: User, now: datetime) -> None:
    """S8: the presumption holds again. Taken back twice, it is taken back once."""
    found = _standing(alert).select_for_update().first()
    if found is None:
        return
    matter = alert.source.reference
    because = f"the finding on the alert of line {alert.line} of {matter} was taken back"
    with recomputed(_claims(alert), because=because, matter=matter, by=by, now=now):
        record("alert.finding_taken_back", matter=matter, by=by, now=now, note=f"line {alert.line}")
        found.withdrawn_at, found.withdrawn_by = now, by
        found.save(update_fields=["withdrawn_at", "withdrawn_by"])


def _standing(alert: Notification) -> QuerySet[FoundOtherwise]:
    return FoundOtherwise.objects.standing().filter(source=alert.source_id, line=alert.line)


def _claims(alert: Notification) -> QuerySet[Claim]:
    """S5 (B): those whose report can mean the alert."""
    reported = Failure.objects.filter(
        kind=Failure.Kind.ALERT,
        contract__customer=alert.customer_id,
        incident__iexact=alert.incident,
        began_at__gt=alert.received_at - MEANT_WITHIN,
        began_at__lte=alert.received_at + MEANT_WITHIN,
    )
    return Claim.objects.filter(failures__in=reported).distinct()
