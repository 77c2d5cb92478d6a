"""What the product wrote down itself: letters, the event log, turns of the clock. To be read, never changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import RawSQL
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from entitlements import wording
from entitlements.admin.base import DeskAdmin, linked, local
from entitlements.admin.letter_preview import kinds
from entitlements.admin.queues import LETTERS, vendor_zone
from entitlements.dossiers import REFERENCE, dossier_of, holds_a_secret, reference_of
from entitlements.models import Event, EventSeal, ImportRun, Letter, MailOutage, SweepRun
from entitlements.seals import OF_A_LINE, digest_of
from entitlements.templatetags.makegood import status


class InWords(admin.AllValuesFieldListFilter):
    """What a letter is about, as its list says it: the kinds of which there is one."""

    lookup_choices: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lookup_choices = Letter.objects.kinds_among(kinds())

    def choices(self, changelist: Any) -> Any:
        for one in super().choices(changelist):
            yield {**one, "display": wording.label_in_words(str(one["display"]))}


@admin.register(Letter)
class LetterAdmin(DeskAdmin):
    list_display = ("about", "of", "addressee", "customer", "written", "how_it_stands", "attempts")
    list_filter = ("state", ("kind", InWords))
    list_select_related = ("customer",)
    search_fields = ("matter", "addressee", "subject", "customer__name")
    search_help_text = "Reference, address, subject, customer"
    queues = LETTERS
    exported = {"written": "written_at", "of": "matter"}
    fields = ()
    change_form_template = "admin/letter.html"
    why_empty = "Every letter is written with what causes it and shown here from then on."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Letter]:
        return super().get_queryset(request).annotate(told=REFERENCE).defer("context", "html", "raw", "attachments")

    @admin.display(description="letter", ordering="kind")
    def about(self, letter: Letter) -> str:
        return wording.label_in_words(letter.kind)

    @admin.display(description="matter", ordering="matter")
    def of(self, letter: Letter) -> str:
        return reference_of(letter.matter, letter.told)  # type: ignore[attr-defined]

    @admin.display(description="state", ordering="state")
    def how_it_stands(self, letter: Letter) -> SafeString:
        return status(letter.standing)

    @admin.display(description="written", ordering="written_at")
    def written(self, letter: Letter) -> str:
        return local(letter.written_at, vendor_zone())

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """C11: the letter's dossier."""
        letter = self.get_object(request, object_id) if object_id.isdecimal() else None
        known = {"one": dossier_of(letter, for_customer=False), "raw_page": _raw_page(letter)} if letter else {}
        return super().change_view(request, object_id, form_url, {**known, **(extra_context or {})})


def _raw_page(letter: Letter) -> str:
    return "admin:letter_raw" if letter.sha256 and not holds_a_secret(letter) else ""


@admin.register(MailOutage)
class MailOutageAdmin(DeskAdmin):
    list_display = ("host", "began", "ended", "tries", "next_try", "error")
    list_filter = ("began_at",)
    exported = {"began": "began_at", "ended": "ended_at", "next_try": "next_try_at"}
    fields = ("host", "began", "ended", "tries", "next_try", "error")
    why_empty = "The mail server was there whenever a letter was to be sent."

    @admin.display(description="began", ordering="began_at")
    def began(self, outage: MailOutage) -> str:
        return local(outage.began_at, vendor_zone())

    @admin.display(description="ended")
    def ended(self, outage: MailOutage) -> str:
        return local(outage.ended_at, vendor_zone())

    @admin.display(description="next try")
    def next_try(self, outage: MailOutage) -> str:
        return local(outage.next_try_at, vendor_zone())


class ByWhom(admin.SimpleListFilter):
    """M10.2: people or the clock."""

    title = "who"
    parameter_name = "who"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("people", "People"), ("clock", "The clock, and what was done under no act")]

    def queryset(self, request: HttpRequest, events: QuerySet[Event]) -> QuerySet[Event]:
        chosen = {"people": False, "clock": True}.get(self.value() or "")
        return events if chosen is None else events.filter(actor__isnull=chosen)


class OfWhatKind(admin.SimpleListFilter):
    """M10.2: what was done, what changed by it, and what was only read."""

    title = "kind"
    parameter_name = "kind"
    READ = Q(verb__in=["evidence.opened", "customer.exported", "customer.seen_as"]) | Q(
        verb__endswith=".document_opened"
    )

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("acts", "Acts"), ("rows", "Rows that changed"), ("read", "Documents and data that were opened")]

    def queryset(self, request: HttpRequest, events: QuerySet[Event]) -> QuerySet[Event]:
        kinds = {"acts": Q(table=""), "rows": ~Q(table=""), "read": self.READ}
        return events.filter(kinds.get(self.value() or "", Q()))


