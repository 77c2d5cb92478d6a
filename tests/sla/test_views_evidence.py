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
from tests import factories as make
from tests.factories import DAY, NOW

CSV = b"order,sum\n1,1200.00\n"


def upload(name: str = "orders.csv", content: bytes = CSV, label: str = "Our orders", **more: Any) -> dict[str, Any]:
    return {"label": label, "file": SimpleUploadedFile(name, content, content_type="text/html"), **more}


def at(claim: Claim) -> str:
    return reverse("claim_evidence", args=[claim.reference])


def download_of(file: Evidence) -> str:
    return reverse("evidence", args=[file.claim.reference, file.pk])


class TestUploading:
    """S9, S13, C7: a document with a label; what is allowed stands above the control and is what the server enforces."""

    def test_it_is_kept_with_its_hash_under_a_name_of_ours(self, signed_in, draft) -> None:
        page = signed_in(draft.opened_by).post(at(draft), upload(), follow=True).content.decode()

        kept = draft.evidence.get()
        assert (kept.label, kept.original_name, kept.size, kept.kind) == ("Our orders", "orders.csv", len(CSV), "csv")
        assert kept.uploaded_at == NOW
        assert "orders" not in kept.stored_as
        assert storages["evidence"].open(kept.stored_as).read() == CSV
        assert kept.sha256 in page

    def test_the_limits_are_said_before_the_control_and_are_the_servers_own(self, signed_in, draft, settings) -> None:
        page = signed_in(draft.opened_by).get(at(draft)).content.decode()

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
    def test_what_is_not_accepted_is_said_at_its_field(self, signed_in, draft, form, field, said) -> None:
        page = signed_in(draft.opened_by).post(at(draft), form)

        assert field in page.context["form"].errors
        assert said in page.content.decode()
        assert "<title>Error: " in page.content.decode()
        assert draft.evidence.count() == 0

    def test_opening_the_page_finds_no_fault(self, signed_in, draft) -> None:
        assert "There is a problem" not in signed_in(draft.opened_by).get(at(draft)).content.decode()

    def test_a_file_that_is_too_large_is_refused(self, signed_in, draft, settings) -> None:
        settings.EVIDENCE_MAX_FILE_BYTES = len(CSV) - 1

        assert "is larger than" in signed_in(draft.opened_by).post(at(draft), upload()).content.decode()

    def test_a_damaged_one_counts_and_is_marked(self, signed_in, draft) -> None:
        page = signed_in(draft.opened_by).post(at(draft), upload("a.pdf", b"%PDF-1.7\ncut"), follow=True)

        assert draft.evidence.get().flag == "The file looks cut off."
        assert "It counts all the same." in page.content.decode()

    def test_the_same_file_twice_is_one_document(self, signed_in, draft) -> None:
        """X9."""
        browser = signed_in(draft.opened_by)
        browser.post(at(draft), upload())
        page = browser.post(at(draft), upload(label="Again"), follow=True).content.decode()

        assert draft.evidence.count() == 1

        assert "“Our orders”" in page

    def test_a_claim_takes_so_many_bytes_in_all(self, signed_in, draft, settings) -> None:
        """V35."""
        settings.EVIDENCE_MAX_CLAIM_BYTES = 30
        browser = signed_in(draft.opened_by)
        browser.post(at(draft), upload())

        page = browser.post(at(draft), upload("more.csv", b"another,file\n")).content.decode()

        assert "would go beyond that" in page
        assert draft.evidence.count() == 1

    def test_a_claim_takes_so_many_files(self, signed_in, draft, monkeypatch) -> None:
        monkeypatch.setattr(uploads, "MOST_FILES", 1)
        browser = signed_in(draft.opened_by)
        browser.post(at(draft), upload())

        assert "A claim can have 1 documents" in browser.post(at(draft), upload("b.csv", b"b\n")).content.decode()

    def test_a_request_larger_than_all_files_may_be_is_answered_413_at_once(self, signed_in, draft, settings) -> None:
        """P28."""
        settings.UPLOAD_MAX_REQUEST_BYTES = 100

        answer = signed_in(draft.opened_by).post(at(draft), upload(content=b"x" * 200))

        assert answer.status_code == 413
        assert "too large" in answer.content.decode()
        assert draft.evidence.count() == 0

    def test_fields_that_nobody_asked_for_are_dropped_and_logged(self, signed_in, draft, caplog) -> None:
        """P36."""
        signed_in(draft.opened_by).post(at(draft), upload(scan="clean", later="on", sha256="0" * 64))

        kept = draft.evidence.get()
        assert (kept.scan, kept.later) == ("unscanned", False)
        assert "unknown_fields_dropped" in caplog.text

    def test_an_odd_name_is_shown_escaped_and_short(self, signed_in, draft) -> None:
        """P30."""
        name = "../../<script>alert(1)</script>\u202egnp.csv"

        page = signed_in(draft.opened_by).post(at(draft), upload(name), follow=True).content.decode()

        assert "<script>alert" not in page
        assert "\u202e" not in page
        assert ".." not in draft.evidence.get().original_name


