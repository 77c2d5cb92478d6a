"""Lines of the ledger, beyond the grant that `factories.decided()` leaves there."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from entitlements.models import User
from sla.actions.postings import approve_posting, propose_application, propose_correction, propose_reversal
from sla.models import Claim, Credit, CreditEntry, Posting
from tests import factories as make
from tests.factories import DAY, NOW

LATER = NOW + 3 * DAY


def credit(*, claim: Claim | None = None) -> Credit:
    """A credit of 2,000.00, granted."""
    return Credit.objects.get(claim=claim or make.decided())


def application(
    *, of: Credit, amount: str = "500.00", invoice: str = "INV-1", by: User | None = None, now: datetime = LATER
) -> Posting:
    """Proposed, and waiting."""
    return propose_application(credit=of, amount=Decimal(amount), invoice=invoice, by=by or make.manager(), now=now)


def reversal(*, of: CreditEntry, by: User | None = None, kept: Credit | None = None, now: datetime = LATER) -> Posting:
    return propose_reversal(entry=of, reason="Posted twice.", set_off_by=kept, by=by or make.manager(), now=now)


def correction(*, of: CreditEntry, amount: str, by: User | None = None, now: datetime = LATER) -> Posting:
    """That the line should have been so much."""
    by = by or make.manager()
    return propose_correction(entry=of, amount=Decimal(amount), reason="A wrong sum.", by=by, now=now)


def posted(posting: Posting, *, by: User | None = None, now: datetime = LATER) -> CreditEntry:
    """Approved by a second person."""
    return approve_posting(posting=posting, by=by or make.approver(), now=now)
