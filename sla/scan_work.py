"""The documents that wait for their scan, asked about one by one (P29)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sla.actions.scans import note_scan
from sla.models import Evidence
from sla.scanning import answers, scan
from sla.uploads import NotAsReceived, content_of

AT_ONCE = 200


def scan_what_waits(*, clock: Callable[[], datetime]) -> int:
    """Ask the scanner about what waits, the oldest first, until it is dead. How many have their verdict now.

    One about which it says nothing, or which is gone, holds up none of those behind it.
    """
    waiting = Evidence.objects.filter(scan=Evidence.Scan.WAITING, removed_at__isnull=True).select_related("claim")
    done = 0
    for file in waiting.order_by("uploaded_at", "id").iterator():
        try:
            verdict = scan(content_of(file.stored_as, file.sha256))
        except NotAsReceived:
            continue  # logged; its download says so
        if verdict != Evidence.Scan.WAITING:
            done += note_scan(evidence=file, verdict=verdict, by=None, now=clock())
        elif not answers():
            break
        if done == AT_ONCE:
            break
    return done
