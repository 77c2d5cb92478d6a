"""The desk's pages about a contract: what is shown of it, and each change typed, looked at and confirmed (M3)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from entitlements.models import Contract, Event
from tests import election_factories as elect
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
    def test_shows_every_clause_that_it_carries_out_and_the_caps_with_their_working(self, desk, gold):
        """S11: 12 × 41.00 × 120, and five times that. E8: an override beside the policy's own cap."""
        make.override(contract=gold, activity="roadmap", cap=5)

        answer = desk.get(page_of(gold))

        shown, (row,) = answer.content.decode(), answer.context["overrides"]
        for clause in ("E1", "E3", "E8", "E9", "E14", "S1", "S11"):
            assert f'data-clause="{clause}"' in shown
        for figure in ("USD 59,040.00", "USD 295,200.00", "USD 3,000,000.00"):
            assert figure in shown
        assert (row["policy"], row["cap"]) == ("2", "5")

    def test_the_years_show_their_stored_ends_and_the_29_of_february(self, desk):
        contract = make.contract(first=date(2027, 3, 1), last=date(2029, 2, 28))

        years = desk.get(page_of(contract)).context["years"]

        assert [(one["length"], one["leap"]) for one in years] == [(366, True), (365, False)]

    def test_a_contract_without_fees_says_that_nothing_can_be_computed(self, desk):
        shown = desk.get(page_of(make.contract(fees=False))).content.decode()

        assert "none of the months is on record" in shown

    def test_each_field_says_since_when_by_whom_and_why(self, desk, gold):
        confirmed(desk, gold, "suspend", reason="Unpaid since May.")

        facts = {name: since for name, _, since in desk.get(page_of(gold)).context["facts"]}

        assert (facts["Status"].number, facts["Status"].act.note) == (3, "Unpaid since May.")
        assert facts["Status"].act.who == "Mo Desk"
        assert facts["Zone"].number == 1

    def test_a_suspension_undone_on_its_day_is_still_told_of(self, desk, gold):
        """E14: it has never held, and is no period; that it was, by whom and why, stays in sight."""
        confirmed(desk, gold, "suspend", reason="Unpaid since May.")
        confirmed(desk, gold, "resume", reason="The wrong contract.")

        periods = desk.get(page_of(gold)).context["periods"]

        (row,) = next(one["rows"] for one in periods if one["title"] == "Suspensions")
        assert row["what"] == "Suspended and resumed on one day: it never held"
        assert (row["why"], row["since"].note) == ("Unpaid since May.", "The wrong contract.")
        assert (row["first"], row["last"]) == (make.TODAY, make.TODAY)
        assert not row["now"]

    def test_its_questions_do_not_grow_with_its_rows(self, desk, django_assert_max_num_queries):
        contract = make.contract(first=date(2020, 1, 1), last=date(2029, 12, 31))
        for activity in ("roadmap", "integration", "maturity"):
            make.override(contract=contract, activity=activity, cap=3)
            make.request(contract=contract, activity=activity)

        with django_assert_max_num_queries(32):
            desk.get(page_of(contract))

    def test_the_old_address_leads_to_it(self, desk, gold):
        answer = desk.get(reverse("admin:entitlements_contract_change", args=[gold.pk]))

        assert answer.url == page_of(gold)


class TestItsVersions:
    def test_the_diff_of_two_versions_is_what_differs_in_the_end(self, desk, gold):
        confirmed(desk, gold, "level", level="silver", first=JULY, reason="x")
        confirmed(desk, gold, "suspend", reason="x")
        confirmed(desk, gold, "resume", reason="y")

        answer = desk.get(page_of(gold), {"from": "2", "to": "5"})

        differences = [(one.what, one.was, one.becomes) for one in answer.context["differences"]]
        assert (
            "Level period (Gold Services): days",
            "January 1, 2026 – December 31, 2027",
            "January 1, 2026 – June 30, 2026",
        ) in differences
        assert not [what for what, _, _ in differences if "Status" in what]

    def test_a_row_that_is_new_is_one_line(self, desk):
        contract = make.contract(fees=False)
        confirmed(desk, contract, "fees", **TestEveryChange.TYPED["fees"])

        (line,) = desk.get(page_of(contract)).context["versions"][0].lines

        assert line.what == "Fee month (June 1, 2026)"
        assert "paid seats: 130" in line.becomes

    @pytest.mark.parametrize("asked", [{"from": "x", "to": "2"}, {"from": "2"}, {"from": "1", "to": "99"}])
    def test_versions_that_there_are_not_compare_nothing(self, desk, asked, gold):
        assert desk.get(page_of(gold), asked).context["compared"] is None


