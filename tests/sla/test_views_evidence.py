from __future__ import annotations

from typing import Any

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from entitlements.models import Event, Role
from sla import uploads
from sla.actions.claims import lapse_claim, withdraw_claim
from sla.models import Claim, Evidence
from tests.factories import DAY, NOW, decided, document, draft, evidence, manager, member, sent_claim
from tests.shared import shared

CSV = b"order,sum\n1,1200.00\n"


def upload(name: str = "orders.csv", content: bytes = CSV, label: str = "Our orders", **more: Any) -> dict[str, Any]:
    return {"label": label, "file": SimpleUploadedFile(name, content, content_type="text/html"), **more}


def at(claim: Claim) -> str:
    return reverse("claim_evidence", args=[claim.reference])


def download_of(file: Evidence) -> str:
    return reverse("evidence", args=[file.claim.reference, file.pk])


@shared
def begun() -> Claim:
    return draft()


class TestUploading:
    """S9, S13, C7: a document with a label; what is allowed stands above the control and is what the server enforces."""

    def test_it_is_kept_with_its_hash_under_a_name_of_ours(self, signed_in, begun) -> None:
        page = signed_in(begun.opened_by).post(at(begun), upload(), follow=True).content.decode()

        kept = begun.evidence.get()
        assert (kept.label, kept.original_name, kept.size, kept.kind) == ("Our orders", "orders.csv", len(CSV), "csv")
        assert kept.uploaded_at == NOW
        assert "orders" not in kept.stored_as
        assert storages["evidence"].open(kept.stored_as).read() == CSV
        assert kept.sha256 in page

    def test_the_limits_are_said_before_the_control_and_are_the_servers_own(self, signed_in, begun, settings) -> None:
        page = signed_in(begun.opened_by).get(at(begun)).content.decode()

        assert uploads.ALLOWED in page
        assert f"{settings.EVIDENCE_MAX_FILE_BYTES // 1024**2}.0\xa0MB" in page
        assert f"{settings.EVIDENCE_MAX_CLAIM_BYTES // 1024**2}.0\xa0MB" in page
        assert f"{uploads.MOST_FILES} files" in page
        assert "personal data" in page
        assert page.index(uploads.ALLOWED) < page.index('type="file"')

    @pytest.mark.parametrize(
        ("form", "field", "said"),
        [
            ({}, "file", "Choose a file"),
            (upload(label=""), "label", "Fill in: What does it show?"),
            (upload(content=b""), "file", "orders.csv is empty."),
            (upload("orders.html", b"<h1>hi"), "file", "must be a PDF, PNG, JPEG, CSV, TXT or XLSX"),
            (upload("orders.pdf"), "file", "is not what its ending says"),
        ],
    )
    def test_what_is_not_accepted_is_said_at_its_field(self, signed_in, begun, form, field, said) -> None:
        page = signed_in(begun.opened_by).post(at(begun), form)

        assert field in page.context["form"].errors
        assert said in page.content.decode()
        assert "<title>Error: " in page.content.decode()
        assert begun.evidence.count() == 0

    def test_opening_the_page_finds_no_fault(self, signed_in, begun) -> None:
        assert "There is a problem" not in signed_in(begun.opened_by).get(at(begun)).content.decode()

    def test_a_file_that_is_too_large_is_refused(self, signed_in, begun, settings) -> None:
        settings.EVIDENCE_MAX_FILE_BYTES = len(CSV) - 1

        assert "is larger than" in signed_in(begun.opened_by).post(at(begun), upload()).content.decode()

    def test_a_damaged_one_counts_and_is_marked(self, signed_in, begun) -> None:
        page = signed_in(begun.opened_by).post(at(begun), upload("a.pdf", b"%PDF-1.7\ncut"), follow=True)

        assert begun.evidence.get().flag == "The file looks cut off."
        assert "It counts all the same." in page.content.decode()

    def test_the_same_file_twice_is_one_document(self, signed_in, begun) -> None:
        """X9."""
        browser = signed_in(begun.opened_by)
        browser.post(at(begun), upload())
        page = browser.post(at(begun), upload(label="Again"), follow=True).content.decode()

        assert begun.evidence.count() == 1

        assert "“Our orders”" in page

    def test_a_claim_takes_so_many_bytes_in_all(self, signed_in, begun, settings) -> None:
        """V35."""
        settings.EVIDENCE_MAX_CLAIM_BYTES = 30
        browser = signed_in(begun.opened_by)
        browser.post(at(begun), upload())

        page = browser.post(at(begun), upload("more.csv", b"another,file\n")).content.decode()

        assert "would go beyond that" in page
        assert begun.evidence.count() == 1

    def test_a_claim_takes_so_many_files(self, signed_in, begun, monkeypatch) -> None:
        monkeypatch.setattr(uploads, "MOST_FILES", 1)
        browser = signed_in(begun.opened_by)
        browser.post(at(begun), upload())

        assert "A claim can have 1 documents" in browser.post(at(begun), upload("b.csv", b"b\n")).content.decode()

    def test_a_request_larger_than_all_files_may_be_is_answered_413_at_once(self, signed_in, begun, settings) -> None:
        """P28."""
        settings.UPLOAD_MAX_REQUEST_BYTES = 100

        answer = signed_in(begun.opened_by).post(at(begun), upload(content=b"x" * 200))

        assert answer.status_code == 413
        assert "too large" in answer.content.decode()
        assert begun.evidence.count() == 0

    def test_fields_that_nobody_asked_for_are_dropped_and_logged(self, signed_in, begun, caplog) -> None:
        """P36."""
        signed_in(begun.opened_by).post(at(begun), upload(scan="clean", later="on", sha256="0" * 64))

        kept = begun.evidence.get()
        assert (kept.scan, kept.later) == ("unscanned", False)
        assert "unknown_fields_dropped" in caplog.text

    def test_an_odd_name_is_shown_escaped_and_short(self, signed_in, begun) -> None:
        """P30."""
        name = "../../<script>alert(1)</script>\u202egnp.csv"

        page = signed_in(begun.opened_by).post(at(begun), upload(name), follow=True).content.decode()

        assert "<script>alert" not in page
        assert "\u202e" not in page
        assert ".." not in begun.evidence.get().original_name


