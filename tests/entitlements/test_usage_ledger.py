"""The usage ledger: after any history it adds up to what the rules count, under one lock a contract year."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest

from entitlements.actions import engagements as act
from entitlements.actions.refused import Refused
from entitlements.models import Engagement, EngagementState, PolicyEdition, UsageEntry
from entitlements.rules.caps import over_cap
from tests import factories as make
from tests.factories import DAY, HOUR, NOW

pytestmark = pytest.mark.django_db

Side = Engagement.Side


class TestTheLedger:
    """E5, E6, P20: after any history its sum is what the rules count, and nothing stands above its cap."""

    ACTIVITIES = ("integration", "incident_lifecycle", "maturity", "product_feature", "roadmap")

    @pytest.mark.parametrize("seed", range(2))
    def test_it_adds_up_after_any_history(self, seed):
        dice = random.Random(seed)
        contract = make.contract(level=dice.choice(["none", "premium", "silver", "gold"]))
        customers, desk = make.one_of(contract.customer), make.manager()
        engineers = [make.engineer() for _ in range(3)]
        now = NOW

        for _ in range(30):
            now += dice.choice([HOUR, DAY, 9 * DAY])
            with suppress(Refused):
                self.something(dice, contract, customers, desk, engineers, now)

        self.assert_it_adds_up(contract)
        assert len(set(contract.engagements.values_list("state", flat=True))) > 2

    def something(self, dice, contract, by, desk, engineers, now):
        live = list(contract.engagements.filter(state__in=["requested", "scheduled"]))
        if not live or dice.random() < 0.4:
            day = now.date() + dice.randrange(200) * DAY
            make.request(contract=contract, activity=dice.choice(self.ACTIVITIES), day=day, by=by, now=now)
            return
        engagement, start = dice.choice(live), now + dice.randrange(150) * DAY
        if engagement.state == EngagementState.REQUESTED:
            verb = dice.choice(["schedule", "schedule", "decline", "withdraw", "lapse"])
        else:
            verb = dice.choice(["cancel", "hold", "hold"])
        common = {"by": desk, "now": now}
        match verb:
            case "schedule":
                make.scheduled(engagement=engagement, start=start, engineer=dice.choice(engineers), **common)
            case "decline":
                act.decline_engagement(engagement=engagement, reason="x", **common)
            case "withdraw":
                act.withdraw_engagement(engagement=engagement, by=by, now=now)
            case "lapse":
                act.lapse_engagement(engagement=engagement, now=now)
            case "cancel":
                act.cancel_engagement(engagement=engagement, side=dice.choice(Side.values), reason="x", **common)
            case "hold":
                act.hold_session(session=engagement.sessions.filter(held_at__isnull=True).first(), **common)

    def assert_it_adds_up(self, contract):
        engagements = list(contract.engagements.all())
        for year in contract.years.all():
            counted = [e for e in engagements if e.facts().counts() and year.first_day <= e.day <= year.last_day]
            assert UsageEntry.used_in(year) == len(counted)
            assert all(e.year_id == year.pk for e in counted)
        assert not over_cap(contract.facts(), [e.facts() for e in engagements], PolicyEdition.objects.facts())

    def test_it_can_be_asked_for_some_activities(self, gold):
        make.request(contract=gold, activity="integration")
        make.request(contract=gold, activity="roadmap")

        assert UsageEntry.used_in(gold.years.get(n=1), ["integration"]) == 1

    def test_professional_services_take_no_place(self, requested):
        """E7"""
        Engagement.objects.filter(pk=requested.pk).update(ps_reference="PS-1")
        requested.refresh_from_db()

        act.withdraw_engagement(engagement=requested, by=requested.requested_by, now=NOW)

        assert [entry.places for entry in requested.usage.all()] == [1]


def test_an_action_takes_the_lock_of_the_contract_year_first(django_assert_max_num_queries, requested):
    """E6: one lock per contract and contract year. (A request takes it inside `write_request`.)"""
    by = make.manager()

    with django_assert_max_num_queries(40) as queries:
        act.decline_engagement(engagement=requested, reason="x", by=by, now=NOW)

    sql = [query["sql"] for query in queries if not query["sql"].startswith("SAVEPOINT")]
    locks = [n for n, one in enumerate(sql) if 'FROM "entitlements_contractyear"' in one and "UPDATE" in one]
    writes = [n for n, one in enumerate(sql) if one.lstrip().startswith(("INSERT", "UPDATE", "WITH event"))]
    assert len(locks) == 1
    assert locks[0] < min(writes)
