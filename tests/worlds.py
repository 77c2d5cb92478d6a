"""The beginnings that most tests share, made once for the tests in a row that stand on them (tests/shared.py): a contract, and what
becomes of a failure on it, from its report to the credit, or of a session, from its request on; and an election.

Each but `unlogged` and those of an election is what the factory of its name makes when it is asked for nothing in particular, and stands
on the one before it.
"""

from __future__ import annotations

from entitlements.models import Contract, Engagement
from sla.models import Claim, Election, Failure, Proposal
from sla.sweep import sweep
from tests import election_factories as elect
from tests import factories as make
from tests.shared import shared


@shared
def gold() -> Contract:
    """A contract at level gold, on Enterprise terms."""
    return make.contract()


@shared
def reported(gold: Contract) -> Failure:
    return make.failure(contract=gold)


@shared
def draft(reported: Failure) -> Claim:
    """A claim that was begun, and no more."""
    return make.draft(failure=reported)


@shared
def complete_draft(reported: Failure) -> Claim:
    """A draft that could be sent."""
    return make.draft(failure=reported, complete=True)


@shared
def sent_claim(complete_draft: Claim) -> Claim:
    return make.sent_claim(draft=complete_draft)


@shared
def proposal(sent_claim: Claim) -> Proposal:
    """To approve it, waiting for a second person."""
    return make.proposal(claim=sent_claim)


@shared
def decided_claim(proposal: Proposal) -> Claim:
    return make.decided(proposal=proposal)


@shared
def unlogged(gold: Contract) -> Claim:
    """A claim that was sent for an outage of which our logs know nothing."""
    return make.sent_claim(failure=make.failure(contract=gold, logged=False))


@shared
def requested(gold: Contract) -> Engagement:
    return make.request(contract=gold)


@shared
def scheduled(requested: Engagement) -> Engagement:
    return make.scheduled(engagement=requested)


@shared
def waiting() -> Election:
    """Released for one contract; the notice is on its way."""
    return elect.election()


@shared
def running(waiting: Election) -> Election:
    """The notice has arrived, and the clock has noted it."""
    elect.accepted(waiting, at=elect.ARRIVED)
    sweep(now=elect.ARRIVED, application_now=elect.ARRIVED)
    return elect.fresh(waiting)
