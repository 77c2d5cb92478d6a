"""Of what is asked about a claim: a request for information, a denial to be looked at again; as `tests.factories` makes the rest."""

from __future__ import annotations

from datetime import datetime

from entitlements.models import User
from sla.actions.information import ask_for_information
from sla.models import Claim, InformationRequest
from tests import factories as make
from tests.factories import DAY, NOW

LEDGER = "The ledger of that morning.\nWho confirmed order 2?"


def asked(
    *,
    claim: Claim | None = None,
    answer_by: datetime = NOW + 11 * DAY,
    by: User | None = None,
    now: datetime = NOW + DAY,
) -> InformationRequest:
    """A sent claim about which the reviewer asks for two things."""
    return ask_for_information(
        claim=claim or make.sent_claim(), asked_for=LEDGER, answer_by=answer_by, by=by or make.manager(), now=now
    )


def denied(*, claim: Claim | None = None) -> Claim:
    proposal = make.proposal(claim=claim or make.sent_claim(), outcome="deny", grounds="S9: no document shows a loss.")
    return make.decided(proposal=proposal)
