"""What the doorbell does for letters. The rows are in the database; a task only looks."""

from __future__ import annotations

import structlog
from celery import shared_task
from django.conf import settings

from entitlements import notices
from entitlements.actions.reports import note_report
from entitlements.clock import database_now, ticking
from entitlements.delivery_reports import reports_in
from entitlements.mailboxes import unread

log = structlog.get_logger(__name__)


@shared_task
def send_letters() -> int:
    """T2: send what is due; what a turn leaves, the next ring sends. Returns how many letters were dealt with."""
    return notices.send_all(clock=ticking())


@shared_task
def read_bounces() -> dict[str, int]:
    """T2: note what the mailbox of BOUNCES_URL has to report of our letters; what is no report is marked as read and left to people.

    Returns how many reports were of a letter of ours, how many of none, and how many messages were no reports.
    """
    read = {"reports": 0, "of no letter": 0, "no reports": 0}
    for raw, mark_as_read in unread(settings.BOUNCES_URL) if settings.BOUNCES_URL else ():
        reports = reports_in(raw)
        read["no reports"] += not reports
        for report in reports:
            letter = note_report(report=report, by=None, now=database_now())
            read["reports" if letter else "of no letter"] += 1
        mark_as_read()
    log.info("bounces_read", **read)
    return read
