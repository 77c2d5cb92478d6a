"""The ledger after every verb there is: it adds up to what the rules count, now and as it stood at any instant."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import suppress

import pytest
from django.db import ProgrammingError, connection

from entitlements.actions import contract_states, engagements, levels, moves, no_shows
from entitlements.actions.engagements import PlannedSession
from entitlements.actions.refused import Refused
from entitlements.models import Contract, UsageEntry
from entitlements.models.engagements import Use
from entitlements.usage import usage_as_of
from tests import factories as make
from tests.factories import DAY, HOUR, NOW

pytestmark = pytest.mark.django_db

ACTIVITIES = ("integration", "incident_lifecycle", "maturity", "product_feature", "roadmap")
OFTEN = {"ask": 6, "schedule": 4, "hold": 3, "no_show": 2}
SELDOM = (
    "move",
    "move_request",
    "cancel",
    "count",
    "give_back",
    "lapse",
    "decline",
    "withdraw",
    "level",
    "suspend",
    "ask_ps",
)
VERBS = [*(verb for verb, times in OFTEN.items() for _ in range(times)), *SELDOM]


def counted(contract):
    """A replay: what the rules count of the rows as they are, by year and activity."""
    years = {year.pk: Counter() for year in contract.years.all()}
    for engagement in contract.engagements.all():
        if engagement.counts:
            years[engagement.year_id][engagement.activity_id] += 1
    return {key: dict(sums) for key, sums in years.items()}


def as_counted(engagement):
    """As what the rules count a row, which the desk's filter reads off the ledger."""
    if not engagement.facts().counts():
        return Use.NOT
    return {"requested": Use.HELD, "scheduled": Use.HELD, "delivered": Use.DELIVERED}.get(engagement.state, Use.KEPT)


class History:
    """Random verbs, one after another, at rising instants."""

    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.contract = make.contract(level=self.dice.choice(["premium", "silver", "gold", "gold"]))
        self.by, self.engineers = make.manager(), [make.engineer() for _ in range(3)]
        self.now = NOW
        self.done = Counter()

    def step(self):
        self.now += self.dice.choice([HOUR, DAY, 9 * DAY])
        verb = self.dice.choice(VERBS)
        with suppress(Refused, IndexError):
            getattr(self, verb)()
            self.done[verb] += 1

    def one(self, *states):
        found = list(self.contract.engagements.filter(state__in=states).order_by("pk"))
        return self.dice.choice(found)

    def start(self):
        return self.now + self.dice.randrange(150) * DAY

    def doing(self, action, engagement, **more):
        return action(engagement=engagement, by=self.by, now=self.now, **more)

    def ask(self, **more):
        self.contract.refresh_from_db()
        engagements.request_engagement(
            contract=self.contract,
            activity=make.activity(self.dice.choice(ACTIVITIES)),
            wished_day=self.start().date(),
            advice_wording="Advice only.",
            by=self.by,
            now=self.now,
            **more,
        )

    def ask_ps(self):
        self.ask(ps_reference="PS-1")

    def schedule(self):
        make.scheduled(
            engagement=self.one("requested"),
            start=self.start(),
            engineer=self.dice.choice(self.engineers),
            by=self.by,
            now=self.now,
        )

    def move(self):
        to = [PlannedSession(self.start(), self.dice.choice(self.engineers))]
        self.doing(moves.move_engagement, self.one("scheduled"), sessions=to)

    def move_request(self):
        self.doing(moves.move_engagement, self.one("requested"), day=self.start().date())

    def cancel(self):
        side = self.dice.choice(["customer", "vendor"])
        self.doing(engagements.cancel_engagement, self.one("scheduled"), side=side, reason="x")

    def hold(self):
        session = self.one("scheduled").sessions.filter(held_at__isnull=True, released_at__isnull=True).first()
        if session:
            self.now = max(self.now, session.during.upper)
            engagements.hold_session(session=session, by=self.by, now=self.now)

    def no_show(self):
        engagement = self.one("scheduled")
        session = engagement.sessions.filter(held_at__isnull=True, released_at__isnull=True).order_by("part").first()
        if session:
            self.now = max(self.now, session.during.upper)
            self.doing(no_shows.note_no_show, engagement, side=self.dice.choice(["customer", "vendor"]))

    def count(self):
        self.doing(no_shows.count_no_show, self.one("no_show"), reason="x")

    def give_back(self):
        self.doing(no_shows.give_back, self.one("delivered", "no_show", "cancelled"), reason="x")

    def lapse(self):
        engagements.lapse_engagement(engagement=self.one("requested"), now=self.now)

    def decline(self):
        self.doing(engagements.decline_engagement, self.one("requested"), reason="x")

    def withdraw(self):
        self.doing(engagements.withdraw_engagement, self.one("requested"))

    def level(self):
        level = self.dice.choice(["premium", "silver", "gold", "gold"])
        first = self.contract.first_day + self.dice.randrange(700) * DAY
        levels.change_level(contract=self.contract, level=level, first=first, by=self.by, now=self.now)

    def suspend(self):
        contract_states.suspend(contract=self.contract, reason="x", by=self.by, now=self.now)
        contract_states.resume(contract=self.contract, reason="x", by=self.by, now=self.now)


