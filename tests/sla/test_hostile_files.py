"""P27, P28, P30, V33–V38: every file of a hostile corpus, posted as a browser does, ends as the register says, and what is kept leaves
as bytes to keep: no type that runs, no name that breaks out, from no origin that has a cookie."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from sla.models import Claim
from tests import factories as make
from tests.shared import shared
from tests.sla.clamd import EICAR
from tests.sla.test_uploads import HTML, PDF, SVG, bomb, claimed_size, picture, workbook
from tests.sla.test_views_evidence import at, download_of, upload


@shared
def begun(draft: Claim) -> Claim:
    return draft


def png_with(name: bytes, data: bytes) -> bytes:
    """A picture with one more chunk, before its end."""
    chunk = len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")
    whole = picture("PNG")
    return whole[:33] + chunk + whole[33:]


def archive(**members: bytes) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as parts:
        for name, content in members.items():
            parts.writestr(name, content)
    return kept.getvalue()


def with_a_link() -> bytes:
    kept = io.BytesIO(workbook())
    link = zipfile.ZipInfo("xl/passwd")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(kept, "a") as parts:
        parts.writestr(link, "/etc/passwd")
    return kept.getvalue()


def with_a_secret_part() -> bytes:
    """The bit that says that its members are encrypted, in the directory of a workbook."""
    whole = bytearray(workbook())
    at_member = whole.find(b"PK\x01\x02")
    whole[at_member + 8] |= 1
    return bytes(whole)


def that_lies_about_its_size() -> bytes:
    """Ten bytes, says the directory; two megabytes come out. Nothing of ours unpacks it."""
    whole = workbook(**{"xl/sheet.xml": bytes(2 * 1024**2)})
    return whole.replace((2 * 1024**2).to_bytes(4, "little"), (10).to_bytes(4, "little"))


def pdf_with(part: bytes) -> bytes:
    return PDF.replace(b"endobj", part + b"endobj")


def pdf_bomb() -> bytes:
    packed = zlib.compress(bytes(50 * 1024**2), 1)
    return pdf_with(b"stream\n" + packed + b"\nendstream\n")


LAUGHS = b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><x>&b;</x>'
Build = Callable[[], bytes]
REFUSED: dict[str, tuple[str, Build, str]] = {
    "bomb in a workbook": ("a.xlsx", bomb, "unpacks to too much"),
    "archive under another ending": ("a.pdf", lambda: archive(**{"a.txt": b"x"}), "not what its ending says"),
    "nested archive as a workbook": ("a.xlsx", lambda: archive(**{"b.zip": archive(c=b"x")}), "not what its ending"),
    "links in a workbook": ("a.xlsx", with_a_link, "links to other files"),
    "50,000 pixels": ("a.png", lambda: claimed_size(50_000, 50_000), "too many pixels"),
    "script in a picture of signs": ("a.svg", lambda: SVG, "must be a PDF"),
    "script in a picture of signs, renamed": ("a.png", lambda: SVG, "not what its ending says"),
    "page, renamed": ("a.txt", lambda: HTML, "not what its ending says"),
    "entities in a text": ("a.txt", lambda: LAUGHS, "not what its ending says"),
    "picture and script at once": ("a.gif", lambda: b"GIF89a=1;alert(1)//", "must be a PDF"),
    "page with two endings": ("a.pdf.html", lambda: PDF, "must be a PDF"),
    "nothing": ("a.pdf", lambda: b"", "is empty"),
}
KEPT: dict[str, tuple[str, Build, str]] = {
    "pdf that runs a script": (
        "a.pdf",
        lambda: pdf_with(b"<</S/JavaScript/JS(app.alert(1))>>/OpenAction 1 0 R "),
        "",
    ),
    "bomb in a pdf": ("a.pdf", pdf_bomb, ""),
    "pdf and page at once": ("a.html.pdf", lambda: PDF + HTML, ""),
    "picture and page at once": ("a.png", lambda: picture("PNG") + HTML, ""),
    "bomb in a text of a picture": (
        "a.png",
        lambda: png_with(b"zTXt", b"x\0\0" + zlib.compress(bytes(8 * 1024**2))),
        "The picture is damaged.",
    ),
    "workbook that lies": ("a.xlsx", that_lies_about_its_size, ""),
    "workbook with a secret part": ("a.xlsx", with_a_secret_part, "The file is encrypted."),
    "entities in a workbook": ("a.xlsx", lambda: workbook(**{"xl/evil.xml": LAUGHS}), ""),
    "encrypted pdf": ("a.pdf", lambda: pdf_with(b"/Encrypt 2 0 R "), "The file is encrypted."),
    "truncated pdf": ("a.pdf", lambda: PDF[:30], "The file looks cut off."),
    "truncated workbook": ("a.xlsx", lambda: workbook()[:90], "The file is damaged."),
    "formulas": ("a.csv", lambda: b"=cmd|'/c calc'!A1,@SUM(1)\n", ""),
    "script further down": ("a.txt", lambda: b"Dear all,\n" + HTML, ""),
    "eicar without a scanner": ("a.txt", lambda: EICAR, ""),
}
NAMES = {
    "../../../etc/passwd.txt": "passwd.txt",
    "C:\\CON.txt": "CON.txt",
    "a\u202etxt.exe.txt": "atxt.exe.txt",
    "<img src=x onerror=alert(1)>.txt": "<img src=x onerror=alert(1)>.txt",
    "😀 支払い.txt": "😀 支払い.txt",
    "x" * 4000 + ".txt": "x" * 180 + ".txt",
}


class TestTheCorpus:
    @pytest.mark.parametrize("name", REFUSED)
    def test_is_refused_with_a_sentence_and_leaves_nothing(self, name, begun, signed_in) -> None:
        called, build, said = REFUSED[name]
        before = storages["evidence"].listdir("")[1]

        page = signed_in(begun.opened_by).post(at(begun), upload(called, build()))

        assert said in page.content.decode()
        assert begun.evidence.count() == 0
        assert storages["evidence"].listdir("")[1] == before

    @pytest.mark.parametrize("name", KEPT)
    def test_or_is_kept_flagged_and_leaves_as_bytes_to_keep(self, name, begun, signed_in) -> None:
        called, build, flag = KEPT[name]
        content, browser = build(), signed_in(begun.opened_by)

        browser.post(at(begun), upload(called, content))
        kept = begun.evidence.get()
        answer = browser.post(download_of(kept))

        assert kept.flag == flag
        assert answer.content == content
        assert_inert(answer)


class TestNames:
    @pytest.mark.parametrize("given", NAMES)
    def test_are_shown_escaped_and_name_no_place(self, given, begun, signed_in) -> None:
        browser = signed_in(begun.opened_by)

        page = browser.post(at(begun), upload(given, b"text"), follow=True).content.decode()
        kept = begun.evidence.get()
        answer = browser.post(download_of(kept))

        assert kept.original_name == NAMES[given]
        assert kept.stored_as.removesuffix(".bin").isalnum()
        assert "<img src=x" not in page
        assert_inert(answer)

    def test_do_not_break_out_of_their_header(self, begun, signed_in) -> None:
        """V38."""
        file = make.evidence(claim=begun, file=make.document(name='a"; filename="evil.html\r\nX: y".txt'))

        said = signed_in(begun.opened_by).post(download_of(file))["Content-Disposition"]

        assert said == 'attachment; filename="a\\"; filename=\\"evil.htmlX: y\\".txt"'


class TestGiants:
    """P28."""

    def test_ten_gigabytes_by_their_own_word_are_413(self, begun, signed_in) -> None:
        browser = signed_in(begun.opened_by)

        answer = browser.post(at(begun), upload(), headers={"content-length": str(10 * 1024**3)})

        assert answer.status_code == 413

    def test_a_hundred_thousand_parts_are_400(self, begun, signed_in) -> None:
        parts = "".join(f'--x\r\nContent-Disposition: form-data; name="f{n}"\r\n\r\n1\r\n' for n in range(100_000))

        answer = signed_in(begun.opened_by).generic(
            "POST", at(begun), parts + "--x--", content_type="multipart/form-data; boundary=x"
        )

        assert answer.status_code == 400

    def test_a_customer_has_only_so_much_room(self, begun, signed_in, settings) -> None:
        """V35."""
        make.evidence(claim=begun)
        settings.EVIDENCE_MAX_CUSTOMER_BYTES = 10

        page = signed_in(begun.opened_by).post(at(begun), upload("b.txt", b"more"))

        assert "All documents of your claims" in page.content.decode()
        assert begun.evidence.count() == 1


class TestWhatIsKept:
    def test_is_not_handed_out_once_it_is_another(self, begun, signed_in) -> None:
        """M5.7: the hash on record is looked at each time."""
        file = make.evidence(claim=begun)
        storage = storages["evidence"]
        storage.delete(file.stored_as)
        storage.save(file.stored_as, SimpleUploadedFile("x", b"other bytes"))

        answer = signed_in(begun.opened_by).post(download_of(file), follow=True)

        assert b"other bytes" not in answer.content
        assert "is not as it was received" in answer.content.decode()

    def test_a_full_disk_is_said_at_the_field(self, begun, signed_in, monkeypatch) -> None:
        def full(*given):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("sla.actions.evidence.keep", full)

        page = signed_in(begun.opened_by).post(at(begun), upload())

        assert "orders.csv could not be uploaded. Try again." in page.content.decode()
        assert begun.evidence.count() == 0


class TestTheHostOfDocuments:
    """V26: the site leads there by a link for one reader and one minute; nothing else is there, and no cookie."""

    @pytest.fixture
    def files_host(self, settings) -> Client:
        settings.FILES_URL, settings.FILES_HOST = "http://files.example.com", "files.example.com"
        settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "files.example.com"]
        return Client(headers={"host": "files.example.com"})

    def test_hands_it_to_whom_the_link_was_made_for(self, files_host, begun, signed_in) -> None:
        file = make.evidence(claim=begun)

        led = signed_in(begun.opened_by).post(download_of(file))
        answer = files_host.get(led["Location"].removeprefix("http://files.example.com"))

        assert led["Location"].startswith("http://files.example.com/")
        assert answer.status_code == 200
        assert answer.content == storages["evidence"].open(file.stored_as).read()
        assert_inert(answer)
        assert not answer.cookies

    def test_asks_again_whether_the_reader_may(self, files_host, begun, signed_in) -> None:
        file = make.evidence(claim=begun)
        path = signed_in(begun.opened_by).post(download_of(file))["Location"].removeprefix("http://files.example.com")

        begun.opened_by.memberships.update(left_at=make.NOW, left_by=begun.opened_by)

        assert files_host.get(path).status_code == 404

    def test_has_no_other_page_and_takes_no_other_link(self, files_host) -> None:
        for path in ("/", "/admin/", "/claims/", "/static/site.css", "/x", reverse("account_login")):
            assert files_host.get(path).status_code == 404, path
        assert files_host.post("/").status_code == 404

    def test_its_link_ends_after_a_minute(self, files_host, begun, signed_in, monkeypatch) -> None:
        file = make.evidence(claim=begun)
        path = signed_in(begun.opened_by).post(download_of(file))["Location"].removeprefix("http://files.example.com")

        monkeypatch.setattr("sla.handed_out.SECONDS", -1)

        assert files_host.get(path).status_code == 404


def assert_inert(answer) -> None:
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
