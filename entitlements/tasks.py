"""What the doorbell does for letters. The rows are in the database; a task only looks."""

from __future__ import annotations

from collections import Counter

import structlog
from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import InterfaceError, OperationalError

from entitlements import notices
from entitlements.actions.reports import note_report
from entitlements.clock import database_now, ticking
from entitlements.delivery_reports import reports_in
from entitlements.mailboxes import unread

OF_THE_MOMENT = (OperationalError, InterfaceError, SoftTimeLimitExceeded)
"""What says nothing against the message that was being read: it and the rest are read at the next ring."""

log = structlog.get_logger(__name__)


@shared_task
def send_letters() -> int:
    """T2: send what is due; what a turn leaves, the next ring sends. Returns how many letters were dealt with."""
    return notices.send_all(clock=ticking())


@shared_task
def read_bounces() -> dict[str, int]:
    """T2: note what the mailbox of BOUNCES_URL has to report of our letters; what is no report is marked as read and left to people.

    One that cannot be noted is put aside, so that it is met once and the rest are read. Returns how many reports were of a letter of
    ours, how many of none, how many messages were no reports, and how many were put aside. What is `OF_THE_MOMENT` is raised.
    """
    read = Counter({"reports": 0, "of no letter": 0, "no reports": 0, "put aside": 0})
    for message in unread(settings.BOUNCES_URL) if settings.BOUNCES_URL else ():
        try:
            read.update(_note(message.raw))
        except OF_THE_MOMENT:
            raise
        except Exception as error:
            message.put_aside()
            read["put aside"] += 1
            log.error("report_put_aside", error=type(error).__name__)
        else:
            message.mark_as_read()
    log.info("bounces_read", **read)
    return dict(read)


def _note(raw: bytes) -> list[str]:
    """What each report in a message was."""
    letters = [note_report(report=report, by=None, now=database_now()) for report in reports_in(raw)]
    return ["reports" if letter else "of no letter" for letter in letters] or ["no reports"]
