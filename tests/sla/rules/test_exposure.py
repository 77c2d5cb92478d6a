from dataclasses import dataclass
from decimal import Decimal

from sla.rules.exposure import most_for_a_customer, totals


@dataclass
class Most:
    currency: str
    most: Decimal | None


def test_a_customer_counts_once_in_each_currency_of_its_contracts():
    """S12: one credit, under one of its contracts; sums of two currencies are not compared (S11)."""
    least, most, euros = Most("USD", Decimal(5)), Most("USD", Decimal(9)), Most("EUR", Decimal(7))

    found = most_for_a_customer([least, euros, most, Most("GBP", None)])

    assert found == (most, euros)
    assert totals([*found, most]) == {"USD": Decimal(18), "EUR": Decimal(7)}
