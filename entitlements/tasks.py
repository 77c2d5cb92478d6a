"""What the doorbell does for letters. The rows are in the database; a task only looks."""

from __future__ import annotations

from celery import shared_task

from entitlements import notices
from entitlements.clock import ticking


@shared_task
def send_letters() -> int:
    """T2: send what is due; what a turn leaves, the next ring sends. Returns how many letters were dealt with."""
    return notices.send_all(clock=ticking())