class TestEveryChange:
    """Typed, looked at, confirmed; only the last step writes."""

    TYPED = {
        "level": {"level": "silver", "first": JULY, "reason": "Amendment 4."},
        "add-override": {"target": "roadmap", "kind": "number", "cap": 9, "document": "OF 4.2", "reason": "Agreed."},
        "suspend": {"reason": "Unpaid."},
        "plan": {"plan": "Plus", "discount_percent": "5", "first": make.TODAY, "reason": "Amendment 1."},
        "standard-terms": {"first": JULY, "document": "Order form, page 2", "reason": "Typed wrongly."},
        "zone": {"zone": "Europe/London", "reason": "They moved."},
        "first-day": {"first": date(2026, 2, 1), "reason": "Typed wrongly."},
        "fees": {"month": "2026-06", "paid_seats": "130", "cost_per_seat": "40.5", "reason": "Invoice 7."},
        "renew": {"order_form": "OF-NEXT", "last": date(2028, 12, 31), "paid_seats": "130", "cost_per_seat": "42"},
        "extend": {"last": date(2028, 12, 31), "reason": "Agreed"},
        "terminate": {"last_day": date(2026, 9, 30), "side": "customer", "reason": "Notice given."},
    }

    def test_the_level_of_today_is_chosen_and_said_and_its_change_has_a_reason(self, desk, gold):
        address = reverse("admin:change_contract", args=[gold.pk, "level"])

        shown = desk.get(address).content.decode()
        confirmed(desk, gold, "level", **self.TYPED["level"])

        assert '<option value="gold" selected' in shown
        assert "Now: Gold Services." in shown
        assert Event.objects.get(verb="contract.level_changed").note == "silver from 2026-07-01. Amendment 4."

    @pytest.mark.parametrize("act", TYPED)
    def test_the_preview_writes_nothing_and_the_confirmation_does(self, desk, act, gold):
        before = Event.objects.count()

        shown = seen(desk, gold, act, **self.TYPED[act])
        written = Event.objects.count() - before
        answer = confirmed(desk, gold, act, **self.TYPED[act])

        assert "Nothing is changed yet" in shown
        assert written == 0
        assert answer.url == page_of(gold.customer.contracts.latest("pk"))  # of a renewal the new one
        assert Event.objects.count() > before

    @pytest.mark.parametrize("act", TYPED)
    def test_what_is_missing_is_named_and_the_page_comes_back(self, desk, act, gold):
        shown = seen(desk, gold, act)

        assert "<title>Error: " in shown
        assert "Nothing is changed yet" not in shown

    def test_a_change_that_there_is_not_has_no_page(self, desk, gold):
        assert desk.get(address(gold, "delete")).status_code == 404


class TestTheLevel:
    """E6"""

    def test_the_caps_before_and_after_and_what_is_over_are_shown_first(self, desk, gold):
        booked = [make.request(contract=gold, day=JULY) for _ in range(5)]

        shown = seen(desk, gold, "level", level="silver", first=JULY, reason="x")

        assert "Integration Consultation" in shown
        assert booked[0].reference in shown
        assert "number 5 where the cap is 4" in shown
        assert "by this change" in shown

    def test_a_planned_change_that_is_replaced_is_named(self, desk):
        contract = make.contract(levels=[(make.FIRST, "gold"), (date(2026, 9, 1), "premium")])

        shown = seen(desk, contract, "level", level="silver", first=JULY, reason="x")

        assert "The change to Premium Support that is planned for September 1, 2026 is replaced" in shown

    def test_a_day_outside_the_term_is_refused_with_the_clause(self, desk, gold):
        shown = seen(desk, gold, "level", level="silver", first=date(2030, 1, 1), reason="x")

        assert 'data-clause="E1" data-code="outside_term"' in shown


