"""S16, S17: what the database refuses of withdrawals and elections, whoever writes: each constraint by its name, and the moves."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from sla.models import Election, ElectionChoice, ListPrice, PrepaidPeriod, Withdrawal
from tests import election_factories as elect
from tests import factories as make
from tests.factories import DAY, NOW
from tests.shared import shared

YEAR = DateRange(date(2026, 1, 1), date(2027, 1, 1))


@shared
def election() -> Election:
    """Released: its notice is on its way."""
    return elect.election()


def refused(constraint, write):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        write()


def change(one, **values):
    return lambda: type(one).objects.filter(pk=one.pk).update(**values)


class TestPrices:
    def a_price(self, **values):
        given = {
            "plan": "Business", "billing_period": "month", "price": 1, "rank": 1, "days": YEAR,
            "entered_at": NOW, "entered_by": make.manager(),
        }  # fmt: skip
        return lambda: ListPrice.objects.create(**given | values)

    def test_one_on_a_day(self, election):
        refused("one_price_of_a_plan_on_a_day", self.a_price())

    @pytest.mark.parametrize(
        ("constraint", "values"),
        [
            ("a_list_price_is_not_negative", {"price": -1}),
            ("a_list_price_has_a_first_day", {"days": DateRange(None, date(2020, 1, 1))}),
        ],
    )
    def test_each_is_one(self, db, constraint, values):
        refused(constraint, self.a_price(**values))


class TestWhatWasPaidAhead:
    @pytest.mark.parametrize(
        ("constraint", "values"),
        [
            ("one_prepaid_period_on_a_day", {}),
            ("what_is_prepaid_is_not_negative", {"amount": -1, "days": DateRange(date(2030, 1, 1), date(2031, 1, 1))}),
            ("a_prepaid_period_begins_and_ends", {"days": DateRange(date(2030, 1, 1), None)}),
        ],
    )
    def test_each_is_one(self, election, constraint, values):
        given = {
            "contract": election.contract, "billing_period": "month", "fee": 1, "amount": 1, "days": YEAR, "document": "x",
            "entered_at": NOW, "entered_by": make.manager(),
        }  # fmt: skip
        refused(constraint, lambda: PrepaidPeriod.objects.create(**given | values))


class TestAWithdrawal:
    @pytest.mark.parametrize(
        ("constraint", "values"),
        [
            ("a_withdrawal_is_as_its_state_says", {"released_at": None, "released_by": None}),
            ("a_cancelled_withdrawal_says_why", {"state": "cancelled"}),
            ("the_vendors_choice_says_why", {"vendor_choice": "shift"}),
        ],
    )
    def test_each_is_one(self, election, constraint, values):
        refused(constraint, change(election.withdrawal, **values))

    def test_it_goes_no_way_back(self, election):
        with pytest.raises(DatabaseError, match="Invalid transition"), transaction.atomic():
            Withdrawal.objects.filter(pk=election.withdrawal_id).update(state="prepared", released_at=None)


class TestAnElection:
    @pytest.mark.parametrize(
        ("constraint", "values"),
        [
            ("a_released_election_has_its_figures", {"fee": None}),
            ("an_open_election_has_its_deadline", {"state": "open"}),
            ("an_election_ends_after_its_notice_reached", {"state": "open", "reached_at": NOW, "deadline": NOW}),
            ("a_decided_election_says_what_and_whose", {"choice": "stay"}),
            ("only_an_open_election_is_reminded_of", {"remind_at": NOW}),
            ("a_contracts_own_choice_says_who_and_why", {"vendor_choice": "stay"}),
        ],
    )
    def test_each_is_one(self, election, constraint, values):
        refused(constraint, change(election, **values))

    def test_nobody_shifts_from_the_lowest_plan(self, election):
        change(election, state="open", reached_at=NOW, deadline=NOW + DAY)()
        decided = {
            "state": "decided", "choice": "shift", "decided_by": "customer", "settled_at": NOW + DAY,
            "effect_day": date(2026, 6, 11), "new_fee": 1, "credit": Decimal(1), "to_plan": "",
        }  # fmt: skip
        refused("nobody_shifts_from_the_lowest_plan", change(election, **decided))

    def test_it_goes_no_way_back(self, election):
        with pytest.raises(DatabaseError, match="Invalid transition"), transaction.atomic():
            Election.objects.filter(pk=election.pk).update(state="prepared", noticed_at=None)


class TestAChoice:
    def made(self, election, **values):
        given = {"choice": "stay", "received_at": NOW, "signer": "J. Legal", "chosen_by": make.member()}
        return ElectionChoice.objects.create(election=election, **given | values)

    def test_a_choice_names_who_made_it(self, election):
        refused("a_choice_names_who_made_it", lambda: self.made(election, signer=""))

    def test_it_stays_as_it_was_made(self, election):
        made = self.made(election)
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            ElectionChoice.objects.filter(pk=made.pk).update(choice="shift")
