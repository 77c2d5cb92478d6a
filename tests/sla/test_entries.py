"""S13: what a customer writes or says is entered by one of the staff and confirmed by another; its receipt is its recorded arrival."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from entitlements import notices
from entitlements.actions.refused import Refused
from entitlements.models import Contract, Event, Letter, Standstill
from sla import pdf
from sla.actions.claims import withdraw_claim
from sla.actions.decisions import propose_decision
from sla.actions.entries import confirm_entry, return_entry
from sla.actions.extensions import extend_windows
from sla.actions.lapses import lapse
from sla.actions.waivers import approve_waiver, propose_waiver
from sla.admin.entry_forms import GROUPS, EntryForm
from sla.claims import receipt_of
from sla.models import Claim, ClaimFailure, Entry, Failure
from sla.reconciliation import compare
from sla.stated import StatedRates
from tests import factories as make
from tests.desk import signed_in
from tests.factories import DAY, HOUR, NOW
from tests.question_factories import entered
from tests.shared import shared

pytestmark = pytest.mark.django_db
TICK = timedelta(microseconds=1)
MONTHS = {
    "revenue": Decimal(9000),
    "expenses": Decimal(900),
    "first_day": date(2026, 4, 1),
    "last_day": date(2026, 5, 31),
}
RATES = StatedRates(
    reason="The shop itself was down.", completed_revenue=Decimal(0), completed_expenses=Decimal(0), **MONTHS
)


@shared
def entry(gold: Contract) -> Entry:
    return entered(contract=gold)


@shared
def call(gold: Contract) -> Entry:
    """A report by telephone."""
    return entered(contract=gold, what="report", way="call", note="Ana called: nothing came.", lines=(), file=None)


def code(refused) -> str:
    return refused.value.refusals[0].code


def text_of(letter: Letter) -> str:
    notices.render(letter)
    return letter.text


def confirm(entry: Entry, now=NOW, by=None) -> Entry:
    return confirm_entry(entry=entry, by=by or make.manager(), now=now)


class TestEntering:
    def test_is_nothing_until_it_is_confirmed(self, entry) -> None:
        assert not Claim.objects.exists()
        assert not Letter.objects.exists()
        assert storages["evidence"].open(entry.stored_as).read() == make.document().content

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"arrived_at": NOW + TICK}, "ahead"),
            ({"began_at": NOW - HOUR, "arrived_at": NOW - 2 * HOUR}, "before"),
            ({"way": "call", "note": "She said so."}, "by_call"),
            ({"way": "call", "what": "report"}, "note"),
            ({"file": None}, "document"),
            ({"lines": ()}, "lines"),
            ({"rates": RATES}, "one_method"),
            ({"lines": (), "rates": replace(RATES, completed_expenses=Decimal(1))}, "rates"),
        ],
    )
    def test_is_refused_with_the_reason(self, change, said, gold) -> None:
        with pytest.raises(Refused) as refused:
            entered(contract=gold, **change)

        assert code(refused) == said

    def test_not_twice_unless_it_was_sent_back(self, entry) -> None:
        """X9: also by another, and with another time of arrival."""
        same = {"contract": entry.contract, "arrived_at": NOW - TICK}
        with pytest.raises(Refused) as refused:
            entered(**same)

        return_entry(entry=entry, reason="Not what the letter says.", by=make.manager(), now=NOW)

        assert code(refused) == "entered_already"
        assert entered(**same)

    def test_no_report_of_what_is_on_record(self, reported) -> None:
        with pytest.raises(Refused) as refused:
            entered(failure=reported, what="report", lines=())

        assert code(refused) == "on_record"

    def test_not_by_the_customers_own(self, gold) -> None:
        with pytest.raises(Refused) as refused:
            entered(contract=gold, by=make.one_of(gold.customer))

        assert code(refused) == "own_customer"


class TestConfirming:
    def test_makes_the_claim_as_of_its_arrival(self, entry) -> None:
        confirmed = confirm(entry, now=NOW + HOUR)

        claim = confirmed.made_claim
        assert (claim.state, claim.received_at) == ("submitted", entry.arrived_at)
        assert claim.failures.get().reported_at == entry.arrived_at
        assert [(one.what, one.revenue) for one in claim.transactions.all()] == [("Order 1", Decimal("1200.00"))]
        assert (claim.evidence.get().sha256, claim.evidence.get().later) == (entry.sha256, False)
        assert "ana@acme.example" in set(
            Letter.objects.filter(kind="claim_received").values_list("addressee", flat=True)
        )

    def test_takes_another_person(self, entry) -> None:
        with pytest.raises(Refused) as refused:
            confirm(entry, by=entry.entered_by)

        assert code(refused) == "second_person"
        assert not Claim.objects.exists()

    def test_counts_by_the_arrival_however_late_it_is_confirmed(self, reported) -> None:
        """S13, T4: the last instant of the window is in time, its end is late."""
        closes, later = reported.closes_at, reported.closes_at + DAY
        in_time = entered(failure=reported, arrived_at=closes - TICK, now=later)
        other = make.document(content=b"Another letter")
        late = entered(failure=reported, file=other, arrived_at=closes, now=later)

        too_late = confirm(late, now=closes + 2 * DAY).made_claim
        claim = confirm(in_time, now=closes + 2 * DAY).made_claim

        assert (too_late.state, too_late.received_at) == ("lapsed", None)
        assert (claim.state, claim.received_at) == ("submitted", closes - TICK)
        assert [one.claim for one in reported.claim_failures.filter(released_at=None)] == [claim]

    def test_one_that_came_too_late_is_kept_and_its_sender_told(self, gold) -> None:
        """S13, T3: a claim without a report is its own, late, report; it lapsed when its time ended, with all that stands in it."""
        late = entered(contract=gold, began_at=NOW - 40 * DAY, contact_email="kim@elsewhere.example")
        make.one_of(late.contract.customer)

        claim = confirm(late).made_claim

        failure = claim.failures.get()
        assert (failure.reported_at, failure.reported_late) == (late.arrived_at, True)
        assert (claim.state, claim.closed_at, failure.state) == ("lapsed", failure.closes_at, "closed")
        assert (claim.transactions.count(), claim.evidence.get().sha256) == (1, late.sha256)
        told = Letter.objects.filter(kind="window_ended", matter=claim.reference)
        assert "kim@elsewhere.example" in set(told.values_list("addressee", flat=True))
        assert "reached us in writing" in text_of(told.first())
        assert "The time to claim for it" in text_of(Letter.objects.filter(kind="failure_reported").first())
        assert compare(NOW + HOUR).differences == []

    def test_two_people_let_in_what_came_too_late(self, gold) -> None:
        """S13: it was declared on paper, so nothing of the portal is asked of it."""
        late = entered(contract=gold, began_at=NOW - 40 * DAY)
        claim = confirm(late).made_claim

        waiver = propose_waiver(claim=claim, reason="The post was on strike.", by=make.manager(), now=NOW + HOUR)
        let_in = approve_waiver(waiver=waiver, by=make.approver(), now=NOW + DAY)

        assert (let_in.state, let_in.received_at) == ("submitted", NOW + DAY)
        assert late.sender in receipt_of(let_in)["received"].sent_by

    def test_a_window_made_longer_takes_what_came_in_it(self, reported) -> None:
        """T4: it was in time by the longer window, so it is received as of its arrival."""
        closes, later = reported.closes_at, reported.closes_at + DAY
        late = entered(failure=reported, arrived_at=closes + HOUR, now=later)
        claim = confirm(late, now=later).made_claim
        still = Standstill.objects.create(what="clock", began_at=closes - HOUR, ended_at=closes + HOUR)

        day = (closes + 4 * DAY).date()
        extend_windows(standstill=still, last_day=day, reason="We stood still.", by=make.manager(), now=later)

        claim.refresh_from_db()
        assert (claim.state, claim.received_at) == ("submitted", late.arrived_at)

    def test_the_draft_of_the_portal_gives_way_and_is_kept(self, complete_draft) -> None:
        claim = confirm(entered(failure=complete_draft.failures.get())).made_claim

        complete_draft.refresh_from_db()
        kept = (complete_draft.state, complete_draft.sends_itself_at, complete_draft.transactions.count())
        assert kept == ("covered", None, 2)
        assert [one.claim for one in claim.claim_failures.filter(released_at=None)] == [claim]

    def test_the_draft_goes_on_for_its_other_failures_alone(self, draft) -> None:
        """S13: what came in writing is neither judged nor told of nor withdrawn with the draft any more."""
        other = make.failure(contract=draft.contract, began=NOW - 3 * HOUR)
        ClaimFailure.objects.create(claim=draft, failure=other)
        Failure.objects.filter(pk=other.pk).update(state="claimed")
        claim = confirm(entered(failure=other)).made_claim

        draft.refresh_from_db()
        left = draft.own_failures().get()
        withdraw_claim(claim=draft, by=draft.opened_by, now=NOW + HOUR)
        draft.refresh_from_db()
        other.refresh_from_db()

        assert left != other
        assert list(draft.own_failures()) == [left]
        assert (other.state, list(claim.own_failures())) == ("claimed", [other])

    def test_a_claim_by_the_rate(self, gold) -> None:
        """S10: by letter as in the portal."""
        claim = confirm(entered(contract=gold, lines=(), rates=RATES)).made_claim

        assert (claim.method, claim.rate_basis.revenue, claim.rate_basis.first_day) == ("rate", 9000, RATES.first_day)
        assert "by the rate" in pdf._loss(claim, claim.transactions.all(), receipt_of(claim)["received"])["heading"]

    def test_of_an_alert_the_report_has_its_details(self, gold) -> None:
        """S4: by which the log of alerts is looked at."""
        details = {"incident": "INC-7", "channel": "sms", "responder_country": "US", "configured_delay_minutes": 5}
        made = confirm(entered(contract=gold, kind="B", **details)).made_claim.failures.get()

        assert {name: getattr(made, name) for name in details} == details

    def test_a_draft_that_lapsed_meanwhile_too(self, draft) -> None:
        failure, later = draft.failures.get(), draft.closes_at + DAY
        lapse([draft], later)

        claim = confirm(entered(failure=failure, arrived_at=NOW, now=later), now=later).made_claim

        failure.refresh_from_db()
        assert (failure.state, failure.closed_at, claim.received_at) == ("claimed", None, NOW)
        draft.refresh_from_db()
        assert draft.own_failures().get() == failure

    def test_what_is_claimed_already_is_not_claimed_twice(self, sent_claim) -> None:
        with pytest.raises(Refused) as refused:
            confirm(entered(failure=sent_claim.failures.get(), now=NOW + DAY), now=NOW + DAY)

        assert code(refused) == "claimed_already"

    def test_who_entered_it_does_not_decide_it_who_confirmed_may(self, entry) -> None:
        by = make.manager()
        claim = confirm(entry, by=by).made_claim
        decision = {"claim": claim, "outcome": "deny", "grounds": "S9", "now": NOW + DAY}

        with pytest.raises(Refused) as refused:
            propose_decision(**decision, by=entry.entered_by)

        assert code(refused) == "own_claim"
        assert propose_decision(**decision, by=by)

    @pytest.mark.parametrize(("scanner", "scan"), [("127.0.0.1:1", "waiting"), ("", "unscanned")])
    def test_its_document_waits_for_its_scan_where_there_is_a_scanner(self, settings, entry, scanner, scan) -> None:
        """P29, V39: like one that was uploaded, nobody opens it before."""
        settings.CLAMD_SOCKET = scanner

        claim = confirm(entry).made_claim

        assert claim is not None
        assert claim.evidence.get().scan == scan

    def test_of_a_call_makes_a_report(self, call) -> None:
        reported = confirm(call, now=NOW + HOUR).made_failure

        assert (reported.reported_at, reported.reported_late) == (call.arrived_at, False)
        assert not Claim.objects.exists()

    def test_of_a_call_no_document_is_spoken_of_and_the_customer_reads_who_called(self, call, clock) -> None:
        page = signed_in(make.manager()).get(reverse("admin:entry", args=[call.reference])).content.decode()
        reported = confirm(call, now=NOW + HOUR).made_failure
        owner = make.one_of(reported.contract.customer)
        read = signed_in(owner).get(reverse("failure", args=[reported.reference])).content.decode()

        assert "Is it what was said?" in page
        assert "Hold it beside the document" not in page
        assert f"{call.sender}, by telephone" in read

    def test_sent_back_it_stays_nothing(self, entry) -> None:
        return_entry(entry=entry, reason="It arrived a day later.", by=make.manager(), now=NOW)

        with pytest.raises(Refused) as refused:
            confirm(entry)

        assert code(refused) == "settled"
        assert not Failure.objects.exists()

    def test_its_receipt_says_how_it_came_and_is_the_same_again(self, entry) -> None:
        claim = confirm(entry).made_claim

        assert receipt_of(claim)["received"].sent_by == "Ana Lind, Acme, by e-mail; put on record by two of our people"
        assert pdf.receipt(claim) == pdf.receipt(Claim.objects.get())


def test_every_field_stands_under_what_it_is_about(gold) -> None:
    form = EntryForm(contract=gold, now=NOW)

    assert sorted(name for names in GROUPS.values() for name in names) == sorted(form.fields)


class TestThePages:
    def form(self, **changes):
        document = SimpleUploadedFile("claim.txt", b"We claim.", content_type="text/html")
        arrived = {"arrived_day": "2026-06-10", "arrived_time": "09:00:01"}
        began = {"began_day": "2026-06-09", "began_time": "10:00", "kind": "A"}
        told = {"sender": "Ana Lind", "lines": "2026-06-09 10:25; order 1; 1,200.50; 300"}
        return {"what": "claim", "way": "email", "document": document, **arrived, **began, **told, **changes}

    def test_from_the_document_to_the_claim(self, gold, clock) -> None:
        one, other = signed_in(make.manager()), signed_in(make.manager())
        new = reverse("admin:new_entry", args=[gold.pk])

        page = one.post(new, self.form(state="approved"), follow=True).content.decode()
        entry = Entry.objects.get()
        confirm, own = (
            reverse("admin:confirm_entry", args=[entry.reference]),
            reverse("admin:entry", args=[entry.reference]),
        )
        assert "Wednesday, June 10, 2026, 9:00:01 a.m. Eastern Time" in page
        assert confirm not in page
        assert "This was not done" in one.post(confirm).content.decode()
        assert confirm in other.get(own).content.decode()
        answer = other.post(reverse("admin:entry_document", args=[entry.reference]))
        assert (answer.content, answer["Content-Type"]) == (b"We claim.", "application/octet-stream")
        assert Event.objects.filter(verb="entry.document_opened", matter=entry.reference).exists()
        page = other.post(confirm, follow=True).content.decode()

        claim = Claim.objects.get()
        assert claim.reference in page
        assert claim.transactions.get().revenue == Decimal("1200.50")
        assert claim.received_at.isoformat() == "2026-06-10T13:00:01+00:00"
        assert (
            "put on record by two of our people"
            in signed_in(make.one_of(gold.customer))
            .get(reverse("claim_receipt", args=[claim.reference]))
            .content.decode()
        )

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"lines": "2026-06-09 10:25; order 1; 1.200,50"}, "The comma stands where the point does."),
            ({"lines": "yesterday; order 1; 5"}, "Write day and time like"),
            ({"lines": "2026-06-09; order 1; 5"}, "Write day and time like"),
            ({"lines": "2025-11-02 01:30; order 1; 5"}, "twice. Add the offset"),
            ({"lines": "2026-06-10 23:30; order 1; 5"}, "It cannot have been attempted in the future."),
            ({"lines": "2026-06-09 10:25; order 1; "}, "Line 1: revenue is empty."),
            ({"lines": "order 1"}, "Line 1: write time; what; revenue; expenses."),
            ({"began_day": ""}, "Give both the day and the time."),
            ({"arrived_day": "2026-06-11"}, "It cannot have arrived after now."),
            ({"document": SimpleUploadedFile("a.html", b"<html>")}, "must be a PDF"),
        ],
    )
    def test_what_is_wrong_comes_back_with_what_was_typed(self, gold, clock, changes, said) -> None:
        page = signed_in(make.manager()).post(reverse("admin:new_entry", args=[gold.pk]), self.form(**changes))

        assert said in page.content.decode()
        assert "Ana Lind" in page.content.decode()
        assert not Entry.objects.exists()

    def test_a_time_with_its_offset_is_that_instant(self, gold, clock) -> None:
        signed_in(make.manager()).post(
            reverse("admin:new_entry", args=[gold.pk]), self.form(lines="2026-06-09T10:25Z; order 1; 5")
        )

        assert Entry.objects.get().lines[0]["attempted_at"].startswith("2026-06-09T10:25:00")

    def test_a_claim_by_the_rate_and_an_alert(self, gold, clock) -> None:
        stated = {
            "by_rate": "No log.",
            "rate_revenue": "9,000",
            "rate_expenses": "900",
            "kind": "B",
            "incident": "INC-7",
        }
        days = {
            "rate_first_day": "2026-04-01",
            "rate_last_day": "2026-05-31",
            "configured_delay_minutes": "5",
            "lines": "",
        }
        one = signed_in(make.manager())

        page = one.post(reverse("admin:new_entry", args=[gold.pk]), self.form(**stated, **days), follow=True)
        entry = Entry.objects.get()

        assert (entry.rates["revenue"], entry.rates["last_day"], entry.incident) == ("9000", "2026-05-31", "INC-7")
        assert "by the rate of the months before" in page.content.decode()

    def test_rates_without_a_reason_or_with_one_day_come_back(self, gold, clock) -> None:
        stated = {"rate_revenue": "9,000", "rate_first_day": "2026-04-01", "lines": ""}
        page = signed_in(make.manager()).post(reverse("admin:new_entry", args=[gold.pk]), self.form(**stated))

        assert {"by_rate", "rate_last_day"} <= page.context["form"].errors.keys()

    def test_it_is_sent_back_with_a_reason(self, entry, clock) -> None:
        desk, back = signed_in(make.manager()), reverse("admin:return_entry", args=[entry.reference])

        assert "There is a problem" in desk.post(back, {"return-reason": ""}).content.decode()
        page = desk.post(back, {"return-reason": "Another day."}, follow=True).content.decode()

        assert "Another day." in page
        assert reverse("admin:confirm_entry", args=[entry.reference]) not in page
