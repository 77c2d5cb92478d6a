"""Who there is: the vendor's people, a dozen customers over the four levels and several zones, and their contracts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from entitlements.actions.contracts import open_contract
from entitlements.actions.engineers import set_working_hours
from entitlements.actions.fees import record_fees
from entitlements.models import Activity, Contract, Customer, Engineer, Membership, Role, User
from entitlements.rules.days import add_months, first_of_month, local_day
from sla.models import TermsPeriod

ALL_PRODUCTS = ("im", "aiops", "cso", "rba", "rba_sh", "wa")


@dataclass(frozen=True)
class Firm:
    """A customer as the demo tells of it. `age` is how many days ago its current contract began; `years` how long it runs."""

    key: str
    name: str
    zone: str
    level: str
    age: int
    years: int = 1
    products: tuple[str, ...] = ("im",)
    seats: int = 100
    seat_price: str = "41.00"
    people: tuple[tuple[str, str], ...] = ()
    terms: str = "enterprise"
    later_level: tuple[int, str] | None = None


FIRMS = (
    Firm(
        "northwind", "Northwind Retail", "America/New_York", "gold", 430, 3, ALL_PRODUCTS, 850, "41.00",
        (("Dana Ruiz", "owner"), ("Ben Adeyemi", "claims"), ("Carol Stein", "bookings"), ("Ivo Petrov", "read_only")),
    ),
    Firm(
        "maple", "Maple Bank", "America/Toronto", "gold", 200, 2, ("im", "aiops", "rba"), 1200, "39.50",
        (("Luc Tremblay", "owner"), ("Nadia Haddad", "claims")),
    ),
    Firm(
        "alpenbahn", "Alpenbahn", "Europe/Zurich", "gold", 320, 1, ("im", "aiops"), 400, "44.00",
        (("Ursina Keller", "owner"), ("Reto Frei", "claims")),
    ),
    Firm(
        "sagar", "Sagar Payments", "Asia/Kolkata", "gold", 95, 1, ("im", "cso", "wa"), 640, "36.25",
        (("Meera Iyer", "owner"), ("Arjun Rao", "claims")),
    ),
    Firm(
        "kiwi", "Kiwi Freight", "Pacific/Auckland", "silver", 310, 1, ("im", "wa"), 150, "41.00",
        (("Aroha Ngata", "owner"), ("Tom Wilkes", "bookings")),
    ),
    Firm(
        "outfitters", "Pacific Outfitters", "America/Los_Angeles", "silver", 150, 1, ("im",), 90, "41.00",
        (("Jo Park", "owner"),),
    ),
    Firm(
        "lakeside", "Lakeside Health", "America/Chicago", "silver", 338, 2, ("im", "aiops"), 300, "38.00",
        (("Grace Okafor", "owner"), ("Pete Novak", "claims")),
    ),
    Firm(
        "orchid", "Orchid Games", "Asia/Tokyo", "premium", 250, 1, ("im", "rba"), 75, "41.00",
        (("Hana Mori", "owner"),), later_level=(180, "silver"),
    ),
    Firm(
        "thames", "Thames Insurance", "Europe/London", "premium", 40, 1, ("im",), 220, "33.00",
        (("Oliver Grant", "owner"), ("Sana Malik", "signatory")),
    ),
    Firm(
        "copper", "Copper Canyon Energy", "America/Denver", "premium", 270, 1, ("im",), 130, "35.00",
        (("Ray Begay", "owner"),),
    ),
    Firm(
        "harbour", "Harbour Studio", "Australia/Sydney", "none", 60, 1, ("im",), 12, "21.00",
        (("Mia Chen", "owner"),), terms="standard",
    ),
    Firm(
        "prairie", "Prairie Schools", "America/Chicago", "none", 355, 2, ("im",), 20, "21.00",
        (("Walt Jensen", "owner"),),
    ),
)  # fmt: skip

ENGINEERS = (
    ("Priya Raman", "America/New_York"),
    ("Tom Lindqvist", "Europe/Stockholm"),
    ("Ana Ferreira", "America/Sao_Paulo"),
)


OFFICE_HOURS = {weekday: [(8 * 60, 12 * 60), (13 * 60, 18 * 60)] for weekday in range(5)}
HERE_SINCE = timedelta(days=500)


@dataclass
class Cast:
    """Everyone on the stage, by key; made by `assemble`."""

    manager: User
    approver: User
    engineers: list[Engineer] = field(default_factory=list)
    contracts: dict[str, Contract] = field(default_factory=dict)
    owners: dict[str, User] = field(default_factory=dict)
    claimants: dict[str, User] = field(default_factory=dict)

    @classmethod
    @transaction.atomic
    def assemble(cls, now: datetime) -> Cast:
        cast = cls(
            manager=_staff("Morgan Whitfield"),
            approver=_staff("Idris Oyelaran", may_approve=True),
        )
        since = now - HERE_SINCE
        for name, zone in ENGINEERS:
            engineer = Engineer.objects.create(user=_staff(name), zone=zone)
            engineer.skills.set(Activity.objects.all())
            first = local_day(since, engineer.tz)  # far in the east it is tomorrow already
            set_working_hours(engineer=engineer, first=first, week=OFFICE_HOURS, by=cast.manager, now=since)
            cast.engineers.append(engineer)
        for firm in FIRMS:
            cast._enter(firm, now)
        return cast

    def _enter(self, firm: Firm, now: datetime) -> None:
        customer = Customer.objects.create(name=firm.name, external_id=f"C-{1000 + FIRMS.index(firm)}")
        for name, role in firm.people:
            person = User.objects.create_user(f"{name.split()[0].lower()}@{firm.key}.example", name=name)
            Membership.objects.create(user=person, customer=customer, roles=[role])
            if role == Role.OWNER:
                self.owners[firm.key] = person
            if role in (Role.OWNER, Role.CLAIMS):
                self.claimants[firm.key] = person
        self.contracts[firm.key] = self._contract(firm, customer, now)

    def _contract(self, firm: Firm, customer: Customer, now: datetime) -> Contract:
        first = now.date() - timedelta(days=firm.age)
        levels = [(first, firm.level)]
        if firm.later_level:
            days, level = firm.later_level
            levels.append((first + timedelta(days=days), level))
        contract = open_contract(
            customer=customer,
            order_form=f"OF-{2026000 + FIRMS.index(firm)}",
            account=f"{firm.key}.example",
            first=first,
            last=add_months(first, 12 * firm.years) - timedelta(days=1),
            zone=firm.zone,
            levels=levels,
            products=firm.products,
            plan="Business" if firm.seats > 50 else "Professional",
            by=self.manager,
            now=now - timedelta(days=firm.age),
        )
        TermsPeriod.objects.create(contract=contract, terms=firm.terms, days=contract.term)
        record_fees(contract=contract, months=_fees(firm, first, now.date()), by=self.manager, now=now)
        return contract


def _fees(firm: Firm, first: date, today: date) -> dict[date, tuple[Decimal, int]]:
    """Each month on record since the contract began, seats growing slowly."""
    months: dict[date, tuple[Decimal, int]] = {}
    month = first_of_month(first)
    while month <= first_of_month(today):
        months[month] = (Decimal(firm.seat_price), firm.seats + 2 * len(months))
        month = add_months(month, 1)
    return months


def _staff(name: str, *, may_approve: bool = False) -> User:
    return User.objects.create_user(
        f"{name.split()[0].lower()}@vendor.example", name=name, is_staff=True, may_approve=may_approve
    )
