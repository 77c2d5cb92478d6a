"""The desk's pages about a contract: what is shown of it, and each change typed, looked at and confirmed (M3)."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from entitlements.models import Event
from tests import factories as make
from tests.desk import at, signed_in

pytestmark = pytest.mark.django_db
JULY = date(2026, 7, 1)


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    at(monkeypatch, make.NOW)


@pytest.fixture
def desk():
    return signed_in(make.manager(name="Mo Desk"))


def page_of(contract):
    return reverse("admin:contract", args=[contract.pk])


def address(contract, act):
    return reverse("admin:change_contract", args=[contract.pk, act])


def seen(desk, contract, act, **typed):
    """What the page says after the first step."""
    return desk.post(address(contract, act), {**typed, "step": "preview"}).content.decode()


def confirmed(desk, contract, act, **typed):
    return desk.post(address(contract, act), {**typed, "step": "confirm"})


class TestThePage:
    def test_shows_every_clause_that_it_carries_out(self, desk):
        contract = make.contract()
        make.override(contract=contract, activity="roadmap", cap=5)

        shown = desk.get(page_of(contract)).content.decode()

        for clause in ("E1", "E3", "E8", "E9", "E14", "S1", "S11"):
            assert f'data-clause="{clause}"' in shown

    def test_shows_an_override_beside_the_policys_own_cap(self, desk):
        contract = make.contract(level="gold")
        make.override(contract=contract, activity="roadmap", cap=5)

        (row,) = desk.get(page_of(contract)).context["overrides"]

        assert (row["policy"], row["cap"]) == ("2", "5")

    def test_the_years_show_their_stored_ends_and_the_29_of_february(self, desk):
        contract = make.contract(first=date(2027, 3, 1), last=date(2029, 2, 28))

        years = desk.get(page_of(contract)).context["years"]

        assert [(one["length"], one["leap"]) for one in years] == [(366, True), (365, False)]

    def test_the_caps_of_a_credit_are_computed_with_their_working(self, desk):
        """S11: 12 × 41.00 × 120, and five times that."""
        shown = desk.get(page_of(make.contract())).content.decode()

        assert "USD 59,040.00" in shown
        assert "USD 295,200.00" in shown
        assert "USD 3,000,000.00" in shown

    def test_a_contract_without_fees_says_that_nothing_can_be_computed(self, desk):
        shown = desk.get(page_of(make.contract(fees=False))).content.decode()

        assert "none of the months is on record" in shown

    def test_each_field_says_since_when_by_whom_and_why(self, desk):
        contract = make.contract()
        confirmed(desk, contract, "suspend", reason="Unpaid since May.")

        facts = {name: since for name, _, since in desk.get(page_of(contract)).context["facts"]}

        assert (facts["Status"].number, facts["Status"].act.note) == (3, "Unpaid since May.")
        assert facts["Status"].act.who == "Mo Desk"
        assert facts["Zone"].number == 1

    def test_its_questions_do_not_grow_with_its_rows(self, desk, django_assert_max_num_queries):
        contract = make.contract(first=date(2020, 1, 1), last=date(2029, 12, 31))
        for activity in ("roadmap", "integration", "maturity"):
            make.override(contract=contract, activity=activity, cap=3)
            make.request(contract=contract, activity=activity)

        with django_assert_max_num_queries(32):
            desk.get(page_of(contract))

    def test_the_old_address_leads_to_it(self, desk):
        contract = make.contract()

        answer = desk.get(reverse("admin:entitlements_contract_change", args=[contract.pk]))

        assert answer.url == page_of(contract)


class TestItsVersions:
    def test_the_diff_of_two_versions_is_what_differs_in_the_end(self, desk):
        contract = make.contract(level="gold")
        confirmed(desk, contract, "level", level="silver", first=JULY)
        confirmed(desk, contract, "suspend", reason="x")
        confirmed(desk, contract, "resume", reason="y")

        answer = desk.get(page_of(contract), {"from": "2", "to": "5"})

        differences = [(one.what, one.was, one.becomes) for one in answer.context["differences"]]
        assert (
            "Level period: days",
            "January 1, 2026 – December 31, 2027",
            "January 1, 2026 – June 30, 2026",
        ) in differences
        assert not [what for what, _, _ in differences if "Status" in what]

    @pytest.mark.parametrize("asked", [{"from": "x", "to": "2"}, {"from": "2"}, {"from": "1", "to": "99"}])
    def test_versions_that_there_are_not_compare_nothing(self, desk, asked):
        assert desk.get(page_of(make.contract()), asked).context["compared"] is None


class TestEveryChange:
    """Typed, looked at, confirmed; only the last step writes."""

    TYPED = {
        "level": {"level": "silver", "first": JULY},
        "add-override": {"target": "roadmap", "kind": "number", "cap": 9, "document": "OF 4.2", "reason": "Agreed."},
        "suspend": {"reason": "Unpaid."},
        "extend": {"last": date(2028, 12, 31)},
        "terminate": {"last_day": date(2026, 9, 30), "side": "customer", "reason": "Notice given."},
    }

    @pytest.mark.parametrize("act", TYPED)
    def test_the_preview_writes_nothing_and_the_confirmation_does(self, desk, act):
        contract = make.contract()
        before = Event.objects.count()

        shown = seen(desk, contract, act, **self.TYPED[act])
        written = Event.objects.count() - before
        answer = confirmed(desk, contract, act, **self.TYPED[act])

        assert "Nothing is changed yet" in shown
        assert written == 0
        assert answer.url == page_of(contract)
        assert Event.objects.count() > before

    @pytest.mark.parametrize("act", TYPED)
    def test_what_is_missing_is_named_and_the_page_comes_back(self, desk, act):
        shown = seen(desk, make.contract(), act)

        assert "<title>Error: " in shown
        assert "Nothing is changed yet" not in shown

    def test_a_change_that_there_is_not_has_no_page(self, desk):
        assert desk.get(address(make.contract(), "delete")).status_code == 404


class TestTheLevel:
    """E6"""

    def test_the_caps_before_and_after_and_what_is_over_are_shown_first(self, desk):
        contract = make.contract(level="gold")
        booked = [make.request(contract=contract, day=JULY) for _ in range(5)]

        shown = seen(desk, contract, "level", level="silver", first=JULY)

        assert "Integration Consultation" in shown
        assert booked[0].reference in shown
        assert "number 5 where the cap is 4" in shown
        assert "by this change" in shown

    def test_a_planned_change_that_is_replaced_is_named(self, desk):
        contract = make.contract(levels=[(make.FIRST, "gold"), (date(2026, 9, 1), "premium")])

        shown = seen(desk, contract, "level", level="silver", first=JULY)

        assert "The change to Premium Support that is planned for September 1, 2026 is replaced" in shown

    def test_a_day_outside_the_term_is_refused_with_the_clause(self, desk):
        shown = seen(desk, make.contract(), "level", level="silver", first=date(2030, 1, 1))

        assert 'data-clause="E1" data-code="outside_term"' in shown


class TestOverrides:
    """E8"""

    TYPED = TestEveryChange.TYPED["add-override"]

    def test_it_holds_from_its_confirmation_on(self, desk):
        contract = make.contract(level="premium")
        confirmed(desk, contract, "add-override", **self.TYPED)

        assert make.request(contract=contract, activity="roadmap").state == "requested"

    @pytest.mark.parametrize(("kind", "said"), [("unlimited", "becomes no limit"), ("na", "becomes N/A")])
    def test_without_limit_and_na_are_caps_too(self, desk, kind, said):
        assert said in seen(desk, make.contract(), "add-override", **{**self.TYPED, "kind": kind, "cap": ""})

    def test_a_number_needs_its_number_and_days_their_order(self, desk):
        typed = {**self.TYPED, "cap": "", "first": JULY, "last": make.TODAY}

        shown = seen(desk, make.contract(), "add-override", **typed)

        assert "Give the number, or choose without limit or N/A." in shown
        assert "The last day lies before the first." in shown

    def test_a_second_one_for_the_same_cap_and_day_is_refused_in_words(self, desk):
        contract = make.contract()
        confirmed(desk, contract, "add-override", **self.TYPED)

        answer = confirmed(desk, contract, "add-override", **self.TYPED)

        assert b'data-code="one_override_of_a_cap_on_a_day"' in answer.content
        assert contract.overrides.count() == 1

    def test_ended_it_gives_the_policys_cap_back(self, desk):
        contract = make.contract(level="premium")
        override = make.override(contract=contract, activity="roadmap", cap=1)
        typed = {"override": override.pk, "last": make.TODAY, "reason": "The addendum ended."}

        shown = seen(desk, contract, "end-override", **typed)
        confirmed(desk, contract, "end-override", **typed)

        override.refresh_from_db()
        assert "Caps on June 11, 2026" in shown
        assert override.days.upper == make.TODAY + make.DAY

    def test_what_has_been_in_force_is_not_ended_in_the_past(self, desk):
        contract = make.contract()
        override = make.override(contract=contract, activity="roadmap", cap=1)

        answer = confirmed(
            desk, contract, "end-override", override=override.pk, last=make.TODAY - 3 * make.DAY, reason="x"
        )

        assert b'data-code="in_force"' in answer.content

    def test_what_has_not_begun_is_taken_back(self, desk):
        contract = make.contract()
        override = make.override(contract=contract, activity="roadmap", cap=1, days=(JULY, date(2026, 8, 1)))

        confirmed(desk, contract, "end-override", override=override.pk, last=make.TODAY, reason="A slip.")

        assert not contract.overrides.exists()

    def test_the_locks_of_all_years_are_taken(self, desk):
        contract = make.contract()

        confirmed(desk, contract, "add-override", **self.TYPED)

        assert set(contract.years.values_list("turn", flat=True)) == {1}


class TestItsStates:
    """E3, E14"""

    def test_what_is_cancelled_by_a_termination_is_listed_before(self, desk):
        contract = make.contract()
        kept = make.request(contract=contract, day=date(2026, 9, 30))
        ended = make.request(contract=contract, day=date(2026, 10, 1))

        shown = seen(desk, contract, "terminate", **TestEveryChange.TYPED["terminate"])

        assert ended.reference in shown
        assert kept.reference not in shown

    def test_what_is_held_by_a_suspension_is_listed_before(self, desk):
        contract = make.contract()
        held = make.scheduled(contract=contract)

        assert held.reference in seen(desk, contract, "suspend", reason="x")

    def test_an_extension_takes_the_terms_along(self, desk):
        """S1: a failure after the old end is under the same terms."""
        contract = make.contract()

        shown = seen(desk, contract, "extend", last=date(2028, 12, 31))
        confirmed(desk, contract, "extend", last=date(2028, 12, 31))

        assert "Enterprise terms" in shown
        assert contract.terms_periods.get().days.upper == date(2029, 1, 1)

    def test_a_terminated_contract_offers_nothing(self, desk):
        contract = make.contract()
        confirmed(desk, contract, "terminate", **TestEveryChange.TYPED["terminate"])

        assert desk.get(page_of(contract)).context["acts"] == []
