"""Many at once, with real transactions: what is left is exactly what the rule allows. With the lock taken out it is not.

A thread and a connection each. What they do is drawn from a seed; how they meet is not.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial
from threading import Barrier

import psycopg
import pytest
from django.db import connection, connections

from config.embedded import OWNER
from entitlements.actions import requests
from entitlements.actions.engagements import PlannedSession, schedule_engagement
from entitlements.actions.levels import change_level
from entitlements.actions.moves import move_engagement
from entitlements.actions.refused import Refused
from entitlements.models import Activity, BookedSession, Engagement, Event, PolicyEdition, UsageEntry
from entitlements.rules.cap_values import NOT_AVAILABLE
from tests import factories as make
from tests.entitlements.rules.naive import over as over_by_replay
from tests.entitlements.test_actions_editions import draft, proposed, publish, save, with_cap
from tests.factories import DAY, NOW, TODAY
from tests.meeting import meeting

THREADS = 12
POOLED = ("integration", "product_feature")


def all_at_once(jobs, threads=THREADS):
    """Do the jobs, each on one of the threads' connections; what became of them: done, refused, or the error.

    They set off together, when the last thread has its connection: how long connecting takes must not decide who meets whom.
    """
    threads = min(threads, len(jobs))
    off = Barrier(threads, timeout=30)

    def connected():
        connection.ensure_connection()
        off.wait()

    def one(job):
        try:
            job()
            return "done"
        except Refused:
            return "refused"
        except Exception as error:
            return repr(error)

    with ThreadPoolExecutor(threads, initializer=connected) as pool:
        outcomes = Counter(pool.map(one, jobs))
        list(pool.map(lambda _: (off.wait(), connections.close_all()), range(threads)))
    return outcomes


@pytest.fixture
def without_the_lock(servers, committed_db):
    """The twin: the same function without its lock, and with a meeting between count and write of half the threads for each year."""
    lock, write = "FOR NO KEY UPDATE", "IF NOT kept THEN\n                INSERT"
    with psycopg.connect(servers.postgres.url(OWNER, committed_db), autocommit=True) as owner:
        (source,) = owner.execute("SELECT pg_get_functiondef('request_plainly'::regproc)").fetchone()
        assert lock in source
        assert write in source
        owner.execute(source.replace(lock, "").replace(write, meeting(THREADS // 2, "room.year_id") + write))


def ask(contract, by, activity="integration", day=TODAY + 14 * DAY):
    return requests.request_engagement(
        contract=contract,
        activity=Activity(pk=activity),
        wished_day=day,
        advice_wording="Advice only.",
        by=by,
        now=NOW,
    )


def over(contract):
    """What stands above its cap, by a replay that shares no code with the rules."""
    booked = [one.facts() for one in contract.engagements.all()]
    return over_by_replay(contract.facts(), PolicyEdition.objects.facts(), booked)


def used(contract):
    return sum(UsageEntry.used_in(year) for year in contract.years.all())


class TestTheLastPlace:
    """E6, P14: as many as there are places, whoever asks and however many at once."""

    def rush(self, contract, by, times=50):
        return all_at_once([partial(ask, contract, by)] * times)

    def test_goes_to_one(self, committed_db):
        contract, by = make.contract(level="none"), make.manager()

        assert self.rush(contract, by) == {"done": 1, "refused": 49}

        assert (contract.engagements.count(), used(contract)) == (1, 1)

    def test_without_the_lock_it_goes_to_several(self, without_the_lock):
        """V6: the twin."""
        contract, by = make.contract(level="none"), make.manager()

        self.rush(contract, by, times=THREADS)

        assert contract.engagements.count() > 1

    def test_the_last_six_go_to_six_and_none_is_left(self, committed_db):
        contract, by = make.contract(level="gold"), make.manager()

        assert self.rush(contract, by) == {"done": 6, "refused": 44}

    def test_of_a_pool_goes_to_one_whatever_they_ask_for(self, committed_db):
        """E4"""
        contract, by = make.contract(level="none"), make.manager()

        outcome = all_at_once([partial(ask, contract, by, POOLED[n % 2]) for n in range(50)])

        assert outcome == {"done": 1, "refused": 49}

    def test_that_is_not_plain_goes_to_one_as_well(self, committed_db):
        """E6: where a later level has fewer, the lock is taken first and all is read under it."""
        contract = make.contract(levels=[(make.FIRST, "gold"), (TODAY + 100 * DAY, "premium")])
        by = make.manager()
        for _ in range(3):
            ask(contract, by)

        assert self.rush(contract, by) == {"done": 3, "refused": 47}

    def test_of_one_engineer_goes_to_one_of_a_hundred(self, committed_db):
        """E15, P15"""
        desk, engineer = make.manager(), make.engineer()
        twenty = [make.contract(fees=False, enterprise=False, by=desk) for _ in range(20)]
        waiting = [ask(contract, desk) for contract in twenty for _ in range(5)]
        slot = [PlannedSession(NOW + 14 * DAY, engineer)]

        outcome = all_at_once(
            [partial(schedule_engagement, engagement=one, sessions=slot, by=desk, now=NOW) for one in waiting]
        )

        assert outcome == {"done": 1, "refused": 99}
        assert BookedSession.objects.count() == 1


class TestAThousandAtOnce:
    """E5, E6, P14: requests over fifty contracts, with moves and changes of level among them."""

    def contracts(self, dice, by, n):
        levels = [dice.choice(["none", "premium", "silver"]) for _ in range(n)]
        return [make.contract(level=level, fees=False, enterprise=False, by=by) for level in levels]

    def jobs(self, dice, by, desk):
        fifty = self.contracts(dice, desk, 50)
        booked = [ask(contract, by, "product_feature", TODAY + dice.randrange(150) * DAY) for contract in fifty]
        days = [TODAY + n * DAY for n in range(0, 500, 25)]
        one_of = dice.choice
        jobs = [partial(ask, one_of(fifty), by, one_of(POOLED), one_of(days)) for _ in range(1000)]
        jobs += [
            partial(move_engagement, engagement=one_of(booked), day=one_of(days), by=by, now=NOW) for _ in range(100)
        ]
        jobs += [
            partial(change_level, contract=one_of(fifty), level="gold", first=one_of(days), by=desk, now=NOW)
            for _ in range(40)
        ]
        dice.shuffle(jobs)
        return fifty, jobs

    def test_leave_exactly_what_the_rule_allows(self, committed_db):
        by, desk = make.manager(), make.manager()
        fifty, jobs = self.jobs(random.Random(7), by, desk)

        outcomes = all_at_once(jobs)

        assert set(outcomes) == {"done", "refused"}, outcomes
        assert outcomes["done"] > 100
        for contract in fifty:
            # Levels only rise here, so nothing may ever have come to stand above its cap.
            assert over(contract) == set()
            assert used(contract) == sum(one.counts for one in contract.engagements.all())
        self.every_request_has_its_lines()
        self.nothing_is_left_that_was_refused(fifty, by)

    def every_request_has_its_lines(self):
        asked = Engagement.objects.count()
        assert UsageEntry.objects.filter(kind="hold", places=1).values("engagement").distinct().count() == asked
        assert Event.objects.filter(verb="engagement.requested").count() == asked

    def nothing_is_left_that_was_refused(self, fifty, by):
        """A place that is still free is booked by whoever asks now, and one more is refused: none was lost in the rush."""
        for contract in fifty[:10]:
            free, taken = 0, used(contract)
            while free < 30:
                try:
                    ask(contract, by, "integration", contract.last_day)
                except Refused:
                    break
                free += 1
            assert used(contract) == taken + free
            assert over(contract) == set()

    def test_without_the_lock_they_pass_a_cap(self, without_the_lock):
        """V6: the twin."""
        by = make.manager()
        two = self.contracts(random.Random(7), by, 2)

        all_at_once(
            [partial(ask, one, by, "integration", TODAY + 30 * DAY) for one in two for _ in range(THREADS // 2)]
        )

        assert any(over(contract) for contract in two)


class TestAnEditionPublishedBeneathARequest:
    """E2, E6: the request has read the caps of the year, and they are no longer those when it writes."""

    GATE = 4711
    NEXT_YEAR = date(2027, 1, 1)

    @pytest.fixture
    def gate(self, servers, committed_db):
        """A request stops between reading and writing, as long as the gate is shut: its key in the database, and whoever holds it."""
        read = "IF FOUND AND (room.places IS NULL"
        with psycopg.connect(servers.postgres.url(OWNER, committed_db), autocommit=True) as owner:
            (source,) = owner.execute("SELECT pg_get_functiondef('request_plainly'::regproc)").fetchone()
            assert read in source
            owner.execute(source.replace(read, f"PERFORM pg_advisory_xact_lock({self.GATE}); {read}", 1))
            owner.execute("SELECT pg_advisory_lock(%s)", [self.GATE])
            yield owner

    def meet(self, gate):
        """The request stands at the gate; an edition without the activity is published; the gate opens."""
        contract, by = make.contract(level="gold"), make.manager()
        made = draft()
        waiting = proposed(save(made, **with_cap(made, "gold", "integration", NOT_AVAILABLE)))
        approver = make.approver()
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(all_at_once, [partial(ask, contract, by, "integration", self.NEXT_YEAR)])
            try:
                self.until_it_stands_at(gate)
                publish(waiting, by=approver)
            finally:
                gate.execute("SELECT pg_advisory_unlock(%s)", [self.GATE])
            return contract, asked.result()

    def until_it_stands_at(self, gate):
        given_up = time.monotonic() + 30
        while not gate.execute("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted").fetchone():
            assert time.monotonic() < given_up, "the request did not come to the gate"
            time.sleep(0.01)

    def test_is_what_it_is_decided_by(self, gate):
        contract, outcome = self.meet(gate)

        assert outcome == {"refused": 1}
        assert over(contract) == set()

    def test_without_the_years_turn_it_would_take_a_place_that_is_gone(self, gate):
        """V6: the twin."""
        turning = next(one for one in PolicyEdition._meta.triggers if one.name == "turns_the_years")
        gate.execute(f"ALTER TABLE entitlements_policyedition DISABLE TRIGGER {turning.get_pgid(PolicyEdition)}")

        contract, outcome = self.meet(gate)

        assert outcome == {"done": 1}
        assert len(over(contract)) == 1


def test_nobody_waits_for_ever(committed_db):
    """E6: moves to and fro between two years take their locks in one order."""
    contract, by = make.contract(), make.manager()
    booked = [ask(contract, by, "integration", day) for day in (TODAY, TODAY + timedelta(days=365)) * 3]

    outcomes = all_at_once(
        [
            partial(move_engagement, engagement=one, day=TODAY + (n % 2) * 365 * DAY + n * DAY, by=by, now=NOW)
            for n in range(20)
            for one in booked
        ]
    )

    assert set(outcomes) <= {"done", "refused"}
    assert used(contract) == 6
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        assert cursor.fetchone() == (0,)
