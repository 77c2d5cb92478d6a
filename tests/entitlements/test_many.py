"""Many values in one question: each is found as it is, whatever stands in it."""

import pytest

from entitlements.models import Customer, many

pytestmark = pytest.mark.django_db

ODD = ["a,b", 'say "a"', "back\\slash", "{}", "NULL", "", "100 %s", "Zo\u00eb's"]


def test_each_is_found_as_it_is():
    Customer.objects.bulk_create(Customer(name=name, external_id=f"C-{n}") for n, name in enumerate(ODD))
    Customer.objects.create(name="a", external_id="C-other")

    found = Customer.objects.filter(name__in=many.words(ODD))

    assert sorted(found.values_list("name", flat=True)) == sorted(ODD)
    assert Customer.objects.filter(pk__in=many.keys(one.pk for one in found)).count() == len(ODD)


def test_of_nothing_nothing_is_found():
    Customer.objects.create(name="a", external_id="C-1")

    assert not Customer.objects.filter(name__in=many.words([])).exists()
    assert not Customer.objects.filter(pk__in=many.keys([])).exists()
