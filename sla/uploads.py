"""Documents that come in: an allow-list of types, checked by size, extension, signature and content; kept under a made-up name.

Nothing is believed that the browser says of a file. What is encrypted or damaged but of an allowed type counts, and is flagged.
"""

from __future__ import annotations

import csv
import hashlib
import io
import secrets
import unicodedata
import warnings
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.files.uploadedfile import UploadedFile
from PIL import Image

from entitlements.rules.refusals import Refusal

MOST_PIXELS = 50_000_000
MOST_UNPACKED = 200 * 1024 * 1024
MOST_MEMBERS = 2_000
MOST_FILES = 50


class RefusedFile(ValueError):
    """A file that is not accepted; the message says why and what would be."""


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that passed: its shown name, its kind, its bytes and their SHA-256; `flag` says what is wrong with it all the same."""

    name: str
    kind: str
    content: bytes
    sha256: str
    flag: str = ""

    @property
    def size(self) -> int:
        return len(self.content)


def check(upload: UploadedFile) -> CheckedFile:
    """The uploaded file, checked. Raises RefusedFile with a sentence for the person who chose it."""
    name = shown_name(upload.name or "")
    if not upload.size:
        raise RefusedFile(f"{name} is empty. Choose a file that has something in it.")
    if upload.size > settings.EVIDENCE_MAX_FILE_BYTES:
        most = settings.EVIDENCE_MAX_FILE_BYTES // 1024**2
        raise RefusedFile(f"{name} is larger than {most} MB. Choose a smaller file, or split it.")
    kind = PurePosixPath(name).suffix.lower().lstrip(".").replace("jpeg", "jpg")
    if kind not in KINDS:
        raise RefusedFile(f"{name} must be {ALLOWED}.")
    content = upload.read()
    return CheckedFile(name, kind, content, hashlib.sha256(content).hexdigest(), KINDS[kind](name, content))


def keep(file: CheckedFile) -> str:
    """Write the file to the evidence store under a name of our own making; returns that name."""
    return storages["evidence"].save(f"{secrets.token_hex(16)}.bin", ContentFile(file.content))


def reason_against_another(sizes: Sequence[int], file: CheckedFile) -> Refusal | None:
    """Why a claim whose documents have these sizes cannot take one more; None if it can."""
    if len(sizes) >= MOST_FILES:
        sentence = f"A claim can have {MOST_FILES} documents, and this one has them."
    elif sum(sizes) + file.size > settings.EVIDENCE_MAX_CLAIM_BYTES:
        most = settings.EVIDENCE_MAX_CLAIM_BYTES // 1024**2
        sentence = f"The documents of a claim can have {most} MB in all, and {file.name} would go beyond that."
    else:
        return None
    return Refusal("S13", "full", sentence, "Join several documents into one, or remove one that is not needed.")


def shown_name(name: str) -> str:
    """What a file is called on pages: no folders, no control or direction signs, not too long."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(sign for sign in last if unicodedata.category(sign)[0] != "C").strip(" .")
    stem, dot, suffix = plain.rpartition(".")
    return f"{stem[:180]}{dot}{suffix[:20]}" if stem else (plain[:200] or "file")


def _pdf(name: str, content: bytes) -> str:
    if not content.startswith(b"%PDF-"):
        raise _not_what_it_says(name)
    if b"%%EOF" not in content[-2048:]:
        return "The file looks cut off."
    return "The file is encrypted." if b"/Encrypt" in content else ""


def _picture(form: str) -> Callable[[str, bytes], str]:
    def check_picture(name: str, content: bytes) -> str:
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
                raise _not_what_it_says(name) from broken
            return "The picture is damaged."
        return ""

    return check_picture


def _workbook(name: str, content: bytes) -> str:
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        return "The file is encrypted."
    if not content.startswith(b"PK\x03\x04"):
        raise _not_what_it_says(name)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            members = parts.infolist()
            if len(members) > MOST_MEMBERS or sum(one.file_size for one in members) > MOST_UNPACKED:
                raise RefusedFile(f"{name} unpacks to too much. Save it with less in it.")
            names = {one.filename for one in members}
    except zipfile.BadZipFile:
        return "The file is damaged."
    if "[Content_Types].xml" not in names or not any(one.startswith("xl/") for one in names):
        raise _not_what_it_says(name)
    if any("vbaProject" in one for one in names):
        raise RefusedFile(f"{name} contains macros. Save it without them.")
    return ""


def _table(name: str, content: bytes) -> str:
    text = _text(name, content)
    try:
        next(csv.reader(io.StringIO(text)), None)
    except csv.Error:
        return "The table cannot be read."
    return ""


def _plain(name: str, content: bytes) -> str:
    _text(name, content)
    return ""


def _text(name: str, content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as other:
        raise RefusedFile(f"{name} must be text in UTF-8. Save it with that encoding.") from other
    if "\0" in text or text.lstrip().lower().startswith(("<!doctype", "<html", "<svg", "<?xml", "<script")):
        raise _not_what_it_says(name)
    return text


def _not_what_it_says(name: str) -> RefusedFile:
    return RefusedFile(f"The content of {name} is not what its ending says. It must be {ALLOWED}.")


_SIGNATURES = {"PNG": b"\x89PNG\r\n\x1a\n", "JPEG": b"\xff\xd8\xff"}
KINDS: Mapping[str, Callable[[str, bytes], str]] = {
    "pdf": _pdf,
    "png": _picture("PNG"),
    "jpg": _picture("JPEG"),
    "csv": _table,
    "txt": _plain,
    "xlsx": _workbook,
}
ALLOWED = "a PDF, PNG, JPEG, CSV, TXT or XLSX"
