"""E2, S1: what the migrations loaded is what the papers say, and once published it never changes, by whatever way."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from entitlements.models import (
    Activity,
    ActivityDescription,
    Level,
    PolicyCell,
    PolicyEdition,
    PolicyPool,
    Product,
    ProductRequirement,
    SessionLength,
)
from entitlements.rules.caps import NOT_AVAILABLE
from sla.models import TermsEdition
from tests import factories as make
from tests.factories import NOW
from tests.worked_examples.paper import PAPER
from tests.worked_examples.paper_terms import PAPER_TERMS

pytestmark = pytest.mark.django_db

CHILDREN = [PolicyCell, PolicyPool, SessionLength, ProductRequirement, ActivityDescription]


def loaded():
    (edition,) = PolicyEdition.objects.facts()
    return edition


class TestThePolicyOfThePaper:
    """E1, E2, E4, E9, E10: the first edition, beside the table that was typed by hand from the paper."""

    def test_there_are_28_cells_four_levels_by_seven_activities(self):
        cells = set(PolicyCell.objects.values_list("level", "activity_id"))

        assert len(cells) == PolicyCell.objects.count() == 28
        assert cells == {
            (level, key) for level in Level.values for key in Activity.objects.values_list("pk", flat=True)
        }

    def test_each_cell_is_that_of_the_paper(self):
        cells = {(one.level, one.activity_id): (one.cap, one.pool_id is not None) for one in PolicyCell.objects.all()}

        assert cells == {
            (level, activity): (
                PAPER.caps.get((level, activity)),
                any(activity in pool.activities and pool.level == level for pool in PAPER.pools),
            )
            for level in Level.values
            for activity in PAPER.sessions
        }

    def test_a_cell_without_a_figure_is_not_available_and_not_zero(self):
        caps = loaded().caps

        assert {key for key, cap in caps.items() if cap is NOT_AVAILABLE} == {
            (level, activity)
            for level in Level.values
            for activity in PAPER.sessions
            if (level, activity) not in PAPER.caps and (level, activity) not in pooled_cells()
        }

    def test_the_pool_is_that_of_the_paper(self):
        (pool,), (paper,) = loaded().pools, PAPER.pools

        assert (pool.level, pool.cap) == (paper.level, paper.cap)
        assert sorted(pool.activities) == sorted(paper.activities)

    @pytest.mark.parametrize("kind", ["required", "any_of", "recommended", "optional"])
    def test_the_products_are_asked_for_as_in_the_paper(self, kind):
        requirements = loaded().requirements

        assert {activity: sorted(getattr(requirements[activity], kind)) for activity in PAPER.requirements} == {
            activity: sorted(getattr(one, kind)) for activity, one in PAPER.requirements.items()
        }

    @pytest.mark.parametrize("activity", PAPER.sessions)
    def test_sessions_are_as_long_as_in_the_paper(self, activity):
        assert loaded().sessions[activity] == PAPER.sessions[activity]

    def test_each_activity_is_described_and_each_product_named(self):
        described = set(ActivityDescription.objects.values_list("activity_id", flat=True))

        assert described == set(PAPER.sessions)
        assert set(Product.objects.values_list("name", flat=True)) == {
            "Incident Management",
            "AIOps",
            "Customer Service Ops",
            "Runbook Automation",
            "Runbook Automation Self-Hosted",
            "Workflow Automation",
        }


def pooled_cells():
    return {(pool.level, activity) for pool in PAPER.pools for activity in pool.activities}


class TestTheTermsOfThePaper:
    """S1: the first edition of the Enterprise terms, beside the figures that were typed by hand."""

    @pytest.mark.parametrize(
        "figure", [name for name in PAPER_TERMS.__dataclass_fields__ if name not in ("name", "valid_from")]
    )
    def test_each_figure_is_that_of_the_paper(self, figure):
        edition = TermsEdition.objects.get()

        assert getattr(edition.facts(), figure) == getattr(PAPER_TERMS, figure)

    @pytest.mark.parametrize("day", [date(2024, 1, 1), date(2025, 1, 1), date(2030, 1, 1)])
    def test_before_the_first_edition_the_first_is_in_force(self, day):
        assert TermsEdition.objects.in_force_on(day) == TermsEdition.objects.get()

    def test_without_a_published_edition_it_says_so(self, monkeypatch):
        monkeypatch.setattr("sla.models.terms._PUBLISHED", list)

        with pytest.raises(TermsEdition.DoesNotExist, match="no edition"):
            TermsEdition.objects.in_force_on(date(2026, 1, 1))


def rows(model):
    return list(model.objects.order_by("pk").values())


class TestAPublishedEdition:
    """E2, S1: it never changes; the database refuses, whatever way the change comes."""

    def refuses(self, change, match="published edition never changes"):
        with pytest.raises(DatabaseError, match=match), transaction.atomic():
            change()

    @pytest.mark.parametrize("model", [PolicyEdition, TermsEdition])
    def test_it_is_locked_itself(self, model):
        edition, before = model.objects.get(), rows(model)

        locked = "Cannot update or delete rows"
        self.refuses(lambda: model.objects.update(name="other"), locked)
        self.refuses(edition.save, locked)
        self.refuses(lambda: model.objects.update(published_at=None, published_by=None), locked)
        self.refuses(lambda: raw(f"DELETE FROM {model._meta.db_table}"), locked)
        assert rows(model) == before

    @pytest.mark.parametrize("model", CHILDREN)
    def test_its_rows_cannot_be_changed_or_taken_away(self, model):
        row, before = model.objects.first(), rows(model)

        self.refuses(row.save)
        self.refuses(lambda: model.objects.update(edition_id=row.edition_id))
        self.refuses(lambda: model.objects.bulk_update([row], [model._meta.fields[-1].name]))
        self.refuses(lambda: raw(f"UPDATE {model._meta.db_table} SET edition_id = edition_id"))
        self.refuses(lambda: raw(f"DELETE FROM {model._meta.db_table} WHERE id = {row.pk}"))
        assert rows(model) == before

    @pytest.mark.parametrize("model", CHILDREN)
    def test_no_row_can_be_put_in(self, model):
        another, before = model.objects.first(), rows(model)
        another.pk = None

        self.refuses(another.save)
        self.refuses(lambda: model.objects.bulk_create([another]))
        assert rows(model) == before

    def test_no_row_can_be_moved_into_it_or_out_of_it(self):
        edition = a_draft()
        mine = PolicyPool.objects.create(edition=edition, key="p", name="P", level="none", cap=1)
        published = PolicyEdition.objects.published().get()

        self.refuses(lambda: PolicyPool.objects.filter(pk=mine.pk).update(edition=published))
        self.refuses(lambda: PolicyPool.objects.exclude(pk=mine.pk).update(edition=edition))
        assert edition.pools.get() == mine

    def test_a_draft_can_be_changed_until_it_is_published(self):
        edition = a_draft()
        cell = PolicyCell.objects.create(edition=edition, level="gold", activity_id="roadmap", cap=2)
        cell.cap = 3
        cell.save()

        mine, another = edition.drafted_by, make.approver()
        PolicyEdition.objects.filter(pk=edition.pk).update(proposed_at=NOW, proposed_by=mine)
        PolicyEdition.objects.filter(pk=edition.pk).update(published_at=NOW, published_by=another)

        cell.cap = 4
        self.refuses(cell.save)
        assert edition.cells.get().cap == 3

    def test_a_draft_is_not_in_force(self):
        a_draft()

        assert [edition.name for edition in PolicyEdition.objects.facts()] == ["CSE usage policy, first edition"]


def a_draft():
    return PolicyEdition.objects.create(
        name="next", valid_from=date(2027, 1, 1), advice_wording="…", drafted_at=NOW, drafted_by=make.manager()
    )


def raw(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
