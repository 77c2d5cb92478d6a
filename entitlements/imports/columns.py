"""The kinds of tables that can be imported, with their columns: one place for the check, the page that explains them and the
templates to fill in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from entitlements.imports import values
from entitlements.imports.values import Reader
from entitlements.rules.contracts import STATUSES
from entitlements.rules.editions import LEVELS


@dataclass(frozen=True, slots=True)
class Column:
    """A column by the name in its head. `needed`: no row without it; where it is not, an empty cell leaves what is on record."""

    name: str
    read: Reader
    explained: str
    example: str
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of table. `subject` is what a row of it is about, in words."""

    key: str
    title: str
    subject: str
    explained: str
    columns: tuple[Column, ...]

    @property
    def by_name(self) -> Mapping[str, Column]:
        return {column.name: column for column in self.columns}

    @property
    def example(self) -> list[str]:
        """The row with which its template begins."""
        return [column.example for column in self.columns]

    @property
    def needed(self) -> list[str]:
        return [column.name for column in self.columns if column.needed]


_ORDER_FORM = Column(
    "order_form",
    values.text(60),
    "Number of the order form. The contract is found by it, and it never changes.",
    "EXAMPLE-OF-1",
    needed=True,
)

CUSTOMERS = Kind(
    "customers",
    "Customers",
    "customer",
    "One row a customer, found by its number.",
    (
        Column("external_id", values.text(60), "The customer's number in your CRM.", "EXAMPLE-1", needed=True),
        Column("name", values.text(200), "The firm's name.", "Example Ltd.", needed=True),
        Column(
            "owner_email",
            values.email,
            "Address of its first owner (C1). When the file is applied an invitation goes there, unless the address belongs to the "
            "customer already or has one that is open.",
            "dana@example.com",
        ),
        Column("owner_name", values.text(120), "Name of that owner. Needed with the address.", "Dana Example"),
    ),
)
CONTRACTS = Kind(
    "contracts",
    "Contracts",
    "contract",
    "One row a contract, found by its order form. What moves its years, such as the first day or the zone, cannot be changed here.",
    (
        _ORDER_FORM,
        Column("customer", values.text(60), "The customer's number (external_id).", "EXAMPLE-1", needed=True),
        Column("account", values.text(100), "The account that the products run on.", "example", needed=True),
        Column("first_day", values.day, "First day of the term, in its zone (E3).", "2026-01-01", needed=True),
        Column(
            "last_day",
            values.day,
            "Last day of the term. A later one extends the contract; an earlier one is taken with the status terminated only.",
            "2026-12-31",
            needed=True,
        ),
        Column(
            "zone",
            values.zone,
            "Time zone by which days and deadlines count.",
            "America/Chicago",
            needed=True,
        ),
        Column(
            "plan",
            values.text(60),
            "Name of the plan. Another one holds from the day of the import on (S17).",
            "Business",
            needed=True,
        ),
        Column(
            "level",
            values.one_of(LEVELS),
            "Level on the first day (E1): none, premium, silver or gold. Needed for a new contract; later changes are rows of the levels.",
            "silver",
        ),
        Column(
            "terms",
            values.one_of({"enterprise": "Enterprise terms", "standard": "Standard terms"}),
            "Terms of the whole term (S1): enterprise or standard. Needed for a new contract.",
            "enterprise",
        ),
        Column("currency", values.currency, "Three letters. Empty for a new contract: USD.", "USD"),
        Column(
            "discount_percent",
            values.number(most=Decimal(100)),
            "Discount in percent. Empty for a new contract: 0.",
            "7.5",
        ),
        Column(
            "status",
            values.one_of({one: one for one in STATUSES}),
            "active, suspended or terminated (E14). A new contract is active.",
            "active",
        ),
        Column(
            "reason", values.text(500), "Why the status changes. Needed when it does; letters and the log quote it.", ""
        ),
        Column("external_id", values.text(60), "The contract's number in your CRM, if it has one.", "EXAMPLE-SUB-1"),
    ),
)
LEVELS_KIND = Kind(
    "levels",
    "Levels",
    "level",
    "One row a level, from its first day to the next row's, or to the end of the term (E1). Other levels on record there are replaced.",
    (
        _ORDER_FORM,
        Column("first_day", values.day, "First day of the level.", "2026-07-01", needed=True),
        Column("level", values.one_of(LEVELS), "none, premium, silver or gold.", "gold", needed=True),
        Column(
            "last_day",
            values.day,
            "Last day, if your list has it: it must meet the next level, or the end of the term, without a gap.",
            "2026-12-31",
        ),
    ),
)
PRODUCTS = Kind(
    "products",
    "Products",
    "product",
    "One row a product of a contract: it is added, or ends earlier (E9).",
    (
        _ORDER_FORM,
        Column(
            "product", values.text(40), "Key of the product: im, aiops, cso, rba, rba_sh or wa.", "aiops", needed=True
        ),
        Column("first_day", values.day, "First day. Empty for a new product: the first day of the term.", "2026-01-01"),
        Column("last_day", values.day, "Last day. Empty for a new product: the last day of the term.", "2026-12-31"),
    ),
)
SEATS = Kind(
    "seats",
    "Seats and prices",
    "month",
    "One row a month of a contract: seats that were paid and what one cost (S11).",
    (
        _ORDER_FORM,
        Column("month", values.month, "The month, in the contract's zone.", "2026-01", needed=True),
        Column("paid_seats", values.whole, "Seats that were paid.", "120", needed=True),
        Column(
            "cost_per_seat",
            values.number(most=Decimal(1_000_000)),
            "What one seat cost in the month, in the contract's currency.",
            "41.00",
            needed=True,
        ),
    ),
)
KINDS = {kind.key: kind for kind in (CUSTOMERS, CONTRACTS, LEVELS_KIND, PRODUCTS, SEATS)}
"""In the order in which they are read: each may lean on what the ones before have brought."""

REMARKS = ("row", "refused_because")
"""Columns of the file of refused rows; they are passed over when it comes back."""
