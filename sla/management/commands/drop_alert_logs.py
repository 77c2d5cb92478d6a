from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError

from entitlements.clock import database_now
from entitlements.rules.days import add_months
from sla.actions.alerts import let_month_go, why_month_stays
from sla.models import AlertPart


class Command(BaseCommand):
    help = "Let old months of alert logs go, each as a whole (V55). Says which; with --now it does. What a claim rests on stays."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--keep", type=int, required=True, metavar="MONTHS", help="Full months to keep before this one."
        )
        parser.add_argument("--now", action="store_true", help="Drop them; without it they are only named.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["keep"] < 1:
            raise CommandError("--keep wants at least one month.")
        now = database_now()
        oldest = add_months(now.date().replace(day=1), -options["keep"])
        for month in _older_than(oldest):
            if not options["now"]:
                held = why_month_stays(month)
                self.stdout.write(f"{month:%Y-%m} {f'would stay: {held}' if held else 'would go'}")
                continue
            try:
                let_month_go(month=month, by=None, now=now)
                self.stdout.write(f"{month:%Y-%m} is gone")
            except IntegrityError as held:
                self.stdout.write(f"{month:%Y-%m} stays: {str(held).splitlines()[0]}")


def _older_than(oldest: date) -> list[date]:
    parts = AlertPart.objects.filter(month__lt=oldest, dropped_at=None, source__state="imported")
    return list(parts.order_by("month").values_list("month", flat=True).distinct())
