"""S9, S10: how a customer shows its loss beside a list: by the rate of the months before, and what it says about expenses."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError
from django.urls import reverse

from entitlements.actions.refused import Refused
from entitlements.actions.zones import change_zone
from sla import pdf
from sla.actions.decisions import propose_decision, take_claim
from sla.actions.drafts import declare
from sla.actions.losses import StatedRates, claim_by_transactions, save_expenses, save_rates
from sla.assessment import assess
from sla.claims import receipt_of
from sla.completeness import what_is_missing
from sla.models import Claim, RateBasis
from tests import factories as make
from tests.factories import DAY, HOUR, NOW, evidence, manager, sent_claim
from tests.shared import shared

# From March 9, 10:00 to June 9, 10:00 in New York: 92 days of 1,440 minutes. The remedy period is 85 minutes.
OF_THE_MONTHS = Decimal("132480.00")
RATES = {
    "reason": "Our shop was down itself and wrote nothing.",
    "revenue": "232,480.00",
    "expenses": "100,000",
    "first_day": "",
    "last_day": "",
    "completed_revenue": "",
    "completed_expenses": "",
}


def rates(**fields: Any) -> StatedRates:
    stated = {"reason": "No log was written.", "revenue": OF_THE_MONTHS, "expenses": Decimal(0)}
    stated |= {"completed_revenue": Decimal(0), "completed_expenses": Decimal(0)}
    return StatedRates(**stated | fields)


@shared
def begun(draft: Claim) -> Claim:
    return draft


@shared
def by_rate(begun: Claim) -> Claim:
    evidence(claim=begun)
    save_rates(claim=begun, rates=rates(), by=begun.opened_by, now=NOW)
    return declare(claim=begun, by=begun.opened_by, now=NOW)


class TestTheRate:
    """S10: profit of the months before × remedy time ÷ elapsed time, less what was completed."""

    def test_takes_the_place_of_a_list(self, by_rate):
        found = assess(by_rate, now=NOW)

        assert what_is_missing(by_rate) == []
        assert (found.assessed, found.claimed) == (Decimal("85.00"), Decimal("85.00"))
        assert found.figures.method_reason == "No log was written."
        assert not found.figures.loss.flagged

    def test_records_of_fewer_days_are_the_time_covered_and_flagged(self, by_rate):
        """The first of its days begins before the window, whose own start counts then."""
        covered = rates(first_day=date(2026, 3, 1), last_day=date(2026, 4, 8))
        save_rates(claim=by_rate, rates=covered, by=by_rate.opened_by, now=NOW)

        loss = assess(Claim.objects.get(pk=by_rate.pk), now=NOW).figures.loss
        assert loss.flagged
        assert loss.window_minutes == 30 * 1440 + 14 * 60

    def test_a_later_change_of_the_zone_moves_no_day_of_it(self, by_rate):
        """E3: what was stated of days is of the zone that the contract had at the failure."""
        RateBasis.objects.update(first_day=date(2026, 5, 1), last_day=date(2026, 5, 31))
        before = assess(by_rate, now=NOW).assessed
        contract = by_rate.contract
        change_zone(contract=contract, zone="Asia/Tokyo", reason="They moved.", by=make.manager(), now=NOW)

        assert assess(Claim.objects.get(), now=NOW).assessed == before

    def test_what_was_completed_goes_off_and_never_below_zero(self, by_rate):
        for completed, left in (("80.00", "5.00"), ("85.01", "0.00")):
            stated = rates(completed_revenue=Decimal(completed))
            save_rates(claim=by_rate, rates=stated, by=by_rate.opened_by, now=NOW)
            assert assess(Claim.objects.get(pk=by_rate.pk), now=NOW).assessed == Decimal(left)

    def test_back_to_the_list_nothing_is_lost_and_the_declaration_is_asked_again(self, by_rate):
        back = claim_by_transactions(claim=by_rate, by=by_rate.opened_by, now=NOW)

        assert [one.code for one in what_is_missing(back)] == ["transactions", "declaration"]
        assert back.rate_basis.reason == "No log was written."

    def test_is_decided_by_it_and_what_was_claimed_stays_as_it_was_stated(self, by_rate):
        sent = sent_claim(draft=by_rate)
        take_claim(claim=sent, by=(reviewer := manager()), now=NOW + 2 * HOUR)
        sent.refresh_from_db()

        proposal = propose_decision(claim=sent, outcome="approve", grounds="S10.", by=reviewer, now=NOW + DAY)

        assert (proposal.claimed, proposal.assessed, proposal.credited) == (Decimal("85.00"),) * 3

    def test_what_completed_at_a_loss_would_raise_the_claim_and_is_refused(self, begun):
        stated = rates(completed_expenses=Decimal("5000"))

        with pytest.raises(Refused, match="higher than the revenue"):
            save_rates(claim=begun, rates=stated, by=begun.opened_by, now=NOW)

    def test_after_sending_it_stays(self, by_rate):
        sent_claim(draft=by_rate)

        for act in (
            lambda: save_rates(claim=by_rate, rates=rates(), by=by_rate.opened_by, now=NOW + DAY),
            lambda: claim_by_transactions(claim=by_rate, by=by_rate.opened_by, now=NOW + DAY),
            lambda: save_expenses(
                claim=by_rate,
                expenses_basis="",
                affected_systems=None,
                other_system_down=None,
                repair_costs=None,
                by=by_rate.opened_by,
                now=NOW + DAY,
            ),
        ):
            with pytest.raises(Refused, match="has been sent"):
                act()

    @pytest.mark.parametrize(
        ("fields", "name"),
        [
            ({"reason": ""}, "the_method_of_the_rate_has_a_reason"),
            ({"expenses": 1_000_000}, "no_profit_of_a_rate_is_below_nothing"),
            ({"completed_expenses": 1}, "no_profit_of_a_rate_is_below_nothing"),
            ({"first_day": date(2026, 4, 1)}, "records_cover_days_from_first_to_last"),
            ({"first_day": date(2026, 4, 2), "last_day": date(2026, 4, 1)}, "records_cover_days_from_first_to_last"),
        ],
    )
    def test_the_database_refuses(self, by_rate, fields, name):
        with pytest.raises(IntegrityError, match=name):
            RateBasis.objects.update(**fields)

    def test_the_receipt_has_it(self, by_rate):
        sent = sent_claim(draft=by_rate)
        section = pdf._loss(sent, receipt_of(sent)["lines"], receipt_of(sent)["received"])

        assert section["heading"] == "Loss by the rate of the months before, in USD"
        assert ("Months before: revenue", "132,480.00") in section["facts"]


class TestThePageOfTheRate:
    def test_it_is_saved_and_shown_with_its_working(self, signed_in, begun):
        browser = signed_in(begun.opened_by)
        url = reverse("claim_rates", args=[begun.reference])
        assert "Mon Mar 9, 2026" in (page := browser.get(url).content.decode()) or "March 9, 2026" in page

        tasks = browser.post(url, RATES, follow=True)
        check = browser.get(reverse("claim_check", args=[begun.reference])).content.decode()
        again = browser.get(url).context["form"]

        assert "Loss by the rate" in tasks.content.decode()
        assert "wrote nothing" in check
        assert 'data-clause="S10"' in check
        assert "85.00" in check
        assert (again["revenue"].value(), again["reason"].value()) == (Decimal("232480.00"), RATES["reason"])

    @pytest.mark.parametrize(
        ("typed", "why"),
        [
            ({"reason": " "}, "Say why there are no records"),
            ({"revenue": ""}, "Fill in"),
            ({"revenue": "1.200,50"}, "comma stands where the point does"),
            ({"first_day": "2026-04-01"}, "Give both days"),
            ({"first_day": "2026-04-02", "last_day": "2026-04-01"}, "before the first day"),
            ({"last_day": "2026-06-11", "first_day": "2026-04-01"}, "still to come"),
            ({"last_day": "2026-03-08", "first_day": "2026-01-01"}, "within the months that count"),
            ({"completed_expenses": "5,000"}, "higher than the revenue"),
            ({"revenue": "99,999.99"}, "higher than the revenue"),
        ],
    )
    def test_what_is_wrong_comes_back_as_it_was_typed(self, signed_in, begun, typed, why):
        url = reverse("claim_rates", args=[begun.reference])

        page = signed_in(begun.opened_by).post(url, RATES | typed)

        assert why in page.content.decode()
        assert page.context["form"]["expenses"].value() == "100,000"
        assert not RateBasis.objects.exists()


class TestExpenses:
    """S9, C6.6: three plain questions; one that is left open keeps nothing from being sent."""

    def test_they_are_asked_kept_and_shown(self, signed_in, complete_draft):
        browser = signed_in(complete_draft.opened_by)
        url = reverse("claim_expenses", args=[complete_draft.reference])
        said = {"expenses_basis": "Goods and freight", "affected_systems": "yes", "other_system_down": "no"}

        browser.post(url, said)

        complete_draft.refresh_from_db()
        answers = complete_draft.affected_systems, complete_draft.other_system_down, complete_draft.repair_costs
        assert answers == (True, False, None)
        assert [one.code for one in what_is_missing(complete_draft)] == ["declaration"]
        tasks = browser.get(reverse("claim", args=[complete_draft.reference])).context["tasks"]
        assert (tasks[2]["title"], tasks[2]["state"]) == ("Expenses", "in_progress")
        assert (
            "Goods and freight" in browser.get(reverse("claim_check", args=[complete_draft.reference])).content.decode()
        )
        assert browser.get(url).context["form"]["affected_systems"].value() == "yes"

    def test_no_answer_but_yes_or_no_is_taken(self, signed_in, complete_draft):
        url = reverse("claim_expenses", args=[complete_draft.reference])

        page = signed_in(complete_draft.opened_by).post(url, {"repair_costs": "maybe"})

        assert "repair_costs" in page.context["form"].errors


class TestTheDesk:
    """M5: whoever reviews sees what the customer said, and a long list page by page."""

    def test_the_rates_stand_in_place_of_lines(self, signed_in, by_rate):
        sent_claim(draft=by_rate)

        page = signed_in(manager()).get(reverse("admin:claim", args=[by_rate.reference])).content.decode()

        assert "No log was written." in page
        assert 'data-clause="S10"' in page
        assert "Line by line" not in page

    def test_lines_are_in_pages(self, signed_in, complete_draft, monkeypatch):
        monkeypatch.setattr("sla.admin.claim_facts.LINES_ON_A_PAGE", 1)
        sent_claim(draft=complete_draft)

        page = signed_in(manager()).get(reverse("admin:claim", args=[complete_draft.reference]), {"lines": 2})

        assert [row["line"].line for row in page.context["lines"]] == [2]
        assert "2 transactions, line by line" in page.content.decode()
        assert "Page 2 of 2" in page.content.decode()
