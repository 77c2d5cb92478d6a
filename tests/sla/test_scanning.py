"""P29, V39: EICAR is refused; no scanner is "not scanned", one that does not answer is "waiting", never "clean"."""

from __future__ import annotations

import pytest
from django.core.files.storage import storages
from django.urls import reverse

from entitlements.actions.refused import Refused
from entitlements.health import pulse, signs
from entitlements.models import Letter
from sla import scan_work, scanning
from sla.actions.evidence import open_evidence
from sla.actions.scans import note_scan
from sla.completeness import what_is_missing
from sla.models import Claim, Evidence
from sla.scan_work import scan_what_waits
from tests import factories as make
from tests.desk import signed_in as at_the_desk
from tests.factories import HOUR, NOW
from tests.shared import shared
from tests.sla import clamd
from tests.sla.clamd import EICAR
from tests.sla.test_views_evidence import at, download_of, upload


@pytest.fixture
def scanner(settings, monkeypatch):
    monkeypatch.setattr(scanning, "PATIENCE", 0.1)
    with clamd.running() as server:
        settings.CLAMD_SOCKET = server.address
        yield server


@shared
def begun(complete_draft: Claim) -> Claim:
    return complete_draft


def waiting(claim: Claim) -> Evidence:
    """A document that the scanner had no answer for."""
    file = claim.evidence.get()
    Evidence.objects.filter(pk=file.pk).update(scan="waiting", scanned_at=None)
    file.refresh_from_db()
    return file


class TestAVerdict:
    def test_is_the_scanners_own(self, scanner) -> None:
        assert scanning.scan(b"orders") == "clean"
        assert scanning.scan(b"orders" + EICAR) == "refused"
        assert scanning.scan(b"") == "clean"

    @pytest.mark.parametrize("mode", ["silent", "breaks off"])
    def test_is_none_where_it_says_nothing(self, scanner, mode) -> None:
        scanner.mode = mode

        assert scanning.scan(b"orders") == "waiting"

    def test_is_none_of_what_is_larger_than_it_takes(self, scanner) -> None:
        """It closes the line in the middle: that is not clean."""
        assert scanning.scan(bytes(3 * scanner.most_bytes)) == "waiting"

    def test_is_none_where_nobody_listens(self, settings) -> None:
        settings.CLAMD_SOCKET = "/nowhere/clamd.ctl"
        assert scanning.scan(EICAR) == "waiting"
        settings.CLAMD_SOCKET = "127.0.0.1:1"
        assert scanning.scan(EICAR) == "waiting"

    def test_is_not_asked_for_without_a_scanner(self) -> None:
        assert scanning.scan(EICAR) == "unscanned"


class TestAnUpload:
    def test_with_a_virus_is_refused_in_words(self, scanner, begun, signed_in) -> None:
        page = signed_in(begun.opened_by).post(at(begun), upload("orders.txt", EICAR))

        assert "orders.txt contains a virus" in page.content.decode()
        assert begun.evidence.count() == 1

    def test_that_is_clean_says_when(self, scanner, begun, signed_in) -> None:
        signed_in(begun.opened_by).post(at(begun), upload("orders.txt", b"all well"))

        kept = begun.evidence.latest("pk")
        assert (kept.scan, kept.scanned_at) == ("clean", NOW)

    def test_that_cannot_be_scanned_counts_and_nobody_opens_it(self, scanner, begun, signed_in) -> None:
        """C7.6: it does not hold up the sending, and it is served only after."""
        scanner.mode = "silent"
        browser = signed_in(begun.opened_by)

        browser.post(at(begun), upload("orders.txt", EICAR))
        kept = begun.evidence.latest("pk")
        answer = browser.post(download_of(kept), follow=True)

        assert (kept.scan, kept.scanned_at) == ("waiting", None)
        assert "waits for its virus scan" in answer.content.decode()
        assert EICAR not in answer.content
        assert what_is_missing(begun) == []


