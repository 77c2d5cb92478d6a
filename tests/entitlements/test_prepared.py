"""Statements that are sent without waiting for their answers: all of them are done, in order, or none."""

import pytest
from django.db import DataError, IntegrityError, connection, transaction

from entitlements.models import Customer
from entitlements.models.prepared import tell

ADD = "INSERT INTO entitlements_customer (name, external_id) VALUES (%s, %s)"


@pytest.mark.django_db
class TestTell:
    def test_each_is_done_in_its_turn(self):
        tell(ADD, ([f"Customer {n}", f"C-{n}"] for n in range(300)))
        assert list(Customer.objects.order_by("pk").values_list("external_id", flat=True)) == [
            f"C-{n}" for n in range(300)
        ]

    def test_none_is_nothing(self):
        tell(ADD, [])
        assert not Customer.objects.exists()

    @pytest.mark.parametrize("bad", [0, 1, 150, 299])
    def test_what_is_refused_is_raised_as_what_it_is(self, bad):
        with pytest.raises(IntegrityError, match="external_id"), transaction.atomic():
            tell(ADD, (["Customer", None if n == bad else f"C-{n}"] for n in range(300)))
        assert not Customer.objects.exists()

    def test_the_connection_is_good_for_more_afterwards(self):
        with pytest.raises(DataError), transaction.atomic():
            tell("SELECT 1 / %s::int", [[1], [0], [1]])
        tell(ADD, [["Customer", "C-1"]])
        assert Customer.objects.count() == 1

    def test_an_error_between_them_is_the_one_that_is_raised(self):
        def values():
            yield ["Customer", "C-1"]
            raise KeyError("zone")

        with pytest.raises(KeyError, match="zone"), transaction.atomic():
            tell(ADD, values())
        assert not Customer.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_it_is_part_of_a_transaction():
    assert not connection.in_atomic_block
    with pytest.raises(RuntimeError, match="one transaction"):
        tell(ADD, [["Customer", "C-1"]])
    assert not Customer.objects.exists()
