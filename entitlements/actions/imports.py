"""A file that is imported: kept as it came, shown, and applied as it was shown, in one transaction or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from itertools import groupby
from typing import Any, Protocol

from django.core.exceptions import ValidationError
from django.db import connection, transaction

from entitlements.actions import amendments, contract_states
from entitlements.actions.contracts import open_contract
from entitlements.actions.fees import Fee, enter_month, record_fees
from entitlements.actions.invitations import invite
from entitlements.actions.levels import change_level
from entitlements.actions.log import record
from entitlements.actions.places import lock
from entitlements.actions.plans import change_plan
from entitlements.actions.products import add_product, end_product
from entitlements.actions.refused import Refused
from entitlements.imports.effects import CHANGED, NEW, Effect
from entitlements.imports.on_record import order_forms_of, world_of
from entitlements.imports.planning import Plan, as_plain, plan
from entitlements.imports.reading import Table
from entitlements.models import Contract, ContractYear, Customer, ImportFile, ImportRun, Product, Role, User
from entitlements.rules.days import local_day
from entitlements.rules.refusals import Refusal
from entitlements.uploads import CheckedFile, keep

NOTHING_TO_DO = Refusal("", "nothing_to_do", "No row of the file would change anything.", "There is nothing to apply.")


class OtherHalf(Protocol):
    """What a contract's terms need (S1), done by the half that knows of them."""

    def terms_of(self, contracts: Iterable[Contract]) -> Mapping[int, str]: ...

    def change_terms(
        self, *, contract: Contract, terms: str, first: date, reason: str, by: User, now: datetime
    ) -> object: ...

    def extend(self, *, contract: Contract, last: date, reason: str, by: User, now: datetime) -> object: ...

    def recomputing(
        self, order_forms: Iterable[str], *, file: str, by: User, now: datetime
    ) -> AbstractContextManager[None]: ...


class NotAsShown(Exception):
    """What would be done is no longer what was shown. `refused` are rows that an action refused, by key; nothing was changed."""

    def __init__(self, refused: Mapping[str, Refusal]) -> None:
        super().__init__("The import is not what was shown.")
        self.refused = dict(refused)


@transaction.atomic
def keep_import_file(*, file: CheckedFile, rows_are: str, by: User, now: datetime) -> ImportFile:
    """Keep a checked file to be imported, under a name of our own. Nothing of it is applied by that."""
    record("import.file_kept", matter=file.sha256[:16], by=by, now=now, note=file.name)
    return ImportFile.objects.create(
        name=file.name,
        rows_are=rows_are,
        kind=file.kind,
        size=file.size,
        sha256=file.sha256,
        stored_as=keep(file),
        uploaded_at=now,
        uploaded_by=by,
    )


@transaction.atomic
def apply_import(
    *,
    file: ImportFile,
    tables: tuple[Table, ...],
    fingerprint: str,
    refused: Mapping[str, Refusal],
    half: OtherHalf,
    by: User,
    now: datetime,
) -> ImportRun:
    """Apply the rows of a file that are not refused, each by its own action, as the plan with this fingerprint has shown them.

    The contracts that the file names are locked, and worked out again under the lock. Raises NotAsShown if anything comes out
    otherwise, or if an action refuses a row; Refused if there is nothing to do. Either way nothing is changed.
    """
    _lock(tables)
    planned = plan(tables, world_of(tables, now, half.terms_of), refused)
    if planned.fingerprint != fingerprint:
        raise NotAsShown(refused)
    if not planned.does_something:
        raise Refused(NOTHING_TO_DO)
    record("import.applied", matter=file.sha256[:16], by=by, now=now, note=file.name)
    with half.recomputing(order_forms_of(tables), file=file.name, by=by, now=now):
        if late := _do_all(planned.effects, _Doing(file, half, by, now)):
            raise NotAsShown({**refused, **late})
    return _kept(file, planned, by, now)


def _kept(file: ImportFile, planned: Plan, by: User, now: datetime) -> ImportRun:
    rows = [as_plain(effect) for effect in planned.effects]
    return ImportRun.objects.create(file=file, applied_at=now, applied_by=by, rows=rows, **planned.counts)


