"""Whose alerts the files of these tests hold."""

import pytest

from tests import factories as make


@pytest.fixture
def customer(db):
    """The one that `files.row` names."""
    one = make.customer()
    type(one).objects.filter(pk=one.pk).update(external_id="C-1")
    return one
