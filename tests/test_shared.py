"""What tests/shared.py promises, without which tests would pass or fail by their order."""

from __future__ import annotations

import pytest

from entitlements.models import Customer
from tests import factories as make
from tests.shared import shared


@shared
def acme():
    return make.customer(name="Acme, which is shared")


@shared
def ana(acme):
    return make.member(customer=acme)


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_finds_the_rows_and_the_objects_as_they_were_made(turn, acme):
    assert [acme.name, *Customer.objects.values_list("name", flat=True)] == ["Acme, which is shared"] * 2

    acme.name = "Changed by a test"
    acme.save()


def test_what_is_made_of_another_comes_with_it(ana):
    assert ana.memberships.get().customer == Customer.objects.get()


def test_both_can_be_asked_for(ana, acme):
    assert ana.memberships.get().customer == acme


@pytest.mark.parametrize("turn", [1, 2])
def test_who_does_not_ask_does_not_find_them(turn, db):
    assert not Customer.objects.exists()


def test_nor_does_who_commits(committed_db):
    assert not Customer.objects.exists()
