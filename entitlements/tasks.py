"""What the doorbell does for letters. The rows are in the database; a task only looks."""

from __future__ import annotations

from celery import shared_task

from entitlements import notices
from entitlements.clock import database_now


@shared_task
def send_letters() -> int:
    """T2: send what is due, batch by batch, until nothing is. Returns how many letters were dealt with."""
    sent = 0
    while batch := notices.send_due(clock=database_now):
        sent += batch
    return sent
