from __future__ import annotations

from sla.rules.replay import replay
from tests import walkthrough


class TestTheWalkThroughTheRules:
    """docs/rules.md shows one booking and one claim with their real workings."""

    def test_the_page_prints_what_the_rules_say_today(self) -> None:
        assert walkthrough.PAGE.read_text() == walkthrough.page(), "run: python -m tests.walkthrough"

    def test_the_booking_is_refused_because_of_the_request_that_would_become_number_five(self) -> None:
        assert walkthrough.booking().blocked == ("ENG-5",)

    def test_the_claim_is_bounded_by_fees_and_replays_to_the_same_working(self) -> None:
        claim = walkthrough.claim()

        assert str(claim.capped) == "4800.00"
        assert replay(claim.working).working == claim.working
