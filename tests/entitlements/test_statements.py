"""E13: the year's statement: its figures are the year card's, its paper the same bytes for the same facts."""

from __future__ import annotations

from functools import partial

from django.urls import reverse

from entitlements import pdf
from entitlements.actions.contract_states import terminate
from entitlements.actions.engagements import decline_engagement
from entitlements.actions.levels import change_level
from entitlements.actions.outcomes import move_recommendation
from entitlements.actions.overrides import add_override
from entitlements.actions.year_ends import close_year
from entitlements.actions.zones import change_zone
from entitlements.cards import cards_of, years_visible_to
from entitlements.models import Role
from entitlements.rules.caps import Override
from entitlements.year_statements import statement_visible_to
from tests import factories as make
from tests import outcome_factories as told
from tests.desk import at, signed_in
from tests.entitlements.portal import page, words
from tests.shared import shared


@shared
def world():
    """A Gold contract whose customer has used three places and was advised in two of them."""
    contract = make.contract()
    told.given(contract=contract, activity="integration")
    told.given(contract=contract, activity="maturity", start=make.NOW - 3 * make.DAY)
    make.request(contract=contract, activity="roadmap")
    return contract


@shared
def owner(world):
    return make.one_of(world.customer)


def of(contract, user, now=make.NOW):
    return statement_visible_to(user, contract.years.get(n=1).pk, now)


class TestThePage:
    def test_its_figures_are_the_year_cards(self, world, owner):
        year = next(one for one in years_visible_to(owner) if one.n == 1)
        card = cards_of([year], owner, make.NOW)[0]
        made = of(world, owner)

        assert [(one.row.cap, one.figures.used, one.unused) for one in made.lines] == [
            (row.cap, row.line.used, row.left) for row in card.rows
        ]
        assert {key: made.totals[key] for key in ("entitled", "used", "unused")} == {
            "entitled": card.totals["cap"],
            "used": card.totals["used"],
            "unused": card.totals["left"],
        }

    def test_it_tells_what_was_advised_and_done(self, world, owner, client, clock):
        one = world.engagements.get(activity="maturity").outcome.recommendations.get(number=1)
        move_recommendation(recommendation=one, state="done", by=owner, now=make.NOW)
        signed_in(owner, client)

        shown = words(page(client, "year_statement", world.years.get(n=1).pk))

        assert "3 of 20 places used, 17 left; 3 recommendations given, 1 done." in shown
        assert "First assessment: there is none of the year before to compare with." in shown

    def test_the_desk_has_the_same(self, world, monkeypatch):
        at(monkeypatch, make.NOW)
        response = signed_in(make.manager()).get(reverse("admin:statement", args=[world.years.get(n=1).pk]))

        assert "3 of 20 places used, 17 left" in words(response.content.decode())

    def test_after_a_termination_it_says_what_the_ledger_says(self, world, owner):
        """E14: nothing is entitled, so nothing lapsed."""
        terminate(contract=world, last_day=make.TODAY, reason="x", by=make.manager(), now=make.NOW)
        later, after = world.years.get(n=2), make.NOW + 900 * make.DAY
        close_year(contractyear=later, now=after)

        made = statement_visible_to(owner, later.pk, after)

        assert (made.totals["entitled"], made.totals["unused"]) == (0, 0)
        assert {(line.entitled, line.unused) for line in made.lines} <= {("0", "0"), ("N/A", "N/A")}
        assert not later.usage.exists()

    def test_it_is_as_of_the_last_change_of_level_override_or_zone(self, world, owner):
        by = make.manager()
        override = Override(
            target="maturity", cap=9, first=None, last=None, reference="Addendum 2", reason="x", on_pool=False
        )
        changes = (
            partial(change_level, level="silver", first=make.TODAY),
            partial(add_override, override=override),
            partial(change_zone, zone="Europe/London", reason="x"),
        )
        for n, change in enumerate(changes, start=1):
            change(contract=world, by=by, now=make.NOW + n * make.HOUR)

            assert of(world, owner, make.NOW + make.DAY).changed_at == make.NOW + n * make.HOUR

    def test_it_is_as_of_the_last_act_under_professional_services_too(self, world, owner):
        """E7: they take no line of the ledger."""
        asked = make.request(contract=world, ps_reference="PS-1", now=make.NOW + make.HOUR)
        assert of(world, owner, make.NOW + make.DAY).changed_at == make.NOW + make.HOUR

        decline_engagement(engagement=asked, reason="x", by=make.manager(), now=make.NOW + 2 * make.HOUR)

        assert of(world, owner, make.NOW + make.DAY).changed_at == make.NOW + 2 * make.HOUR

    def test_another_customers_is_not_there(self, world):
        assert of(world, make.member()) is None

    def test_it_asks_the_database_as_often_however_much_was_advised(self, world, owner, django_assert_num_queries):
        make.one_of(world.customer, Role.OWNER)
        self.read(of(world, owner))  # whose they are is asked once of a person
        with django_assert_num_queries(MOST) as few:
            self.read(of(world, owner))
        told.given(contract=world, activity="product_feature")
        told.given(contract=world, activity="automation_ideation", start=make.NOW - 5 * make.DAY)

        with django_assert_num_queries(len(few)):
            self.read(of(world, owner))

    def read(self, made):
        return made.totals, made.drawing, made.changed_at, [advice.owner.name for _, advice in made.recommendations]


MOST = 14


class TestThePaper:
    def pdf(self, client, contract):
        response = client.get(reverse("year_statement_pdf", args=[contract.years.get(n=1).pk]))
        assert response["Content-Type"] == "application/pdf"
        return response.content

    def test_the_same_facts_are_the_same_bytes_and_others_are_not(self, world, owner, client, clock):
        signed_in(owner, client)
        first = self.pdf(client, world)
        clock(make.NOW + 3 * make.DAY)
        client.logout()
        signed_in(owner, client)
        later = self.pdf(client, world)
        one = world.engagements.get(activity="integration").outcome.recommendations.get()
        move_recommendation(recommendation=one, state="done", by=owner, now=make.NOW + 3 * make.DAY)

        assert first.startswith(b"%PDF-")
        assert later == first
        assert self.pdf(client, world) != first

    def test_it_has_what_a_review_needs(self, world, owner, client, clock, monkeypatch):
        """What goes into the paper; that it becomes a PDF is the test above."""
        papers = []
        monkeypatch.setattr(pdf, "paper", lambda **given: papers.append(given) or b"%PDF-")
        signed_in(owner, client)

        self.pdf(client, world)

        headings = [one["heading"] for one in papers[0]["sections"]]
        assert headings == [
            "Places and advice",
            "Automation maturity",
            "Maturity Assessment, June 7, 2026: maturity scorecard",
            "Integration Consultation, June 8, 2026: integration approach",
            "Sessions",
        ]
        sums = papers[0]["sections"][0]["table"]["rows"][-1]
        assert sums == ["Sum of the numbers", "20", "3", "17", "3", "0", "3", "0"]
        assert [row[-1] for row in papers[0]["sections"][2]["table"]["rows"]] == ["Open", "Open"]
        assert [row[-2:] for row in papers[0]["sections"][-1]["table"]["rows"]] == [
            ["Delivered", "yes"],
            ["Delivered", "yes"],
            ["Requested", "yes"],
        ]
        assert dict(papers[0]["facts"])["Customer"] == world.customer.name
