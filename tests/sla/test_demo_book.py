"""The demo's book of customers comes in by the import that a manager uses."""

from __future__ import annotations

import pytest

from entitlements.models import Contract, ContractYear, Customer, Role
from sla.demo.book import bring_in, introduce
from tests import factories as make
from tests.shared import shared

pytestmark = pytest.mark.django_db


@shared
def brought_in():
    return bring_in(by=make.manager(), now=make.NOW)


def test_all_of_it_comes_in_but_for_the_row_that_is_wrong(brought_in):
    refused = [row for row in brought_in.rows if row["state"] == "refused"]

    assert Customer.objects.filter(external_id__startswith="C-20").count() == 44
    assert Contract.objects.running_on(make.TODAY).count() == 44
    assert Contract.objects.filter(external_id__startswith="SUB-").count() == 11
    assert ContractYear.objects.filter(days__contains=make.TODAY).count() == 44
    assert [row["kind"] for row in refused] == ["levels"]
    assert "is not a day of the term" in refused[0]["refusals"][0][2]


def test_most_of_them_have_somebody_who_signs_in(brought_in):
    introduce()

    owned = Customer.objects.filter(memberships__roles=[Role.OWNER]).distinct().count()
    assert owned == 40


def test_a_leap_day_is_no_obstacle():
    """29 February: terms that begin on it and months counted from it."""
    run = bring_in(by=make.manager(), now=make.NOW.replace(year=2028, month=2, day=29))

    assert run.refused == 1
