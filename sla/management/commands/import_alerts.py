from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from time import sleep
from typing import Any

from django.core.files.base import File
from django.core.management.base import BaseCommand, CommandError

from entitlements.access import may_manage
from entitlements.actions.refused import Refused
from entitlements.clock import database_now, ticking
from entitlements.models import User
from entitlements.rules.days import zone_names
from entitlements.uploads import RefusedFile
from entitlements.wording import counted
from sla.actions import alerts as actions
from sla.alerts import progress
from sla.alerts.columns import guessed, unnamed, wrong_with
from sla.alerts.files import opened, shape_of
from sla.alerts.keeping import MOST_BYTES, keep, throw_away
from sla.alerts.work import work
from sla.alerts.zones import NO_SUCH_ZONE
from sla.models import AlertImport, AlertImportState, AlertMapping, Recomputation

MOST_SHOWN = 20
LOOK_AGAIN = 2.0
"""Seconds."""

ON_THE_SAME_LINE = "\r\033[K"
"""To a terminal: back to the beginning of the line, which is emptied."""

AT_REST = (AlertImportState.MAPPING, AlertImportState.CHECKED)


class Command(BaseCommand):
    help = "Import a file of alert logs: check it, tell what is refused, and import it as a whole (S4). Run again, it goes on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--by", required=True, metavar="ADDRESS", help="A manager: who is responsible for it.")
        parser.add_argument(
            "--mapping",
            metavar="NAME|JSON",
            help='A saved mapping, or what is needed by head: \'{"customer_id": "customer"}\'. Otherwise it is guessed.',
        )
        parser.add_argument("--zone", default="", help="Of times without an offset, such as America/New_York.")
        parser.add_argument("--repeated", default="", choices=["", "first", "second"], help="Pass of a repeated hour.")
        parser.add_argument("--delay-unit", default="", choices=["", "minutes", "seconds"])
        parser.add_argument("--dry-run", action="store_true", help="Check only: nothing is imported.")
        parser.add_argument("--without-refused", action="store_true", help="Import the rest where rows are refused.")

    def handle(self, *args: Any, **options: Any) -> None:
        by = self._manager(options["by"])
        try:
            source = self._handed_in(options["file"], by)
            if source.state == AlertImportState.IMPORTED:
                self.stdout.write(f"{source.reference} has this file already, imported. Nothing is added.")
                return
            if source.state == AlertImportState.MAPPING:
                source = actions.check(source=source, naming=self._naming(source, options), by=by, now=database_now())
            source = self._worked(source)
            self._tell(source)
            if source.state == AlertImportState.CHECKED and not options["dry_run"]:
                without = options["without_refused"]
                source = actions.confirm(source=source, without_refused=without, by=by, now=database_now())
                source = self._worked(source)
                self._tell(source)
        except (Refused, RefusedFile) as refused:
            raise CommandError(str(refused)) from refused

    def _manager(self, address: str) -> User:
        person = User.objects.filter(email__iexact=address).first()
        if not person or not may_manage(person):
            raise CommandError(f"{address} is no manager here.")
        return person

    def _handed_in(self, path: Path, by: User) -> AlertImport:
        """The file on the list of imports; one that stands there by its hash, as far as it has come."""
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        with path.open("rb") as file:
            kept = keep(File(file, name=path.name), path.name, most_bytes=MOST_BYTES)
        try:
            return actions.hand_in(file=kept, by=by, now=database_now())
        except Refused:
            throw_away(kept)
            return AlertImport.objects.exclude(state__in=["undone", "left"]).get(sha256=kept.sha256)

    def _naming(self, source: AlertImport, options: dict[str, Any]) -> actions.Naming:
        with opened(source) as file:
            heads = (*shape_of(file, source.kind).heads, *source.later_heads)
        saved = AlertMapping.objects.filter(name=options["mapping"]).first()
        columns = saved.columns if saved else self._columns(options["mapping"], heads)
        if wrong := wrong_with(columns, heads):
            raise CommandError(" ".join(f"{name}: {sentence}" for name, sentence in wrong.items()))
        if left := [head for head in heads if head not in columns.values()]:
            self.stdout.write(f"Nothing is taken in of {', '.join(left)}. Name what should be by --mapping.")
        zone = options["zone"] or (saved.zone if saved else "")
        if zone and zone not in zone_names():
            raise CommandError(f"--zone: {NO_SUCH_ZONE}")
        unit = options["delay_unit"] or (saved.delay_unit if saved else "minutes")
        return actions.Naming(columns, zone, options["repeated"], unit)

    def _columns(self, mapping: str | None, heads: tuple[str, ...]) -> dict[str, str]:
        if not mapping:
            return guessed(heads)
        try:
            found = json.loads(mapping)
        except ValueError as error:
            raise CommandError(f"--mapping: there is no saved mapping {mapping!r}, and it is no JSON.") from error
        if not isinstance(found, dict):
            raise CommandError("--mapping wants an object of names and heads.")
        return {str(name): str(head) for name, head in found.items()}

    def _worked(self, source: AlertImport) -> AlertImport:
        """The import once it is at rest: done here, or watched while another worker has it, until that is done or its lease ends."""
        clock = ticking()
        while source.state not in (*AT_REST, AlertImportState.IMPORTED):
            if not work(clock=clock, turn=None, only=source, tell=lambda one: self._progress(one, clock())):
                sleep(LOOK_AGAIN)
            source = AlertImport.objects.get(pk=source.pk)
            self._progress(source, clock())
        return source

    def _progress(self, source: AlertImport, now: datetime) -> None:
        self._on_the_same_line(progress.in_words(source, now))

    def _end_the_line(self) -> None:
        self._on_the_same_line("")

    def _on_the_same_line(self, said: str) -> None:
        if sys.stderr.isatty():
            self.stderr.write(f"{ON_THE_SAME_LINE}{said}", style_func=str, ending="")
            self.stderr.flush()

    def _tell(self, source: AlertImport) -> None:
        self._end_the_line()
        if source.state == AlertImportState.MAPPING:
            raise CommandError(source.trouble or "It could not be checked.")
        for refusal in source.refusals.all()[:MOST_SHOWN]:
            where = f" ({refusal.column})" if refusal.column else ""
            self.stderr.write(f"line {refusal.line}{where}: {refusal.sentence}")
        self.stdout.write(
            f"{source.reference} {source.get_state_display().lower()}: {source.rows:,} rows, {source.good:,} good, "
            f"{source.refused:,} refused, {source.known:,} on record already"
        )
        for head, line in unnamed(source.columns, source.later_heads):
            self.stdout.write(f"Nothing is taken in of {head} either, which line {line:,} is the first to have.")
        if source.state == AlertImportState.IMPORTED:
            claims = Recomputation.objects.filter(matter=source.reference).count()
            of_whom = f"{counted(source.effects.count(), 'customer')} and the figures of {counted(claims, 'claim')}"
            self.stdout.write(f"It changed the late alerts of {of_whom}.")
