"""The hot way of a request: what it reads agrees with the models, and what it writes is what the models would have written."""

from __future__ import annotations

import random
import uuid
from dataclasses import replace
from datetime import date

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from entitlements.actions import places, requests
from entitlements.actions.contract_states import suspend
from entitlements.actions.levels import change_level
from entitlements.actions.moves import move_request
from entitlements.actions.open_books import open_book
from entitlements.actions.places import lock, locked_year
from entitlements.actions.refused import Refused
from entitlements.actions.starts import change_start
from entitlements.models import (
    Contract,
    ContractYear,
    Engagement,
    Event,
    PlainRoom,
    PolicyEdition,
    UsageEntry,
    prepared,
)
from entitlements.rules.caps import EngagementFacts, check_booking
from tests import factories as make
from tests.entitlements.test_actions_editions import draft, proposed, publish, save
from tests.entitlements.test_usage_as_of import ACTIVITIES, History
from tests.factories import DAY, NOW, TODAY

pytestmark = pytest.mark.django_db

ALL = (*ACTIVITIES, "alert_strategies", "automation_ideation")


class TestAnOpenBook:
    """E6: the rules are told the same by the function in the database as by the models."""

    @pytest.mark.parametrize("seed", [0, 2])
    def test_gives_the_answers_that_the_models_give(self, seed):
        history, dice = History(seed + 50), random.Random(seed)
        make.override(
            contract=history.contract, activity="roadmap", cap=dice.randrange(4), days=(TODAY, TODAY + 300 * DAY)
        )
        make.override(contract=history.contract, activity="maturity", unlimited=True)
        make.override(contract=history.contract, pool="consultation", cap=2)
        for _ in range(40):
            history.step()
        contract = type(history.contract).objects.get(pk=history.contract.pk)
        booked = [one.facts() for one in contract.engagements.all()]

        for _ in range(40):
            day = make.FIRST + dice.randrange(-5, 740) * DAY
            wish = EngagementFacts("new", dice.choice(ACTIVITIES), day, "requested")
            if booked and dice.random() < 0.3:
                wish = replace(wish, id=dice.choice(booked).id)
            expected = check_booking(contract.facts(), booked, wish, PolicyEdition.objects.facts())
            answer = open_book(contract.pk, day).answer(wish)
            assert answer.wish.contract == contract.facts()
            assert (answer.answer, answer.used_with_it, answer.blocked, answer.next_place) == (
                expected.answer,
                expected.used_with_it,
                expected.blocked,
                expected.next_place,
            )


def plain_room(contract, day, activity):
    with connection.cursor() as cursor:
        cursor.execute("SELECT year, activities, places FROM plain_room(%s, %s, %s)", [contract.pk, day, activity])
        return cursor.fetchone()


def same_room(contract, day):
    with connection.cursor() as cursor:
        cursor.execute("SELECT days_of_same_room(%s, %s)", [contract.pk, day])
        return cursor.fetchone()[0]


def is_left(room):
    """As `request_plainly` asks: is there a room, and are fewer than its places used of it?"""
    if room is None or room[2] is None:
        return room is not None
    return UsageEntry.used_in(ContractYear.objects.get(pk=room[0]), room[1]) < room[2]


