"""Alert logs: a file is handed in, its columns named, checked, imported or left, and undone (M9). Each step is a page of the file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Sum
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from entitlements.access import Who, open_to
from entitlements.actions.refused import Refused
from entitlements.admin.pages import DeskRequest, done, page, posted_to, refusals_of, what_happened
from entitlements.admin.queues import vendor_zone
from entitlements.exports import FORMATS, Row, as_file
from entitlements.rules.days import local_day
from entitlements.rules.refusals import Refusal
from entitlements.uploads import RefusedFile
from sla.actions import alerts as actions
from sla.admin.alert_forms import list_address
from sla.admin.alert_import_forms import HandInForm, NamingForm, proposed
from sla.alerts import keeping, progress
from sla.alerts.columns import FIELDS, guessed, unnamed
from sla.alerts.effects import claims_that_rest_on
from sla.alerts.files import Record, Shape, opened, sample, shape_of
from sla.alerts.rows import MOST_TOLD
from sla.alerts.zones import zone_of_times
from sla.models import AlertImport, AlertImportState, AlertMapping, Recomputation

PAGE = "admin:alert_import"
ON_A_PAGE = 50
SHOWN, SHOWN_EFFECTS = 5, 50
HEADS = [
    *("reference", "file", "state", "handed_in", "by", "rows", "good", "refused", "on_record_already"),
    *("first_received", "last_received", "sha256"),
]
LOOK_AGAIN = "10"
"""Seconds after which the page of a file at work is asked for again, without script."""


@open_to(Who.MANAGERS)
def imports(request: DeskRequest) -> HttpResponseBase:
    """M9.1: the list of imports, and the form to hand in a file. Nothing of it is read into the logs by that."""
    form = HandInForm(request.POST, request.FILES) if request.method == "POST" else HandInForm()
    if request.method == "POST" and form.is_valid():
        try:
            source = _handed_in(request, form)
        except (RefusedFile, Refused) as refused:
            form.add_error("file", str(refused))
        else:
            return redirect(PAGE, source.reference)
    state = request.GET.get("state", "")
    known = AlertImport.objects.select_related("uploaded_by")
    if state in AlertImportState.values:
        known = known.filter(state=state)
    if (wanted := request.GET.get("format", "")) in FORMATS:
        return as_file(wanted, "alert-log-files", HEADS, map(_row, known.iterator(chunk_size=1_000)), request.now)
    listed = Paginator(known, ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "listed": listed,
        "zone": vendor_zone(),
        "state": state,
        "states": AlertImportState.choices,
    }
    return page(request, "admin/alert_imports.html", title="Alert logs", **context)


@open_to(Who.MANAGERS)
def detail(request: DeskRequest, *, reference: str) -> HttpResponse:
    """The file at its step: its columns to be named, being checked, checked, being imported, imported."""
    return _page(request, _asked_for(reference))


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def check(request: DeskRequest, *, reference: str) -> HttpResponse:
    """M9.2: have the file checked with its columns named so."""
    source = _asked_for(reference)
    try:
        shape, records = _beginning(source)
    except RefusedFile:
        return redirect(PAGE, reference)
    form = NamingForm(request.POST, heads=[*shape.heads, *source.later_heads], rows=_rows(records))
    if not form.is_valid():
        return _page(request, source, form=form)
    naming = form.naming()

    def act() -> None:
        actions.check(
            source=source, naming=naming, save_as=form.cleaned_data["save_as"], by=request.user, now=request.now
        )

    return _done(request, source, act, "The file is being checked. You can leave this page.", form=form)


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def confirm(request: DeskRequest, *, reference: str) -> HttpResponse:
    """M9.3: import what the check has shown."""
    source = _asked_for(reference)
    without = request.POST.get("without_refused") == "yes"
    said = "The file is being imported. You can leave this page, and get a letter."
    act = lambda: actions.confirm(source=source, without_refused=without, by=request.user, now=request.now)  # noqa: E731
    return _done(request, source, act, said)


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def leave(request: DeskRequest, *, reference: str) -> HttpResponse:
    """Leave a file that was not imported."""
    source = _asked_for(reference)
    act = lambda: actions.leave(source=source, by=request.user, now=request.now)  # noqa: E731
    return _done(request, source, act, "The file is left. Nothing of it was imported.")


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def undo(request: DeskRequest, *, reference: str) -> HttpResponse:
    """M9.3: have an import taken back as a whole."""
    source = _asked_for(reference)
    act = lambda: actions.undo(source=source, by=request.user, now=request.now)  # noqa: E731
    return _done(request, source, act, "The import is being undone. You can leave this page.")


@open_to(Who.MANAGERS)
def refused(request: DeskRequest, *, reference: str) -> HttpResponseBase:
    """M9.2: the rows that cannot come in, with line and reason."""
    source = _asked_for(reference)
    rows = source.refusals.values_list("line", "column", "sentence", "as_read")
    heads = ["line", "column", "refused_because", "as_read"]
    return as_file("csv", f"refused-{reference}", heads, rows.iterator(chunk_size=1_000), request.now)


def _row(one: AlertImport) -> Row:
    counts = (one.rows, one.good, one.refused, one.known) if one.checked_at else (None,) * 4
    received = (one.first_received, one.last_received)
    return [
        one.reference,
        one.name,
        one.step,
        one.uploaded_at,
        str(one.uploaded_by),
        *counts,
        *received,
        one.sha256,
    ]


def _handed_in(request: DeskRequest, form: HandInForm) -> AlertImport:
    upload = form.cleaned_data["file"]
    kept = keeping.keep(upload, upload.name or "", most_bytes=keeping.most_bytes_by_page())
    try:
        return actions.hand_in(file=kept, by=request.user, now=request.now)
    except Refused:
        keeping.throw_away(kept)
        raise


def _asked_for(reference: str) -> AlertImport:
    return get_object_or_404(
        AlertImport.objects.select_related("uploaded_by", "confirmed_by", "undone_by"), reference=reference
    )


def _done(
    request: DeskRequest, source: AlertImport, act: Callable[[], object], sentence: str, **forms: Any
) -> HttpResponse:
    if refusals := refusals_of(act):
        return _page(request, _asked_for(source.reference), refusals=refusals, **forms)
    return done(request, sentence, PAGE, source.reference)


def _beginning(source: AlertImport) -> tuple[Shape, list[Record]]:
    with opened(source) as file:
        shape = shape_of(file, source.kind)
        return shape, sample(file, shape)


def _page(
    request: DeskRequest, source: AlertImport, *, refusals: Sequence[Refusal] = (), form: Any = None
) -> HttpResponse:
    anew = source.state == AlertImportState.CHECKED and (form is not None or "anew" in request.GET)
    context = {
        "naming": anew or source.state == AlertImportState.MAPPING,
        "source": source,
        "reference": source.reference,
        "zone": vendor_zone(),
        "refusals": refusals,
        "progress": progress.in_words(source, request.now) if source.is_at_work else "",
        "history": what_happened(source.reference),
        "form": form,
        **(_naming(request, source, form) if anew else _of_step(request, source, form)),
    }
    response = page(request, "admin/alert_import.html", title=f"Alert log {source.name}", **context)
    if source.is_at_work:
        response.headers["Refresh"] = LOOK_AGAIN
    return response


def _of_step(request: DeskRequest, source: AlertImport, form: Any) -> dict[str, Any]:
    """What the file's step shows beside what all show."""
    if source.is_at_work:
        return {}
    match source.state:
        case AlertImportState.MAPPING:
            return _naming(request, source, form)
        case AlertImportState.CHECKED:
            told = source.refusals.all()
            refusals = Paginator(told, ON_A_PAGE).get_page(request.GET.get("page"))
            return {
                **_counted(source),
                "told": refusals,
                "reasons": told.by_reason() if refusals.has_other_pages() else [],
                "most_told": MOST_TOLD,
                "named": named(source),
                "unnamed": unnamed(source.columns, source.later_heads),
            }
        case AlertImportState.IMPORTED:
            resting = source.borne.exclude(state__in=[AlertImportState.UNDONE, AlertImportState.LEFT])
            return {
                **_counted(source),
                **_effects(source),
                "parts": source.parts.filter(rows__gt=0),
                "resting": resting,
                "not_whole": actions.reason_not_whole(source),
                "claims": claims_that_rest_on(source),
            }
        case AlertImportState.UNDONE:
            return {"recomputed": Recomputation.objects.by_what_happened_to(source.reference)}
    return {}