class TestOverrides:
    """E8"""

    TYPED = TestEveryChange.TYPED["add-override"]

    def test_it_holds_from_its_confirmation_on(self, desk):
        contract = make.contract(level="premium")
        confirmed(desk, contract, "add-override", **self.TYPED)

        assert make.request(contract=contract, activity="roadmap").state == "requested"

    @pytest.mark.parametrize(("kind", "said"), [("unlimited", "becomes no limit"), ("na", "becomes N/A")])
    def test_without_limit_and_na_are_caps_too(self, desk, kind, said, gold):
        assert said in seen(desk, gold, "add-override", **{**self.TYPED, "kind": kind, "cap": ""})

    def test_a_number_needs_its_number_and_days_their_order(self, desk, gold):
        typed = {**self.TYPED, "cap": "", "first": JULY, "last": make.TODAY}

        shown = seen(desk, gold, "add-override", **typed)

        assert "Give the number, or choose without limit or N/A." in shown
        assert "The last day lies before the first." in shown

    def test_a_second_one_for_the_same_cap_and_day_is_refused_in_words(self, desk, gold):
        confirmed(desk, gold, "add-override", **self.TYPED)

        shown = seen(desk, gold, "add-override", **self.TYPED)
        answer = confirmed(desk, gold, "add-override", **self.TYPED)

        assert "by OF 4.2, holds on some of these days" in shown
        assert b'data-code="one_override_of_a_cap_on_a_day"' in answer.content
        assert gold.overrides.count() == 1

    def test_ended_it_gives_the_policys_cap_back(self, desk):
        contract = make.contract(level="premium")
        override = make.override(contract=contract, activity="roadmap", cap=1)
        typed = {"override": override.pk, "last": make.TODAY, "reason": "The addendum ended."}

        shown = seen(desk, contract, "end-override", **typed)
        confirmed(desk, contract, "end-override", **typed)

        override.refresh_from_db()
        assert "Caps on June 11, 2026" in shown
        assert override.days.upper == make.TODAY + make.DAY

    def test_what_has_been_in_force_is_not_ended_in_the_past(self, desk, gold):
        override = make.override(contract=gold, activity="roadmap", cap=1)

        answer = confirmed(desk, gold, "end-override", override=override.pk, last=make.TODAY - 3 * make.DAY, reason="x")

        assert b'data-code="in_force"' in answer.content

    def test_what_has_not_begun_is_taken_back(self, desk, gold):
        override = make.override(contract=gold, activity="roadmap", cap=1, days=(JULY, date(2026, 8, 1)))

        confirmed(desk, gold, "end-override", override=override.pk, last=make.TODAY, reason="A slip.")

        assert not gold.overrides.exists()

    def test_the_turns_of_all_years_are_raised(self, desk, gold):
        before = set(gold.years.values_list("turn", flat=True))

        confirmed(desk, gold, "add-override", **self.TYPED)

        assert set(gold.years.values_list("turn", flat=True)) == {turn + 1 for turn in before}


