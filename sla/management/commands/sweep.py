from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from entitlements import alarms, notices, pages_watched
from entitlements.actions.standstills import note_standstill
from entitlements.clock import database_now, ticking
from entitlements.models import Letter
from entitlements.seals import seal_log
from sla.actions.reconciling import reconcile_once_a_day
from sla.digest import write_digests
from sla.ended_windows import ended_between, ended_meanwhile
from sla.proofs import prove
from sla.sweep import sweep, what_is_due

APART = timedelta(hours=3)
"""Less than the last reminder comes before its deadline (T1)."""

log = structlog.get_logger(__name__)


def _seal(*, now: datetime) -> None:
    seal_log()


class Command(BaseCommand):
    help = "Do what is due by now, and send the letters: what Celery's beat rings for, without Celery (T3)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--as-of",
            metavar="INSTANT",
            help="In the demo only: act for a later instant, such as 2026-12-09T12:00Z, to watch the days pass.",
        )

        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="Only say how many matters are due, and do nothing: after a restore, for one.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = database_now()
        if options["dry_run"]:
            self._say_what_is_due(now)
            return
        as_of = self._as_of(options["as_of"], now)
        clock = (lambda: as_of) if as_of else ticking()
        if not as_of:
            note_standstill(windows=ended_between, now=now)
        on_the_way = 0
        for at in _on_the_way(now, as_of) if as_of else ():
            sweep(now=database_now(), application_now=datetime.now(UTC), as_of=at)
            on_the_way += notices.send_all(clock=partial(_at, at))
        try:
            run = sweep(now=database_now() if as_of else now, application_now=datetime.now(UTC), as_of=as_of)
        finally:
            sent = notices.send_all(clock=clock)
        troubles = [run.alarm] if run.alarm else []
        if not as_of:
            troubles += self._tell_managers(now)
            sent += notices.send_all(clock=clock)
        for name, number in run.done.items():
            if number:
                self.stdout.write(f"{name}: {number}")
        for name, number in run.left.items():
            self.stdout.write(f"{name}: {number} left for the next turn")
        self.stdout.write(f"as of {run.as_of:%Y-%m-%d %H:%M:%S} UTC; letters dealt with: {on_the_way + sent}")
        if troubles:
            raise CommandError(" ".join(troubles))

    def _say_what_is_due(self, now: datetime) -> None:
        for name, number in what_is_due(now).items():
            self.stdout.write(f"{name}: {number} due")
        self.stdout.write(f"{Letter.objects.due(now).count()} letters to be sent; nothing was done")

    def _tell_managers(self, now: datetime) -> Iterator[str]:
        """Whether the pages answer, the comparison of the day, alarms, and the letters of the morning; what went wrong with one of them."""
        for tell in (_look_at_the_pages, reconcile_once_a_day, _seal, prove, alarms.watch, write_digests):
            try:
                tell(now=now)
            except Exception as error:
                log.exception("not_watched_or_told", by=tell.__name__)
                yield f"{tell.__name__} failed: {error!r}."

    def _as_of(self, text: str | None, now: datetime) -> datetime | None:
        if text is None:
            return None
        if not settings.DEMO:
            raise CommandError("--as-of is for the demo: in earnest the clock is the database's.")
        try:
            instant = datetime.fromisoformat(text)
        except ValueError as error:
            raise CommandError("--as-of wants an instant such as 2026-12-09T12:00Z") from error
        instant = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
        if instant < now:
            raise CommandError("--as-of must not lie before now: what has happened stays.")
        return instant


def _on_the_way(now: datetime, as_of: datetime) -> Iterator[datetime]:
    """The turns of a demo between now and a later day, so that what is due on the way, a reminder for one, comes in its time."""
    while (now := now + APART) < as_of:
        yield now


def _at(at: datetime) -> datetime:
    return at


def _look_at_the_pages(*, now: datetime) -> None:
    pages_watched.look(windows=ended_meanwhile, now=now)
