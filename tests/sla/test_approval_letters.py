"""N28, S19: what waits for a second person is told to whoever may approve it; what became of it, to whoever proposed it."""

from __future__ import annotations

import pytest

from entitlements import notices
from entitlements.models import Letter, Membership
from sla.actions.decisions import approve_proposal, return_proposal
from tests import credit_factories as ledger
from tests import factories as make
from tests.factories import DAY, NOW

pytestmark = pytest.mark.django_db
LATER = NOW + 2 * DAY


def told(kind):
    return set(Letter.objects.filter(kind=kind).values_list("addressee", flat=True))


def test_whoever_may_approve_is_asked(sent_claim):
    one, other, former = make.approver(), make.approver(), make.approver()
    make.approver(is_active=False)
    left = {"left_at": NOW, "left_by": one}
    Membership.objects.create(user=former, customer=sent_claim.contract.customer, roles=["owner"], **left)

    make.proposal(claim=sent_claim, by=one)

    assert told("approval_wanted") == {other.email}
    letter = Letter.objects.get(kind="approval_wanted")
    notices.render(letter)
    assert letter.subject == f"[{sent_claim.reference}] Approval wanted: a credit of USD 2,000.00"


def test_whoever_proposed_it_is_told_what_became_of_it(proposal):
    approve_proposal(proposal=proposal, by=make.approver(), now=LATER)

    assert told("approval_decided") == {proposal.proposed_by.email}


@pytest.mark.parametrize("own", [False, True])
def test_who_takes_it_back_is_not_told_of_it(own, proposal):
    by = proposal.proposed_by if own else make.approver()

    return_proposal(proposal=proposal, reason="Look at line 2.", by=by, now=LATER)

    assert bool(told("approval_decided")) != own


def test_a_line_of_the_ledger_too(decided_claim):
    other = make.approver()
    posting = ledger.application(of=ledger.credit(claim=decided_claim))
    letter = Letter.objects.filter(kind="approval_wanted", addressee=other.email).get()

    ledger.posted(posting, by=other)

    assert letter.context["of"]["what"] == "apply to an invoice, USD 500.00 into invoice INV-1"
    assert posting.proposed_by.email in told("approval_decided")