class TestTheLedger:
    """E5, P20"""

    @pytest.mark.parametrize("seed", range(3))
    def test_it_agrees_with_a_replay_at_every_instant(self, seed):
        history, seen = History(seed), []

        for _ in range(80):
            history.step()
            seen.append((history.now, counted(history.contract)))

        years = list(history.contract.years.all())
        lapsed = UsageEntry.objects.filter(kind="lapse", year__contract=history.contract)
        first_lapse = min([entry.happened_at for entry in lapsed], default=None)
        for now, replay in seen:
            if first_lapse is None or now < first_lapse:
                assert {year.pk: usage_as_of(year, now) for year in years} == replay
        assert {year.pk: usage_as_of(year, history.now) for year in years} == seen[-1][1]
        assert len(history.done) > 8
        rows = history.contract.engagements
        assert {use: set(rows.counting(use)) for use in Use} == {
            use: {one for one in rows.all() if as_counted(one) == use} for use in Use
        }

    def test_a_lapse_counts_from_the_end_of_its_year_however_late_it_is_found(self):
        """T3"""
        engagement = make.request(day=make.TODAY)
        year = engagement.year

        engagements.lapse_engagement(engagement=engagement, now=year.ends_at + 20 * DAY)

        assert usage_as_of(year, year.ends_at - HOUR) == {"integration": 1}
        assert usage_as_of(year, year.ends_at) == {}

    def test_what_was_used_on_a_day_can_be_asked_for(self, gold):
        year = gold.years.get(n=1)
        first = make.request(contract=gold, now=NOW)
        make.request(contract=gold, activity="roadmap", now=NOW + 3 * DAY)
        engagements.withdraw_engagement(engagement=first, by=first.requested_by, now=NOW + 5 * DAY)

        assert usage_as_of(year, NOW - HOUR) == {}
        assert usage_as_of(year, NOW) == {"integration": 1}
        assert usage_as_of(year, NOW + 4 * DAY) == {"integration": 1, "roadmap": 1}
        assert usage_as_of(year, NOW + 6 * DAY) == {"roadmap": 1}

    @pytest.mark.parametrize(
        "change", ["UPDATE entitlements_usageentry SET places = 0", "DELETE FROM entitlements_usageentry"]
    )
    @pytest.mark.usefixtures("requested")
    def test_a_line_stays_as_it_is(self, change):
        """P23: for the application by missing rights, for everybody by a trigger."""
        with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
            cursor.execute(change)


def test_a_contract_after_a_history_is_still_whole():
    """E1"""
    history = History(99)
    for _ in range(40):
        history.step()

    assert Contract.objects.get(pk=history.contract.pk).facts().levels
