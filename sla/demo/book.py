"""The rest of a manager's book: twenty-eight customers whose list comes in by the import, as a manager would bring it.

`book.csv` tells of them relative to the day of loading; from it a workbook is written, handed in, and applied. One of its rows is
wrong, as in any real list: it is refused, and stays to be looked at.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

from entitlements import exports
from entitlements.actions.imports import apply_import, keep_import_file
from entitlements.imports import reading
from entitlements.imports.columns import KINDS
from entitlements.imports.on_record import world_of
from entitlements.imports.planning import plan
from entitlements.models import Customer, ImportRun, Membership, Role, User
from entitlements.rules.days import add_months, first_of_month
from entitlements.uploads import CheckedFile
from sla import imports as other_half
from sla.demo.cast import Cast
from sla.demo.scene import Scene, moment

LIST = Path(__file__).with_name("book.csv")
MONTHS = 4
"""Of seats and prices on record: those before the running one that S11 averages over, and it."""

LISTED = {"Enterprise": Decimal(59), "Business": Decimal(44), "Professional": Decimal(24)}
"""List prices per user and month, against which the list's own prices are a discount."""

Sheets = dict[str, list[exports.Row]]


def scenes(cast: Cast, now: datetime) -> Iterator[Scene]:
    yesterday = moment(now, 1)
    yield Scene(yesterday, partial(bring_in, by=cast.manager, now=yesterday))
    yield Scene(yesterday, introduce)


def bring_in(*, by: User, now: datetime) -> ImportRun:
    """The list as a workbook, handed in and applied as it was shown."""
    file = workbook(now.date())
    kept, tables = keep_import_file(file=file, rows_are="", by=by, now=now), reading.read(file)
    shown = plan(tables, world_of(tables, now, other_half.terms_of)).fingerprint
    return apply_import(file=kept, tables=tables, fingerprint=shown, refused={}, half=other_half, by=by, now=now)


def introduce() -> None:
    """An owner for each customer of the list that names one; the others are still to be invited."""
    for n, firm in enumerate(_firms(), start=1):
        if firm["owner"]:
            email = f"{firm['owner'].split()[0].lower()}@{firm['account']}.example"
            person = User.objects.create_user(email, name=firm["owner"])
            Membership.objects.create(user=person, customer=_customer(n), roles=[Role.OWNER])


def _customer(n: int) -> Customer:
    return Customer.objects.get(external_id=f"C-{2000 + n}")


def _firms() -> list[dict[str, str]]:
    with LIST.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def workbook(today: date) -> CheckedFile:
    """The list with the days that its ages mean today."""
    sheets: Sheets = {kind: [] for kind in KINDS}
    for n, firm in enumerate(_firms(), start=1):
        _add(sheets, firm, n, today)
    outside: exports.Row = ["OF-2026101", add_months(today, 60), "gold", None]
    sheets["levels"].append(outside)
    content = exports.workbook(
        [(kind, [column.name for column in KINDS[kind].columns], rows) for kind, rows in sheets.items()]
    )
    return CheckedFile("book of customers.xlsx", "xlsx", content, hashlib.sha256(content).hexdigest())


def _add(sheets: Sheets, firm: dict[str, str], n: int, today: date) -> None:
    number, order_form, first = f"C-{2000 + n}", f"OF-{2026100 + n}", today - timedelta(days=int(firm["age"]))
    last = add_months(first, 12 * int(firm["years"])) - timedelta(days=1)
    terms = "standard" if firm["plan"] == "Professional" else "enterprise"
    sheets["customers"].append([number, firm["name"]])
    discount = max(100 - 100 * Decimal(firm["price"]) / LISTED[firm["plan"]], Decimal(0)).quantize(Decimal("0.01"))
    contract: list[exports.Cell] = [
        order_form,
        number,
        firm["account"],
        first,
        last,
        firm["zone"],
        firm["plan"],
        firm["level"],
        terms,
    ]
    sheets["contracts"].append(
        [*contract, "USD", discount, None, None, f"SUB-{77000 + n}" if firm["plan"] == "Enterprise" else None]
    )
    if firm["later"]:
        level, after = firm["later"].split()
        sheets["levels"].append([order_form, first + timedelta(days=int(after)), level, None])
    sheets["products"] += [[order_form, product, None, None] for product in firm["products"].split()]
    months = (add_months(first_of_month(today), -ago) for ago in reversed(range(MONTHS)))
    paid = (int(firm["seats"]), Decimal(firm["price"]))
    sheets["seats"] += [[order_form, f"{month:%Y-%m}", *paid] for month in months if month >= first_of_month(first)]
