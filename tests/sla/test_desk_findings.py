"""S6, M5.5, X7, X9: the pages of findings: what one changes is shown before it is saved, and the checklist leaves nothing out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from entitlements.models import Event
from sla.admin.alert_page import address_of
from sla.models import Claim, Examination, Finding, FindingDocument, Notification, Recomputation
from tests import factories as make
from tests import finding_factories as find
from tests.desk import at, signed_in
from tests.factories import DAY, NOW
from tests.shared import shared
from tests.sla.evidence.logs import Line, log_file, tables
from tests.sla.evidence.test_desk_alerts import told

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
BEGAN = NOW - DAY
LATER = NOW + 3 * DAY
RECORD = "/admin/findings/record/"


@shared
def sent(sent_claim: Claim) -> Claim:
    """Orders at 20 and 21 minutes into an outage of 95; the customer lost 2,000.00 by them."""
    return sent_claim


@shared
def finding(sent: Claim) -> Finding:
    return find.finding(
        start=BEGAN, minutes=30, customers=[sent.contract.customer], outage=outage_of(sent), now=NOW + 2 * DAY
    )


@pytest.fixture
def desk(monkeypatch):
    at(monkeypatch, LATER)
    return signed_in(make.manager())


def outage_of(claim):
    return claim.failures.get().outage


def typed(claim, **more):
    """Their internet provider failed in the first half hour of the outage."""
    said = {
        "kind": "i",
        "zone": "UTC",
        "start_day": f"{BEGAN:%Y-%m-%d}",
        "start_time": f"{BEGAN:%H:%M:%S}",
        "end_day": f"{BEGAN:%Y-%m-%d}",
        "end_time": f"{BEGAN + 30 * MINUTE:%H:%M:%S}",
        "outage": outage_of(claim).reference,
        "customers": claim.contract.customer.external_id,
        "statement": "Your provider's line was cut.",
        "evidence": "Report 77, page 2",
    }
    return said | more


def with_file(claim, **more):
    return typed(claim, document=SimpleUploadedFile("report.txt", b"The line was cut.\n"), **more)


def test_a_page_that_leads_to_it_from_an_outage_gives_it_the_time_of_that(desk, sent):
    form = desk.get(RECORD, {"outage": outage_of(sent).reference}).context["form"]

    times = [form[name].value() for name in ("zone", "start_day", "start_time", "end_day", "end_time")]
    ended = BEGAN + 95 * MINUTE
    assert times == ["UTC", BEGAN.date(), BEGAN.time(), ended.date(), ended.time()]


def shown(desk, path, **form):
    answer = desk.post(path, form) if form else desk.get(path)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


class TestToRecordOne:
    def test_what_it_changes_is_shown_before_anything_of_it_is_saved(self, desk, sent):
        page = shown(desk, RECORD, **with_file(sent, end_time="14:30:05"))

        assert "Nothing is saved yet" in page
        assert "14:30:05" in page
        assert sent.reference in page
        assert "2,000.00" in page
        assert "At most, before" in page
        assert not Finding.objects.exists()
        assert not Recomputation.objects.exists()
        assert FindingDocument.objects.get().name == "report.txt"

    def test_confirmed_it_is_saved_with_the_document_that_was_kept_and_once(self, desk, sent):
        shown(desk, RECORD, **with_file(sent))
        kept = FindingDocument.objects.get()
        confirmed = typed(sent, kept=kept.pk, confirmed="1", form_key="7f3f4a1c-3c36-4d4f-9d8e-0a6f6a4f2b11")

        for _ in range(2):
            assert desk.post(RECORD, confirmed).status_code == 302

        finding = Finding.objects.get()
        assert (finding.document, finding.outage, finding.span.length) == (kept, outage_of(sent), 30 * MINUTE)
        assert Recomputation.objects.get(claim=sent).matter == finding.reference

    @pytest.mark.parametrize(
        ("more", "said"),
        [
            ({"kind": "ii"}, "Choose which of them it was."),
            ({"kind": "vi", "detail": "contacts"}, "Say how it stood then."),
            ({"rests_on": "The guide"}, "Leave it empty: only a customer responsibility has it."),
            ({"channel": "sms"}, "Record two findings."),
            ({"kind": "vii", "outage": "", "channel": "sms"}, "excludes alerts by push only"),
            ({"outage": "OUT-2"}, "No outage has this reference."),
            ({"customers": ""}, "Name at least one customer, or tick all of them."),
            ({}, "Nothing is excluded without evidence."),
        ],
    )
    def test_what_is_missing_or_too_much_is_said_with_what_was_typed(self, desk, sent, more, said):
        page = shown(desk, RECORD, **typed(sent, **more))

        assert said in page
        assert "Your provider&#x27;s line was cut." in page
        assert not FindingDocument.objects.exists()

    def test_what_cannot_be_is_refused_with_its_clause_before_it_is_confirmed(self, desk, sent):
        page = shown(desk, RECORD, **with_file(sent, customers=make.customer().external_id))

        assert "nobody down whom it concerns" in page
        assert f'value="{FindingDocument.objects.get().pk}"' in page  # the document need not be chosen again

    def test_a_page_leads_to_it_with_what_it_is_upon(self, desk, sent):
        customer, outage = sent.contract.customer, outage_of(sent)
        page = shown(desk, reverse("admin:outage_customer", args=[outage.reference, customer.pk]))
        link = page.split(f'href="{RECORD}?')[1].split('"')[0].replace("&amp;", "&")

        form = shown(desk, f"{RECORD}?{link}")

        assert f'value="{outage.reference}"' in form
        assert f'value="{BEGAN:%H:%M:%S}"' in form
        assert f'value="{BEGAN + 95 * MINUTE:%H:%M:%S}"' in form


class TestItsPage:
    def test_shows_evidence_hash_author_and_the_claims_that_it_touches(self, desk, sent, finding):
        page = shown(desk, f"/admin/findings/{finding.reference}/")

        for one in (finding.evidence, finding.document.sha256, finding.found_by.name, sent.reference):
            assert one in page

    def test_each_download_is_put_on_record(self, desk, finding):
        answer = desk.post(f"/admin/findings/{finding.reference}/document/")

        assert answer["Content-Disposition"].startswith("attachment")
        assert answer.content.startswith(b"The provider")
        assert Event.objects.filter(verb="finding.document_opened", matter=finding.reference).exists()

    def test_the_document_is_opened_only_scanned_and_as_it_was_handed_in(self, desk, sent, settings):
        finding = find.finding(start=BEGAN, customers=[sent.contract.customer], now=NOW + 2 * DAY)
        settings.CLAMD_SOCKET = "127.0.0.1:1"
        silent = desk.post(f"/admin/findings/{finding.reference}/document/").content.decode()
        settings.CLAMD_SOCKET = ""
        storages["evidence"].delete(finding.document.stored_as)
        gone = desk.post(f"/admin/findings/{finding.reference}/document/").content.decode()

        assert "The virus scanner does not answer" in silent
        assert "The document is not as it was handed in" in gone

    def test_corrected_both_are_there(self, desk, sent, finding):
        path = f"/admin/findings/{finding.reference}/correct/"
        form = shown(desk, path)
        assert f'value="{finding.document_id}"' in form

        again = typed(sent, kept=finding.document_id, reason="Shorter by the second report.", end_time="14:10:00")
        assert "Nothing is saved yet" in shown(desk, path, **again)
        page = desk.post(path, again | {"confirmed": "1"}, follow=True).content.decode()

        assert "stands in place of" in page
        assert "Shorter by the second report." in page
        assert "Stands no more" in shown(desk, f"/admin/findings/{finding.reference}/")

    def test_withdrawn_it_is_shown_first_and_excludes_nothing_any_more(self, desk, sent, finding):
        path = f"/admin/findings/{finding.reference}/withdraw/"

        assert "Nothing is saved yet" in shown(desk, path, reason="It was another line.")
        assert Finding.objects.standing().exists()
        desk.post(path, {"reason": "It was another line.", "confirmed": "1"})

        assert not Finding.objects.standing().exists()
        assert "It was another line." in shown(desk, f"/admin/findings/{finding.reference}/")

    def test_the_list_finds_it_by_its_customer_and_asks_as_much_for_many(self, desk, sent, finding):
        def asked():
            with CaptureQueriesContext(connection) as queries:
                page = shown(desk, f"/admin/sla/finding/?q={sent.contract.customer.name}")
            assert finding.reference in page
            return len(queries)

        first = asked()
        for _ in range(3):
            find.finding(start=BEGAN, customers=[sent.contract.customer], now=NOW + 2 * DAY)
        assert asked() == first


class TestTheChecklist:
    """M5.5: each of the eight, found or not; what nobody looked at is said."""

    def test_of_a_claim_says_who_found_what_and_what_nobody_looked_at(self, desk, sent):
        finding = find.finding(start=BEGAN, minutes=10, customers=[sent.contract.customer], now=NOW + 2 * DAY)

        page = shown(desk, f"/admin/claims/{sent.reference}/")

        assert page.count("Not examined, so not found") == 4
        for one in (finding.reference, finding.evidence, f"found by {finding.found_by.name}", "10 min cut out."):
            assert one in page

    def test_what_was_looked_at_and_not_found_has_its_name(self, desk, sent):
        path = f"/admin/claims/{sent.reference}/examined/"
        assert "Error" in shown(desk, path, **{"examined-kind": "iii"})

        desk.post(path, {"examined-kind": "iii", "examined-note": "No report of the exchanges."})

        assert Examination.objects.get().claim == sent
        page = shown(desk, f"/admin/claims/{sent.reference}/")
        assert "No report of the exchanges." in page
        assert page.count("Not examined, so not found") == 4

    def test_of_an_alert_has_volume_and_outage_with_their_figures(self, desk):
        customer = make.customer()
        tables([Line(2, customer.pk, "INC-7", told(BEGAN, 30), log_file(NOW, make.manager()).pk)])
        finding = find.finding(start=BEGAN, minutes=30, customers=[customer], incident="INC-7")

        page = shown(desk, address_of(Notification.objects.get()))

        for one in (
            finding.reference,
            "Inside an outage",
            "the volume cannot exclude the failure",
            "Late, excluded by its cause",
        ):
            assert one in page


class TestTheCustomer:
    def test_reads_what_is_not_counted_and_why(self, monkeypatch, sent):
        at(monkeypatch, LATER)
        find.finding(start=BEGAN, minutes=30, customers=[sent.contract.customer], now=NOW + 2 * DAY)
        theirs = signed_in(sent.opened_by)

        page = shown(theirs, reverse("claim", args=[sent.reference]))

        assert "What is not counted, and why" in page
        assert "Their internet provider had a failure." in page
        assert "Nothing is decided." in page

    def test_reads_it_of_the_decision_as_it_was_frozen(self, monkeypatch, sent):
        finding = find.finding(start=BEGAN, minutes=10, customers=[sent.contract.customer], now=NOW + 2 * DAY)
        make.decided(proposal=make.proposal(claim=sent, now=NOW + 2 * DAY), now=LATER)
        at(monkeypatch, LATER + DAY)
        find_later = find.finding(start=BEGAN, minutes=90, customers=[sent.contract.customer], now=LATER)

        page = shown(signed_in(sent.opened_by), reverse("claim", args=[sent.reference]))

        assert "The decision rests on this." in page
        assert finding.evidence in page
        assert find_later.reference not in page

    def test_reads_nothing_of_it_where_nothing_is_excluded(self, monkeypatch, sent):
        at(monkeypatch, LATER)

        assert "What is not counted" not in shown(signed_in(sent.opened_by), reverse("claim", args=[sent.reference]))
