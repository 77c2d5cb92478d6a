from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from entitlements.models import Event, Letter
from sla.models import Claim, ClaimState, Failure
from tests import factories as make
from tests.factories import HOUR, NOW
from tests.shared import shared

SECOND = timedelta(seconds=1)


def at(name: str, claim: Claim, *more: Any) -> str:
    return reverse(name, args=[claim.reference, *more])


@shared
def held_back(reported: Failure) -> Claim:
    """A draft that could be sent and does not send itself; its window ends on June 25 at 4:00 UTC."""
    return make.draft(failure=reported, complete=True, sends_itself=False)


class TestChecking:
    """S8–S11, S13: every answer and file with its way back, the figures with their working, and who signs for whom."""

    def test_what_is_missing_is_named_with_where_to_put_it_right(self, signed_in, draft) -> None:
        page = signed_in(draft.opened_by).get(at("claim_check", draft)).content.decode()

        assert "No lost transaction is listed." in page
        assert "There is no evidence yet." in page
        assert f"Send claim {draft.reference}" not in page

    def test_a_complete_draft_is_shown_with_its_figures_the_way_back_and_who_signs_for_whom(
        self, signed_in, complete_draft
    ) -> None:
        page = signed_in(complete_draft.opened_by).get(at("claim_check", complete_draft)).content.decode()

        assert "Your figures, not a decision" in page
        assert "1 h 25 min" in page
        assert "2,000.00" in page
        assert "59,040.00" in page
        assert all(f'data-clause="{clause}"' in page for clause in ("S8", "S9", "S11"))
        for name in ("claim_transactions", "claim_evidence", "claim_contact"):
            assert f'href="{at(name, complete_draft)}"' in page
        assert f"I, {complete_draft.opened_by.name}, declare for {complete_draft.contract.customer.name}" in page
        assert "Not sent yet." in page
        assert f"Send claim {complete_draft.reference}" in page

    def test_where_our_logs_know_nothing_the_customers_own_times_give_the_figures(self, signed_in, gold) -> None:
        unknown = make.draft(failure=make.failure(contract=gold, logged=False), complete=True)

        page = signed_in(unknown.opened_by).get(at("claim_check", unknown)).content.decode()

        assert "1 h 25 min" in page
        assert "2,000.00" in page

    def test_a_late_alert_has_figures_too(self, signed_in, gold) -> None:
        late = make.draft(failure=make.failure(contract=gold, kind="B", minutes=30), complete=True)

        page = signed_in(late.opened_by).get(at("claim_check", late)).content.decode()

        assert "(25 min)" in page


class TestSending:
    """S13, T4, X9: received once, at the instant at which the request came, or not at all."""

    def test_it_is_received_at_the_clock_of_the_request(self, signed_in, complete_draft, clock) -> None:
        clock(NOW + HOUR + 17 * SECOND)

        answer = signed_in(complete_draft.opened_by).post(at("claim_check", complete_draft), {"declared": "on"})

        complete_draft.refresh_from_db()
        assert answer.url == at("claim_receipt", complete_draft)
        assert complete_draft.state == ClaimState.SUBMITTED
        assert complete_draft.received_at == complete_draft.declared_at == NOW + HOUR + 17 * SECOND
        assert complete_draft.declared_by == complete_draft.submitted_by == complete_draft.opened_by

    def test_one_act_declares_and_sends(self, signed_in, complete_draft) -> None:
        Claim.objects.filter(pk=complete_draft.pk).update(declared_at=None, declared_by=None)

        signed_in(complete_draft.opened_by).post(at("claim_check", complete_draft), {"declared": "on"})

        verbs = (
            Event.objects.filter(matter=complete_draft.reference, part_of=None)
            .order_by("id")
            .values_list("verb", flat=True)
        )
        assert list(verbs)[-2:] == ["claim.declared", "claim.sent"]

    def test_without_the_tick_it_is_not_sent(self, signed_in, complete_draft) -> None:
        page = signed_in(complete_draft.opened_by).post(at("claim_check", complete_draft), {}).content.decode()

        complete_draft.refresh_from_db()
        assert complete_draft.is_draft
        assert "Tick the declaration before you send." in page
        assert "<title>Error: " in page

    def test_something_missing_is_named_and_nothing_is_declared(self, signed_in, draft) -> None:
        page = signed_in(draft.opened_by).post(at("claim_check", draft), {"declared": "on"}, follow=True)

        draft.refresh_from_db()
        assert draft.is_draft
        assert draft.declared_at is None
        assert "There is no evidence yet." in page.content.decode()

    def test_sent_twice_the_receipt_is_the_same(self, signed_in, complete_draft, clock) -> None:
        browser = signed_in(complete_draft.opened_by)
        first = browser.post(at("claim_check", complete_draft), {"declared": "on"})
        clock(NOW + HOUR)

        second = browser.post(at("claim_check", complete_draft), {"declared": "on"})

        complete_draft.refresh_from_db()
        assert first.url == second.url
        assert complete_draft.received_at == NOW
        assert Letter.objects.filter(kind="claim_received").count() == 1

    @pytest.mark.parametrize(("margin", "in_time"), [(-SECOND / 1_000_000, True), (0 * SECOND, False), (SECOND, False)])
    def test_at_the_deadline_it_is_late(self, signed_in, clock, held_back, margin, in_time) -> None:
        clock(held_back.closes_at + margin)

        signed_in(held_back.opened_by).post(at("claim_check", held_back), {"declared": "on"})

        held_back.refresh_from_db()
        assert (held_back.received_at is not None) is in_time

    def test_after_the_deadline_it_is_closed_with_the_moment_and_stays_readable(
        self, signed_in, clock, held_back
    ) -> None:
        browser = signed_in(held_back.opened_by)
        clock(held_back.closes_at + 2 * HOUR)

        page = browser.post(at("claim_check", held_back), {"declared": "on"}, follow=True).content.decode()

        assert "The time to claim has ended." in page
        assert "Wednesday, June 24, 2026, 11:59 p.m. Eastern Time" in page
        assert "closed 2 hours ago" in page
        assert "ask for a waiver" in page
        assert "Order 1" in page
        assert "Lapsed" in page

    def test_every_step_of_a_sent_claim_leads_to_the_claim_or_its_receipt(self, signed_in, decided_claim) -> None:
        steps = ("claim_transactions", "claim_evidence", "claim_contact", "claim_check", "claim_what_happened")
        browser = signed_in(decided_claim.opened_by)

        assert {name: browser.get(at(name, decided_claim)).status_code for name in steps} == dict.fromkeys(steps, 302)

    def test_declared_without_sending_it_sends_itself(self, signed_in, complete_draft) -> None:
        """S13, T3."""
        Claim.objects.filter(pk=complete_draft.pk).update(declared_at=None, declared_by=None, sends_itself_at=None)

        signed_in(complete_draft.opened_by).post(at("claim_declare", complete_draft), {"declared": "on"})

        complete_draft.refresh_from_db()
        assert complete_draft.is_draft
        assert complete_draft.sends_itself_at == complete_draft.closes_at - HOUR
