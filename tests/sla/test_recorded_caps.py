"""S11: in a contract that is not in the cap's currency, the cap is the sum recorded with rate and date before the decision."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError
from django.urls import reverse

from sla.actions.recorded_caps import record_cap
from sla.assessment import assess
from sla.models import Claim, CreditEntry, RecordedCap
from sla.replays import Replayed, replayed
from tests import factories as make
from tests.desk import at, signed_in
from tests.factories import DAY, NOW, TODAY
from tests.shared import shared
from tests.sla.test_actions_decisions import refusals

pytestmark = pytest.mark.django_db
LATER = NOW + 2 * DAY
RATE = {"rate": Decimal("0.91"), "day": TODAY, "source": "The central bank's list"}


@shared
def in_euro() -> Claim:
    """A claim on a contract in euro, under review."""
    return make.sent_claim(contract=make.contract(currency="EUR"))


def recorded(claim, **changes):
    return record_cap(claim=claim, by=make.manager(), now=NOW + DAY, **RATE | changes)


def test_with_it_the_claim_is_decided_and_replayed(in_euro):
    recorded(in_euro, rate=Decimal("0.0001"))
    recorded(in_euro, rate=Decimal("0.0005"))

    decided = make.decided(proposal=make.proposal(claim=in_euro, now=NOW + DAY))

    proposal = decided.proposals.get()
    assert (proposal.capped, proposal.credited, proposal.bound) == (Decimal("1500.00"), Decimal("1500.00"), "cap")
    assert CreditEntry.objects.get().currency == "EUR"
    assert "recorded cap" in str(proposal.inputs.facts)
    assert replayed(proposal) == Replayed((), ())


def test_it_is_the_cap_of_the_terms_times_the_rate(in_euro):
    assert recorded(in_euro).amount == Decimal("2730000.00")


@pytest.mark.parametrize(
    "changes", [{"rate": Decimal(0)}, {"day": TODAY + timedelta(days=9)}], ids=["nothing", "ahead"]
)
def test_a_rate_that_is_none_is_refused(changes, in_euro):
    assert refusals(recorded, claim=in_euro, **changes) == [("S11", "no_rate")]


def test_in_the_caps_own_currency_there_is_none(sent_claim):
    assert refusals(recorded, claim=sent_claim) == [("S11", "own_currency")]


def test_while_a_proposal_waits_it_stays(in_euro):
    recorded(in_euro)
    make.proposal(claim=in_euro, now=NOW + DAY)

    assert refusals(recorded, claim=in_euro) == [("S19", "one_waits")]


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"rate": Decimal(0)}, "a_recorded_cap_is_above_nothing"),
        ({"source": ""}, "a_recorded_cap_says_whose_rate_it_is"),
    ],
)
def test_the_database_refuses(changes, name, in_euro):
    row = {"claim": in_euro, "currency": "EUR", "amount": 1, "recorded_at": NOW, "recorded_by": make.manager()}

    with pytest.raises(IntegrityError, match=name):
        RecordedCap.objects.create(**row | RATE | changes)


def test_on_the_page(in_euro, monkeypatch):
    at(monkeypatch, LATER)
    address = reverse("admin:claim", args=[in_euro.reference])
    browser = signed_in(make.manager(), just=LATER)

    before = browser.get(address).content.decode()
    wrong = browser.post(f"{address}cap/", {"cap-rate": "x", "cap-day": "2026-06-10", "cap-source": "A list"})
    browser.post(f"{address}cap/", {"cap-rate": "0.91", "cap-day": "2026-06-10", "cap-source": "A list"})
    after = browser.get(address).content.decode()

    assert 'data-code="no_cap"' in before
    assert "Record the cap" in before
    assert "Enter a number." in wrong.content.decode()
    assert RecordedCap.objects.get().source == "A list"
    assert "EUR 2,730,000.00" in after
    assert 'data-code="no_cap"' not in after
    assert assess(in_euro, now=LATER).has_cap
