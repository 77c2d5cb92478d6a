"""S19: a denied claim is looked at again when its customer asks with a reason, once for a decision, and keeps its first date."""

from __future__ import annotations

import pytest
from django.urls import reverse

from entitlements.actions.refused import Refused
from entitlements.models import Letter
from sla.actions.second_looks import ask_for_second_look, decline_second_look, reopen_claim
from sla.claims import decision_of
from sla.models import Claim, SecondLook
from tests import factories as make
from tests.desk import signed_in as at_the_desk
from tests.factories import DAY, HOUR, NOW
from tests.question_factories import denied
from tests.shared import shared

LATER = NOW + 3 * DAY


@shared
def refused_claim() -> Claim:
    return denied()


def ask(claim: Claim, reason: str = "Page 3 shows it.") -> SecondLook:
    return ask_for_second_look(claim=claim, reason=reason, by=claim.opened_by, now=LATER)


class TestAsking:
    def test_once_for_a_decision(self, refused_claim) -> None:
        first = ask(refused_claim)

        assert ask(refused_claim).pk == first.pk
        with pytest.raises(Refused):
            ask(refused_claim, "Another reason.")

    def test_its_page_says_whose_move_it_is(self, refused_claim, signed_in) -> None:
        url = reverse("claim", args=[refused_claim.reference])
        browser = signed_in(refused_claim.opened_by)
        before = browser.get(url).content.decode()
        ask(refused_claim)

        after = browser.get(url).content.decode()

        assert "ask us once to look again" in before
        assert "The next step is ours" in after
        assert "If you disagree" not in after

    def test_only_of_a_denial(self, decided_claim) -> None:
        """A credit is undone only by an opposite entry."""
        with pytest.raises(Refused):
            ask(decided_claim)


class TestReopening:
    def test_it_keeps_its_receipt_and_is_decided_anew_by_two(self, refused_claim) -> None:
        looked, by = ask(refused_claim), make.manager()

        claim = reopen_claim(claim=refused_claim, reason="We missed page 3.", by=by, now=LATER)

        looked.refresh_from_db()
        assert (looked.reopened, looked.settled_by, looked.answer) == (True, by, "We missed page 3.")
        assert (claim.state, claim.received_at, claim.closed_at) == ("in_review", NOW + HOUR, None)
        assert decision_of(claim) is None
        again = make.decided(proposal=make.proposal(claim=claim, now=LATER), now=LATER + DAY)
        assert again.state == "credited"
        assert decision_of(again).outcome == "approve"
        assert Letter.objects.filter(kind="claim_decided").values("deadline").distinct().count() == 2

    def test_without_being_asked_with_a_reason(self, refused_claim) -> None:
        assert reopen_claim(claim=refused_claim, reason="Our log was wrong.", by=make.manager(), now=LATER)
        assert Letter.objects.filter(kind="second_look_settled").exists()

    def test_denied_again_it_can_be_asked_about_again(self, refused_claim) -> None:
        ask(refused_claim)
        claim = reopen_claim(claim=refused_claim, reason="We look.", by=make.manager(), now=LATER)
        proposal = make.proposal(claim=claim, outcome="deny", grounds="S9: still.", now=LATER)
        make.decided(proposal=proposal, now=LATER + DAY)

        assert ask_for_second_look(claim=claim, reason="Page 4.", by=claim.opened_by, now=LATER + 2 * DAY)
        assert SecondLook.objects.count() == 2

    def test_the_decision_can_stand(self, refused_claim) -> None:
        ask(refused_claim)

        settled = decline_second_look(
            claim=refused_claim, reason="Page 3 is another day.", by=make.manager(), now=LATER
        )

        assert (settled.reopened, Claim.objects.get().state) == (False, "denied")
        with pytest.raises(Refused):
            decline_second_look(claim=refused_claim, reason="Twice.", by=make.manager(), now=LATER)

    def test_not_by_the_customers_own(self, refused_claim) -> None:
        with pytest.raises(Refused) as refused:
            reopen_claim(claim=refused_claim, reason="x", by=refused_claim.opened_by, now=LATER)

        assert refused.value.refusals[0].code == "own_claim"


class TestThePages:
    def test_from_the_question_to_the_reopened_claim(self, refused_claim, signed_in, clock) -> None:
        clock(LATER)
        portal, desk = signed_in(refused_claim.opened_by), at_the_desk(make.manager())
        claim, asks = (reverse(name, args=[refused_claim.reference]) for name in ("claim", "ask_for_second_look"))
        settle = reverse("admin:reopen_claim", args=[refused_claim.reference])

        assert asks in portal.get(claim).content.decode()
        assert "<title>Error: " in portal.post(asks, {"reason": ""}).content.decode()
        assert "A reviewer is looking at it" in portal.post(asks, {"reason": "Page 3."}, follow=True).content.decode()
        assert portal.get(asks).status_code == 302

        assert "Page 3." in desk.get(reverse("admin:claim", args=[refused_claim.reference])).content.decode()
        assert "Page 3." in desk.post(settle, {"second_look-reason": ""}).content.decode()
        page = desk.post(settle, {"second_look-reason": "We missed it."}, follow=True).content.decode()
        assert "Propose a decision" in page

        shown = portal.get(claim).content.decode()
        assert "We missed it." in shown
        assert "The decision</h2>" not in shown
