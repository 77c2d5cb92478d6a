"""M9.6: which open claims the rows of an import bear on."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Exists, Max, OuterRef, QuerySet

from sla.models import TO_DECIDE, AlertImport, AlertQuarter, Claim, ClaimState, Failure, TermsEdition

_ABOUT = timedelta(days=1)
"""What a customer states of the time of an alert is approximate."""


def claims_that_rest_on(source: AlertImport) -> QuerySet[Claim]:
    """Drafts and claims to be decided about an alert of a customer of this import: received in its span, or up to so many months
    after it as the median of quarter hours looks back (S7). What is decided stays as it was decided (S19)."""
    if source.first_received is None or source.last_received is None:
        return Claim.objects.none()
    months = TermsEdition.objects.published().aggregate(most=Max("volume_months"))["most"] or 0
    until = source.last_received + _ABOUT + timedelta(days=31 * months)
    of_its_time = Failure.objects.filter(
        kind=Failure.Kind.ALERT,
        began_at__gte=source.first_received - _ABOUT,
        began_at__lte=until,
        claims=OuterRef("pk"),
    )
    of_its_customers = AlertQuarter.objects.filter(source=source, customer=OuterRef("contract__customer"))
    open_claims = Claim.objects.filter(Exists(of_its_time), Exists(of_its_customers))
    return open_claims.filter(state__in=[ClaimState.DRAFT, *TO_DECIDE]).select_related("contract__customer")
