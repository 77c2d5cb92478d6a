"""What people do with files of alert logs: hand one in, name its columns, let it in or leave it, undo it, let old months go (S4, M9).

Checking, loading and undoing are the background's (alerts/work.py): an action only says that it is to be done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection, transaction

from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.models import User
from entitlements.references import new_reference
from entitlements.rules.refusals import Refusal
from sla.alerts import matching, quarters
from sla.models import AlertImport, AlertImportState, AlertMapping, AlertMonth, AlertPart, FoundOtherwise

NOT_NOW = Refusal("S4", "not_now", "This file is not at the step that this belongs to any more.", "Look at it again.")
NOTHING_NEW = Refusal("S4", "nothing_new", "No row of the file would come in.", "Leave it, or name its columns anew.")
REFUSED_ROWS = Refusal(
    "S4",
    "refused_rows",
    "Some rows of the file are refused, so none of it comes in.",
    "Mend the file, or choose on the check page to import it without them.",
)


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that lies in the store: its shown name, what it is, its size in bytes, and the SHA-256 of these bytes."""

    name: str
    kind: str
    packed: bool
    size: int
    sha256: str
    stored_as: str


@dataclass(frozen=True, slots=True)
class Naming:
    """Which head has what, the zone of times without an offset, which pass of a repeated hour they mean, and the unit of delays."""

    columns: Mapping[str, str]
    zone: str = ""
    repeated: str = ""
    delay_unit: str = "minutes"


@transaction.atomic
def hand_in(*, file: KeptFile, by: User, now: datetime) -> AlertImport:
    """M9.1, M9.4: put a kept file on the list of imports. Nothing of it is read by that. Raises Refused if the same file stands there."""
    matching.one_import_at_a_time()
    earlier = AlertImport.objects.exclude(state__in=[AlertImportState.UNDONE, AlertImportState.LEFT])
    if same := earlier.filter(sha256=file.sha256).first():
        said = f"The same file is {same.step.lower()} as {same.reference}, so nothing is added."
        raise Refused(Refusal("S4", "same_file", said, "Go on with that one, or leave or undo it first."))
    reference = new_reference("LOG")
    record("alerts.handed_in", matter=reference, by=by, now=now, note=file.name)
    return AlertImport.objects.create(
        reference=reference,
        name=file.name,
        kind=file.kind,
        packed=file.packed,
        size=file.size,
        sha256=file.sha256,
        stored_as=file.stored_as,
        uploaded_at=now,
        uploaded_by=by,
    )


@transaction.atomic
def check(*, source: AlertImport, naming: Naming, by: User, now: datetime, save_as: str = "") -> AlertImport:
    """M9.1, M9.2: have the file checked with its columns named so. What an earlier check has loaded is thrown away.

    `save_as`: a name under which the next file of the same source finds them.
    """
    current = _at(source, AlertImportState.MAPPING, AlertImportState.CHECKED)
    record("alerts.columns_named", matter=current.reference, by=by, now=now)
    if current.state == AlertImportState.CHECKED:
        _move(current, AlertImportState.MAPPING)
    current.columns, current.zone = dict(naming.columns), naming.zone
    current.repeated, current.delay_unit = naming.repeated, naming.delay_unit
    current.phase, current.begun_at, current.waited, current.trouble = 0, now, timedelta(), ""
    if save_as:
        _save_mapping(save_as, naming, by, now)
    return _move(current, AlertImportState.CHECKING)


@transaction.atomic
def confirm(*, source: AlertImport, without_refused: bool, by: User, now: datetime) -> AlertImport:
    """M9.3: import what the check has shown: the whole file, or by choice without its refused rows. Raises Refused."""
    current = _at(source, AlertImportState.CHECKED)
    if not current.good:
        raise Refused(NOTHING_NEW)
    if current.refused and not without_refused:
        raise Refused(REFUSED_ROWS)
    record("alerts.confirmed", matter=current.reference, by=by, now=now)
    current.without_refused = bool(current.refused)
    current.confirmed_at, current.confirmed_by, current.begun_at, current.trouble = now, by, now, ""
    return _move(current, AlertImportState.IMPORTING)