class TestLaterEvidence:
    """S13: after sending, documents can be added with a time of their own, until the window ends."""

    def test_it_is_marked_and_is_no_part_of_the_receipt(self, signed_in, clock, sent_claim) -> None:
        clock(NOW + DAY)
        browser = signed_in(sent_claim.submitted_by)

        browser.post(at(sent_claim), upload("later.csv", b"later\n"))

        later = sent_claim.evidence.get(later=True)
        assert later.uploaded_at == NOW + DAY
        assert later.sha256 not in browser.get(reverse("claim_receipt", args=[sent_claim.reference])).content.decode()
        assert "later evidence" in browser.get(reverse("claim", args=[sent_claim.reference])).content.decode()

    def test_after_the_window_it_is_told_that_it_is_too_late(self, signed_in, clock, sent_claim) -> None:
        browser = signed_in(sent_claim.submitted_by)
        clock(sent_claim.closes_at)

        answer = browser.post(at(sent_claim), upload("later.csv", b"later\n"), follow=True)

        assert sent_claim.evidence.count() == 1
        assert "This claim has been sent" in answer.content.decode()

    def test_what_was_sent_cannot_be_removed(self, signed_in, sent_claim) -> None:
        sent = sent_claim.evidence.get()

        signed_in(sent_claim.submitted_by).post(reverse("remove_evidence", args=[sent_claim.reference, sent.pk]))

        assert sent_claim.evidence.get().removed_at is None


class TestRemoving:
    """C7.3: asked first, then taken back by a post."""

    def test_the_question_changes_nothing_and_the_post_does(self, signed_in, draft) -> None:
        file = make.evidence(claim=draft)
        browser, url = signed_in(draft.opened_by), reverse("remove_evidence", args=[draft.reference, file.pk])

        assert "Remove “List of lost orders”?" in browser.get(url).content.decode()
        file.refresh_from_db()
        assert file.removed_at is None

        browser.post(url)
        file.refresh_from_db()
        assert (file.removed_at, file.removed_by) == (NOW, draft.opened_by)
        assert browser.post(download_of(file)).status_code == 404


class TestDownloading:
    """P27, V38: a file to keep, never a page of ours; by post, and on record."""

    def test_it_comes_as_an_attachment_that_can_run_nothing(self, signed_in, draft) -> None:
        file = make.evidence(claim=draft, file=make.document(name="Bestellungen „Juni“ 100%.csv"))

        answer = signed_in(draft.opened_by).post(download_of(file))

        assert answer.content == file_content(file)
        assert answer["Content-Type"] == "application/octet-stream"
        assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''Bestellungen%20")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert "no-store" in answer["Cache-Control"]

    def test_each_opening_is_on_record(self, signed_in, draft) -> None:
        file = make.evidence(claim=draft)

        for _ in range(2):
            signed_in(draft.opened_by).post(download_of(file))

        opened = Event.objects.filter(verb="evidence.opened")
        assert {(one.matter, one.actor, one.note, one.happened_at) for one in opened} == {
            (draft.reference, draft.opened_by, file.sha256, NOW)
        }
        assert opened.count() == 2

    def test_a_link_opens_nothing(self, signed_in, draft) -> None:
        file = make.evidence(claim=draft)

        assert signed_in(draft.opened_by).get(download_of(file)).status_code == 405

    def test_another_customers_document_is_not_found(self, signed_in, draft) -> None:
        """P26."""
        file = make.evidence(claim=draft)

        assert signed_in(make.member()).post(download_of(file)).status_code == 404

    def test_it_is_found_under_its_own_claim_only(self, signed_in, draft) -> None:
        file, other = (
            make.evidence(claim=draft),
            make.draft(failure=make.failure(contract=draft.contract, began=NOW - 3 * DAY)),
        )
        person = draft.opened_by

        url = reverse("evidence", args=[other.reference, file.pk])

        assert signed_in(person).post(url).status_code == 404

    def test_who_may_only_read_can_read_it(self, signed_in, draft) -> None:
        file = make.evidence(claim=draft)
        reader = make.member(customer=draft.contract.customer, roles=[Role.READ_ONLY])

        assert signed_in(reader).post(download_of(file)).status_code == 200

    def test_the_desk_sees_it_once_the_claim_is_sent(self, signed_in, sent_claim) -> None:
        assert signed_in(make.manager()).post(download_of(sent_claim.evidence.get())).status_code == 200

    @pytest.mark.parametrize("state", ["draft", "withdrawn", "lapsed"])
    def test_the_desk_never_sees_what_was_not_sent(self, signed_in, draft, state) -> None:
        file = make.evidence(claim=draft)
        if state == "withdrawn":
            withdraw_claim(claim=draft, by=draft.opened_by, now=NOW)
        elif state == "lapsed":
            lapse_claim(claim=draft, now=draft.closes_at)

        assert signed_in(make.manager()).post(download_of(file)).status_code == 404


def file_content(file: Evidence) -> bytes:
    return storages["evidence"].open(file.stored_as).read()
