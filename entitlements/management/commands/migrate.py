from __future__ import annotations

from typing import Any

from django.core.management.commands.migrate import Command as Migrate

from config.migrating import all_locks_or_none, one_model_at_a_time


class Command(Migrate):
    """Django's own, but for how it takes locks, and how long it holds them (P25)."""

    def handle(self, *args: Any, **options: Any) -> None:
        with one_model_at_a_time(), all_locks_or_none():
            super().handle(*args, **options)