class TestPlainRoom:
    """E2, E4, E6, E8, E9, E14: whatever the database allows by itself, the rules allow."""

    @pytest.mark.parametrize("seed", [2, 3, 5])
    def test_agrees_with_the_rules(self, seed):
        history, dice = History(seed + 80), random.Random(seed)
        contract = history.contract
        if seed % 2:
            change_level(contract=contract, level="none", first=TODAY + 200 * DAY, by=make.manager(), now=NOW)
            make.override(contract=contract, activity="product_feature", cap=2, days=(TODAY, TODAY + 30 * DAY))
            make.override(contract=contract, activity="roadmap", cap=dice.randrange(4))
            make.override(contract=contract, activity="maturity", unlimited=True)
        for _ in range(40):
            history.step()
        if seed == 5:
            contract.products.all().delete()
            make.override(contract=contract, pool="consultation", cap=3)

        plain = 0
        for _ in range(120):
            wish = EngagementFacts("new", dice.choice(ALL), make.FIRST + dice.randrange(-5, 740) * DAY, "requested")
            if is_left(plain_room(contract, wish.day, wish.activity)):
                plain += 1
                assert open_book(contract.pk, wish.day).refusals(wish) == []
        assert plain > 20 or seed == 5

    @pytest.mark.parametrize(
        ("level", "activity", "room"),
        [
            ("gold", "integration", (["integration"], 6)),
            ("none", "integration", (["integration", "product_feature"], 1)),
            ("premium", "roadmap", (["roadmap"], 0)),
        ],
    )
    def test_is_the_cap_of_the_level_or_of_its_pool(self, level, activity, room):
        assert plain_room(make.contract(level=level), TODAY, activity)[1:] == room

    def test_is_the_least_cap_from_the_day_on(self):
        contract = make.contract(levels=[(make.FIRST, "gold"), (TODAY + 100 * DAY, "silver")])

        assert plain_room(contract, TODAY, "integration")[2] == 4
        assert plain_room(contract, contract.last_day, "integration")[2] == 4

    def test_is_what_an_override_says_for_all_of_the_days_ahead(self, gold):
        """E8"""
        make.override(contract=gold, activity="integration", cap=9)
        make.override(contract=gold, activity="roadmap", cap=9, days=(TODAY, TODAY + DAY))

        assert plain_room(gold, TODAY, "integration")[2] == 9
        assert plain_room(gold, TODAY, "roadmap") is None

    @pytest.mark.parametrize(("products", "plain"), [(["aiops"], False), (["im"], True)])
    def test_is_only_where_no_product_is_missing(self, products, plain):
        """E9"""
        contract = make.contract(products=products)

        assert (plain_room(contract, TODAY, "alert_strategies") is not None) == plain

    def test_is_none_outside_the_term_or_on_a_contract_that_is_not_active(self, gold):
        """E14"""
        assert plain_room(gold, gold.term.upper, "integration") is None

        suspend(contract=gold, reason="x", by=make.manager(), now=NOW)

        assert plain_room(gold, TODAY, "integration") is None


def turns(contract):
    return list(contract.years.values_list("turn", flat=True))


def request_in(contract, **more):
    make.request(contract=contract, activity="integration", **more)


CHANGES = {
    "a level": lambda contract: contract.levels.update(level="premium"),
    "an override": lambda contract: make.override(contract=contract, activity="integration", cap=2),
    "a product that ends": lambda contract: contract.products.update(days=DateRange(make.FIRST, TODAY)),
    "a product that goes": lambda contract: contract.products.all().delete(),
    "the contract's state": lambda contract: suspend(contract=contract, reason="x", by=make.manager(), now=NOW),
    "its term": lambda contract: Contract.objects.update(term=DateRange(make.FIRST, TODAY)),
    "the days of its years": lambda contract: [
        contract.years.filter(pk=year.pk).update(days=DateRange(year.days.lower, year.last_day))
        for year in contract.years.all()
    ],
    "an edition": lambda contract: publish(proposed(save(draft()))),
}


