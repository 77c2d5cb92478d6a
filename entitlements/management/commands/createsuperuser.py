"""manage.py createsuperuser: not here. Django's own would let somebody work at the desk without a line in the log."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Not offered: manage.py staff lets somebody work at the desk, and says so in the event log."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--noinput", "--no-input", action="store_true", help="Taken, and refused all the same.")

    def handle(self, **options: Any) -> None:
        raise CommandError(
            "Use: manage.py staff ADDRESS --name NAME [--approver]. It is logged, and gives no other rights."
        )
