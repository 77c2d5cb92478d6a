"""What the clock could not do stands aside, so that it stops nothing else, until its pause is over or somebody releases it (P19)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.models import Quarantine, User
from entitlements.rules.refusals import Refusal

FIRST_PAUSE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(days=1)

OVER = Refusal("T3", "over", "It was done meanwhile, or is due no more.", "Nothing is left to be released.")


def pause_after(tries: int) -> timedelta:
    """How long something is left alone that failed so many times (from 1): twice as long each time, a day at most."""
    return min(FIRST_PAUSE * 2 ** min(tries - 1, 20), LONGEST_PAUSE)


@transaction.atomic
def put_in_quarantine(*, job: str, row: int, matter: str, error: str, by: User | None, now: datetime) -> Quarantine:
    """P19: note that a row of a job failed at `now` (UTC), once more or for the first time, and when it is tried again."""
    record("quarantine.entered", matter=matter, by=by, now=now, note=f"{job}: {error}")
    first = Quarantine(job=job, row=row, matter=matter, first_seen_at=now, last_seen_at=now, try_again_at=now, tries=0)
    Quarantine.objects.bulk_create([first], ignore_conflicts=True)  # another turn may note the same at this moment
    entry = Quarantine.objects.standing().select_for_update().get(job=job, row=row)
    entry.tries += 1
    entry.last_seen_at, entry.error = now, error
    entry.try_again_at = now + pause_after(entry.tries)
    entry.save()
    return entry


@transaction.atomic
def release_from_quarantine(*, entry: Quarantine, reason: str, by: User, now: datetime) -> Quarantine:
    """P19: the next turn of the clock tries it again, whatever its pause. Refused if it is over by now."""
    current = Quarantine.objects.select_for_update().get(pk=entry.pk)
    if current.ended_at:
        raise Refused(OVER)
    record("quarantine.released", matter=current.matter, by=by, now=now, note=f"{current.job}: {reason}")
    current.try_again_at = now
    current.released_at, current.released_by, current.release_reason = now, by, reason
    current.save()
    return current


@transaction.atomic
def end_quarantine(*, jobs: Mapping[str, QuerySet[Any]], by: User | None, now: datetime) -> None:
    """P19: of jobs that have just been worked off at `now`, each with what is still due of it: what is due no more is over.

    So is what somebody settled by hand before its pause was over. What was only held by somebody at that moment is still due, and stays.
    """
    entries = list(Quarantine.objects.standing().filter(job__in=jobs).select_for_update(skip_locked=True))
    rows = {job: [entry.row for entry in entries if entry.job == job] for job in {entry.job for entry in entries}}
    due = {job: set(jobs[job].filter(pk__in=keys).values_list("pk", flat=True)) for job, keys in rows.items()}
    for entry in entries:
        if entry.row in due[entry.job]:
            continue
        record("quarantine.ended", matter=entry.matter, by=by, now=now, note=entry.job)
        entry.ended_at = now
        entry.save()
