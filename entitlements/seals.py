"""P22, M10: the event log under seal, batch by batch, in a chain; and whether all of it still is as it was sealed.

Sealing reads and adds one row: whoever writes to the log waits for nothing. The head of the chain is also told outside the database,
in the application's own log and in the file SEALS_FILE, so that an end that was cut off is seen too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import structlog
from django.conf import settings
from django.db import connection, transaction

from entitlements.models import EventSeal

MOST = 10_000
"""Lines in one batch: so many are held at once."""

DIGEST = 32
log = structlog.get_logger(__name__)

# Instants as of UTC, whatever the session's zone. Everything that a line says is in its digest.
OF_A_LINE = """
    sha256(convert_to(jsonb_build_array(event.id, event.recorded_at AT TIME ZONE 'UTC', event.happened_at AT TIME ZONE 'UTC', event.verb,
        event.matter, event.actor_id, event.note, event.part_of_id, event."table", event.row_id, event.changes, event.database_role,
        event.sweep, event.transaction)::text, 'UTF8'))
"""
_LINES = f"SELECT id, {OF_A_LINE} FROM entitlements_event AS event WHERE id > %s AND id <= %s ORDER BY id LIMIT %s"  # noqa: S608
_HOW_FAR = """
    SELECT last_value, txid_snapshot_xmin(now), txid_snapshot_xmax(now)
      FROM entitlements_event_id_seq, txid_current_snapshot() AS now
"""

Line = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain at some time: how many seals there were, and the digest of the last."""

    number: int
    digest: str

    def __str__(self) -> str:
        return f"{self.number} {self.digest}"

    @classmethod
    def read(cls, text: str) -> Head:
        """From `12 3f2a…`, or with a colon in between. Raises ValueError."""
        number, digest = text.replace(":", " ").split()[:2]
        return cls(int(number), digest.lower())


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found of the log: `trouble` names the first thing that is not as it was sealed; empty: nothing."""

    trouble: str
    lines: int
    head: Head | None


def seal_log() -> int:
    """P22: seal what is finished: every line that was begun when the last batch was sealed, once all transactions of then have ended.
    Rung twice, or by two at once, it is the same. How many lines came under seal."""
    sealed = 0
    while (seal := _seal_next()) is not None:
        sealed += len(seal.ids)
        head = Head(EventSeal.objects.count(), seal.digest)
        log.info("event_log_sealed", seal=head.number, head=head.digest, lines=len(seal.ids))
        _tell_outside(head)
        if len(seal.ids) < MOST:
            break
    return sealed


def verify(known: Iterable[Head] = ()) -> Verdict:
    """P22: look at every seal and every line under one, in order; `known` are heads that were kept outside the database."""
    kept = {head.number: head.digest for head in known}
    before, sealed_to, lines, number = "", 0, 0, 0
    for number, seal in enumerate(EventSeal.objects.order_by("id").iterator(chunk_size=10), start=1):
        head = Head(number, seal.digest)
        whole = len(seal.digests) == DIGEST * len(seal.ids)
        if not whole or seal.before != before or seal.digest != _digest(before, _sealed(seal), seal.sealed_to):
            return Verdict(f"Seal {number} is not as it was made.", lines, head)
        if kept.pop(number, seal.digest) != seal.digest:
            return Verdict(f"Seal {number} was made anew: the head that was kept outside is another.", lines, head)
        if trouble := _first_touched(_sealed(seal), _lines(sealed_to, seal.sealed_to)):
            return Verdict(trouble, lines, head)
        before, sealed_to, lines = seal.digest, seal.sealed_to, lines + len(seal.ids)
    if kept:
        missing = min(kept)
        return Verdict(f"The end of the log is cut off: seal {missing} was made, and is not there.", lines, None)
    return Verdict("", lines, Head(number, before) if number else None)


def digest_of(line: int) -> str:
    """What a line's digest is today, in hexadecimal signs; empty where there is no such line."""
    found = _lines(line - 1, line)
    return found[0][1].hex() if found else ""


def kept_heads() -> list[Head]:
    """The heads that the file outside the database has; none where no file is set, or there is none yet."""
    file = Path(settings.SEALS_FILE) if settings.SEALS_FILE else None
    if file is None or not file.exists():
        return []
    return [Head.read(line) for line in file.read_text().splitlines() if line.strip()]


@transaction.atomic
def _seal_next() -> EventSeal | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('makegood.seals'))")
        cursor.execute(_HOW_FAR)
        seen, oldest, following = cursor.fetchone()
    last = EventSeal.objects.order_by("id").last()
    if last is None:
        return _made([], "", 0, seen, following)
    # A snapshot older than the mark: the database was restored elsewhere, and nothing of before is under way.
    if oldest < last.seen_transaction <= following or seen == last.seen_id == last.sealed_to:
        return None
    lines = _lines(last.sealed_to, last.seen_id, MOST)
    if len(lines) == MOST:
        return _made(lines, last.digest, lines[-1][0], last.seen_id, last.seen_transaction)
    return _made(lines, last.digest, last.seen_id, seen, following)


def _made(lines: list[Line], before: str, sealed_to: int, seen: int, transaction_then: int) -> EventSeal:
    return EventSeal.objects.create(
        ids=[key for key, _ in lines],
        digests=b"".join(digest for _, digest in lines),
        before=before,
        digest=_digest(before, lines, sealed_to),
        sealed_to=sealed_to,
        seen_id=seen,
        seen_transaction=transaction_then,
    )


def _lines(after: int, to: int, most: int | None = None) -> list[Line]:
    with connection.cursor() as cursor:
        cursor.execute(_LINES, [after, to, most])
        return [(key, bytes(digest)) for key, digest in cursor.fetchall()]


def _sealed(seal: EventSeal) -> list[Line]:
    digests = bytes(seal.digests)
    return [(key, digests[n * DIGEST : (n + 1) * DIGEST]) for n, key in enumerate(seal.ids)]


def _digest(before: str, lines: Iterable[Line], sealed_to: int) -> str:
    made = hashlib.sha256(f"{before} {sealed_to}".encode())
    for key, digest in lines:
        made.update(key.to_bytes(8, "big") + digest)
    return made.hexdigest()


def _first_touched(sealed: Iterable[Line], there: Iterable[Line]) -> str:
    """The first line that is not as it was sealed, in a sentence; empty if all are."""
    return next(_touched(dict(sealed), dict(there)), "")


def _touched(sealed: dict[int, bytes], there: dict[int, bytes]) -> Iterator[str]:
    for key in sorted(sealed.keys() | there.keys()):
        if key not in there:
            yield f"Line {key} was taken away."
        elif key not in sealed:
            yield f"Line {key} was put in after its neighbours had been sealed."
        elif sealed[key] != there[key]:
            yield f"Line {key} was changed."


def _tell_outside(head: Head) -> None:
    if not settings.SEALS_FILE:
        return
    with Path(settings.SEALS_FILE).open("a") as file:
        file.write(f"{head}\n")
