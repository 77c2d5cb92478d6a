"""S13, S9: which documents count is said to the database, of one in hand, and of the lines that name one: all say the same."""

from __future__ import annotations

import pytest

from sla.loss_stated import UNDOCUMENTED
from sla.models import Evidence
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("scan", Evidence.Scan.values)
@pytest.mark.parametrize("taken_back", [False, True])
def test_all_three_agree(scan, taken_back, complete_draft):
    line, nameless = complete_draft.transactions.all()[:2]
    document = make.evidence(claim=complete_draft)
    document.scan, document.scanned_at = scan, make.NOW if scan in ("clean", "refused") else None
    if taken_back:
        document.removed_at, document.removed_by = make.NOW, complete_draft.opened_by
    document.save()
    complete_draft.transactions.filter(pk=line.pk).update(document=document)
    complete_draft.transactions.filter(pk=nameless.pk).update(document=None)

    undocumented = set(complete_draft.transactions.filter(UNDOCUMENTED))

    assert document.counts == (not taken_back and scan != Evidence.Scan.REFUSED)
    assert Evidence.objects.that_counts().filter(pk=document.pk).exists() == document.counts
    assert (line not in undocumented) == document.counts
    assert nameless in undocumented
