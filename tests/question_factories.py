"""Of what is asked about a claim: a request for information, a denial to be looked at again; as `tests.factories` makes the rest."""

from __future__ import annotations

from datetime import datetime

from entitlements.models import Contract, User
from entitlements.uploads import CheckedFile
from sla.actions.entries import Written, enter
from sla.actions.information import ask_for_information
from sla.models import Claim, Entry, Failure, InformationRequest
from tests import factories as make
from tests.factories import DAY, HOUR, NOW

_DOCUMENT = CheckedFile("", "", b"", "")
"""Stands for: make one."""

LEDGER = "The ledger of that morning.\nWho confirmed order 2?"


def asked(
    *,
    claim: Claim | None = None,
    asked_for: str = LEDGER,
    answer_by: datetime = NOW + 11 * DAY,
    by: User | None = None,
    now: datetime = NOW + DAY,
) -> InformationRequest:
    """A sent claim about which the reviewer asks for two things."""
    return ask_for_information(
        claim=claim or make.sent_claim(), asked_for=asked_for, answer_by=answer_by, by=by or make.manager(), now=now
    )


def entered(
    *,
    contract: Contract | None = None,
    failure: Failure | None = None,
    file: CheckedFile | None = _DOCUMENT,
    by: User | None = None,
    now: datetime = NOW,
    **changes: object,
) -> Entry:
    """A claim by e-mail with one lost transaction, entered by one of the staff; `changes` of what was written."""
    began = failure.began_at if failure else NOW - DAY
    told = {"what": "claim", "way": "email", "sender": "Ana Lind, Acme", "arrived_at": NOW - HOUR, "kind": "A"}
    told |= {"contact_name": "Ana Lind", "contact_email": "ana@acme.example"}
    told |= {"began_at": began, "ended_at": began + 2 * HOUR, "lines": make.transactions(began=began, lines=1)}
    written = Written(**told | {"failure": failure} | changes)
    contract = contract or (failure.contract if failure else make.contract())
    document = make.document() if file is _DOCUMENT else file
    return enter(contract=contract, written=written, file=document, by=by or make.manager(), now=now)


def denied(*, claim: Claim | None = None) -> Claim:
    proposal = make.proposal(claim=claim or make.sent_claim(), outcome="deny", grounds="S9: no document shows a loss.")
    return make.decided(proposal=proposal)
