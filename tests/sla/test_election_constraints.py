"""S16, S17: what the database refuses of withdrawals and elections, whoever writes: each constraint by its name, and the moves."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import partial

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from sla.models import Election, ElectionChoice, ListPrice, PrepaidPeriod, Withdrawal
from tests import election_factories as elect
from tests import factories as make
from tests.factories import DAY, NOW
from tests.shared import shared

DECIDED = {
    "state": "decided", "choice": "shift", "decided_by": "customer", "settled_at": NOW + DAY, "effect_day": date(2026, 6, 11),
    "new_fee": 1, "credit": Decimal(1),
}  # fmt: skip
YEAR = DateRange(date(2026, 1, 1), date(2027, 1, 1))


@shared
def election() -> Election:
    """Released: its notice is on its way."""
    return elect.election()


@shared
def waiting() -> Election:
    """In preparation."""
    return elect.prepared().elections.select_related("contract__customer", "withdrawal").get()


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
            ("a_withdrawal_is_as_its_state_says", {"state": "proposed"}),
            ("a_cancelled_withdrawal_says_why", {"state": "cancelled"}),
            ("the_vendors_choice_says_why", {"vendor_choice": "shift"}),
        ],
    )
    def test_each_is_one(self, waiting, constraint, values):
        refused(constraint, change(waiting.withdrawal, **values))

    def test_it_begins_in_preparation(self, election):
        made = {"prepared_at": NOW, "prepared_by": make.manager(), "proposed_at": NOW, "proposed_by": make.manager()}
        made |= {"state": "released", "released_at": NOW, "released_by": make.approver()}
        refused("a_withdrawal_begins_in_preparation", lambda: Withdrawal.objects.create(reference="WD-1", **made))

    @pytest.mark.parametrize("who", ["one_of_the_customers", "who_may_not", "who_left"])
    def test_who_releases_it_works_here_and_may(self, waiting, who):
        change(waiting.withdrawal, state="proposed", proposed_at=NOW, proposed_by=make.manager())()
        people = {
            "one_of_the_customers": lambda: make.member(customer=waiting.contract.customer),
            "who_may_not": make.manager,
            "who_left": lambda: make.approver(is_active=False),
        }
        to_release = {"state": "released", "released_at": NOW, "released_by": people[who]()}
        refused("a_withdrawal_is_released_by_who_may", change(waiting.withdrawal, **to_release))

    def test_it_is_not_released_unproposed(self, waiting):
        to_release = {"proposed_at": NOW, "proposed_by": make.manager(), "released_at": NOW, "state": "released"}
        with pytest.raises(DatabaseError, match="Invalid transition"), transaction.atomic():
            change(waiting.withdrawal, **to_release, released_by=make.approver())()

    @pytest.mark.parametrize("column", ["proposed_by", "released_by"])
    def test_who_proposed_and_who_released_it_stay(self, election, column):
        refused("a_withdrawal_stays_as_proposed", change(election.withdrawal, **{column: make.approver()}))

    @pytest.mark.parametrize("values", [{"why": "Another."}, {"vendor_choice": "shift", "vendor_choice_why": "Now."}])
    def test_what_was_proposed_is_what_is_released(self, waiting, values):
        change(waiting.withdrawal, state="proposed", proposed_at=NOW, proposed_by=make.manager())()
        refused("a_withdrawal_stays_as_proposed", change(waiting.withdrawal, **values))

    def test_once_cancelled_it_stays(self, waiting):
        change(
            waiting.withdrawal, state="cancelled", cancelled_at=NOW, cancelled_by=make.manager(), cancel_reason="x"
        )()
        with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
            change(waiting.withdrawal, cancel_reason="y")()

    def test_it_goes_no_way_back(self, election):
        with pytest.raises(DatabaseError, match="Invalid transition"), transaction.atomic():
            Withdrawal.objects.filter(pk=election.withdrawal_id).update(state="prepared", released_at=None)


class TestAnElection:
    @pytest.mark.parametrize(
        ("constraint", "values"),
        [
            ("an_open_election_has_its_deadline", {"state": "open"}),
            ("an_election_ends_after_its_notice_reached", {"state": "open", "reached_at": NOW, "deadline": NOW}),
            ("a_decided_election_says_what_and_whose", {"choice": "stay"}),
            ("only_an_open_election_is_reminded_of", {"remind_at": NOW}),
        ],
    )
    def test_each_is_one(self, election, constraint, values):
        refused(constraint, change(election, **values))

    @pytest.mark.parametrize(
        ("constraint", "values"),
        [
            ("a_released_election_has_its_figures", {"noticed_at": NOW}),
            ("a_contracts_own_choice_says_who_and_why", {"vendor_choice": "stay"}),
            ("an_election_runs_once_released", {"state": "sent", "noticed_at": NOW}),
        ],
    )
    def test_each_in_preparation(self, waiting, constraint, values):
        refused(constraint, change(waiting, **values))

    def test_it_comes_and_goes_in_preparation(self, election):
        more = partial(
            Election.objects.create, reference="EL-1", withdrawal=election.withdrawal, contract=make.contract()
        )
        refused("an_election_comes_and_goes_in_preparation", more)
        refused("an_election_comes_and_goes_in_preparation", Election.objects.filter(pk=election.pk).delete)

    @pytest.mark.parametrize(
        "values",
        [
            {"fee": 1},
            {"prepaid": 1},
            {"to_price": 1},
            {"zone": "UTC"},
            {"vendor_choice": "shift", "vendor_choice_why": "x", "vendor_chose_at": NOW},
        ],
    )
    def test_what_its_notice_says_stays(self, election, values):
        refused("what_a_notice_says_stays", change(election, **values))

    def test_the_vendors_choice_stays_as_it_was_proposed(self, waiting):
        change(waiting.withdrawal, state="proposed", proposed_at=NOW, proposed_by=make.manager())()
        own = {"vendor_choice": "stay", "vendor_choice_why": "x", "vendor_chose_at": NOW}
        refused("what_a_notice_says_stays", change(waiting, **own, vendor_chose_by=make.manager()))

    def test_its_deadline_comes_no_nearer(self, election):
        change(election, state="open", reached_at=NOW, deadline=NOW + DAY)()
        refused("a_deadline_comes_no_nearer", change(election, deadline=NOW + DAY / 2))
        refused("a_deadline_comes_no_nearer", change(election, reached_at=NOW - DAY))
        change(election, deadline=NOW + 2 * DAY)()

    def test_once_decided_it_stays(self, election):
        change(election, state="open", reached_at=NOW, deadline=NOW + DAY)()
        change(election, **DECIDED | {"choice": "stay"})()
        refused("what_came_of_an_election_stays", change(election, credit=999_999))

    def test_nobody_shifts_without_a_plan_and_a_credit(self, election):
        change(election, state="open", reached_at=NOW, deadline=NOW + DAY)()
        refused("nobody_shifts_from_the_lowest_plan", change(election, **DECIDED | {"credit": None}))

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
