"""The verbs of a cause (S12): its fix is recorded, and two that turn out to be one are merged."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.models import User
from sla import outage_letters
from sla.actions.drafts import locked as as_of
from sla.actions.publishing import ask_again, hold_openings
from sla.actions.recomputing import alerts_waiting_in, recomputed
from sla.actions.reviews import return_what_waits
from sla.actions.unanswered import end_request
from sla.cause_merges import preview
from sla.models import Cause, Claim, ClaimState, Credit, Downtime, Failure, Outage

_HELD = (Credit, Claim, Failure)
"""What hangs on causes that become one, in the order in which whoever undoes a credit locks it too."""


@transaction.atomic
def record_fix(*, cause: Cause, by: User, now: datetime) -> Cause:
    """S12: a cause is closed when its fix is recorded; a recurrence after that is a new cause. Recorded twice, the first stands."""
    current = Cause.objects.select_for_update(no_key=True).get(pk=cause.pk)
    if current.fixed_at:
        return current
    record("cause.fixed", matter=current.reference, by=by, now=now)
    current.fixed_at, current.fixed_by = now, by
    current.save()
    return current


@transaction.atomic
def merge_causes(*, kept: Cause, merged: Cause, reason: str, by: User, now: datetime) -> Cause:
    """S12: two causes are one: outages, failures, claims and the credit of `merged` go to `kept`; a customer keeps a single credit,
    which covers whatever it has still to be decided, and whoever sent that is told. One of which nothing stands covers nothing.

    Raises Refused for causes that are one already, for one of which something began after the fix of the other, and where more
    than one credit of a customer stands: what is posted becomes void in the ledger, by two people, before.
    """
    locked = _locked_with_all_of_it(kept, merged, now=now)
    stays, goes = locked[kept.pk], locked[merged.pk]
    found = preview(stays, goes)
    if found.refusal:
        raise Refused(found.refusal)
    because = f"{goes.reference} was merged into {stays.reference}"
    with recomputed(_claims_touched(stays, goes), because=because, matter=stays.reference, by=by, now=now):
        record("cause.merged", matter=stays.reference, by=by, now=now, note=f"{goes.reference}: {reason}")
        goes.merged_into, goes.merged_at, goes.merged_by, goes.merge_reason = stays, now, by, reason
        goes.save()
        for model in (Outage, Failure, Claim, Credit):
            model.objects.filter(cause=goes).update(cause=stays)
        hit = Downtime.objects.filter(outage__cause=stays).values_list("customer", flat=True)
        ask_again(stays, hit, by=by, now=now)
    for one in found.customers:
        for claim in one.covered:
            _cover(claim, because, by, now)
            outage_letters.claim_covered(claim, credit=one.kept, now=now)
    return stays


def _cover(claim: Claim, because: str, by: User, now: datetime) -> None:
    """S12, S19: the credit that the customer has for the cause covers an undecided claim; a proposal that waits goes back."""
    return_what_waits(claim, because, by, now)
    end_request(claim, by, now)
    record("claim.covered", matter=claim.reference, by=by, now=now, note=because)
    claim.state, claim.closed_at = ClaimState.COVERED, now
    claim.remind_at = claim.sends_itself_at = None
    claim.save(update_fields=["state", "closed_at", "remind_at", "sends_itself_at"])


def _claims_touched(kept: Cause, merged: Cause) -> QuerySet[Claim]:
    """S8, S12: the claims of either cause; and those about an alert that can have waited while both had its customer down, since what
    touches is one outage once they are one cause."""
    of_each = [Downtime.objects.that_count().filter(outage__cause=one) for one in (kept, merged)]
    of_both = Downtime.objects.that_count().filter(
        *(Q(customer__in=one.values("customer")) for one in of_each), outage__cause__in=[kept, merged]
    )
    touched = Q(cause__in=[kept, merged])
    if during := list(of_both.values_list("during", flat=True)):
        alerts = Failure.objects.filter(alerts_waiting_in(during), contract__customer__in=of_both.values("customer"))
        touched |= Q(failures__in=alerts.values("pk"))
    return Claim.objects.filter(touched).distinct()


def _locked_with_all_of_it(*causes: Cause, now: datetime) -> dict[int, Cause]:
    """The causes by key, locked in the order of every other verb: their outages, themselves, openings, credits (none is undone
    meanwhile), claims (none is credited; a complete draft whose moment has come has sent itself, T3), failures. Whoever is bringing
    something under them is waited for last: by then nobody of those waits for anything here.
    """
    keys = [one.pk for one in causes]
    both = Cause.objects.filter(pk__in=keys).order_by("pk")
    list(Outage.objects.filter(cause__in=keys).order_by("pk").select_for_update(no_key=True))
    list(both.select_for_update(no_key=True))
    hold_openings(Downtime.objects.filter(outage__cause__in=keys).values("customer"))
    for model in _HELD:
        held = Q(pk__in=_claims_touched(*causes).values("pk")) if model is Claim else Q(cause__in=keys)
        list(model.objects.filter(held).order_by("pk").select_for_update(no_key=True))
    for draft in Claim.objects.drafts().filter(cause__in=keys, sends_itself_at__lte=now).order_by("pk"):
        as_of(draft, now)
    return {one.pk: one for one in both.select_for_update()}