class TestItsStates:
    """E3, E14"""

    def test_what_is_cancelled_by_a_termination_is_listed_before(self, desk, gold):
        kept = make.request(contract=gold, day=date(2026, 9, 30))
        ended = make.request(contract=gold, day=date(2026, 10, 1))

        shown = seen(desk, gold, "terminate", **TestEveryChange.TYPED["terminate"])

        assert ended.reference in shown
        assert kept.reference not in shown

    def test_a_follow_up_that_a_termination_cancels_is_listed_before(self, desk, gold):
        stands = make.scheduled(
            contract=gold, activity="incident_lifecycle", start=datetime(2026, 9, 21, 15, tzinfo=UTC)
        )

        shown = seen(desk, gold, "terminate", **TestEveryChange.TYPED["terminate"])

        assert f"{stands.reference}" in shown.partition("Follow-ups that are cancelled")[2]

    def test_what_is_held_by_a_suspension_is_listed_before(self, desk, gold):
        held = make.scheduled(contract=gold)

        assert held.reference in seen(desk, gold, "suspend", reason="x")

    def test_an_extension_takes_the_terms_along(self, desk, gold):
        """S1: a failure after the old end is under the same terms."""
        shown = seen(desk, gold, "extend", last=date(2028, 12, 31), reason="By amendment 2")
        confirmed(desk, gold, "extend", last=date(2028, 12, 31), reason="By amendment 2")

        assert "Enterprise terms" in shown
        assert Event.objects.get(verb="contract.extended").note == "To 2028-12-31. By amendment 2"
        assert gold.terms_periods.get().days.upper == date(2029, 1, 1)

    def test_a_terminated_contract_can_only_be_renewed_and_billed(self, desk, gold):
        confirmed(desk, gold, "terminate", **TestEveryChange.TYPED["terminate"])

        groups = desk.get(page_of(gold)).context["acts"]
        assert [name for _, acts in groups for name, _ in acts] == ["fees", "renew"]


class TestItsCalendar:
    """E3, E5: what would be computed otherwise is shown, and what is stored stays."""

    def test_another_zone_shows_stored_ends_and_windows_beside_what_they_would_be(self, desk, gold):
        failure = make.failure(contract=gold)

        shown = seen(desk, gold, "zone", zone="Europe/London", reason="x")

        assert "Thu Dec 31, 2026, 11:59 p.m. EST" in shown
        assert "Thu Dec 31, 2026, 11:59 p.m. GMT" in shown
        assert failure.reference in shown
        assert "stays as stored" in shown

    @pytest.mark.parametrize(
        ("act", "typed", "day"),
        [
            ("zone", {"zone": "Asia/Tokyo", "reason": "x"}, date(2026, 12, 31)),
            ("first-day", {"first": date(2026, 2, 1), "reason": "x"}, date(2027, 1, 15)),
        ],
    )
    def test_what_would_move_a_counted_engagement_is_refused_and_names_it(self, desk, act, typed, day, gold):
        evening = make.NOW.replace(year=day.year, month=day.month, day=day.day, hour=20)
        booked = make.scheduled(contract=gold, start=evening)

        shown = seen(desk, gold, act, **typed)

        assert 'data-clause="E5" data-code="moves_engagements"' in shown
        assert booked.reference in shown

    def test_a_zone_that_is_none_is_said_at_the_field(self, desk, gold):
        assert "is not a time zone" in seen(desk, gold, "zone", zone="Mars/Olympus", reason="x")

    def test_a_first_day_that_would_change_a_year_that_is_over_is_refused_before_it_is_confirmed(self, desk):
        """E3"""
        contract = make.contract(first=date(2025, 1, 1), last=date(2026, 12, 31))

        shown = seen(desk, contract, "first-day", first=date(2025, 2, 1), reason="x")

        assert "A year that is over keeps its days." in shown
        assert "Nothing is changed yet" not in shown

    def test_the_years_before_and_after_a_corrected_first_day(self, desk, gold):
        shown = seen(desk, gold, "first-day", first=date(2026, 2, 1), reason="x")
        confirmed(desk, gold, "first-day", first=date(2026, 2, 1), reason="x")

        assert "February 1, 2026 – January 31, 2027" in shown
        assert "computed anew" in shown
        assert gold.terms_periods.get().days.lower == date(2026, 2, 1)