class TestAKeptRoom:
    """E6: it spares the next request the questions, and stands only as long as the turn of its year."""

    def test_is_that_of_its_days(self):
        contract = make.contract(levels=[(make.FIRST, "gold"), (TODAY + 100 * DAY, "silver")])
        request_in(contract)

        kept = PlainRoom.objects.get()
        assert (kept.contract, kept.activity_id, kept.activities, kept.places) == (
            contract,
            "integration",
            ["integration"],
            4,
        )
        assert kept.days == DateRange(make.FIRST, TODAY + 100 * DAY)

    def test_is_what_the_next_request_is_decided_by(self):
        """It is tampered with, to be told from a room that is worked out anew."""
        contract = make.contract(level="none")
        request_in(contract)

        PlainRoom.objects.update(places=2)
        request_in(contract)

        with pytest.raises(Refused):
            request_in(contract)

    def test_of_an_earlier_turn_is_worked_out_anew(self):
        contract = make.contract(level="none")
        request_in(contract)
        PlainRoom.objects.update(places=99)

        make.override(contract=contract, activity="integration", cap=2)

        request_in(contract)
        with pytest.raises(Refused):
            request_in(contract)
        assert PlainRoom.objects.get(activities=["integration"], places=2)

    def test_is_one_for_an_activity_and_its_days(self, gold):
        request_in(gold)
        kept = PlainRoom.objects.get()

        kept.pk = None
        with pytest.raises(IntegrityError, match="one_plain_room_of_an_activity_on_its_days"), transaction.atomic():
            kept.save(force_insert=True)

    @pytest.mark.parametrize("change", CHANGES)
    def test_stands_no_longer_after(self, change, gold):
        """Whoever writes: the database raises the turn, not the action."""
        before = turns(gold)

        with transaction.atomic():
            CHANGES[change](gold)
            after = turns(gold)
            transaction.set_rollback(True)  # a term alone does not fit the rest of its contract

        if change == "an edition":
            assert (after[0], after[-1] > before[-1]) == (before[0], True)
        else:
            assert all(now > once for now, once in zip(after, before, strict=True))

    @pytest.mark.parametrize("seed", range(4))
    def test_is_the_same_from_each_of_its_days(self, seed):
        """On random days of levels, products and overrides, what is worked out for any day of a room is that room."""
        dice = random.Random(seed)

        def someday():
            return TODAY + dice.randrange(1, 300) * DAY

        contract = make.contract(levels=[(make.FIRST, "gold"), (someday(), "silver")])
        contract.products.filter(product="im").update(days=DateRange(make.FIRST, someday()))
        first = someday()
        make.override(contract=contract, activity="roadmap", cap=2, days=(first, first + 30 * DAY))
        make.override(contract=contract, activity="integration", cap=3, days=(someday(), contract.last_day))

        for _ in range(40):
            day = make.FIRST + dice.randrange(730) * DAY
            days = same_room(contract, day)
            other = days.lower + dice.randrange((days.upper - days.lower).days) * DAY
            activity = dice.choice(ALL)
            assert plain_room(contract, day, activity) == plain_room(contract, other, activity)


