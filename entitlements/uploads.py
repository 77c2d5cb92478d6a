"""Files that come in: checked by size, ending, signature and content before anything is believed; kept under a made-up name.

Nothing is believed that the browser says of a file. What a kind of file has to look like is said by whoever takes it.
"""

from __future__ import annotations

import hashlib
import io
import secrets
import unicodedata
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.files.uploadedfile import UploadedFile

MOST_UNPACKED = 200 * 1024 * 1024
MOST_MEMBERS = 2_000
_A_LINK, _ENCRYPTED = 0o12, 0x1
"""Of a member of an archive: the file type of a symbolic link, and the bit that says it is encrypted."""


class RefusedFile(ValueError):
    """A file that is not accepted; the message says why and what would be."""


Check = Callable[[str, bytes], str]
"""The name and the content of a file; what is wrong with it all the same. Raises RefusedFile."""


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that passed: its shown name, its kind, its bytes and their SHA-256; `flag` says what is wrong with it all the same,
    `scan` what a virus scanner has said of it, if one was asked."""

    name: str
    kind: str
    content: bytes
    sha256: str
    flag: str = ""
    scan: str = "unscanned"

    @property
    def size(self) -> int:
        return len(self.content)


def check(upload: UploadedFile, kinds: Mapping[str, Check], *, allowed: str, most_bytes: int) -> CheckedFile:
    """The uploaded file, checked as one of the kinds (by ending). Raises RefusedFile with a sentence for the person who chose it."""
    name = shown_name(upload.name or "")
    if not upload.size:
        raise RefusedFile(f"{name} is empty. Choose a file that has something in it.")
    if upload.size > most_bytes:
        raise RefusedFile(f"{name} is larger than {most_bytes // 1024**2} MB. Choose a smaller file, or split it.")
    kind = PurePosixPath(name).suffix.lower().lstrip(".").replace("jpeg", "jpg")
    if kind not in kinds:
        raise RefusedFile(f"{name} must be {allowed}.")
    content = upload.read()
    return CheckedFile(name, kind, content, hashlib.sha256(content).hexdigest(), kinds[kind](name, content))


def keep(file: CheckedFile) -> str:
    """Write the file to the evidence store under a name of our own making; returns that name."""
    return storages["evidence"].save(f"{secrets.token_hex(16)}.bin", ContentFile(file.content))


def shown_name(name: str) -> str:
    """What a file is called on pages: no folders, no control or direction signs, not too long."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(sign for sign in last if unicodedata.category(sign)[0] != "C").strip(" .")
    stem, dot, suffix = plain.rpartition(".")
    return f"{stem[:180]}{dot}{suffix[:20]}" if stem else (plain[:200] or "file")


def workbook(name: str, content: bytes) -> str:
    """An XLSX without macros that does not unpack to too much."""
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        return "The file is encrypted."
    if not content.startswith(b"PK\x03\x04"):
        raise not_what_it_says(name)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            members = parts.infolist()
    except Exception:  # zipfile raises many kinds for what somebody made to break it
        return "The file is damaged."
    if len(members) > MOST_MEMBERS or sum(one.file_size for one in members) > MOST_UNPACKED:
        raise RefusedFile(f"{name} unpacks to too much. Save it with less in it.")
    if any(one.external_attr >> 28 == _A_LINK for one in members):
        raise RefusedFile(f"{name} contains links to other files. Save it anew as a workbook.")
    if any(one.flag_bits & _ENCRYPTED for one in members):
        return "The file is encrypted."
    names = {one.filename for one in members}
    if "[Content_Types].xml" not in names or not any(one.startswith("xl/") for one in names):
        raise not_what_it_says(name)
    if any("vbaProject" in one for one in names):
        raise RefusedFile(f"{name} contains macros. Save it without them.")
    return ""


def text_of(name: str, content: bytes) -> str:
    """The text of a file in UTF-8, with or without a byte order mark, that is no page or picture."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as other:
        raise RefusedFile(f"{name} must be text in UTF-8. Save it with that encoding.") from other
    if "\0" in text or text.lstrip().lower().startswith(("<!doctype", "<html", "<svg", "<?xml", "<script")):
        raise not_what_it_says(name)
    return text


def not_what_it_says(name: str) -> RefusedFile:
    return RefusedFile(f"The content of {name} is not what its ending says. Save it anew as what it is.")