class TestWhatWaits:
    def test_has_its_verdict_as_soon_as_the_scanner_answers(self, scanner, begun) -> None:
        file = waiting(begun)
        scanner.mode = "breaks off"
        assert scan_what_waits(clock=lambda: NOW + HOUR) == 0
        file.refresh_from_db()
        assert file.scan == "waiting"

        scanner.mode = "well"
        assert scan_what_waits(clock=lambda: NOW + HOUR) == 1
        file.refresh_from_db()
        assert (file.scan, file.scanned_at) == ("clean", NOW + HOUR)

    def test_is_not_held_up_by_one_that_the_scanner_never_answers_for(self, scanner, begun) -> None:
        """P29: nor by one that is gone; only a scanner that is dead ends the turn."""
        gone, large, small = (
            make.evidence(claim=begun, file=make.document(content=one))
            for one in (b"gone", b"order," * 20, b"order,sum")
        )  # its own ones: no rollback brings a kept file back
        Evidence.objects.filter(pk__in=[gone.pk, large.pk, small.pk]).update(scan="waiting", scanned_at=None)
        storages["evidence"].delete(gone.stored_as)
        scanner.most_bytes = 50

        assert scan_what_waits(clock=lambda: NOW + HOUR) == 1
        assert dict(Evidence.objects.filter(pk__gte=gone.pk).values_list("pk", "scan")) == {
            gone.pk: "waiting",
            large.pk: "waiting",
            small.pk: "clean",
        }

    def test_ends_the_turn_where_the_scanner_is_dead(self, settings, begun, monkeypatch) -> None:
        settings.CLAMD_SOCKET = "127.0.0.1:1"
        make.evidence(claim=begun, file=make.document(content=b"order,sum"))
        Evidence.objects.update(scan="waiting", scanned_at=None)
        seen: list[bytes] = []
        monkeypatch.setattr(scan_work, "scan", lambda content: seen.append(content) or scanning.scan(content))

        assert scan_what_waits(clock=lambda: NOW + HOUR) == 0
        assert len(seen) == 1

    def test_with_a_virus_is_refused_and_its_sender_told_once(self, sent_claim) -> None:
        """N12; the receipt does not move."""
        file, received = waiting(sent_claim), sent_claim.received_at

        assert note_scan(evidence=file, verdict="refused", by=None, now=NOW + 2 * HOUR) is True
        assert note_scan(evidence=file, verdict="clean", by=None, now=NOW + 3 * HOUR) is False

        letters = Letter.objects.filter(kind="file_refused")
        assert {one.addressee for one in letters} == {file.uploaded_by.email}
        assert Claim.objects.get().received_at == received
        with pytest.raises(Refused):
            open_evidence(evidence=Evidence.objects.get(), by=make.manager(), now=NOW)

    def test_a_draft_without_it_is_not_complete_and_does_not_send_itself(self, begun) -> None:
        assert begun.sends_itself_at is not None

        note_scan(evidence=waiting(begun), verdict="refused", by=None, now=NOW + HOUR)

        begun.refresh_from_db()
        assert begun.sends_itself_at is None
        assert [one.code for one in what_is_missing(begun)] == ["evidence"]

    def test_is_an_alarm_after_ten_minutes(self, settings, begun) -> None:
        settings.CLAMD_SOCKET = "127.0.0.1:1"
        waiting(begun)

        def troubles(now):
            return [one.trouble for one in signs(pulse(now), now) if one.key == "scanner"]

        assert troubles(NOW + HOUR / 12) == [""]
        assert troubles(NOW + HOUR) == ["the virus scanner does not answer"]
        settings.CLAMD_SOCKET = ""
        assert troubles(NOW + HOUR) == []

    def test_the_reviewer_reads_that_it_is_not_opened(self, sent_claim, clock) -> None:
        waiting(sent_claim)

        page = at_the_desk(make.manager()).get(reverse("admin:claim", args=[sent_claim.reference])).content.decode()

        assert "Once it is scanned" in page
        assert download_of(sent_claim.evidence.get()) not in page
