"""What the customer is told when Enterprise terms that were on record by mistake are corrected (S1, S16)."""

from __future__ import annotations

from datetime import datetime

from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat, Left

from entitlements import notices
from entitlements.links import page
from entitlements.models import Letter
from sla.election_letters import readers_of
from sla.models import TermsCorrection, TermsPeriod

KIND = "terms_corrected"


def corrected(correction: TermsCorrection, *, now: datetime) -> None:
    """To whoever would have the notice of an election: since when which terms hold, by what document, and what that does to claims.
    Told once the correction is made: only what stays of Enterprise terms before it leaves earlier failures a claim (S1). Where nobody
    reads for the customer, nobody is written to: `untold` finds it."""
    contract = correction.contract
    enterprise = contract.terms_periods.filter(terms=TermsPeriod.Kind.ENTERPRISE)
    notices.write(
        KIND,
        matter=contract.order_form[:40],
        to=readers_of(contract.customer),
        now=now,
        customer=contract.customer,
        deadline=correction.approved_at,
        point=f"correction {correction.pk}",
        context={
            "reference": contract.order_form,
            "customer": contract.customer.name,
            "zone": contract.zone,
            "first": correction.first,
            "enterprise_before": enterprise.filter(days__startswith__lt=correction.first).exists(),
            "document": correction.document,
            "action_url": page("year_card"),
            "action_label": "See the contract",
        },
    )


def untold() -> QuerySet[TermsCorrection]:
    """S16: made, and nobody was written to."""
    matter = Left(OuterRef("contract__order_form"), 40)
    point = Concat(Value("correction "), Cast(OuterRef("pk"), CharField()))
    letters = Letter.objects.filter(kind=KIND, matter=matter, point=point)
    return TermsCorrection.objects.filter(~Exists(letters), approved_at__isnull=False)