class TestARequest:
    """E5, E6"""

    def ask(self, contract, **more):
        given = {"wished_day": TODAY, "advice_wording": "Advice only.", "now": NOW, **more}
        given["activity"] = given.get("activity") or make.activity("integration")
        given["by"] = given.get("by") or make.manager()
        return requests.request_engagement(contract=contract, **given)

    @pytest.fixture
    def sent(self, monkeypatch):
        """What goes to the database past Django's cursor."""
        sent = []

        class Cursor(prepared.Cursor):
            def execute(self, query, *given, **how):
                sent.append(query)
                return super().execute(query, *given, **how)

        monkeypatch.setattr(prepared, "Cursor", Cursor)
        return sent

    def test_that_is_plain_is_one_round_trip(self, django_assert_num_queries, sent, gold):
        by, activity = make.manager(), make.activity("integration")

        with django_assert_num_queries(0):
            self.ask(gold, by=by, activity=activity, wished_day=TODAY + 2 * DAY)

        assert sent == ["SELECT request_plainly(%s::jsonb)"]

    def test_is_refused_in_one_without_a_lock(self, django_assert_num_queries, sent):
        """And one more, for the products of the day on which the next place opens (E7, E9)."""
        contract, by, activity = make.contract(level="none"), make.manager(), make.activity("integration")
        make.request(contract=contract)
        PolicyEdition.objects.facts()
        sent.clear()

        with django_assert_num_queries(1), pytest.raises(Refused, match="number 2 where the cap is 1"):
            self.ask(contract, by=by, activity=activity, wished_day=TODAY + 2 * DAY)

        assert sent == ["SELECT request_plainly(%s::jsonb)"]

    def test_that_the_database_refuses_is_an_error_of_djangos(self):
        """Whoever calls need not know by which cursor it was asked."""
        with pytest.raises(DataError), transaction.atomic():
            self.ask(make.contract(), ps_reference="x" * 61)

    def test_is_the_engagement_that_stands_in_the_database(self):
        asked = self.ask(make.contract(), topic="Ticket system, “both ways”", wished_day=TODAY + DAY)

        stored = Engagement.objects.get(pk=asked.pk)
        differing = [
            field.name
            for field in Engagement._meta.concrete_fields
            if getattr(stored, field.attname) != getattr(asked, field.attname)
        ]
        assert differing == []

    def test_has_its_line_in_the_ledger_and_in_the_log(self, gold):
        asked = self.ask(gold)

        entry = asked.usage.get()
        line = Event.objects.get(verb="engagement.requested")
        assert (entry.kind, entry.places, entry.day, entry.by) == ("hold", 1, TODAY, asked.requested_by)
        assert (line.matter, line.actor, line.happened_at) == (asked.reference, asked.requested_by, NOW)
        assert [(one.table, one.verb) for one in line.changes_made.all()] == [("entitlements_engagement", "insert")]

    def test_sent_twice_asks_once_even_when_it_took_the_last_place(self):
        contract, form = make.contract(level="none"), {"form_key": uuid.uuid4(), "by": make.manager()}

        first, again = self.ask(contract, **form), self.ask(contract, **form)

        assert first == again
        assert Engagement.objects.count() == 1

    def test_is_decided_by_what_stands_under_the_lock(self, monkeypatch):
        contract = make.contract(levels=[(make.FIRST, "gold"), (TODAY + 100 * DAY, "premium")])

        def after_somebody_has_changed_the_level(*given, **day):
            change_level(contract=contract, level="none", first=TODAY, by=make.manager(), now=NOW)
            return locked_year(*given, **day)

        monkeypatch.setattr(requests, "locked_year", after_somebody_has_changed_the_level)

        with pytest.raises(Refused, match="not available"):
            self.ask(contract, activity=make.activity("roadmap"))

        assert not Engagement.objects.exists()

    @pytest.mark.parametrize("moved", [False, True], ids=["asked", "moved"])
    def test_lies_in_its_year_although_the_first_day_is_corrected_while_it_waits_for_the_lock(
        self, monkeypatch, moved, gold
    ):
        """E3, E5, E6: in the year in which the day lies by then; else the year that it belongs to would be a place short."""
        first, by = date(2026, 2, 1), make.manager()
        make.override(contract=gold, activity="integration", cap=2, days=(TODAY, date(2027, 8, 30)))
        waiting = self.ask(gold)

        def after_somebody_has_corrected_the_first_day(years):
            monkeypatch.setattr(places, "lock", lock)
            change_start(contract=gold, first=first, reason="Typed wrongly.", by=by, now=NOW)
            return lock(years)

        monkeypatch.setattr(places, "lock", after_somebody_has_corrected_the_first_day)
        to = {"day": date(2027, 1, 10), "by": by, "now": NOW}
        booked = move_request(engagement=waiting, **to) if moved else self.ask(gold, wished_day=to["day"])

        assert (booked.year.n, booked.day in booked.year.facts()) == (1, True)
        assert UsageEntry.used_in(gold.years.get(n=1)) == (1 if moved else 2)

    def test_that_is_not_plain_is_decided_by_the_prefix_rule(self):
        """E6: six before the cap falls to four; one more before it is the seventh, one of them later is the fifth."""
        contract = make.contract(levels=[(make.FIRST, "gold"), (TODAY + 100 * DAY, "silver")])
        for _ in range(5):
            self.ask(contract)

        assert self.ask(contract)
        with pytest.raises(Refused, match="number 7 where the cap is 6"):
            self.ask(contract)
        with pytest.raises(Refused, match="number 7 where the cap is 4"):
            self.ask(contract, wished_day=TODAY + 120 * DAY)

    def test_under_professional_services_takes_no_place(self):
        """E7: not counted, but within E14."""
        contract = make.contract(level="none")

        asked = [self.ask(contract, activity=make.activity("roadmap"), ps_reference="PS-7") for _ in range(2)]

        assert [entry.places for one in asked for entry in one.usage.all()] == [0, 0]
        with pytest.raises(Refused, match="The contract runs"):
            self.ask(contract, ps_reference="PS-7", wished_day=contract.term.upper)
