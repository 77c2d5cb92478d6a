"""E3, S1, S16: a contract that is renewed while an election of it runs, between choice and effect, and after the effect. It ends on June 30,
twelve days after the effect."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from entitlements.actions.refused import Refused
from entitlements.actions.zones import change_zone
from entitlements.models import Contract
from sla.actions.contract_terms import renew, terminate
from sla.actions.elections import choose
from sla.actions.late_choices import confirm_late_choice, enter_late_choice
from sla.assessment import standing_of
from sla.models import Election
from sla.withdrawals import contracts_on_enterprise_terms
from tests import election_factories as elect
from tests import factories as make
from tests.desk import signed_in
from tests.factories import DAY, HOUR
from tests.shared import shared
from tests.sla.test_elections import ARRIVED, EFFECT, ENDS, MARGIN, TICK, signatory, turn

LAST, NEXT = date(2026, 6, 30), date(2026, 7, 1)
IN_JULY = datetime(2026, 7, 10, 15, tzinfo=UTC)
CHOSEN = ARRIVED + DAY


@shared
def chosen() -> Election:
    """Its customer has chosen to shift; the clock has not run since."""
    election = elect.election(contracts=[elect.ready(last=LAST)])
    elect.accepted(election, at=ARRIVED)
    turn(ARRIVED)
    choose(election=election, choice="shift", by=signatory(election), now=CHOSEN)
    return elect.fresh(election)


def renewed(election, now, *, contract=None):
    contract = contract or Contract.objects.get(pk=election.contract_id)
    told = {"paid_seats": 120, "cost_per_seat": Decimal("41.00"), "by": make.manager(), "now": now}
    return renew(contract=contract, order_form="OF-NEXT", last=date(2027, 6, 30), **told)


def held(contract):
    """Plan and terms by their first days."""
    fresh = Contract.objects.get(pk=contract.pk)
    plans = [(one.plan, one.days.lower) for one in fresh.plans.order_by("days")]
    return plans, [(one.terms, one.days.lower) for one in fresh.terms_periods.order_by("days")]


def old_one_changed(election):
    found = elect.fresh(election)
    assert (found.standing, found.effect_day) == ("chosen_shift", EFFECT)
    assert held(found.contract) == (
        [("Business", make.FIRST), ("Professional", EFFECT)],
        [("enterprise", make.FIRST), ("standard", EFFECT)],
    )
    assert found.contract.last_day == LAST


class TestRenewed:
    @pytest.mark.parametrize("now", [ARRIVED + HOUR, CHOSEN + HOUR, ENDS - TICK], ids=str)
    def test_before_the_effect_it_is_a_contract_of_its_own_on_enterprise_terms(self, chosen, now):
        """What was agreed is its order form; loss-based credits end for it by a withdrawal of its own."""
        new = renewed(chosen, now)
        turn(ENDS + MARGIN)

        old_one_changed(chosen)
        assert held(new) == ([("Business", NEXT)], [("enterprise", NEXT)])
        assert new.fee_months.get().cost_per_seat == 41
        assert standing_of(new, IN_JULY).standing.value == "enterprise"
        assert new in contracts_on_enterprise_terms(NEXT)
        assert chosen.contract not in contracts_on_enterprise_terms(NEXT)

    def test_after_the_effect_it_begins_with_what_the_effect_left(self, chosen):
        turn(ENDS + MARGIN)
        new = renewed(chosen, ENDS + DAY)

        old_one_changed(chosen)
        assert held(new) == ([("Professional", NEXT)], [("standard", NEXT)])
        assert standing_of(new, IN_JULY).standing.value == "standard"
        assert new not in contracts_on_enterprise_terms(NEXT)

    @pytest.mark.parametrize("now", [ENDS, ENDS + MARGIN - TICK, ENDS + 3 * DAY], ids=str)
    def test_while_the_effect_is_not_written_yet_it_waits_for_it(self, chosen, now):
        """T3: else what a clock that stood still has not written would be missing from the new contract for good."""
        with pytest.raises(Refused) as refused:
            renewed(chosen, now)
        assert [one.code for one in refused.value.refusals] == ["not_settled"]

        turn(max(now, ENDS + MARGIN))
        assert held(renewed(chosen, max(now, ENDS + MARGIN))) == ([("Professional", NEXT)], [("standard", NEXT)])

    def test_also_where_nothing_of_the_election_was_written_down(self, db):
        election = elect.election(contracts=[elect.ready(last=LAST)])
        elect.accepted(election, at=ARRIVED)

        with pytest.raises(Refused, match="has ended"):
            renewed(election, ENDS)
        assert renewed(election, ENDS - TICK)

    def test_a_failure_before_the_effect_stays_claimable_whenever_it_is_renewed(self, chosen):
        """S1: the instant of occurrence decides, by the contract that ran then."""
        claim = make.sent_claim(failure=make.failure(contract=chosen.contract, began=ENDS - 3 * HOUR, now=ENDS))
        turn(ENDS + MARGIN)
        renewed(chosen, ENDS + DAY)

        failure = claim.failures.get()
        assert (
            standing_of(Contract.objects.get(pk=chosen.contract_id), failure.occurred_at).standing.value == "enterprise"
        )

    def test_who_read_the_contract_before_the_effect_renews_it_as_it_is_now(self, chosen):
        as_read = Contract.objects.get(pk=chosen.contract_id)
        turn(ENDS + MARGIN)

        new = renewed(chosen, ENDS + MARGIN, contract=as_read)
        assert held(new) == ([("Professional", NEXT)], [("standard", NEXT)])

    def test_one_that_no_day_is_left_for_is_not_waited_for(self, db):
        election = elect.election(contracts=[elect.ready(last=EFFECT)])
        elect.accepted(election, at=ARRIVED)
        turn(ARRIVED)
        told = {"reason": "They moved west.", "by": make.manager(), "now": ARRIVED + DAY}
        change_zone(contract=election.contract, zone="Pacific/Honolulu", **told)
        contract = Contract.objects.get(pk=election.contract_id)
        terminate(contract=contract, last_day=EFFECT - DAY, **told)
        turn(ENDS + MARGIN)

        assert elect.fresh(election).state == "open"
        assert renewed(election, ENDS + MARGIN).first_day == EFFECT


class TestAtTheDesk:
    def test_the_preview_says_to_wait(self, chosen, clock):
        clock(ENDS)
        typed = {"order_form": "OF-NEXT", "last": date(2027, 6, 30), "step": "preview"}
        address = reverse("admin:change_contract", args=[chosen.contract_id, "renew"])

        shown = signed_in(make.manager()).post(address, typed).content.decode()

        assert f"The time to choose of election {chosen} has ended" in shown
        assert "Renew the contract once it is" in shown

    def test_who_confirms_a_late_choice_is_told_of_the_new_contract(self, chosen, clock):
        """S16, T4: what changes by it is the old one; the new one began with what the first outcome left."""
        turn(ENDS + MARGIN)
        new = renewed(chosen, ENDS + DAY)
        late = enter_late_choice(
            election=chosen, choice="stay", signer="J. Legal", received_at=ENDS - TICK, file=elect.document(),
            by=make.manager(), now=ENDS + 2 * DAY,
        )  # fmt: skip
        clock(ENDS + 2 * DAY)
        shown = signed_in(make.approver()).get(reverse("admin:election", args=[chosen.reference])).content.decode()

        assert f"{new.order_form}</a> came after this contract" in shown
        confirm_late_choice(late=late, by=make.approver(), now=ENDS + 2 * DAY)
        assert held(chosen.contract)[0] == [("Business", make.FIRST), ("Business", EFFECT)]
        assert held(new) == ([("Professional", NEXT)], [("standard", NEXT)])
