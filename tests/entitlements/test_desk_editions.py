"""M11: the policy's editions at the desk and in the portal; whatever is posted, one action decides."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from entitlements.models import PolicyEdition
from entitlements.policy_sheets import place_in_words
from entitlements.rules.cap_values import NOT_AVAILABLE
from tests import factories as make
from tests.desk import at, signed_in
from tests.entitlements.portal import words
from tests.entitlements.test_actions_editions import draft, first_edition, proposed, publish, save, text_of, with_cap
from tests.shared import shared

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    at(monkeypatch, make.NOW)


@pytest.fixture
def desk():
    return signed_in(make.manager())


@shared
def made():
    """A draft."""
    return draft()


@shared
def changed(made):
    """A draft with another cap: five roadmap sessions at Gold, where the edition it comes from says two."""
    return save(made, **with_cap(made, "gold", "roadmap", 5))


@shared
def waiting(made):
    """A draft that was proposed."""
    return proposed(made)


def address(name, edition):
    return reverse(f"admin:{name}", args=[edition.pk])


def read(client, name, edition, **query):
    answer = client.get(address(name, edition), query)
    assert answer.status_code == 200
    return answer.content.decode()


def typed(client, edition):
    """The form as the browser would send it, unchanged."""
    form = client.get(address("edit_policy", edition)).context["form"]
    return {bound.html_name: "" if bound.value() is None else bound.value() for bound in form}


class TestTheList:
    def test_it_says_how_each_stands_and_who_brought_it_there(self, desk):
        proposed(draft(by=make.manager(name="Ada Author")), by=make.manager(name="Pia Proposer"))

        seen = words(desk.get(reverse("admin:entitlements_policyedition_changelist")).content.decode())

        assert "Second edition Proposed January 1, 2027 Ada Author Pia Proposer" in seen

    @pytest.mark.parametrize(("state", "found"), [("draft", 0), ("proposed", 1), ("published", 1)])
    @pytest.mark.usefixtures("waiting")
    def test_it_can_be_narrowed_by_state(self, desk, state, found):
        answer = desk.get(reverse("admin:entitlements_policyedition_changelist"), {"state": state})

        assert answer.context["cl"].result_count == found


class TestADraft:
    def test_it_begins_as_the_edition_it_comes_from(self, desk):
        form = {"name": "Second edition", "valid_from": "2027-01-01"}

        answer = desk.post(address("draft_policy", first_edition()), form, follow=True)

        made = PolicyEdition.objects.get(name="Second edition")
        assert answer.redirect_chain[-1][0] == address("edit_policy", made)
        assert text_of(made).cells == text_of(first_edition()).cells

    def test_a_day_that_is_taken_is_said_on_the_page(self, desk):
        answer = desk.post(
            address("draft_policy", first_edition()), {"name": "Second edition", "valid_from": "2025-01-01"}
        )

        assert "is valid from January 1, 2025 already" in answer.content.decode()

    def test_saved_unchanged_it_says_the_same(self, desk, made):
        before = text_of(made)

        answer = desk.post(address("edit_policy", made), typed(desk, made))

        assert answer.status_code == 302
        assert text_of(made) == before

    def test_what_is_typed_is_what_it_says(self, desk, made):
        form = typed(desk, made) | {"cap-gold-roadmap": "7", "cap-gold-maturity": "n/a", "needs-roadmap-im": "required"}

        desk.post(address("edit_policy", made), form)

        text = text_of(made)
        assert (text.cells["gold", "roadmap"], text.cells["gold", "maturity"]) == (7, NOT_AVAILABLE)
        assert text.needs["roadmap", "im"] == "required"

    @pytest.mark.parametrize(
        "places",
        [
            {
                "cap-gold-roadmap": ("", "write a number, N/A or pool"),
                "cap-gold-maturity": ("x3", "is no cap. Write a number, N/A or pool."),
                "summary-roadmap": ("", "write a sentence. Customers read it."),
            },
            {
                "cap-gold-roadmap": ("0", "A cap of less than one is not a cap"),
                "cap-gold-maturity": ("unlimited", "only an agreement with one customer"),
                "cap-gold-integration": ("pool", "At Gold Services the shared pool has no figure"),
                "pool-silver-consultation": ("2", "No activity is in the shared pool at Silver Services"),
                "minutes-roadmap-1": ("-30", "A session takes from 1 to 480 minutes"),
            },
        ],
        ids=["cannot be read", "cannot be"],
    )
    def test_what_is_wrong_is_said_at_its_cell_and_nothing_typed_is_lost(self, desk, made, places):
        form = typed(desk, made) | {place: wrong for place, (wrong, _) in places.items()} | {"cap-silver-maturity": "8"}

        answer = desk.post(address("edit_policy", made), form)

        html, errors = answer.content.decode(), answer.context["form"].errors
        assert set(errors) == set(places)
        for place, (_, said) in places.items():
            assert said in " ".join(errors[place])
            assert f'href="#id_{place}"' in html
        assert 'name="cap-silver-maturity" value="8"' in html
        assert text_of(made).cells["silver", "maturity"] == 2

    def test_somebody_elses_change_meanwhile_is_said(self, desk, made):
        form = typed(desk, made)
        save(made)

        answer = desk.post(address("edit_policy", made), form | {"cap-gold-roadmap": "9"})

        html = answer.content.decode()
        assert "Somebody changed this draft after you opened it" in html
        assert 'name="cap-gold-roadmap" value="9"' in html

    def test_what_is_not_a_draft_has_no_form(self, desk):
        assert desk.get(address("edit_policy", first_edition())).status_code == 302


class TestTheWayToPublication:
    def test_nothing_happens_on_a_get(self, desk, made):
        for act in ("propose", "discard"):
            desk.get(address(f"{act}_policy", made))

        assert PolicyEdition.objects.get(pk=made.pk).state == "draft"

    def test_one_proposes_and_another_publishes(self, desk, made):
        desk.post(address("propose_policy", made), {"turn": made.turn})
        waiting = PolicyEdition.objects.get(pk=made.pk)
        second = signed_in(make.approver())
        second.post(address("publish_policy", made), {"turn": waiting.turn})

        assert PolicyEdition.objects.get(pk=made.pk).state == "published"

    def test_its_author_is_told_that_somebody_else_has_to(self):
        author = make.approver()
        waiting = proposed(draft(by=author), by=author)
        client = signed_in(author)

        assert "cannot publish it" in read(client, "policy_edition", waiting)
        answer = client.post(address("publish_policy", waiting), {"turn": waiting.turn})

        assert "cannot publish it" in answer.content.decode()
        assert PolicyEdition.objects.get(pk=waiting.pk).state == "proposed"

    def test_a_return_takes_a_reason(self, desk, waiting):
        without = desk.post(address("return_policy", waiting), {"turn": waiting.turn, "reason": ""})
        assert "Say why it is returned" in without.content.decode()

        desk.post(address("return_policy", waiting), {"turn": waiting.turn, "reason": "One cap is missing."})
        assert "One cap is missing." in read(desk, "policy_edition", waiting)

    def test_a_discarded_draft_leads_back_to_the_list(self, desk, made):
        answer = desk.post(address("discard_policy", made), {"turn": made.turn})

        assert answer["Location"] == reverse("admin:entitlements_policyedition_changelist")


class TestWhatWouldChange:
    def test_each_place_that_differs_says_both(self, desk, changed):
        seen = words(read(desk, "compare_policy", changed))

        assert "Before: 2 Now: 5" in seen
        assert "2 places differ" in seen  # the cap, and the day from which it is valid

    def test_the_differences_come_first_in_words_and_the_whole_is_folded(self, desk, changed):
        seen = read(desk, "compare_policy", changed)

        first, whole = seen.split('<details class="whole">')
        assert "Gold Services, Product Roadmap Session 2 5" in words(first)
        assert 'class="changed"><del>' in whole

    def test_the_history_names_its_places_in_words(self, desk, changed):
        seen = words(read(desk, "policy_edition", changed))

        assert "Gold Services, Product Roadmap Session: 2 → 5" in seen
        assert "cap-gold" not in seen

    def test_every_place_of_an_edition_has_words(self, made):
        assert [place for place in text_of(made).figures if place_in_words(place) == place] == []

    def test_who_gains_who_loses_and_what_stands_above_its_cap(self, desk, gold, made):
        make.request(contract=gold, activity="alert_strategies", day=date(2027, 2, 1))
        cells = {**text_of(made).cells, ("gold", "alert_strategies"): NOT_AVAILABLE, ("gold", "roadmap"): 5}
        save(made, cells=cells)

        seen = words(read(desk, "compare_policy", made))

        assert "It would govern 1 contract year of 1 contract" in seen
        assert "Product Roadmap Session: 2 → 5" in seen
        assert "Alert Strategies Workshop: 1 → N/A" in seen
        assert "1 engagement would stand above its cap. What is booked stays." in seen

    def test_four_contracts_take_as_many_questions_as_one(self, desk, gold, made):
        make.request(contract=gold)
        self.questions(desk, made)  # editions are loaded once in a process
        few = self.questions(desk, made)
        for _ in range(3):
            make.request(contract=make.contract())

        assert self.questions(desk, made) == few

    def questions(self, desk, edition):
        with CaptureQueriesContext(connection) as asked:
            read(desk, "compare_policy", edition)
        return len(asked)


class TestThePublication:
    def test_a_customer_reads_the_edition_that_governs_their_year(self):
        customer = make.contract(first=date(2026, 1, 1)).customer
        client = signed_in(make.member(customer=customer))

        card = client.get(reverse("year_card")).content.decode()
        page = reverse("policy", args=[first_edition().pk])

        assert f'href="{page}"' in card
        assert "Product Roadmap Session 30 N/A N/A 1 2" in words(client.get(page).content.decode())

    def test_it_comes_as_plain_text_too(self):
        client = signed_in(make.member())

        answer = client.get(reverse("policy_text", args=[first_edition().pk]))

        assert answer["Content-Type"] == "text/plain; charset=utf-8"
        text = answer.content.decode()
        assert "Product Roadmap Session (session minutes: 30)\n  No Services: N/A\n" in text
        assert "&" not in text.replace("Ideation & Guidance", "")

    def test_what_is_not_published_is_nobodys_to_read(self, made):
        page, client = reverse("policy", args=[made.pk]), signed_in(make.member())

        while_drafted = client.get(page).status_code
        proposed(made)

        assert (while_drafted, client.get(page).status_code) == (404, 404)

    def test_what_was_published_here_is_read_there(self, changed):
        done = publish(proposed(changed))

        answer = signed_in(make.member()).get(reverse("policy", args=[done.pk]))

        assert "Product Roadmap Session 30 N/A N/A 1 5" in words(answer.content.decode())
