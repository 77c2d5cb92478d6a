from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from entitlements.clock import database_now
from sla import demo


class Command(BaseCommand):
    help = "Load the demo's invented customers and their last weeks. Loaded once, it does nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("The demo's people are for the demo: set DEMO=1, as make run does.")
        if demo.is_loaded():
            self.stdout.write("The demo's data is there already.")
            return
        cast = demo.load(now=database_now())
        self.stdout.write(f"Loaded {len(cast.contracts)} customers and their last weeks.")
