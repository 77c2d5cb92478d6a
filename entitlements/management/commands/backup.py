from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from entitlements import backups
from entitlements.clock import database_now

MOST_NAMED = 20


class Command(BaseCommand):
    help = "Keep the database and the files that it names in a folder, while everybody works; or compare them with it (P24)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument(
            "--compare",
            action="store_true",
            help="After both were brought back, before anything is started: is each row and each file what it was?",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        begun = monotonic()
        try:
            said = self._compare(options["folder"]) if options["compare"] else self._take(options["folder"])
        except backups.Failed as failed:
            raise CommandError(str(failed)) from failed
        self.stdout.write(f"{said} {monotonic() - begun:.1f} s.")

    def _take(self, folder: Path) -> str:
        kept = backups.take(folder, now=database_now())
        size = (folder / backups.DUMP).stat().st_size / 1024**2
        return f"{kept.rows:,} rows of {len(kept.tables)} tables ({size:.1f} MB) and {len(kept.files):,} files are in {folder}."

    def _compare(self, folder: Path) -> str:
        if found := backups.differences(folder):
            more = [f"And {len(found) - MOST_NAMED} more."] if len(found) > MOST_NAMED else []
            raise CommandError("\n".join([*found[:MOST_NAMED], *more]))
        return "Every row and every file is as it was."