class TestProductsPlanTermsAndFees:
    """E9, S1, S11, S17"""

    def test_what_would_miss_a_product_is_listed(self, desk):
        contract = make.contract(products=["im"])
        asked = make.request(contract=contract, activity="alert_strategies")
        typed = {"holding": contract.products.get().pk, "last": make.TODAY, "reason": "Dropped."}

        shown = seen(desk, contract, "end-product", **typed)
        confirmed(desk, contract, "end-product", **typed)

        assert asked.reference in shown
        assert contract.products.get().days.upper == make.TODAY + make.DAY

    def test_a_product_is_added(self, desk):
        contract = make.contract(products=["im"])
        typed = {"product": "aiops", "first": make.TODAY, "last": make.LAST, "reason": "Addendum."}

        confirmed(desk, contract, "add-product", **typed)

        assert contract.products.filter(product="aiops").exists()

    def test_other_terms_list_the_failures_that_come_under_them(self, desk, gold):
        failure = make.failure(contract=gold)
        typed = {"first": make.TODAY - 5 * make.DAY, "document": "Order form", "reason": "x"}

        assert failure.reference in seen(desk, gold, "standard-terms", **typed)
        confirmed(desk, gold, "standard-terms", **typed)
        assert [one.terms for one in gold.terms_periods.all()] == ["enterprise"], "S16: it waits for a second person"
        assert b'data-code="one_waits"' in confirmed(desk, gold, "standard-terms", **typed).content

    def test_one_person_ends_no_enterprise_terms(self, desk, gold):
        """S16"""
        typed = {"terms": "standard", "first": make.TODAY, "reason": "x"}

        assert b'data-code="by_a_withdrawal"' in confirmed(desk, gold, "terms", **typed).content
        assert "Correct to Standard terms" in desk.get(page_of(gold)).content.decode()

    def test_a_month_with_a_change_in_it_has_two_lines(self, desk, gold):
        typed = {"month": "2026-05", "paid_seats": "100", "cost_per_seat": "41", "reason": "Invoice 9.",
                 "changed_on": "2026-05-11", "seats_after": "150", "cost_after": "40"}  # fmt: skip

        shown = seen(desk, gold, "fees", **typed)
        confirmed(desk, gold, "fees", **typed)

        assert "May 11, 2026 – May 31, 2026" in shown
        for figure in ("USD 59,040.00", "USD 60,908.39", "USD 295,200.00", "USD 304,541.94", "USD 3,000,000.00"):
            assert figure in shown  # annual fees and both caps, before and after (M3.2)
        assert [one.paid_seats for one in gold.fee_months.filter(month=date(2026, 5, 1))] == [100, 150]

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"changed_on": "2026-06-01", "seats_after": "1", "cost_after": "1"}, "choose a day of the month"),
            ({"changed_on": "2026-05-11"}, "Give both the seats and the cost"),
            ({"seats_after": "1"}, "Give the day from which"),
            ({"month": "May"}, "write it as 2026-11"),
        ],
    )
    def test_what_does_not_make_a_month_is_said(self, desk, wrong, said, gold):
        typed = {"month": "2026-05", "paid_seats": "100", "cost_per_seat": "41", "reason": "x"}

        assert said in seen(desk, gold, "fees", **{**typed, **wrong})

    def test_the_page_shows_the_dated_tables(self, desk, gold):
        confirmed(desk, gold, "plan", **TestEveryChange.TYPED["plan"])

        titles = {one["title"]: len(one["rows"]) for one in desk.get(page_of(gold)).context["periods"]}

        assert titles["Plan and discount"] == 2


class TestRenewal:
    """E3"""

    TYPED = TestEveryChange.TYPED["renew"]

    def test_the_new_contract_is_on_the_terms_of_the_old_one(self, desk):
        contract = make.contract(enterprise=False)

        confirmed(desk, contract, "renew", **self.TYPED)

        renewed = Contract.objects.get(order_form="OF-NEXT")
        assert (renewed.first_day, renewed.terms_periods.get().terms) == (make.LAST + make.DAY, "standard")

    def test_a_withdrawal_that_is_not_over_is_said_to_leave_the_new_contract_alone(self, desk):
        """S16"""
        contract = elect.ready()
        withdrawal = elect.prepared(contracts=[contract])

        shown = desk.post(reverse("admin:change_contract", args=[contract.pk, "renew"]), {**self.TYPED, "step": "preview"})  # fmt: skip

        assert f"{withdrawal.elections.get()} is not over" in shown.content.decode()

    def test_days_that_another_contract_of_the_account_covers_are_refused_in_words(self, desk, gold):
        confirmed(desk, gold, "renew", **self.TYPED)

        answer = confirmed(desk, gold, "renew", **{**self.TYPED, "order_form": "OF-OTHER"})

        assert b"Another contract of this customer covers the same account" in answer.content