def _lock(tables: tuple[Table, ...]) -> None:
    """One import at a time, and the years of the contracts that it names (E6): what was read of them stands until it is done."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('entitlements.import'))")
    named = Contract.objects.filter(order_form__in=order_forms_of(tables))
    lock(ContractYear.objects.filter(contract__in=named))
    list(named.order_by("pk").select_for_update(no_key=True).values_list("pk"))


def _do_all(effects: Iterable[Effect], doing: _Doing) -> dict[str, Refusal]:
    """Each good row, and what an action said against one."""
    good = [effect for effect in effects if effect.state in (NEW, CHANGED)]
    late: dict[str, Refusal] = {}
    for (kind, order_form), group in groupby(good, lambda one: (one.kind, one.given.get("order_form"))):
        rows = list(group)
        months = [row for row in rows if kind == "seats" and row.is_new]
        if months and (said := _attempt(partial(_new_months, months, str(order_form), doing))):
            late |= dict.fromkeys((row.key for row in months), said)
        for row in rows:
            is_done = kind == "seats" and row.is_new
            if not is_done and (said := _attempt(partial(DO[kind], row.given, row, doing))):
                late[row.key] = said
    return late


def _attempt(act: Callable[[], object]) -> Refusal | None:
    try:
        with transaction.atomic():
            act()
    except Refused as refused:
        return refused.refusals[0]
    except ValidationError as invalid:
        return Refusal("", "invalid", " ".join(invalid.messages), "Mend the row.")
    return None


class _Doing:
    """By whom a file is applied, when, with which other half, and the contracts that it names, each asked for once."""

    def __init__(self, file: ImportFile, half: OtherHalf, by: User, now: datetime) -> None:
        self.half, self.reason = half, f"Imported from {file.name}."
        self.who: dict[str, Any] = {"by": by, "now": now}
        self._known: dict[str, Contract] = {}

    def contract(self, order_form: str) -> Contract:
        if order_form not in self._known:
            self._known[order_form] = Contract.objects.get(order_form=order_form)
        return self._known[order_form]

    def read_anew(self, order_form: str) -> None:
        self._known.pop(order_form, None)


Given = Mapping[str, Any]


def _customer(given: Given, row: Effect, doing: _Doing) -> None:
    """C1: and its first owner is invited, who invites the others."""
    customer = amendments.enter_customer(external_id=given["external_id"], name=given["name"], **doing.who)
    if "owner_email" in row.changed:
        owner = {"email": given["owner_email"], "name": given["owner_name"], "roles": [Role.OWNER]}
        invite(customer=customer, **owner, **doing.who)


def _contract(given: Given, row: Effect, doing: _Doing) -> None:
    contract = _open(given, doing) if row.is_new else doing.contract(given["order_form"])
    amendable = ("external_id",) if row.is_new else amendments.AMENDABLE
    if amended := {name: given[name] for name in amendable if name in row.changed}:
        contract = amendments.amend_contract(contract=contract, **doing.who, **amended)
    if "terms" in row.changed:
        doing.half.change_terms(
            contract=contract, terms=given["terms"], first=contract.first_day, reason=doing.reason, **doing.who
        )
    if not row.is_new:
        _replan(given, row, contract, doing)
        _move(given, row, contract, doing)
    doing.read_anew(given["order_form"])


def _open(given: Given, doing: _Doing) -> Contract:
    return open_contract(
        customer=Customer.objects.get(external_id=given["customer"]),
        order_form=given["order_form"],
        account=given["account"],
        first=given["first_day"],
        last=given["last_day"],
        zone=given["zone"],
        levels=[(given["first_day"], given["level"])],
        products=[],
        plan=given["plan"],
        currency=given.get("currency", "USD"),
        discount_percent=given.get("discount_percent", Decimal(0)),
        **doing.who,
    )


def _replan(given: Given, row: Effect, contract: Contract, doing: _Doing) -> None:
    """S17: another plan or discount holds from today on."""
    if row.changed & {"plan", "discount_percent"}:
        change_plan(
            contract=contract,
            plan=given["plan"],
            discount_percent=given.get("discount_percent", contract.discount_percent),
            first=local_day(doing.who["now"], contract.tz),
            reason=doing.reason,
            **doing.who,
        )


def _move(given: Given, row: Effect, contract: Contract, doing: _Doing) -> None:
    """E3, E14: to another status, or to a later end."""
    who = {"contract": contract, **doing.who}
    match given.get("status") if "status" in row.changed else None:
        case "suspended":
            contract_states.suspend(reason=given["reason"], **who)
        case "active":
            contract_states.resume(reason=given["reason"], **who)
        case "terminated":
            contract_states.terminate(last_day=given["last_day"], reason=given["reason"], **who)
        case None if "last_day" in row.changed:
            doing.half.extend(last=given["last_day"], reason=doing.reason, **who)


def _level(given: Given, row: Effect, doing: _Doing) -> None:
    contract = doing.contract(given["order_form"])
    change_level(contract=contract, level=given["level"], first=given["first_day"], reason=doing.reason, **doing.who)


def _product(given: Given, row: Effect, doing: _Doing) -> None:
    """E9: a product is added, or ends earlier."""
    contract, said = doing.contract(given["order_form"]), {"reason": doing.reason, **doing.who}
    if not row.is_new:
        holding = contract.products.get(product=given["product"])
        end_product(holding=holding, last=given["last_day"], **said)
        return
    first, last = given.get("first_day", contract.first_day), given.get("last_day", contract.last_day)
    product = Product.objects.get(pk=given["product"])
    add_product(contract=contract, product=product, first=first, last=last, **said)


def _new_months(rows: Iterable[Effect], order_form: str, doing: _Doing) -> None:
    months: dict[date, tuple[Decimal, int]] = {}
    for row in rows:
        given: Given = row.given
        months[given["month"]] = (given["cost_per_seat"], given["paid_seats"])
    record_fees(contract=doing.contract(order_form), months=months, **doing.who)


def _corrected_month(given: Given, row: Effect, doing: _Doing) -> None:
    line = Fee(cost_per_seat=given["cost_per_seat"], paid_seats=given["paid_seats"])
    contract = doing.contract(given["order_form"])
    enter_month(contract=contract, month=given["month"], lines=[line], reason=doing.reason, **doing.who)


DO: Mapping[str, Callable[[Given, Effect, _Doing], None]] = {
    "customers": _customer,
    "contracts": _contract,
    "levels": _level,
    "products": _product,
    "seats": _corrected_month,
}
