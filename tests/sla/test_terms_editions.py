"""S1, M11: an edition of the Enterprise terms on its way, and its pages at the desk."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from entitlements.actions.refused import Refused
from sla.actions import terms as actions
from sla.models import TermsEdition
from sla.terms_sheets import effects_of, place_in_words
from tests import factories as make
from tests.desk import at, signed_in
from tests.entitlements.portal import words
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    at(monkeypatch, NOW)


@pytest.fixture
def desk():
    return signed_in(make.manager())


def draft(*, by=None, valid_from=date(2027, 1, 1)):
    first = TermsEdition.objects.published().get()
    return actions.draft_terms(of=first, name="Second terms", valid_from=valid_from, by=by or make.manager(), now=NOW)


def save(edition, **figures):
    text = edition.figures | figures
    return actions.save_terms(edition=edition, turn=edition.turn, text=text, by=make.manager(), now=NOW)


def proposed(edition):
    return actions.propose_terms(edition=edition, turn=edition.turn, by=make.manager(), now=NOW)


def publish(edition, *, by=None):
    return actions.publish_terms(edition=edition, turn=edition.turn, by=by or make.approver(), now=NOW)


def refused(action):
    with pytest.raises(Refused) as refusal, transaction.atomic():
        action()
    return [one.code for one in refusal.value.refusals]


def address(name, edition):
    return reverse(f"admin:{name}", args=[edition.pk])


def typed(client, edition):
    form = client.get(address("edit_terms", edition)).context["form"]
    return {bound.html_name: bound.value() for bound in form}


class TestTheWay:
    def test_a_second_person_publishes_and_then_it_judges_what_occurs_in_its_time(self):
        done = publish(proposed(save(draft(), claim_days=20)))

        assert TermsEdition.objects.in_force_on(date(2027, 1, 1)) == done
        assert TermsEdition.objects.in_force_on(date(2026, 12, 31)).claim_days == 15

    def test_its_author_does_not_publish(self):
        author = make.approver()

        assert refused(lambda: publish(proposed(draft(by=author)), by=author)) == ["second_person"]

    @pytest.mark.parametrize(
        ("figures", "reason"),
        [
            ({"claim_days": 0}, "nothing"),
            ({"outage_minutes": -30}, "below_zero"),
            ({"outage_deduction_minutes": 30}, "no_remedy"),
            ({"stay_reduction_percent": Decimal(100)}, "whole_fee"),
            ({"volume_quarter_minutes": 7}, "no_part_of_an_hour"),
        ],
    )
    def test_a_figure_that_cannot_be_is_refused_with_its_reason(self, figures, reason):
        made = draft()

        assert reason in refused(lambda: save(made, **figures))

    def test_what_is_proposed_or_published_never_changes(self):
        waiting = proposed(draft())
        rows = TermsEdition.objects.filter(pk=waiting.pk)

        with pytest.raises(DatabaseError, match="stays as it was proposed"), transaction.atomic():
            rows.update(claim_days=99)
        publish(waiting)
        with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
            rows.update(claim_days=99)

    def test_a_returned_one_can_be_discarded(self):
        waiting = proposed(draft())
        back = actions.return_terms(edition=waiting, turn=waiting.turn, reason="Wrong day.", by=make.manager(), now=NOW)

        actions.discard_terms(edition=back, turn=back.turn, by=make.manager(), now=NOW)

        assert TermsEdition.objects.count() == 1


class TestWhatWouldChange:
    def test_an_open_failure_in_its_time_keeps_the_deadline_that_was_told(self, reported):
        told = reported.closes_at
        made = save(draft(valid_from=date(2026, 6, 1)), claim_days=20)

        (judged,) = effects_of(made, NOW).failures
        publish(proposed(made))

        assert judged.by_its_figures - told == timedelta(days=5)
        reported.refresh_from_db()
        assert reported.closes_at == told

    @pytest.mark.usefixtures("reported")
    def test_one_before_its_time_is_not_judged_by_it(self):
        assert effects_of(draft(), NOW).failures == []


class TestThePages:
    def test_saved_unchanged_it_says_the_same(self, desk):
        made = draft()
        before = made.figures

        assert desk.post(address("edit_terms", made), typed(desk, made)).status_code == 302
        assert TermsEdition.objects.get(pk=made.pk).figures == before

    def test_what_is_wrong_is_said_at_its_figure_and_nothing_typed_is_lost(self, desk):
        made = draft()

        answer = desk.post(address("edit_terms", made), typed(desk, made) | {"claim_days": "-3", "election_days": "9"})

        assert "not below zero" in str(answer.context["form"].errors["claim_days"])
        assert 'name="election_days" value="9"' in answer.content.decode()

    def test_a_figure_that_differs_says_both(self, desk):
        made = save(draft(), claim_days=20)

        seen = words(desk.get(address("compare_terms", made)).content.decode())

        assert "Claim, days 15 20" in seen
        assert "Claim, days Before: 15 Now: 20" in seen
        assert [figure for figure in made.figures if place_in_words(figure) == figure] == []
        assert "No open failure occurred in its time" in seen

    def test_the_way_to_publication_is_the_same_as_the_policys(self, desk):
        made = draft()

        desk.post(address("propose_terms", made), {"turn": made.turn})
        waiting = TermsEdition.objects.get(pk=made.pk)
        signed_in(make.approver()).post(address("publish_terms", made), {"turn": waiting.turn})

        assert TermsEdition.objects.get(pk=made.pk).state == "published"


class TestThePanel:
    """M11.4: the rules' own answers to an occurrence."""

    def ask(self, desk, **question):
        return words(desk.get(reverse("admin:deadlines"), question).content.decode())

    def test_an_occurrence_shows_every_deadline_with_its_working(self, desk):
        contract = make.contract(zone="America/New_York")

        seen = self.ask(desk, contract=contract.pk, day="2026-06-10", time="14:30:00")

        assert "judged by Enterprise terms, first edition" in seen
        assert "Claim window S13 Fri Jun 26, 2026, 12:00:00 a.m. EDT" in seen
        assert "Election, if a notice arrives now S16 Thu Jun 18, 2026, 12:00:00 a.m. EDT" in seen
        assert "Governed by CSE usage policy, first edition" in seen

    def test_a_time_that_comes_twice_is_asked_for_and_said(self, desk):
        """The clocks of New York are set back over it: an hour lies between the two."""
        question = {"contract": make.contract(zone="America/New_York").pk, "day": "2026-11-01", "time": "01:30:00"}

        assert "comes twice on that day" in self.ask(desk, **question)
        first, second = (self.ask(desk, **question, which=which) for which in ("first", "second"))

        assert "1:30:00 a.m. Eastern Time (EDT, UTC−4), the first of the two times" in first
        assert "1:30:00 a.m. Eastern Time (EST, UTC−5), the second of the two times" in second

    def test_outside_the_term_it_says_so(self, desk, gold):
        assert "outside term" in self.ask(desk, contract=gold.pk, day="2029-06-10", time="14:30")

    def test_what_cannot_be_understood_is_said(self, desk):
        assert "write the date as 2026-11-30" in self.ask(desk, contract="", day="tomorrow", time="")
