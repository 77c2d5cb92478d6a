"""The letters about maintenance (N22, N23): to every contact of every customer whom it concerns, with a calendar file (S15)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from entitlements import access, notices
from entitlements.calendars import event_file, event_uid
from entitlements.links import link, page
from entitlements.models import Contract, Customer, LegalContact, Letter, Role, User, many
from entitlements.notices import Addressee
from entitlements.rules.days import zone_or
from entitlements.rules.spans import Span
from sla.maintenance import forecast_of_each
from sla.models import MaintenancePeriod, MaintenanceState

NOTICE, CHANGED, CANCELLED = "maintenance_notice", "maintenance_changed", "maintenance_cancelled"
Addressees = Mapping[int, Sequence[Addressee]]
"""By the key of a customer, to whom its letters go."""


def contacts_of_each(customers: Iterable[Customer]) -> Addressees:
    """N22: everybody who belongs to a customer, and its confirmed contacts for legal notices; an address once."""
    keys = [customer.pk for customer in customers]
    found: dict[int, dict[str, Addressee]] = defaultdict(dict)
    for customer, person, email, _ in access.people_of_each(keys, *Role):
        found[customer].setdefault(email.lower(), Addressee(person, email))
    confirmed = LegalContact.objects.confirmed().filter(customer__in=keys)
    for customer, email in confirmed.order_by("pk").values_list("customer", "email"):
        found[customer].setdefault(email.lower(), Addressee(None, email))
    return {key: list(found[key].values()) for key in keys}


def announced(
    period: MaintenancePeriod, customers: Sequence[Customer], *, now: datetime, deadline: datetime | None
) -> None:
    """N22: what is planned, or what had to be begun at once and why."""
    _write(NOTICE, period, customers, now=now, deadline=deadline, point=f"version {period.version}")


def changed(
    period: MaintenancePeriod,
    customers: Sequence[Customer],
    *,
    before: Span,
    why: str,
    new_notice: bool,
    now: datetime,
    deadline: datetime | None,
) -> None:
    """N23: from when to when; the calendar file replaces the earlier one."""
    point = f"version {period.version}" if new_notice else f"change {period.calendar_sequence}"
    _write(
        CHANGED, period, customers, now=now, deadline=deadline, point=point,
        before_start=before.start, before_end=before.end, why=why,
    )  # fmt: skip


def cancelled(period: MaintenancePeriod, customers: Sequence[Customer], *, why: str, now: datetime) -> None:
    """N23: it does not happen; the calendar file takes it out again."""
    _write(CANCELLED, period, customers, now=now, deadline=None, point="cancelled", why=why)


def no_longer_true(waiting: Sequence[Letter], now: datetime) -> set[int]:
    """T2, asked at the moment of sending: an announcement is true until it is replaced by a later one, or cancelled. The keys of
    those that are true no more."""
    announcements = [one for one in waiting if one.kind in (NOTICE, CHANGED)]
    if not announcements:
        return set()
    periods = MaintenancePeriod.objects.filter(reference__in=[one.matter for one in announcements])
    now_at = {one.reference: one for one in periods.exclude(state=MaintenanceState.CANCELLED)}
    return {one.pk for one in announcements if not _announces(one, now_at.get(one.matter))}


def _announces(letter: Letter, period: MaintenancePeriod | None) -> bool:
    """Whether the period still is as of this version, or this change; None: it was cancelled."""
    if period is None:
        return False
    return letter.point.partition("/")[0] in (f"version {period.version}", f"change {period.calendar_sequence}")


def calendar_file(period: MaintenancePeriod, now: datetime) -> tuple[str, str, str]:
    """The announced window as a calendar file (name, type, text): one UID, and a SEQUENCE that rises with each change."""
    window = period.window
    assert window is not None
    text = event_file(
        uid=event_uid(period.reference),
        sequence=period.calendar_sequence,
        start=window.start,
        end=window.end,
        title=f"{settings.VENDOR_NAME}: {period.title} ({period.reference})",
        text=link("maintenance_list"),
        now=now,
        cancelled=period.state == MaintenanceState.CANCELLED,
    )
    return f"{period.reference}.ics", "text/calendar", text


def _write(
    kind: str,
    period: MaintenancePeriod,
    customers: Sequence[Customer],
    *,
    now: datetime,
    deadline: datetime | None,
    point: str,
    **context: Any,
) -> None:
    """One statement for all customers and all their contacts; each reads the times in their own zone, and in UTC."""
    contacts, zones = contacts_of_each(customers), _zones(customers)
    own = _own_zones(contacts)
    files = [calendar_file(period, now)] if period.window else []
    month = period.begins.astimezone(UTC).date()
    forecast = forecast_of_each([one.pk for one in customers], month, now)
    facts = _facts(period)
    rows = [
        row
        for customer in customers
        for zone, readers in _by_zone(contacts[customer.pk], own, zones.get(customer.pk, settings.VENDOR_ZONE)).items()
        for row in notices.rows_to(
            readers,
            kind,
            matter=period.reference,
            context={
                **facts,
                "customer": customer.name,
                "zone": zone,
                "month_total": forecast[customer.pk].total,
                "month": forecast[customer.pk].month,
                "allowance": forecast[customer.pk].allowance,
                **context,
            },
            now=now,
            customer_id=customer.pk,
            deadline=deadline,
            point=f"{point}/{customer.pk}",
            urgent=True,
            attachments=files,
        )
    ]
    Letter.objects.bulk_create((Letter(**row) for row in rows), batch_size=500, ignore_conflicts=True)


def _facts(period: MaintenancePeriod) -> dict[str, Any]:
    window = period.window
    return {
        "reference": period.reference,
        "title": period.title,
        "effect": period.effect,
        "emergency": period.is_emergency,
        "reason": period.reason,
        "start": window.start if window else period.begins,
        "end": window.end if window else None,
        "action_url": page("maintenance_list"),
        "action_label": "See maintenance",
    }


def _zones(customers: Iterable[Customer]) -> dict[int, str]:
    """The zone of each customer's newest contract."""
    newest = Contract.objects.filter(customer__in=[one.pk for one in customers]).order_by("pk")
    return dict(newest.values_list("customer", "zone"))


def _own_zones(contacts: Addressees) -> dict[int, str]:
    """The zones that people chose for themselves, by their keys."""
    people = {one.person for readers in contacts.values() for one in readers if one.person}
    return dict(User.objects.filter(pk__in=many.keys(people)).exclude(zone="").values_list("pk", "zone"))


def _by_zone(readers: Iterable[Addressee], own: Mapping[int, str], otherwise: str) -> Mapping[str, Sequence[Addressee]]:
    """The readers of one customer by the zone in which they are told: their own; else, and of a bare address, the customer's."""
    found: dict[str, list[Addressee]] = defaultdict(list)
    for one in readers:
        found[zone_or(own.get(one.person or 0, ""), otherwise=otherwise).key].append(one)
    return found
