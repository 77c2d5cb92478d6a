from __future__ import annotations

from typing import Any

from django.core.management.commands.migrate import Command as Migrate

from config.migrating import one_model_at_a_time


class Command(Migrate):
    """Django's own. Each migration is a transaction that holds the locks it has taken; most of its time was rendering models (P25)."""

    def handle(self, *args: Any, **options: Any) -> None:
        with one_model_at_a_time():
            super().handle(*args, **options)
