from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from entitlements.seals import Head, kept_heads, verify


class Command(BaseCommand):
    help = "Look at every line of the event log and every seal of it; names the first that was touched (P22)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--head",
            action="append",
            default=[],
            metavar="NUMBER:DIGEST",
            help="A head that was kept outside the database: in the application's log, or a letter. SEALS_FILE is read by itself.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            given = [Head.read(one) for one in options["head"]]
        except ValueError as error:
            raise CommandError("--head wants a number and a digest, such as 12:3f2a…") from error
        found = verify([*kept_heads(), *given])
        if found.trouble:
            raise CommandError(f"{found.trouble} {found.lines} lines before it are as they were sealed.")
        if found.head is None:
            self.stdout.write("Nothing is under seal yet: the clock seals, or manage.py sweep.")
            return
        self.stdout.write(f"All {found.lines} lines under {found.head.number} seals are as they were sealed.")
        self.stdout.write(f"head {found.head.number}:{found.head.digest}")
