"""S2, S13, S19: an interval that was recorded wrongly is corrected; open claims are computed anew, decided ones stand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from entitlements.actions.refused import Refused
from entitlements.models import Event
from sla.actions.causes import record_fix
from sla.actions.corrections import correct_downtime, withdraw_downtime
from sla.actions.decisions import approve_proposal
from sla.actions.outages import LoggedInterval, end_outage, record_outage
from sla.actions.publishing import open_the_way, publish_outage
from sla.models import Cause, Claim, Correction, Downtime, Failure, Opening, Recomputation
from tests import factories as make
from tests.desk import at, signed_in
from tests.entitlements.imports.files import imported
from tests.factories import DAY, HOUR, NOW
from tests.shared import shared

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
BEGAN = NOW - DAY
LATER = NOW + 3 * DAY


@shared
def sent(sent_claim: Claim) -> Claim:
    """Orders at 20 and 21 minutes into an outage of 95."""
    return sent_claim


@shared
def decided() -> Claim:
    """Of another customer."""
    return make.decided()


def logged(claim) -> Downtime:
    return claim.failures.get().outage.downtimes.get()


def correct(claim, *, start=BEGAN, minutes=None, now=LATER, **more):
    end = None if minutes is None else start + minutes * MINUTE
    given = {"start": start, "end": end, "reason": "The log of the other site.", "by": make.manager(), "now": now}
    return correct_downtime(downtime=logged(claim), **given | more)


class TestAnInterval:
    def test_what_it_was_stays_on_record(self, sent):
        downtime = correct(sent, minutes=40)

        kept = Correction.objects.get()
        assert (kept.was.upper, kept.becomes.upper) == (BEGAN + 95 * MINUTE, BEGAN + 40 * MINUTE)
        assert downtime.end == kept.becomes.upper
        assert Event.objects.filter(verb="outage.corrected", matter=downtime.outage.reference).exists()

    @pytest.mark.parametrize("change", [{"reason": "other"}, {"becomes": None}])
    def test_a_correction_never_changes(self, sent, change):
        correct(sent, minutes=40)

        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            Correction.objects.update(**change)

    def test_corrected_to_what_it_is_nothing_happens(self, sent):
        correct(sent, minutes=95)

        assert not Correction.objects.exists()

    def test_one_that_lasts_after_all_opens_its_outage_again(self, sent):
        """S2, S12: resolved, it was not over, and its cause was not closed."""
        resolved = logged(sent).outage
        record_fix(cause=resolved.cause, by=make.manager(), now=NOW)
        assert (resolved.state, Cause.objects.get().standing) == ("resolved", "closed")

        correct(sent, minutes=None)

        outage = logged(sent).outage
        assert (outage.state, outage.cause.standing) == ("investigating", "fixed")
        assert outage.steps.get().note == "The log of the other site."

    @pytest.mark.parametrize(
        ("start", "minutes", "code"),
        [(LATER, 1, "not_yet"), (BEGAN, 0, "ended_before"), (BEGAN, -5, "ended_before")],
    )
    def test_times_that_cannot_be_are_refused(self, sent, start, minutes, code):
        with pytest.raises(Refused) as refused:
            correct(sent, start=start, minutes=minutes)

        assert refused.value.refusals[0].code == code

    def test_minutes_of_another_cause_are_refused(self, sent):
        make.outage(customer=sent.contract.customer, start=BEGAN + 2 * HOUR, minutes=10)

        with pytest.raises(Refused, match="another cause"):
            correct(sent, minutes=121)

    def test_one_that_was_withdrawn_counts_no_more_and_is_not_corrected(self, sent):
        withdraw_downtime(downtime=logged(sent), reason="Of the test site.", by=make.manager(), now=LATER)

        assert not Downtime.objects.of(sent.contract.customer).exists()
        assert Correction.objects.get().becomes is None
        with pytest.raises(Refused, match="withdrawn"):
            correct(sent, minutes=40)


class TestTheClaimsUponIt:
    def test_an_open_one_is_computed_anew_and_says_so(self, sent, monkeypatch):
        correct(sent, start=BEGAN + 15 * MINUTE, minutes=30)

        found = Recomputation.objects.get(claim=sent)
        assert (found.remedy_before, found.remedy_after) == (85 * MINUTE, 20 * MINUTE)
        assert (found.assessed_before, found.assessed_after) == (2000, 0)
        at(monkeypatch, LATER)
        page = signed_in(make.manager()).get(f"/admin/claims/{sent.reference}/").content.decode()
        assert f"because {logged(sent).outage.reference} was corrected" in page
        assert "assessed from" in page

    def test_a_second_too_short_it_is_no_failure_any_more(self, sent):
        correct(sent, minutes=30 - 1 / 60)

        assert Recomputation.objects.get(claim=sent).remedy_after == timedelta()

    def test_a_correction_that_changes_no_figure_says_nothing(self, sent):
        make.outage(customer=sent.contract.customer, start=BEGAN - DAY, minutes=10)
        other = Downtime.objects.of(sent.contract.customer).earliest("during")

        correct_downtime(
            downtime=other, start=other.start, end=other.start + MINUTE, reason="x", by=make.manager(), now=LATER
        )

        assert not Recomputation.objects.exists()

    def test_a_decided_one_stands_and_says_so(self, decided, monkeypatch):
        before = (Claim.objects.values().get(pk=decided.pk), decided.proposals.values().get())

        correct(decided, minutes=30)

        assert before == (Claim.objects.values().get(pk=decided.pk), decided.proposals.values().get())
        assert Recomputation.objects.get().decided
        at(monkeypatch, LATER)
        page = signed_in(make.manager()).get(f"/admin/claims/{decided.reference}/").content.decode()
        assert "The decision stands as it was made." in page

    def test_the_page_of_the_outage_says_what_became_of_each_claim(self, sent, decided, monkeypatch):
        at(monkeypatch, LATER)
        desk = signed_in(make.manager())

        for claim, words in ((sent, "Computed anew"), (decided, "Nothing: it was decided")):
            outage = correct(claim, minutes=30).outage

            page = desk.get(f"/admin/outages/{outage.reference}/")
            assert [one.claim for one in page.context["recomputed"]] == [claim]
            assert words in page.content.decode()

    def test_of_one_that_would_come_to_nothing_now_it_says_that(self, decided, monkeypatch):
        correct(decided, minutes=20)

        at(monkeypatch, LATER)
        page = signed_in(make.manager()).get(f"/admin/claims/{decided.reference}/").content.decode()
        assert "the claim would now come to nothing, not" in page

    def test_a_proposal_on_the_old_facts_is_not_approved(self, sent):
        proposal = make.proposal(claim=sent)
        correct(sent, minutes=30)

        with pytest.raises(Refused, match="Facts have changed"):
            approve_proposal(proposal=proposal, by=make.approver(), now=LATER)


class TestTheWindows:
    """S13: what was told never comes nearer."""

    def test_one_made_shorter_leaves_them(self, sent):
        told = Failure.objects.get().closes_at

        correct(sent, minutes=5)

        assert Failure.objects.get().closes_at == told

    def test_one_withdrawn_before_a_later_one_moves_them_and_the_outage_is_looked_at_again(self):
        contract = make.contract()
        midnight = datetime(2026, 6, 9, 4, 0, tzinfo=UTC)  # in New York
        pieces = [(midnight - HOUR, midnight - 10 * MINUTE), (midnight - 10 * MINUTE, midnight + HOUR)]
        logged = [LoggedInterval(contract.customer, *piece) for piece in pieces]
        outage = record_outage(title="Down", intervals=logged, source="log", by=make.manager(), now=NOW)
        publish_outage(outage=outage, by=make.manager(), now=NOW)
        open_the_way(opening=outage.openings.get(), now=NOW)
        told = Failure.objects.get().closes_at

        withdraw_downtime(downtime=outage.downtimes.earliest("during"), reason="x", by=make.manager(), now=LATER)

        assert Failure.objects.get().closes_at == told + DAY
        assert Opening.objects.waiting().exists()

    def test_one_that_begins_a_day_later_moves_them_a_day_away(self, sent):
        told = Failure.objects.get().closes_at

        correct(sent, start=BEGAN + DAY, minutes=60)

        assert Failure.objects.get().closes_at == told + DAY


def test_the_page_corrects_what_is_typed_in_the_vendors_zone(sent, monkeypatch):
    at(monkeypatch, LATER)
    desk, pk = signed_in(make.manager()), logged(sent).pk
    typed = {
        "correct-zone": "America/Los_Angeles",
        "correct-start_day": "2026-06-09",
        "correct-start_time": "07:00:00",
        "correct-end_day": "2026-06-09",
        "correct-end_time": "07:29:59",
        "correct-reason": "The log of the other site.",
    }

    said = desk.post(f"/admin/outages/intervals/{pk}/working/", typed).content.decode()
    assert "29 min 59 s: not an Availability Outage" in said
    assert not Correction.objects.exists()

    answer = desk.post(f"/admin/outages/intervals/{pk}/correct/", typed, follow=True).content.decode()
    assert "The log of the other site." in answer
    assert "29 min 59 s: not an Availability Outage" in answer


class TestAtOneMoment:
    @pytest.mark.parametrize("verb", ["correct", "withdraw", "end"])
    def test_the_outage_is_locked_first_as_a_publication_locks_it(self, verb):
        outage = make.outage(minutes=None)
        one = outage.downtimes.get()
        given = {"by": make.manager(), "now": LATER}
        verbs = {
            "correct": lambda: correct_downtime(downtime=one, start=one.start, end=NOW, reason="x", **given),
            "withdraw": lambda: withdraw_downtime(downtime=one, reason="x", **given),
            "end": lambda: end_outage(outage=outage, ended_at=NOW, **given),
        }

        with CaptureQueriesContext(connection) as asked:
            verbs[verb]()

        first = next(one["sql"] for one in asked if " FOR " in one["sql"] and "UPDATE" in one["sql"])
        assert 'FROM "sla_outage"' in first


class TestWhatAContractSays:
    """S1, S11, S19: its fees, terms and days bear on its claims, wherever they are changed."""

    def change(self, claim, act, **typed):
        address = reverse("admin:change_contract", args=[claim.contract_id, act])
        assert signed_in(make.manager(), just=LATER).post(address, typed | {"step": "confirm"}).status_code == 302

    FEE = {"month": "2026-05", "paid_seats": "1", "cost_per_seat": "0.01", "reason": "Invoice 7."}

    def test_a_fee_recomputes_an_open_claim_and_never_a_decided_one(self, sent, decided, monkeypatch):
        at(monkeypatch, LATER)
        for claim in (sent, decided):
            for month in ("2026-03", "2026-04", "2026-05"):
                self.change(claim, "fees", **self.FEE | {"month": month})

            told = claim.recomputations.earliest("pk"), claim.recomputations.latest("pk")
            assert [one.because for one in told] == ["a month of fees was entered"] * 2
            assert told[1].capped_after == Decimal("0.60") < told[0].capped_before
        assert [one.recomputations.latest("pk").decided for one in (sent, decided)] == [False, True]
        assert Claim.objects.get(pk=decided.pk).state == "credited"

    def test_what_puts_it_out_of_scope_is_said_though_no_figure_changes(self, sent, monkeypatch):
        at(monkeypatch, LATER)

        make.standard_terms(contract=sent.contract, first=date(2026, 6, 1), now=LATER)

        told = sent.recomputations.get()
        assert told.because.startswith("Enterprise terms were on record by mistake, and two people corrected it: ")
        assert told.capped_after == told.capped_before

    def test_what_no_claim_rests_on_recomputes_nothing(self, sent, monkeypatch):
        at(monkeypatch, LATER)

        self.change(sent, "terminate", last_day="2026-12-31", side="customer", reason="Notice given.")

        assert not Recomputation.objects.exists()

    def test_an_imported_fee_does_the_same(self, sent):
        rows = [[sent.contract.order_form, f"2026-0{n}", "1", "0.01"] for n in (3, 4, 5)]

        imported({"seats": [["order_form", "month", "paid_seats", "cost_per_seat"], *rows]})

        told = sent.recomputations.get()
        assert (told.because, told.capped_after) == ("the list book.xlsx was imported", Decimal("0.60"))