@transaction.atomic
def leave(*, source: AlertImport, by: User, now: datetime) -> AlertImport:
    """Leave a file that was not imported; it can be handed in again."""
    current = _at(source, AlertImportState.MAPPING, AlertImportState.CHECKED)
    record("alerts.left", matter=current.reference, by=by, now=now)
    _move(current, AlertImportState.LEFT)
    matching.drop(current)
    return current


@transaction.atomic
def undo(*, source: AlertImport, by: User, now: datetime) -> AlertImport:
    """M9.3: have an import taken back as a whole. Raises Refused while another file rests on its rows, or once a month of it was let
    go."""
    current = _at(source, AlertImportState.IMPORTED)
    if current.is_being_undone:
        raise Refused(NOT_NOW)
    if refusal := reason_not_undone(current):
        raise Refused(refusal)
    record("alerts.undo_asked", matter=current.reference, by=by, now=now)
    current.undo_asked_at, current.undo_asked_by, current.begun_at, current.trouble = now, by, now, ""
    return _move(current, AlertImportState.IMPORTED)


def reason_not_undone(source: AlertImport) -> Refusal | None:
    """M9.3: why an import cannot be taken back as it stands now; None if it can."""
    if resting := source.borne.exclude(state__in=[AlertImportState.UNDONE, AlertImportState.LEFT]).first():
        said = f"{resting.reference} has rows that came in with this file, and was imported without them."
        return Refusal("S4", "rests_on_it", said, f"Undo or leave {resting.reference} first.")
    if found := FoundOtherwise.objects.standing().filter(source=source).select_related("found_by").first():
        said = f"{found.found_by} has found that an outage did not cause the alert on line {found.line} of this file."
        return Refusal("S8", "finding_rests_on_it", said, "Take that finding back first, on the page of the alert.")
    return reason_not_whole(source)


def reason_not_whole(source: AlertImport) -> Refusal | None:
    """Retention: why an import cannot be undone once a month of it was let go; None while all of it is kept."""
    gone = source.parts.filter(dropped_at__isnull=False).first()
    if gone is None:
        return None
    said = f"The logs of {gone.month:%Y-%m} are not kept any more, so this import cannot be undone as a whole."
    return Refusal("S4", "month_gone", said, "What is left goes with its months.")


def why_month_stays(month: date) -> str:
    """Retention: why the database would refuse to let the logs of a month go (its first day, UTC); empty if it would not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reason FROM why_alert_month_stays(%s)", [month])
        (reason,) = cursor.fetchone()
    return reason or ""


@transaction.atomic
def let_month_go(*, month: date, by: User | None, now: datetime) -> AlertMonth:
    """Retention: drop the logs of a month (its first day, UTC). The database refuses one that a claim rests on: IntegrityError."""
    matching.one_import_at_a_time()
    record("alerts.month_dropped", matter=f"{month:%Y-%m}", by=by, now=now)
    with connection.cursor() as cursor:
        cursor.execute("SELECT drop_alert_month(%s)", [month])
    parts = AlertPart.objects.filter(month=month, source__state=AlertImportState.IMPORTED)
    quarters.forget_month(month)
    parts.update(dropped_at=now)
    return AlertMonth.objects.update_or_create(
        month=month, defaults={"dropped_at": now}, create_defaults={"made_at": now, "dropped_at": now}
    )[0]


def _at(source: AlertImport, *states: AlertImportState) -> AlertImport:
    """The import, locked, at one of these steps. Raises Refused."""
    current = AlertImport.objects.select_for_update(of=("self",)).get(pk=source.pk)
    if current.state not in states:
        raise Refused(NOT_NOW)
    return current


def _move(current: AlertImport, state: AlertImportState) -> AlertImport:
    current.state, current.lease_until, current.worker = state, None, ""
    current.save()
    return current


def _save_mapping(name: str, naming: Naming, by: User, now: datetime) -> None:
    said = {"columns": dict(naming.columns), "zone": naming.zone, "delay_unit": naming.delay_unit}
    AlertMapping.objects.update_or_create(name=name, defaults={**said, "saved_at": now, "saved_by": by})
