"""The Celery app and the whole timetable: one line per job, with the clause that it serves.

A job asks the database what is due by now; a ring that is missed is made good by the next one, and a ring that waited
longer than `expires` is dropped, so that a worker that wakes finds no backlog.
"""

import os
from typing import Any

from celery import Celery
from celery.schedules import schedule
from celery.signals import setup_logging, task_prerun

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("makegood")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def every(seconds: int, task: str) -> dict[str, Any]:
    return {"task": task, "schedule": schedule(seconds), "options": {"expires": seconds}}


app.conf.beat_schedule = {
    "sweep": every(60, "sla.tasks.sweep"),  # E5 E7 S9 S13: what is due by now lapses, opens, expires
    "managers": every(60, "sla.tasks.tell_managers"),  # T1 T3: alarms, what was missed, the letter of the morning
    "alert logs": every(15, "sla.tasks.import_alerts"),  # S4: files that were handed in are checked and imported
    "books": every(60, "sla.tasks.keep_books"),  # S19: the log comes under seal, and once a day the ledger is proved
    "scans": every(60, "sla.tasks.scan_documents"),  # S13: what the scanner had no answer for is asked again
    "comparison": every(3600, "sla.tasks.compare"),  # T3: once a day, what was done beside what should have been
    "letters": every(30, "entitlements.tasks.send_letters"),  # T2: letters are rows first, then sent
    "bounces": every(120, "entitlements.tasks.read_bounces"),  # T2: what came back
}


@setup_logging.connect
def keep_djangos_logging(**kwargs: Any) -> None:
    """Connected so that Celery leaves the logging to the settings."""


@task_prerun.connect
def drop_dead_connections(**kwargs: Any) -> None:
    """With CELERY_DB_REUSE_MAX alone, a connection that PostgreSQL closed would be used for ever."""
    from django.db import close_old_connections

    close_old_connections()
