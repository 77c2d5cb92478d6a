"""What the customer is told when Enterprise terms that were on record by mistake are corrected (S1, S16)."""

from __future__ import annotations

from datetime import datetime

from entitlements import notices
from entitlements.links import page
from sla.election_letters import readers_of
from sla.models import TermsCorrection


def corrected(correction: TermsCorrection, *, now: datetime) -> None:
    """To whoever would have the notice of an election: since when which terms hold, by what document, and what that does to claims."""
    contract = correction.contract
    notices.write(
        "terms_corrected",
        matter=contract.order_form[:40],
        to=readers_of(contract.customer),
        now=now,
        customer=contract.customer,
        deadline=now,
        point=f"correction {correction.pk}",
        context={
            "reference": contract.order_form,
            "customer": contract.customer.name,
            "zone": contract.zone,
            "first": correction.first,
            "from_the_start": correction.first == contract.first_day,
            "document": correction.document,
            "action_url": page("year_card"),
            "action_label": "See the contract",
        },
    )