class TestLaterEvidence:
    """S13: after sending, documents can be added with a time of their own, until the window ends."""

    def test_it_is_marked_and_is_no_part_of_the_receipt(self, signed_in, clock) -> None:
        sent = sent_claim()
        clock(NOW + DAY)
        browser = signed_in(sent.submitted_by)

        browser.post(at(sent), upload("later.csv", b"later\n"))

        later = sent.evidence.get(later=True)
        assert later.uploaded_at == NOW + DAY
        assert later.sha256 not in browser.get(reverse("claim_receipt", args=[sent.reference])).content.decode()
        assert "later evidence" in browser.get(reverse("claim", args=[sent.reference])).content.decode()

    def test_after_the_window_it_is_told_that_it_is_too_late(self, signed_in, clock) -> None:
        sent = sent_claim()
        clock(sent.closes_at)

        answer = signed_in(sent.submitted_by).post(at(sent), upload("later.csv", b"later\n"), follow=True)

        assert sent.evidence.count() == 1
        assert "This claim has been sent" in answer.content.decode()

    def test_what_was_sent_cannot_be_removed(self, signed_in) -> None:
        sent = sent_claim()

        signed_in(sent.submitted_by).post(reverse("remove_evidence", args=[sent.reference, sent.evidence.get().pk]))

        assert sent.evidence.get().removed_at is None


class TestRemoving:
    """C7.3: asked first, then taken back by a post."""

    def test_the_question_changes_nothing_and_the_post_does(self, signed_in, begun) -> None:
        file = evidence(claim=begun)
        browser, url = signed_in(begun.opened_by), reverse("remove_evidence", args=[begun.reference, file.pk])

        assert "Remove “List of lost orders”?" in browser.get(url).content.decode()
        file.refresh_from_db()
        assert file.removed_at is None

        browser.post(url)
        file.refresh_from_db()
        assert (file.removed_at, file.removed_by) == (NOW, begun.opened_by)
        assert browser.post(download_of(file)).status_code == 404


class TestDownloading:
    """P27, V38: a file to keep, never a page of ours; by post, and on record."""

    def test_it_comes_as_an_attachment_that_can_run_nothing(self, signed_in, begun) -> None:
        file = evidence(claim=begun, file=document(name="Bestellungen „Juni“ 100%.csv"))

        answer = signed_in(begun.opened_by).post(download_of(file))

        assert answer.content == file_content(file)
        assert answer["Content-Type"] == "application/octet-stream"
        assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''Bestellungen%20")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert "no-store" in answer["Cache-Control"]

    def test_each_opening_is_on_record(self, signed_in, begun) -> None:
        file = evidence(claim=begun)

        for _ in range(2):
            signed_in(begun.opened_by).post(download_of(file))

        opened = Event.objects.filter(verb="evidence.opened")
        assert {(one.matter, one.actor, one.note, one.happened_at) for one in opened} == {
            (begun.reference, begun.opened_by, file.sha256, NOW)
        }
        assert opened.count() == 2

    def test_a_link_opens_nothing(self, signed_in, begun) -> None:
        file = evidence(claim=begun)

        assert signed_in(begun.opened_by).get(download_of(file)).status_code == 405

    def test_another_customers_document_is_not_found(self, signed_in) -> None:
        """P26."""
        file = evidence(claim=draft())

        assert signed_in(member()).post(download_of(file)).status_code == 404

    def test_it_is_found_under_its_own_claim_only(self, signed_in, begun) -> None:
        file, other = evidence(claim=begun), draft()
        person = begun.opened_by

        url = reverse("evidence", args=[other.reference, file.pk])

        assert signed_in(person).post(url).status_code == 404

    def test_who_may_only_read_can_read_it(self, signed_in, begun) -> None:
        file = evidence(claim=begun)
        reader = member(customer=begun.contract.customer, roles=[Role.READ_ONLY])

        assert signed_in(reader).post(download_of(file)).status_code == 200

    def test_the_desk_sees_it_once_the_claim_is_sent(self, signed_in, begun) -> None:
        staff = signed_in(manager())

        assert staff.post(download_of(evidence(claim=begun))).status_code == 404
        assert staff.post(download_of(decided().evidence.get())).status_code == 200

    @pytest.mark.parametrize("state", ["withdrawn", "lapsed"])
    def test_the_desk_never_sees_what_was_not_sent(self, signed_in, begun, state) -> None:
        file = evidence(claim=begun)
        if state == "withdrawn":
            withdraw_claim(claim=begun, by=begun.opened_by, now=NOW)
        else:
            lapse_claim(claim=begun, now=begun.closes_at)

        assert signed_in(manager()).post(download_of(file)).status_code == 404


def file_content(file: Evidence) -> bytes:
    return storages["evidence"].open(file.stored_as).read()
