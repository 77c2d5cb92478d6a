"""S19: a decision comes out of what was frozen with it, whatever is corrected later."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction

from sla.inputs import hash_of
from sla.models import DecisionInputs
from sla.replays import replayed
from sla.rules.replay import replay
from tests import factories as make
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def said(*asked):
    out = StringIO()
    call_command("replay", *asked, stdout=out)
    return out.getvalue()


def decision_of(claim):
    return claim.proposals.get(approved_at__isnull=False)


def steps_named(tree, name):
    if tree["name"] == name:
        yield tree
    for step in tree["steps"]:
        yield from steps_named(step, name)


class TestAReplay:
    def test_it_says_same_with_or_without_hyphens_and_for_all(self, decided_claim):
        for asked in (decided_claim.reference, decided_claim.reference.replace("-", "").lower(), "--all"):
            assert "approve" in said(asked)
            assert said(asked).rstrip().endswith("same")

    def test_it_says_what_differs_and_fails(self, decided_claim, monkeypatch):
        monkeypatch.setattr("sla.replays.replay", lambda step: replay(changed(step)))

        with pytest.raises(CommandError, match="1 of the decisions"):
            said(decided_claim.reference)

    def test_a_figure_that_was_touched_is_named(self, decided_claim):
        decision = decision_of(decided_claim)
        decision.working = deepcopy(decision.working)
        (fees,) = steps_named(decision.working, "credit")
        fees["inputs"] = [[k, {"fraction": "1"} if k == "remedy_amount" else v] for k, v in fees["inputs"]]
        decision.credited = Decimal("2000.01")

        found = replayed(decision).differences

        assert any("credit" in line and "remedy_amount: 1, then 2000" in line for line in found)
        assert any(line.startswith("credited: decided 2000.01") for line in found)

    def test_what_is_corrected_later_is_told_and_changes_nothing(self, decided_claim):
        month = decided_claim.contract.fee_months.order_by("month").first()
        type(month).objects.filter(pk=month.pk).update(paid_seats=7)

        found = replayed(decision_of(decided_claim))

        assert found.differences == ()
        assert any("paid seats: 120, then 7" in line for line in found.since)

    def test_a_denial_without_a_documented_failure_comes_out_too(self, unlogged):
        make.decided(proposal=make.proposal(claim=unlogged, outcome="deny", grounds="S2: our logs have no outage."))

        assert said(unlogged.reference).rstrip().endswith("same")

    def test_what_is_not_decided_has_nothing_frozen(self, sent_claim):
        with pytest.raises(CommandError, match="not decided"):
            said(sent_claim.reference)
        with pytest.raises(CommandError, match="There is no claim"):
            said("CLM-NONE")


class TestTheInputs:
    def test_they_are_frozen_with_the_proposal_and_stay(self, proposal):
        inputs = proposal.inputs

        names = {step["name"] for step in inputs.facts["steps"]}
        assert {"contract", "terms period", "fees", "failure", "logs of an outage", "line", "document"} <= names
        assert inputs.sha256 == hash_of(inputs.facts)
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            DecisionInputs.objects.update(frozen_at=NOW)


def changed(step):
    """The same with another cap."""
    if step.name == "credit":
        return replace(step, inputs=tuple((k, Decimal(5) if k == "cap" else v) for k, v in step.inputs))
    return replace(step, steps=tuple(map(changed, step.steps)))
