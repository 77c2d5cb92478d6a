"""Documents that come in: an allow-list of types, checked by size, extension, signature and content; kept under a made-up name.

Nothing is believed that the browser says of a file. What is encrypted or damaged but of an allowed type counts, and is flagged.
"""

from __future__ import annotations

import csv
import hashlib
import io
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import structlog
from django.conf import settings
from django.core.files.storage import storages
from django.core.files.uploadedfile import UploadedFile

from entitlements import uploads
from entitlements.rules.refusals import Refusal
from entitlements.uploads import (
    Check,
    CheckedFile,
    RefusedFile,
    keep,
    not_what_it_says,
    text_of,
    workbook,
)
from sla.models import Evidence
from sla.scanning import scan

log = structlog.get_logger(__name__)
MOST_PIXELS = 50_000_000
MOST_FILES = 50
__all__ = [
    "ALLOWED",
    "MOST_FILES",
    "CheckedFile",
    "RefusedFile",
    "check",
    "content_of",
    "keep",
    "reason_against_another",
    "refuse_a_virus",
]


class NotAsReceived(Exception):
    """The kept file is gone, or not the one whose hash is on record."""


def check(upload: UploadedFile) -> CheckedFile:
    """The uploaded document, checked and scanned. Raises RefusedFile with a sentence for the person who chose it."""
    file = uploads.check(upload, KINDS, allowed=ALLOWED, most_bytes=settings.EVIDENCE_MAX_FILE_BYTES)
    return replace(file, scan=refuse_a_virus(file))


def refuse_a_virus(file: CheckedFile) -> str:
    """What the scanner says of a checked file, if there is one. Raises RefusedFile for one with a virus."""
    found = scan(file.content)
    if found == Evidence.Scan.REFUSED:
        raise RefusedFile(f"{file.name} contains a virus. Choose another file, or clean this one.")
    return found


def content_of(stored_as: str, sha256: str) -> bytes:
    """The kept bytes, as they were received (M5.7). Raises NotAsReceived if they are not there, or are others by now."""
    try:
        with storages["evidence"].open(stored_as) as kept:
            content: bytes = kept.read()
    except OSError as gone:
        log.error("evidence_gone", stored_as=stored_as)
        raise NotAsReceived from gone
    if hashlib.sha256(content).hexdigest() != sha256:
        log.error("evidence_differs", stored_as=stored_as)
        raise NotAsReceived
    return content


def reason_against_another(sizes: Sequence[int], file: CheckedFile, *, of_customer: int = 0) -> Refusal | None:
    """Why a claim whose documents have these sizes cannot take one more; None if it can. `of_customer`: the bytes of all their claims."""
    if of_customer + file.size > settings.EVIDENCE_MAX_CUSTOMER_BYTES:
        most = settings.EVIDENCE_MAX_CUSTOMER_BYTES // 1024**3
        sentence = f"All documents of your claims can have {most} GB together, and {file.name} would go beyond that."
        return Refusal(
            "S13", "all_full", sentence, "Write to us; we make room, and your time to claim is not affected."
        )
    if len(sizes) >= MOST_FILES:
        sentence = f"A claim can have {MOST_FILES} documents, and this one has them."
    elif sum(sizes) + file.size > settings.EVIDENCE_MAX_CLAIM_BYTES:
        most = settings.EVIDENCE_MAX_CLAIM_BYTES // 1024**2
        sentence = f"The documents of a claim can have {most} MB in all, and {file.name} would go beyond that."
    else:
        return None
    return Refusal("S13", "full", sentence, "Join several documents into one, or remove one that is not needed.")


def _pdf(name: str, content: bytes) -> str:
    if not content.startswith(b"%PDF-"):
        raise not_what_it_says(name)
    if b"%%EOF" not in content[-2048:]:
        return "The file looks cut off."
    return "The file is encrypted." if b"/Encrypt" in content else ""


def _picture(form: str) -> Callable[[str, bytes], str]:
    def check_picture(name: str, content: bytes) -> str:
        from PIL import Image  # here, since every process imports this module (decision 015)

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", Image.DecompressionBombWarning)
                with Image.open(io.BytesIO(content), formats=[form]) as picture:
                    if picture.width * picture.height > MOST_PIXELS:
                        raise RefusedFile(f"{name} has too many pixels. Save it smaller.")
                    picture.verify()
        except RefusedFile:
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
            raise RefusedFile(f"{name} has too many pixels. Save it smaller.") from bomb
        except Exception as broken:  # Pillow raises many kinds for a broken file
            if not content.startswith(_SIGNATURES[form]):
                raise not_what_it_says(name) from broken
            return "The picture is damaged."
        return ""

    return check_picture


def _table(name: str, content: bytes) -> str:
    text = text_of(name, content)
    try:
        next(csv.reader(io.StringIO(text)), None)
    except csv.Error:
        return "The table cannot be read."
    return ""


def _plain(name: str, content: bytes) -> str:
    text_of(name, content)
    return ""


_SIGNATURES = {"PNG": b"\x89PNG\r\n\x1a\n", "JPEG": b"\xff\xd8\xff"}
KINDS: Mapping[str, Check] = {
    "pdf": _pdf,
    "png": _picture("PNG"),
    "jpg": _picture("JPEG"),
    "csv": _table,
    "txt": _plain,
    "xlsx": workbook,
}
ALLOWED = "a PDF, PNG, JPEG, CSV, TXT or XLSX"
