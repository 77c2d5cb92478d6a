"""T2: a letter is a row first, written with its cause."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import transaction

from entitlements import notices
from entitlements.links import page
from entitlements.models import Letter
from tests import factories as make
from tests.entitlements.notices.postal import write
from tests.factories import DAY, NOW

pytestmark = pytest.mark.django_db


class TestWriting:
    """T2: in the transaction of its cause; its key makes a second impossible."""

    def test_each_active_person_gets_one(self):
        ann, bob = make.person(), make.person()

        write(ann, bob, ann, make.person(is_active=False))

        assert set(Letter.objects.values_list("addressee", flat=True)) == {ann.email, bob.email}

    @pytest.mark.parametrize(
        ("again", "letters"),
        [
            ({}, 1),
            ({"context": {"what": "other"}, "now": NOW + DAY}, 1),
            ({"deadline": NOW + 2 * DAY}, 2),
            ({"point": "1d"}, 2),
            ({"matter": "X-2"}, 2),
        ],
        ids=["the same", "later, in other words", "another deadline", "another point", "another matter"],
    )
    def test_the_key_decides_whether_it_is_another(self, again, letters):
        ann = make.person()
        write(ann, deadline=NOW + DAY)

        write(ann, **{"deadline": NOW + DAY} | again)

        assert Letter.objects.count() == letters

    def test_without_a_deadline_it_is_one_as_well(self):
        ann = make.person()

        write(ann)
        write(ann)

        assert Letter.objects.count() == 1

    def test_a_cause_that_did_not_happen_writes_none(self):
        with pytest.raises(TypeError), transaction.atomic():
            write() / 0

        assert not Letter.objects.exists()

    @pytest.mark.parametrize(
        "value",
        [
            "text",
            3,
            True,
            None,
            NOW,
            date(2026, 6, 10),
            Decimal("1.50"),
            Fraction(1, 3),
            ["a", NOW],
            {"of": {"a": 1}},
            page("claim", "CLM-2026-0001"),
            [],
        ],
        ids=str,
    )
    def test_the_context_comes_back_as_it_went_in(self, value):
        letter = write(context={"value": value})

        thawed = notices.thawed(Letter.objects.get(pk=letter.pk).context)["value"]

        assert thawed == value
        assert type(thawed) is type(value)
