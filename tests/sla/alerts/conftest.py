"""Whose alerts the files of these tests hold."""

from entitlements.models import Customer
from tests import factories as make
from tests.shared import shared


@shared
def customer() -> Customer:
    """The one that `files.row` names."""
    one = make.customer()
    Customer.objects.filter(pk=one.pk).update(external_id="C-1")
    return one
