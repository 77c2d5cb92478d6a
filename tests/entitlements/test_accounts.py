"""C12.2, C12.3: an address counts once letters have been shown to reach a person there."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from entitlements.models import AddressChange, LegalContact
from tests import factories as make
from tests.factories import DAY, NOW

pytestmark = pytest.mark.django_db


class TestTheDatabase:
    def contact(self, **fields):
        given = {"name": "Legal", "added_at": NOW, "link_sent_at": NOW, "token_hash": str(LegalContact.objects.count())}
        return LegalContact.objects.create(**given, **fields)

    def change(self, **fields):
        given = {"email": "new@acme.example", "asked_at": NOW, "expires_at": NOW + DAY}
        return AddressChange.objects.create(**given, token_hash=str(AddressChange.objects.count()), **fields)

    def test_one_contact_for_an_address(self):
        owner = make.member()
        of = {"customer": owner.memberships.get().customer, "added_by": owner}
        gone = self.contact(email="legal@acme.example", removed_at=NOW, removed_by=owner, **of)
        self.contact(email=gone.email, **of)

        with pytest.raises(IntegrityError, match="one_legal_contact_for_an_address"), transaction.atomic():
            self.contact(email="LEGAL@acme.example", **of)

    def test_one_change_of_address_at_a_time(self):
        ana = make.member()
        self.change(user=ana, replaced_at=NOW)
        self.change(user=ana)

        with pytest.raises(IntegrityError, match="one_change_of_address_at_a_time"), transaction.atomic():
            self.change(user=ana)

    def test_it_is_confirmed_or_replaced_never_both(self):
        with pytest.raises(IntegrityError, match="a_change_of_address_ends_in_one_way"), transaction.atomic():
            self.change(user=make.member(), confirmed_at=NOW, replaced_at=NOW)
