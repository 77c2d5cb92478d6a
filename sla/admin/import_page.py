"""Imports: a file is handed in, shown row by row, confirmed, and stays on record with what it did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.files.storage import storages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from entitlements import exports, uploads
from entitlements.access import Who, open_to
from entitlements.actions.imports import NotAsShown, apply_import, keep_import_file
from entitlements.actions.refused import Refused
from entitlements.admin.pages import DeskRequest, page
from entitlements.admin.queues import vendor_zone
from entitlements.imports import reading, templates
from entitlements.imports.columns import KINDS
from entitlements.imports.effects import STATES
from entitlements.imports.on_record import world_of
from entitlements.imports.planning import Plan, as_plain, plan
from entitlements.models import ImportFile, ImportRun
from entitlements.rules.refusals import Refusal
from sla import imports as other_half

SALT = "entitlements.import"
ON_A_PAGE = 100
Late = Mapping[str, Refusal]


class ImportForm(forms.Form):
    """A file and, for a CSV, what its rows are."""

    use_required_attribute = False
    file = forms.FileField(
        label="File",
        help_text=f"CSV in UTF-8, or XLSX. At most {reading.MOST_BYTES // 1024**2} MB and {reading.MOST_ROWS:,} rows.",
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
        error_messages={"required": "Choose the file to import.", "empty": "The file is empty. Choose another."},
    )
    rows_are = forms.ChoiceField(
        label="The rows of a CSV are",
        required=False,
        choices=[("", "It is a workbook"), *((kind.key, kind.title) for kind in KINDS.values())],
        help_text="A workbook says it by the names of its sheets.",
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if "file" in given:
            try:
                most = reading.MOST_BYTES
                given["file"] = uploads.check(given["file"], reading.CHECKS, allowed="a CSV or XLSX", most_bytes=most)
                reading.read(given["file"], given.get("rows_are", ""))
            except uploads.RefusedFile as refused:
                self.add_error("file", str(refused))
        return given


@open_to(Who.MANAGERS)
def start(request: DeskRequest) -> HttpResponse:
    """Hand in a file. Nothing of it is applied by that: the next page shows what it would do."""
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        rows_are = given["rows_are"] if given["file"].kind == "csv" else ""
        kept = keep_import_file(file=given["file"], rows_are=rows_are, by=request.user, now=request.now)
        return redirect("admin:import_file", kept.pk)
    runs = ImportRun.objects.select_related("file", "applied_by").defer("rows")[:10]
    context = {"form": form, "kinds": KINDS.values(), "runs": runs, "zone": vendor_zone()}
    return page(request, "admin/import_start.html", title="Import", **context)


@open_to(Who.MANAGERS)
def columns(request: DeskRequest) -> HttpResponse:
    """What each table has to look like."""
    return page(request, "admin/import_columns.html", title="Columns of an import", kinds=KINDS.values())


@open_to(Who.MANAGERS)
def template(request: DeskRequest, *, name: str) -> HttpResponse:
    """A file to begin with."""
    kind, _, ending = name.partition(".")
    if name == "everything.xlsx":
        return _download(templates.as_workbook(), name, exports.WORKBOOK)
    if kind not in KINDS or ending != "csv":
        raise Http404
    return _download(templates.as_csv(KINDS[kind]).encode("utf-8-sig"), name, "text/csv; charset=utf-8")


@open_to(Who.MANAGERS)
def file(request: DeskRequest, *, pk: int) -> HttpResponse:
    """What each row would do; confirmed, they are applied as they are shown here."""
    kept = get_object_or_404(ImportFile.objects.select_related("uploaded_by"), pk=pk)
    tables = _tables(kept)
    if request.method != "POST":
        return _shown(request, kept, tables, {})
    shown, late = _signed(request, kept)
    try:
        run = apply_import(
            file=kept,
            tables=tables,
            fingerprint=shown,
            refused=late,
            half=other_half,
            by=request.user,
            now=request.now,
        )
    except NotAsShown as changed:
        said = "It is no longer what was shown, so nothing was applied. This is what the file would do now."
        return _shown(request, kept, tables, changed.refused, said)
    except Refused as refused:
        return _shown(request, kept, tables, late, str(refused))
    messages.success(request, f"{kept.name} is imported.")
    return redirect("admin:import_run", run.pk)


@open_to(Who.MANAGERS)
def run(request: DeskRequest, *, pk: int) -> HttpResponse:
    """What an import did, as it was applied."""
    one = get_object_or_404(ImportRun.objects.select_related("file", "applied_by"), pk=pk)
    counts = {state: getattr(one, state) for state in STATES}
    context = {"run": one, "file": one.file, "zone": vendor_zone(), **_rows(request, one.rows, counts)}
    return page(request, "admin/import_run.html", title=f"Import {one.pk}", **context)


@open_to(Who.MANAGERS)
def refused_of_file(request: DeskRequest, *, pk: int) -> HttpResponseBase:
    """The rows that would be refused now, as a file to mend and to import."""
    kept = get_object_or_404(ImportFile, pk=pk)
    tables = _tables(kept)
    return _refused(
        kept,
        tables,
        [as_plain(one) for one in plan(tables, world_of(tables, request.now, other_half.terms_of)).effects],
    )


@open_to(Who.MANAGERS)
def refused_of_run(request: DeskRequest, *, pk: int) -> HttpResponseBase:
    """The rows that an import refused, as a file to mend and to import."""
    one = get_object_or_404(ImportRun.objects.select_related("file"), pk=pk)
    return _refused(one.file, _tables(one.file), one.rows)


def _tables(kept: ImportFile) -> tuple[reading.Table, ...]:
    with storages["evidence"].open(kept.stored_as) as stored:
        content = stored.read()
    return reading.read(uploads.CheckedFile(kept.name, kept.kind, content, kept.sha256), kept.rows_are)


def _shown(
    request: DeskRequest, kept: ImportFile, tables: tuple[reading.Table, ...], late: Late, said: str = ""
) -> HttpResponse:
    planned = plan(tables, world_of(tables, request.now, other_half.terms_of), late)
    rows = [as_plain(effect) for effect in planned.effects]
    earlier = ImportRun.objects.filter(file__sha256=kept.sha256).select_related("applied_by").defer("rows").first()
    context = {
        "file": kept,
        "plan": planned,
        "said": said,
        "example_in": [table.kind.title for table in tables if table.has_example],
        "earlier": earlier,
        "token": _sign(kept, planned, late),
        "zone": vendor_zone(),
    }
    return page(request, "admin/import_file.html", title=kept.name, **context, **_rows(request, rows, planned.counts))


def _rows(request: DeskRequest, rows: list[dict[str, Any]], counts: Mapping[str, int]) -> dict[str, Any]:
    """The rows of a page, of one state if it is asked for, in the order of the file."""
    asked = request.GET.get("show", "")
    order = list(KINDS)
    chosen = [row for row in rows if asked not in STATES or row["state"] == asked]
    chosen.sort(key=lambda row: (order.index(row["kind"]), row["row"]))
    found = Paginator(chosen, ON_A_PAGE).get_page(request.GET.get("page"))
    return {"page_obj": found, "counts": counts, "asked": asked, "in_all": len(rows)}


def _sign(kept: ImportFile, planned: Plan, late: Late) -> str:
    refused = {key: asdict(refusal) for key, refusal in late.items()}
    return signing.dumps([kept.pk, planned.fingerprint, refused], salt=SALT, compress=True)


def _signed(request: DeskRequest, kept: ImportFile) -> tuple[str, Late]:
    """What the page had shown; nothing of it where it is not our own."""
    try:
        pk, fingerprint, refused = signing.loads(request.POST.get("shown", ""), salt=SALT)
    except (signing.BadSignature, ValueError):
        return "", {}
    return (fingerprint, {key: Refusal(**one) for key, one in refused.items()}) if pk == kept.pk else ("", {})


def _refused(kept: ImportFile, tables: tuple[reading.Table, ...], rows: list[dict[str, Any]]) -> HttpResponseBase:
    why = {
        (row["kind"], row["row"]): " ".join(
            f"{column}: {said} {helps}".strip(": ") for column, _, said, helps in row["refusals"]
        )
        for row in rows
        if row["state"] == "refused"
    }
    sheets = [_refused_of(table, why) for table in tables]
    name = f"refused-{kept.name.rpartition('.')[0][:80]}.{kept.kind}"
    if kept.kind == "csv":
        _, heads, lines = sheets[0]
        content = "".join(exports.csv_lines([heads, *lines])).encode("utf-8-sig")
        return _download(content, name, "text/csv; charset=utf-8")
    return _download(exports.workbook([one for one in sheets if one[2]] or sheets), name, exports.WORKBOOK)


def _refused_of(table: reading.Table, why: Mapping[tuple[str, int], str]) -> tuple[str, list[str], list[exports.Row]]:
    heads = [*table.heads, "row", "refused_because"]
    lines: list[exports.Row] = [
        [*(exports.found(row.cells.get(head)) for head in table.heads), row.n, why[table.kind.key, row.n]]
        for row in table.rows
        if (table.kind.key, row.n) in why
    ]
    return table.kind.key, heads, lines


def _download(content: bytes, name: str, kind: str) -> HttpResponse:
    named = {"Content-Disposition": exports.attachment(name)}
    return HttpResponse(content, content_type=kind, headers={**exports.HEADERS, **named})


pages: list[tuple[str, Any, str]] = [
    ("imports/", start, "import_start"),
    ("imports/columns/", columns, "import_columns"),
    ("imports/templates/<str:name>", template, "import_template"),
    ("imports/files/<int:pk>/", file, "import_file"),
    ("imports/files/<int:pk>/refused/", refused_of_file, "import_file_refused"),
    ("imports/<int:pk>/", run, "import_run"),
    ("imports/<int:pk>/refused/", refused_of_run, "import_run_refused"),
]
