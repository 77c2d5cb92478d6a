"""A file of alert logs is kept as it came, under a name of our own, before anything of it is believed."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from pathlib import PurePosixPath

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import storages

from entitlements.uploads import RefusedFile, not_what_it_says, shown_name
from sla.actions.alerts import KeptFile
from sla.models import AlertImport

MOST_BYTES = 16 * 1024**3
"""Of a file that is imported by the command; by the page as much as a request may bring."""

KINDS = {
    "csv": AlertImport.Kind.CSV,
    "jsonl": AlertImport.Kind.JSONL,
    "ndjson": AlertImport.Kind.JSONL,
    "parquet": AlertImport.Kind.PARQUET,
}
ALLOWED = "CSV or JSON Lines (.jsonl), also compressed by gzip (.csv.gz), or Parquet"
_GZIP, _PARQUET = b"\x1f\x8b", b"PAR1"


class _Hashed(File):
    """A file whose bytes are counted and hashed while the store takes them."""

    def __init__(self, file: File) -> None:
        super().__init__(file.file)
        self.sha256, self.taken = hashlib.sha256(), 0

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        for chunk in super().chunks(1024 * 1024):
            self.sha256.update(chunk)
            self.taken += len(chunk)
            yield chunk


def most_bytes_by_page() -> int:
    return int(settings.EVIDENCE_MAX_CLAIM_BYTES)


def keep(file: File, name: str, *, most_bytes: int) -> KeptFile:
    """Check what the file says it is, and keep it. Raises RefusedFile with a sentence for whoever handed it in."""
    name = shown_name(name)
    endings = [one.lstrip(".").lower() for one in PurePosixPath(name).suffixes[-2:]]
    packed = endings[-1:] == ["gz"]
    kind = KINDS.get("".join(endings[-2:-1] if packed else endings[-1:]))
    if kind is None or (packed and kind == AlertImport.Kind.PARQUET):
        raise RefusedFile(f"{name} must be {ALLOWED}.")
    if not file.size:
        raise RefusedFile(f"{name} is empty. Choose a file that has something in it.")
    if file.size > most_bytes:
        raise RefusedFile(
            f"{name} is larger than {most_bytes // 1024**2:,} MB. Compress it by gzip, split it, or use the command."
        )
    start = file.read(4)
    file.seek(0)
    if packed != start.startswith(_GZIP) or (kind == AlertImport.Kind.PARQUET) != (start == _PARQUET):
        raise not_what_it_says(name)
    hashed = _Hashed(file)
    stored_as = storages["evidence"].save(f"{secrets.token_hex(16)}.bin", hashed)
    return KeptFile(name, kind, packed, hashed.taken, hashed.sha256.hexdigest(), stored_as)


def throw_away(kept: KeptFile) -> None:
    """Of a file that the list of imports does not take."""
    storages["evidence"].delete(kept.stored_as)
