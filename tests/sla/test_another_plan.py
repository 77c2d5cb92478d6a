"""S17: another plan was agreed since the notice: letters, pages and the paper name the one that holds, and what is paid for it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from entitlements import notices
from entitlements.actions.plans import change_plan
from entitlements.models import Contract, Letter
from sla import election_papers
from sla.actions.elections import choose
from sla.models import Election
from sla.views import elections as views
from tests import election_factories as elect
from tests import factories as make
from tests.desk import signed_in as at_the_desk
from tests.factories import DAY, HOUR
from tests.shared import shared
from tests.sla.test_elections import ARRIVED, EFFECT, ENDS, MARGIN, signatory, turn

pytestmark = pytest.mark.django_db
FEE_OF_ITS_PLAN = "what you pay for Digital Operations, agreed since our notice, less 20 %"


@shared
def agreed(waiting: Election) -> Election:
    """Digital Operations since the day on which the notice arrived, for 53.10 a seat from June on."""
    elect.accepted(waiting, at=ARRIVED)
    change_plan(
        contract=waiting.contract, plan="Digital Operations", discount_percent=Decimal(10), first=ARRIVED.date(),
        reason="Upgrade.", by=make.manager(), now=ARRIVED + HOUR,
    )  # fmt: skip
    waiting.contract.fee_months.filter(month__gte=date(2026, 6, 1)).update(cost_per_seat=Decimal("53.10"))
    return waiting


def decided(election, choice="stay"):
    if choice == "shift":
        choose(election=election, choice="shift", by=signatory(election), now=ARRIVED + DAY)
    turn(ENDS + MARGIN)
    return elect.fresh(election)


def letter(election, kind):
    found = Letter.objects.select_related("person").filter(kind=kind, matter=election.reference).last()
    notices.render(found)
    return found.text


def paper(election, monkeypatch):
    """Its outcome as it is printed."""
    return dict(sections(election, monkeypatch)["Outcome"]["facts"])


def sections(election, monkeypatch):
    """What is printed, by its headings."""
    with monkeypatch.context() as printed:
        printed.setattr("sla.election_papers.pdf.paper", lambda **said: said)
        return {one["heading"]: one for one in election_papers.paper_of(election)["sections"]}


def fees_in(working):
    return {label for label, _ in working["inputs"]} & {"old_fee", "new_fee"}


class TestTheOutcome:
    def test_who_stays_is_told_the_plan_on_which_they_stay_and_what_it_costs(self, agreed):
        said = letter(decided(agreed), "election_decided")

        assert "(2) stay on Digital Operations" in said
        assert "Plan: Digital Operations, as before; agreed since our notice, with a discount of 10 %\n" in said
        assert "Fee per user a month: USD 42.48, until then USD 53.10\n" in said
        assert "Business" not in said

    def test_who_shifts_is_told_from_which_plan(self, agreed):
        said = letter(decided(agreed, "shift"), "election_decided")

        assert "Plan: Professional, until then Digital Operations\n" in said
        assert "Fee per user a month: USD 21.00, until then USD 53.10\n" in said

    def test_where_the_month_is_not_on_record_no_fee_is_stated(self, agreed, monkeypatch):
        agreed.contract.fee_months.filter(month=date(2026, 6, 1)).delete()
        election = decided(agreed)
        said = letter(election, "election_decided")

        assert (election.new_fee, election.held_fee, election.fee_is_known) == (None, None, False)
        assert f"Fee per user a month: {FEE_OF_ITS_PLAN}\n" in said
        assert (
            paper(election, monkeypatch)["New fee per user a month"] == "what is paid for Digital Operations, less 20 %"
        )

    def test_nor_does_any_working_of_the_stay_state_one(self, agreed, signed_in, clock, monkeypatch):
        """S17: neither the notice's fee nor a fifth off it, on the customer's page, at the desk or on paper."""
        agreed.contract.fee_months.filter(month=date(2026, 6, 1)).delete()
        election = decided(agreed)
        clock(ENDS + MARGIN)
        shown = signed_in(signatory(election)).get(reverse("election", args=[election.reference])).context
        desk = at_the_desk(make.manager()).get(reverse("admin:election", args=[election.reference])).context
        named, printed = dict(desk["workings"]), dict(sections(election, monkeypatch))

        assert fees_in(shown["options"]["stay"]["working"]) == set()
        assert fees_in(named["For the day of effect"].as_json()["steps"][-1]) == set()
        assert fees_in(named["As the notice priced it"].as_json()["steps"][-1]) == {"old_fee", "new_fee"}
        assert "32.8" not in str(printed["The working for the day of effect, sums in USD"])

    def test_who_shifts_is_not_told_an_old_fee_that_is_not_on_record(self, agreed):
        agreed.contract.fee_months.filter(month=date(2026, 6, 1)).delete()
        assert "Fee per user a month: USD 21.00\n" in letter(decided(agreed, "shift"), "election_decided")

    def test_the_new_fee_is_what_the_months_cost(self, agreed):
        election = decided(agreed)

        assert election.new_fee == Decimal("42.48")
        assert agreed.contract.fee_months.get(month=date(2026, 6, 1), days__startswith=EFFECT).cost_per_seat == Decimal("42.48")  # fmt: skip

    def test_paper_and_pages_name_it(self, agreed, signed_in, clock, monkeypatch):
        election = decided(agreed)
        clock(ENDS + MARGIN)
        portal = signed_in(signatory(election)).get(reverse("election", args=[election.reference])).content.decode()
        desk = at_the_desk(make.manager()).get(reverse("admin:election", args=[election.reference])).content.decode()
        printed = paper(election, monkeypatch)

        assert "(2) stay on Digital Operations" in portal
        assert "42.48" in portal
        assert "Business" not in portal
        assert "Digital Operations with a discount of 10 % was agreed since the notice." in desk
        assert "42.48" in desk
        assert printed["Agreed since the notice"] == "Digital Operations, discount 10 %"
        assert printed["New fee per user a month"] == "USD 42.48"

    def test_another_discount_alone_is_told_too(self, waiting):
        elect.accepted(waiting, at=ARRIVED)
        told = {"first": ARRIVED.date(), "reason": "Agreed.", "by": make.manager(), "now": ARRIVED + HOUR}
        change_plan(contract=waiting.contract, plan="Business", discount_percent=Decimal("12.5"), **told)

        assert "Business, as before; agreed since our notice, with a discount of 12.5 %" in letter(
            decided(waiting), "election_decided"
        )

    def test_without_another_the_notices_stays(self, waiting):
        elect.accepted(waiting, at=ARRIVED)
        said = letter(decided(waiting), "election_decided")

        assert "Plan: Business, as before\nFee per user a month: USD 32.80, until then USD 41.00\n" in said


class TestBetweenDeadlineAndClock:
    """T4: the clock stood still for three days, and another plan was agreed from a day after the effect on."""

    NOW = ENDS + 3 * DAY

    @pytest.mark.parametrize("is_noted", [True, False])
    def test_the_page_names_the_plan_of_the_day_of_effect(self, waiting, signed_in, clock, is_noted):
        elect.accepted(waiting, at=ARRIVED)
        if is_noted:
            turn(ARRIVED)
        self.change(waiting, "Digital Operations", EFFECT + 2 * DAY)
        clock(self.NOW)
        browser = signed_in(signatory(waiting))

        for _ in ("before the clock's turn", "after it"):
            page = browser.get(reverse("election", args=[waiting.reference]))
            said = page.content.decode()
            assert "(2) Stay on Business" in said
            assert "Digital Operations" not in said
            assert page.context["old_fee"] == Decimal(41)
            turn(self.NOW)

        assert "Plan: Business, as before\n" in letter(waiting, "election_decided")

    def test_nor_is_one_forgotten_that_holds_on_that_day_alone(self, agreed, signed_in, clock):
        turn(ARRIVED)
        self.change(agreed, "Business", EFFECT + 2 * DAY)
        clock(self.NOW)
        page = signed_in(signatory(agreed)).get(reverse("election", args=[agreed.reference]))

        assert "(2) Stay on Digital Operations" in page.content.decode()
        assert page.context["old_fee"] is None

    def change(self, election, plan, first):
        told = {"first": first, "reason": "Agreed.", "by": make.manager(), "now": self.NOW}
        contract = Contract.objects.get(pk=election.contract_id)
        change_plan(contract=contract, plan=plan, discount_percent=Decimal(10), **told)


class TestWhileItRuns:
    def test_the_confirmation_prices_no_fee_of_a_plan_that_holds_no_more(self, agreed):
        """S16, S17: what was said of the notice's plan is true no more."""
        turn(ARRIVED + 2 * HOUR)
        said = letter(agreed, "election_confirmed")

        assert "(2) Stay on Digital Operations" in said
        assert f"Fee per user a month: {FEE_OF_ITS_PLAN}\n" in said
        assert "41.00" not in said
        assert "with the discount that you had at our notice." in said

    def test_the_page_and_the_check_before_choosing(self, agreed, signed_in, clock, monkeypatch):
        monkeypatch.setattr(views, "is_fresh", lambda request, now: True)
        clock(ARRIVED + 2 * HOUR)
        browser = signed_in(signatory(agreed))
        page = browser.get(reverse("election", args=[agreed.reference]))
        shown = page.content.decode()
        checked = browser.post(reverse("choose", args=[agreed.reference]), {"choice": "stay"}).content.decode()

        assert "(2) Stay on Digital Operations" in shown
        assert "with the discount that you had at our notice." in shown
        assert fees_in(page.context["options"]["stay"]["working"]) == set()
        assert "Stay on Digital Operations?" in checked
        for said in (shown, checked):
            assert FEE_OF_ITS_PLAN in said
            assert "Business" not in said
