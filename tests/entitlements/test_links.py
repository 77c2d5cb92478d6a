"""The addresses of records are those that their routes give, however they are put together."""

from __future__ import annotations

import pytest
from django.urls import NoReverseMatch, reverse

from entitlements.links import path_of


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("claim", ["CLM-2026-0001"]),
        ("contract_year", [7]),
        ("remove_transaction", ["CLM-2026-0001", 7]),
        ("remove_transaction", ["7", 7]),
        ("credit_memo", ["CRD-1", 3]),
        ("request_engagement", [7, "maturity"]),
        ("claim", ["lower case {0}"]),
    ],
)
def test_is_what_the_route_gives(name, keys):
    assert path_of(name, *keys) == reverse(name, args=keys)


def test_is_none_of_a_record_without_a_page():
    with pytest.raises(NoReverseMatch):
        path_of("claim", "CLM-2026-0001", 7)
