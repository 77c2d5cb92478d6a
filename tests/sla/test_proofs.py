"""M6, P20: the clock proves once a day that the ledger adds up, and an alarm says where it does not."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connections, transaction

from entitlements import alarms
from entitlements.models import Alarm
from sla.models import LedgerProof
from sla.proofs import prove
from tests import credit_factories as ledger
from tests import factories as make
from tests.credit_factories import LATER
from tests.desk import sign
from tests.factories import DAY


@pytest.mark.django_db
class TestTheProof:
    def test_it_counts_adds_up_and_hashes_what_there_is(self, decided_claim):
        ledger.posted(ledger.application(of=ledger.credit(claim=decided_claim)))

        proof = prove(now=LATER)

        assert (proof.balanced, proof.entries, proof.balances) == (True, 2, {"USD": "1500.00"})
        assert len(proof.hash) == 64

    def test_it_is_made_once_a_day_and_every_line_changes_its_hash(self, decided_claim):
        first = prove(now=LATER)
        assert prove(now=LATER + timedelta(minutes=1)) is None
        ledger.posted(ledger.application(of=ledger.credit(claim=decided_claim)))

        second = prove(now=LATER + DAY)

        assert second.balanced
        assert second.hash != first.hash

    @pytest.mark.usefixtures("decided_claim")
    @pytest.mark.parametrize(
        "made_up", [{"hash": "0" * 64}, {"entries": 7}, {"last_entry": 0}, {"day": LATER.date() + DAY}]
    )
    def test_none_is_made_up(self, made_up):
        """The role of the application may add proofs: what is not as the ledger has it the database refuses."""
        proof = prove(now=LATER)
        one = {"day": LATER.date() + 2 * DAY, "made_at": LATER + 2 * DAY, "entries": 1, "last_entry": proof.last_entry}

        with pytest.raises(IntegrityError, match="a_proof_says_what_there_is"), transaction.atomic():
            LedgerProof.objects.create(**one | {"hash": proof.hash} | made_up)
        assert LedgerProof.objects.create(**one, hash=proof.hash).balanced

    def test_it_stands_on_the_first_page(self):
        prove(now=LATER)

        assert "Balanced, 0 entries" in sign("ledger", LATER).words
        assert not sign("ledger", LATER).alarm
        assert sign("ledger", LATER + 2 * DAY).trouble == "the ledger was not proved today"


def test_a_line_that_commits_after_another_is_no_alarm(committed_db):
    """Keys are given before the commit: a proof waits for whoever is posting, and whoever begins to post waits for the proof."""
    slow, quick = (ledger.application(of=ledger.credit(), invoice=f"INV-{n}") for n in range(2))
    approver, posted, proofs = make.approver(), threading.Event(), []

    def posts_slowly():
        with closing(connections["default"]), transaction.atomic():
            ledger.posted(slow, by=approver)
            posted.set()
            ledger_is_waited_for()

    def ledger_is_waited_for():
        waits = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        with connections["default"].cursor() as cursor:
            while not proofs and not cursor.execute(waits).fetchone():
                time.sleep(0.01)

    posting = threading.Thread(target=posts_slowly)
    posting.start()
    assert posted.wait(30)
    ledger.posted(quick, by=approver)
    proofs.append(prove(now=LATER))
    posting.join(30)

    assert proofs[0].entries == 4
    assert prove(now=LATER + DAY).balanced


def test_whatever_does_not_add_up_is_named(committed_db):
    credit = ledger.credit()
    entry, other = credit.entries.get(), ledger.posted(ledger.application(of=credit))
    assert prove(now=LATER - DAY).balanced
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE sla_creditentry DISABLE TRIGGER USER")
        cursor.execute("UPDATE sla_creditentry SET amount = 100, memo = 3 WHERE id = %s", [entry.pk])

    troubles = prove(now=LATER).troubles

    assert troubles == [
        f"Lines that are not what two people decided: {entry.pk}.",
        f"Credits below zero: {credit.pk}.",
        "Numbers of memos that are missing before: 3.",
        f"A line that was proved on {LATER.date() - DAY} has been touched since, or is gone.",
    ]
    assert sign("ledger", LATER).alarm
    make.manager()
    alarms.watch(now=LATER)
    assert Alarm.objects.filter(cause="ledger").exists()
    assert other.amount == Decimal("-500.00")