class TestANewContract:
    """E1, E3, S1, S11"""

    def typed(self, **changes):
        return {
            "name": "Acme", "number": "C-77", "order_form": "OF-77", "account": "acme.example", "first": "2026-07-01",
            "last": "2028-06-30", "zone": "Asia/Tokyo", "currency": "usd", "level": "silver", "terms": "enterprise",
            "products": ["im", "wa"], "plan": "Business", "discount_percent": "10", "paid_seats": "50", "cost_per_seat": "39.5",
        } | changes  # fmt: skip

    def post(self, desk, step, **changes):
        return desk.post(reverse("admin:new_contract"), {**self.typed(**changes), "step": step})

    def test_it_is_shown_first_and_then_on_record(self, desk):
        shown = self.post(desk, "preview").content.decode()
        before = Contract.objects.count()
        answer = self.post(desk, "confirm")

        contract = Contract.objects.get(order_form="OF-77")
        assert "July 1, 2026 – June 30, 2027" in shown
        assert before == 0
        assert answer.url == page_of(contract)
        assert (contract.customer.name, contract.currency, contract.levels.get().level) == ("Acme", "USD", "silver")
        assert contract.terms_periods.get().terms == "enterprise"
        assert contract.fee_months.get().paid_seats == 50

    def test_for_a_customer_on_record(self, desk):
        customer = make.customer()

        self.post(desk, "confirm", customer=customer.pk, name="", number="")

        assert customer.contracts.count() == 1

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"name": ""}, "Choose a customer, or give the name"),
            ({"last": "2026-01-01"}, "The last day lies before the first."),
            ({"zone": "Nowhere"}, "is not a time zone"),
            ({"discount_percent": "101"}, "less than or equal to 100"),
        ],
    )
    def test_what_is_wrong_is_said(self, desk, wrong, said):
        assert said in self.post(desk, "confirm", **wrong).content.decode()
        assert not Contract.objects.exists()

    def test_one_that_overlaps_is_refused_in_words_and_leaves_nothing(self, desk, gold):
        given = {"customer": gold.customer.pk, "name": "", "number": "", "account": gold.account}

        assert "this will be refused" in self.post(desk, "preview", **given).content.decode()
        assert "covers the same account" in self.post(desk, "confirm", **given).content.decode()
        assert Contract.objects.count() == 1

    def test_a_known_customer_number_is_refused(self, desk):
        known = make.customer()

        assert "already exists" in self.post(desk, "confirm", number=known.external_id).content.decode()


class TestTheList:
    """M3: search, filters, row count."""

    def found(self, desk, **asked):
        answer = desk.get(reverse("admin:entitlements_contract_changelist"), asked)
        return [one.order_form for one in answer.context["cl"].result_list]

    def test_it_is_filtered_by_the_level_of_today(self, desk):
        changed = make.contract(levels=[(make.FIRST, "gold"), (make.TODAY - make.DAY, "silver")])
        make.contract(levels=[(make.FIRST, "silver"), (make.TODAY, "gold")])

        assert self.found(desk, level="silver") == [changed.order_form]

    def test_it_is_filtered_by_when_the_term_ends(self, desk):
        soon = make.contract(last=make.TODAY + 30 * make.DAY)
        make.contract(last=make.TODAY + 31 * make.DAY)
        make.contract(last=make.TODAY - make.DAY)

        assert self.found(desk, ends="30") == [soon.order_form]

    @pytest.mark.parametrize("asked", [{"level": "nonsense"}, {"ends": "nonsense"}])
    @pytest.mark.usefixtures("gold")
    def test_a_filter_that_there_is_not_is_no_error(self, desk, asked):
        assert desk.get(reverse("admin:entitlements_contract_changelist"), asked).status_code == 200

    @pytest.mark.usefixtures("gold")
    def test_its_questions_do_not_grow_with_its_rows(self, desk, django_assert_num_queries):
        address = reverse("admin:entitlements_contract_changelist")
        with CaptureQueriesContext(connection) as one:
            desk.get(address)
        for _ in range(3):
            make.contract()

        with django_assert_num_queries(len(one)):
            desk.get(address)
