from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from entitlements.tasks import read_bounces


class Command(BaseCommand):
    help = "Read the reports that came back to BOUNCES_URL, and note each with its letter: what Celery's beat rings for (T2)."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            read = read_bounces()
        except (OSError, ValueError) as error:
            raise CommandError(f"The mailbox of BOUNCES_URL cannot be read: {error}") from error
        self.stdout.write(", ".join(f"{name}: {number}" for name, number in read.items()))
