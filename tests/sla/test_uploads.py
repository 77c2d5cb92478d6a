from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable
from functools import cache

import pytest
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from config.uploads import RefuseGiants
from entitlements.uploads import MOST_MEMBERS, MOST_UNPACKED, shown_name
from sla import uploads
from sla.uploads import CheckedFile, RefusedFile, check

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
HTML = b"<!DOCTYPE html><script>alert(document.domain)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


def picture(form: str, size: tuple[int, int] = (3, 2)) -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", size).save(kept, form)
    return kept.getvalue()


def workbook(**more: bytes) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("[Content_Types].xml", "<Types/>")
        parts.writestr("xl/workbook.xml", "<workbook/>")
        for name, content in more.items():
            parts.writestr(name, content)
    return kept.getvalue()


def claimed_size(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is that large."""
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\x00\x00\x00"

    def chunk(name: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@cache
def bomb() -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as parts:
        parts.writestr("[Content_Types].xml", "<Types/>")
        parts.writestr("xl/workbook.xml", "<workbook/>")
        with parts.open("xl/sheet.xml", "w", force_zip64=True) as sheet:
            for _ in range(MOST_UNPACKED // 2**20 + 1):
                sheet.write(bytes(2**20))
    return kept.getvalue()


def checked(name: str, content: bytes) -> CheckedFile:
    return check(SimpleUploadedFile(name, content))


class TestWhatIsAccepted:
    """S13: a document of an allowed type counts; one that is encrypted or damaged counts, and is flagged at once."""

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("a.pdf", PDF),
            ("a.PDF", PDF),
            ("a.png", picture("PNG")),
            ("a.jpg", picture("JPEG")),
            ("a.jpeg", picture("JPEG")),
            ("a.csv", b"order,sum\n1,2\n"),
            ("a.csv", "\ufefforder,größe\n".encode()),
            ("a.txt", "We could not pay. 支払い".encode()),
            ("a.xlsx", workbook()),
            ("a.html.pdf", PDF),
        ],
    )
    def test_without_a_flag(self, name: str, content: bytes) -> None:
        file = checked(name, content)

        assert file.flag == ""
        assert file.content == content
        assert len(file.sha256) == 64

    @pytest.mark.parametrize(
        ("name", "content", "flag"),
        [
            ("a.pdf", PDF.replace(b"/Root", b"/Encrypt 2 0 R/Root"), "The file is encrypted."),
            ("a.pdf", PDF[:40], "The file looks cut off."),
            ("a.png", picture("PNG", (400, 400))[:60], "The picture is damaged."),
            ("a.jpg", b"\xff\xd8\xff\xe0 nothing", "The picture is damaged."),
            ("a.xlsx", workbook()[:80], "The file is damaged."),
            ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "The file is encrypted."),
        ],
    )
    def test_with_a_flag(self, name: str, content: bytes, flag: str) -> None:
        assert checked(name, content).flag == flag


class TestWhatIsRefused:
    """P27, P28, P30: refused by what it is, whatever it is called, with a sentence for the person who chose it."""

    @pytest.mark.parametrize(
        ("name", "content", "said"),
        [
            ("a.pdf", b"", "is empty"),
            ("a.html", HTML, "must be a PDF"),
            ("a.svg", SVG, "must be a PDF"),
            ("a.exe", b"MZ", "must be a PDF"),
            ("a.xlsm", workbook(), "must be a PDF"),
            ("a.zip", workbook(), "must be a PDF"),
            ("a.pdf.html", PDF, "must be a PDF"),
            ("noending", PDF, "must be a PDF"),
            (".pdf", PDF, "must be a PDF"),
            ("a.pdf", HTML, "not what its ending says"),
            ("a.pdf", b" " + PDF, "not what its ending says"),
            ("a.png", SVG, "not what its ending says"),
            ("a.png", picture("JPEG"), "not what its ending says"),
            ("a.png", picture("GIF"), "not what its ending says"),
            ("a.jpg", b"GIF89a/*" + HTML + b"*/", "not what its ending says"),
            ("a.jpg", picture("PNG"), "not what its ending says"),
            ("a.csv", HTML, "not what its ending says"),
            ("a.csv", b"\n\t " + SVG, "not what its ending says"),
            ("a.csv", "\ufeff".encode() + HTML, "not what its ending says"),
            ("a.txt", b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]>", "not what its ending says"),
            ("a.txt", b"GIF89a\0\0", "not what its ending says"),
            ("a.csv", b"\xff\xfeo\0r\0d\0", "must be text in UTF-8"),
            ("a.txt", PDF[:8] + b"\xff\xfe", "must be text in UTF-8"),
            ("a.xlsx", b"PK but no archive", "not what its ending says"),
            ("a.xlsx", PDF, "not what its ending says"),
            ("a.xlsx", workbook(**{"xl/vbaProject.bin": b"macro"}), "contains macros"),
            ("a.xlsx", workbook(**{"xl/embeddings/vbaProject2.bin": b"macro"}), "contains macros"),
            ("a.png", claimed_size(50_000, 50_000), "too many pixels"),
            ("a.png", claimed_size(10_000, 5_001), "too many pixels"),
        ],
    )
    def test_for_what_it_is(self, name: str, content: bytes, said: str) -> None:
        with pytest.raises(RefusedFile, match=said):
            checked(name, content)

    def test_an_archive_that_is_no_workbook(self) -> None:
        kept = io.BytesIO()
        with zipfile.ZipFile(kept, "w") as parts:
            parts.writestr("word/document.xml", "<document/>")

        with pytest.raises(RefusedFile, match="not what its ending says"):
            checked("a.xlsx", kept.getvalue())

    def test_a_bomb_is_refused_by_what_it_says_it_unpacks_to(self) -> None:
        content = bomb()

        assert len(content) < settings.EVIDENCE_MAX_FILE_BYTES
        with pytest.raises(RefusedFile, match="unpacks to too much"):
            checked("a.xlsx", content)

    def test_too_many_members(self) -> None:
        content = workbook(**{f"xl/{n}": b"" for n in range(MOST_MEMBERS)})

        with pytest.raises(RefusedFile, match="unpacks to too much"):
            checked("a.xlsx", content)

    @pytest.mark.parametrize(("more", "accepted"), [(0, True), (1, False)])
    def test_at_the_largest_size_and_a_byte_above(self, more: int, accepted: bool) -> None:
        content = b"x" * (settings.EVIDENCE_MAX_FILE_BYTES + more)

        if accepted:
            assert checked("a.txt", content).size == len(content)
        else:
            with pytest.raises(RefusedFile, match="larger than 10 MB"):
                checked("a.txt", content)

    def test_a_file_too_large_is_not_even_read(self) -> None:
        upload = SimpleUploadedFile("a.pdf", b"")
        upload.size = settings.EVIDENCE_MAX_FILE_BYTES + 1
        upload.file = None

        with pytest.raises(RefusedFile):
            check(upload)

    @pytest.mark.parametrize("build", [lambda: PDF + HTML, lambda: picture("PNG") + HTML, lambda: workbook() + b""])
    def test_a_polyglot_keeps_the_kind_of_its_first_bytes_and_is_only_ever_downloaded(
        self, build: Callable[[], bytes]
    ) -> None:
        """It may pass; that it runs nothing is the download's promise (test_views_evidence)."""
        content = build()
        name = {b"%PDF": "a.pdf", b"\x89PNG": "a.png", b"PK\x03\x04": "a.xlsx"}[content[:4]]

        assert checked(name, content).kind == name.rpartition(".")[2]


class TestTheNameShown:
    """P30, P38: no folders, no signs that cannot be seen, not too long; the file itself is kept under a name of ours."""

    @pytest.mark.parametrize(
        ("given", "shown"),
        [
            ("../../etc/passwd.txt", "passwd.txt"),
            ("C:\\Users\\ana\\orders.csv", "orders.csv"),
            ("a\0b.pdf", "ab.pdf"),
            ("orders\r\nSet-Cookie: x.pdf", "ordersSet-Cookie: x.pdf"),
            ("invoice\u202efdp.exe", "invoicefdp.exe"),
            ("a\u200b\u2066b.png", "ab.png"),
            ("  .hidden.pdf. ", "hidden.pdf"),
            ("CON", "CON"),
            ("", "file"),
            ("...", "file"),
            ("😀.png", "😀.png"),
        ],
    )
    def test_odd_names(self, given: str, shown: str) -> None:
        assert shown_name(given) == shown

    def test_a_name_of_4000_signs_is_cut_and_keeps_its_ending(self) -> None:
        name = shown_name("x" * 4000 + ".pdf")

        assert len(name) <= 201
        assert name.endswith(".pdf")

    def test_it_is_stored_under_a_made_up_name(self) -> None:
        first, second = (uploads.keep(checked("../a.txt", b"text")) for _ in range(2))

        assert first != second
        assert first.endswith(".bin")
        assert "/" not in first


class TestGiants:
    """P28: refused by their own statement of length, before a byte of the body is kept."""

    def test_ten_gigabytes_are_refused_at_once(self) -> None:
        with pytest.raises(RequestDataTooBig):
            RefuseGiants().handle_raw_input(io.BytesIO(), {}, 10 * 1024**3, "x")

    def test_the_largest_claim_is_not(self) -> None:
        taken = RefuseGiants().handle_raw_input(io.BytesIO(), {}, settings.EVIDENCE_MAX_CLAIM_BYTES, "x")

        assert taken is None  # the next handler reads it
