"""What the clock holds of a batch: the columns that it asked for, and no text of a statement that went (decision 015)."""

from __future__ import annotations

import pytest
from django.db import connection

from entitlements.models import Contract, Letter
from entitlements.models.prepared import ask
from entitlements.notices import rows_to, write_rows, writing
from entitlements.notices.writing import Addressee
from tests import factories as make
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def test_a_row_read_in_part_is_the_row():
    whole = make.contract()

    part = Contract.objects.select_related("customer").only("zone", "customer__name").get(pk=whole.pk)

    assert part == whole
    assert part.get_deferred_fields() >= {"order_form", "term", "currency"}
    assert (part.zone, part.customer.name, part.customer_id) == (whole.zone, whole.customer.name, whole.customer_id)
    assert part.order_form == whole.order_form, "what was not read is asked for"
    part.account = "another"
    part.save(update_fields=["account"])
    assert Contract.objects.get(pk=whole.pk).account == "another"


def test_no_statement_is_kept_with_its_values():
    line = connection.connection
    kept = len(line._prepared._counts)

    assert ask("SELECT %s::int", [1]) == (1,)
    for n in range(7):
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s", ["x" * 1000 + str(n)])

    assert len(line._prepared._counts) == kept


def test_letters_go_in_portions_and_none_is_left(monkeypatch):
    monkeypatch.setattr(writing, "AT_ONCE", 2)
    people = [Addressee(None, f"p{n}@customer.example") for n in range(5)]

    write_rows(iter(rows_to(people, "window_ended", matter="CLM-1", context={"a": 1}, now=NOW)))

    assert sorted(Letter.objects.values_list("addressee", flat=True)) == [one.email for one in people]