@admin.register(Event)
class EventAdmin(DeskAdmin):
    list_display = ("recorded", "verb", "matter", "done_by", "table", "row_id", "note")
    list_filter = ("recorded_at", OfWhatKind, ByWhom)
    exported = {"recorded": "recorded_at", "done_by": "who"}
    exported_besides = ("happened_at", "sha256")
    list_select_related = ("actor",)
    list_only = (
        *("recorded_at", "happened_at", "verb", "matter", "table", "row_id", "note"),
        *("actor__name", "actor__email"),
    )
    search_fields = ("matter", "verb", "actor__name", "actor__email")
    search_help_text = "Reference, verb (claim.sent), person"
    fields = ("recorded", "happened", "verb", "matter", "done_by", "note", "table", "row_id", "what_changed", "digest")
    why_empty = "Every act writes a line here."

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """M10.3: with how far the log is under seal."""
        seal = EventSeal.objects.order_by("id").last()
        return super().changelist_view(request, {"seal": seal, "zone": vendor_zone(), **(extra_context or {})})

    def as_file(self, request: HttpRequest, changes: Any, kind: str) -> Any:
        """M10.2: each line with its digest, as the seals have it."""
        event = Event.objects.filter(pk=OuterRef("pk"))
        digest = event.annotate(made=RawSQL(f"encode({OF_A_LINE.replace('event.', 'U0.')}, 'hex')", []))  # noqa: S611
        changes.queryset = changes.queryset.annotate(sha256=Subquery(digest.values("made")))
        return super().as_file(request, changes, kind)

    @admin.display(description="SHA-256, as the seals have it")
    def digest(self, event: Event) -> str:
        return digest_of(event.pk)

    @admin.display(description="recorded", ordering="id")
    def recorded(self, event: Event) -> str:
        return wording.moment_in_short(event.recorded_at, vendor_zone(), seconds=True)

    @admin.display(description="happened")
    def happened(self, event: Event) -> str:
        return wording.moment_in_short(event.happened_at, vendor_zone(), seconds=True)

    @admin.display(description="by")
    def done_by(self, event: Event) -> str:
        return event.who

    @admin.display(description="changes: before → after")
    def what_changed(self, event: Event) -> SafeString | str:
        rows = (event.changes or {}).items()
        pairs = ((column, *(both if isinstance(both, list) else ("", both))) for column, both in rows)
        return format_html_join("", "<div><code>{}</code>: {} → {}</div>", pairs) or "–"


@admin.register(ImportRun)
class ImportRunAdmin(DeskAdmin):
    list_display = ("page", "applied", "applied_by", "new", "changed", "unchanged", "refused")
    list_display_links = None
    list_select_related = ("file", "applied_by")
    search_fields = ("file__name", "file__sha256", "applied_by__name")
    search_help_text = "File, SHA-256, person"
    exported = {"applied": "applied_at"}
    fields = ("page", "applied", "applied_by", "new", "changed", "unchanged", "refused")
    why_empty = "Nothing has been imported. A file is shown row by row before anything of it is applied."

    @admin.display(description="import", ordering="id")
    def page(self, run: ImportRun) -> SafeString:
        return linked("admin:import_run", run.pk, run)

    @admin.display(description="applied", ordering="applied_at")
    def applied(self, run: ImportRun) -> str:
        return local(run.applied_at, vendor_zone())


@admin.register(SweepRun)
class SweepRunAdmin(DeskAdmin):
    list_display = (
        "started",
        "rung_by",
        "took",
        "as_if",
        "what_was_done",
        "what_is_left",
        "how_late",
        "alarm",
    )
    list_filter = ("started_at", "rung_by")
    exported = {"started": "started_at", "as_if": "as_of", "how_late": "latest_by_seconds"}
    fields = (*list_display[:-2], "clocks_apart", "how_late", "alarm")
    why_empty = "The clock has not turned yet. Start the worker and beat, or run manage.py sweep."

    @admin.display(description="started", ordering="id")
    def started(self, run: SweepRun) -> str:
        return wording.moment_in_short(run.started_at, vendor_zone(), seconds=True)

    @admin.display(description="acted as of")
    def as_if(self, run: SweepRun) -> str:
        return wording.moment_in_short(run.as_of, vendor_zone(), seconds=True)

    @admin.display(description="done")
    def what_was_done(self, run: SweepRun) -> str:
        return ", ".join(f"{name}: {count}" for name, count in run.done.items() if count) or "nothing was due"

    @admin.display(description="left for the next turn")
    def what_is_left(self, run: SweepRun) -> str:
        return ", ".join(f"{name}: {count}" for name, count in run.left.items()) or "–"

    @admin.display(description="latest was late by", ordering="latest_by_seconds")
    def how_late(self, run: SweepRun) -> str:
        return wording.duration_in_words(timedelta(seconds=run.latest_by_seconds)) if run.latest_by_seconds else "–"

    @admin.display(description="application’s clock minus the database’s")
    def clocks_apart(self, run: SweepRun) -> str:
        return f"{run.clock_offset_ms} ms"

    @admin.display(description="took")
    def took(self, run: SweepRun) -> str:
        """To a hundredth of a second."""
        if run.ended_at is None:
            return "has not ended"
        hundredths = (run.ended_at - run.started_at) // timedelta(milliseconds=10)
        return wording.duration_in_words(timedelta(milliseconds=10 * hundredths)) if hundredths else "under 0.01 s"
