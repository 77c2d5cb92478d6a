"""N11, N16, N17: the receipt, the decision and the memo go with their letters, as the same bytes that the portal hands out."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default as modern

import pytest

from entitlements.actions.zones import change_zone
from entitlements.models import Letter, User
from entitlements.notices.rendering import make as made
from sla import memos, pdf
from sla.actions.claims import submit_by_itself
from sla.models import Claim, CreditEntry
from tests import factories as make
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def papers(kind):
    letter = Letter.objects.filter(kind=kind).first()
    made(letter, NOW)
    mail = message_from_bytes(bytes(letter.raw), policy=modern)
    return {part.get_filename(): part.get_content() for part in mail.iter_attachments()}


def test_they_are_the_portals_own_bytes():
    claim = make.decided()
    decided = claim.proposals.get(approved_at__isnull=False)

    assert papers("claim_received") == {f"{claim.reference}-receipt.pdf": pdf.receipt(claim)}
    memo = memos.with_all_of_it(CreditEntry.objects.all()).get()
    assert papers("credit_posted") == {"CM-000001.pdf": memos.paper_of(memo)}
    assert papers("claim_decided") == {f"{claim.reference}-decision.pdf": pdf.decision(decided)}


def test_a_receipt_stays_when_names_and_zone_change(sent_claim):
    """S13: the paper says what was so at the receipt, byte for byte."""
    before, customer, contract = pdf.receipt(sent_claim), sent_claim.contract.customer, sent_claim.contract
    type(customer).objects.filter(pk=customer.pk).update(name="Renamed")
    type(contract).objects.filter(pk=contract.pk).update(order_form="OF-other")
    change_zone(contract=contract, zone="Asia/Tokyo", reason="They moved.", by=make.manager(), now=NOW)
    User.objects.update(name="Somebody")

    assert pdf.receipt(Claim.objects.get()) == before


def test_one_that_sent_itself_too(complete_draft):
    submit_by_itself(claim=complete_draft, now=complete_draft.sends_itself_at)
    claim = Claim.objects.get()
    before, sender = pdf.receipt(claim), f"{claim.submitted_by}, by itself"
    User.objects.update(name="Somebody")

    assert claim.receipt.said["sent_by"] == sender
    assert pdf.receipt(Claim.objects.get()) == before