def _naming(request: DeskRequest, source: AlertImport, form: Any) -> dict[str, Any]:
    try:
        shape, records = _beginning(source)
    except RefusedFile as refused:
        return {"unreadable": str(refused)}
    saved = AlertMapping.objects.all()
    chosen = saved.filter(name=request.GET.get("as", "")).first()
    heads = [*shape.heads, *source.later_heads]
    initial = proposed(guessed(heads), chosen, source)
    form = form or NamingForm(heads=heads, rows=_rows(records), initial=initial)
    cells = [
        (line, [row.get(head, "") for head in shape.heads])
        for line, _, row in records
        if not isinstance(row, Exception)
    ]
    return {
        "form": form,
        "heads": shape.heads,
        "sample": cells[:SHOWN],
        "saved": saved,
        "times": zone_of_times(form.offsets()),
    }


def _rows(records: Sequence[Record]) -> list[Mapping[str, str]]:
    """The cells of those rows that can be read."""
    return [row for _, _, row in records if not isinstance(row, Exception)]


def _counted(source: AlertImport) -> dict[str, Any]:
    return {"left_out": list(source.left_out.items()), "restates": source.restates.count()}


def _effects(source: AlertImport) -> dict[str, Any]:
    """M9.6: what the import changed, for customers and for claims."""
    figures = ("late", "failures", "remedy")
    sums = {f"{one}_{when}": Sum(f"{one}_{when}") for one in figures for when in ("before", "after")}
    shown = source.effects.select_related("customer")[:SHOWN_EFFECTS]
    return {
        "effects": [(one, _late_of(source, one.customer_id)) for one in shown],
        "effects_in_all": source.effects.aggregate(customers=Count("pk"), **sums),
        "recomputed": Recomputation.objects.by_what_happened_to(source.reference),
    }


def _late_of(source: AlertImport, customer: int) -> str:
    """Where the late alerts of a customer are listed that were received on the days of the file."""
    ends = (source.first_received, source.last_received)
    first, last = (local_day(at or source.uploaded_at, vendor_zone()) for at in ends)
    return list_address(customer, first, last, "late")


def named(source: AlertImport) -> list[tuple[str, str]]:
    """What is needed, and the head that was named for it."""
    return [(one.label, source.columns[one.name]) for one in FIELDS if one.name in source.columns]


pages: list[tuple[str, Any, str]] = [
    ("imports/alerts/", imports, "alert_imports"),
    ("imports/alerts/<str:reference>/", detail, "alert_import"),
    ("imports/alerts/<str:reference>/check/", check, "check_alerts"),
    ("imports/alerts/<str:reference>/confirm/", confirm, "confirm_alerts"),
    ("imports/alerts/<str:reference>/leave/", leave, "leave_alerts"),
    ("imports/alerts/<str:reference>/undo/", undo, "undo_alerts"),
    ("imports/alerts/<str:reference>/refused/", refused, "refused_alerts"),
]
