"""C12.7: the customer's file with everything holds nothing of a claim that the desk has not told yet."""

from __future__ import annotations

from sla import export
from sla.actions.decisions import strike_line
from sla.actions.findings import note_examined
from tests import factories as make
from tests.factories import DAY, NOW


def test_what_the_review_found_is_in_it_once_it_is_decided(sent_claim):
    kind = {"kind": "i", "note": "Looked at the gateway."}
    note_examined(claim=sent_claim, by=make.manager(), now=NOW + DAY, **kind)
    line = sent_claim.transactions.first()
    strike_line(line=line, reason="no_document", note="Nothing in the ledger.", by=make.manager(), now=NOW + DAY)
    customer = sent_claim.contract.customer

    before = export.as_json(customer, NOW + DAY)
    make.decided(proposal=make.proposal(claim=sent_claim))
    after = export.as_json(customer, NOW + 5 * DAY)

    for found in ("Nothing in the ledger.", "Looked at the gateway.", "no_document"):
        assert found not in before
        assert found in after
    assert line.what in before
