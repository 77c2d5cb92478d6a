"""N11, N16, N17: the receipt, the decision and the memo go with their letters, as the same bytes that the portal hands out."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default as modern

import pytest

from entitlements.models import Letter
from entitlements.notices.rendering import make as made
from sla import memos, pdf
from sla.models import CreditEntry
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
