"""Acts that come too late, out of order, or after what somebody else did meanwhile (E3, E5, E10)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from entitlements import notices
from entitlements.actions.engagements import PlannedSession, cancel_engagement, hold_session, schedule_engagement
from entitlements.actions.moves import move_sessions
from entitlements.actions.no_shows import note_no_show
from entitlements.actions.refused import Refused
from entitlements.actions.zones import change_zone
from entitlements.models import Contract, Engagement, Letter
from tests import factories as make
from tests.entitlements.portal import page, words
from tests.factories import DAY, HOUR, NOW
from tests.shared import shared

pytestmark = pytest.mark.django_db

CUSTOMER, VENDOR = Engagement.Side.CUSTOMER, Engagement.Side.VENDOR
START = NOW + 2 * DAY


def refused(action, **given):
    with pytest.raises(Refused) as caught:
        action(**given)
    return caught.value.refusals[0]


@shared
def two_parts(gold):
    return make.scheduled(contract=gold, activity="incident_lifecycle", start=START)


def part(engagement, n):
    return engagement.sessions.get(part=n, released_at=None)


class TestACustomerCancels:
    """E5: until the session begins."""

    def test_not_once_it_has_begun_and_is_told_who_helps(self):
        engagement = make.scheduled(start=START)
        given = {"engagement": engagement, "side": CUSTOMER, "reason": "x", "by": make.manager()}

        refusal = refused(cancel_engagement, now=START, **given)

        assert (refusal.clause, refusal.code) == ("E5", "has_begun")
        assert refusal.what_helps
        assert cancel_engagement(now=START - HOUR, **given).state == "cancelled"

    def test_not_while_a_discovery_that_took_place_is_not_noted(self, two_parts):
        given = {"side": CUSTOMER, "reason": "x", "by": make.manager(), "now": START + DAY}

        assert refused(cancel_engagement, engagement=two_parts, **given).code == "has_begun"

        hold_session(session=part(two_parts, 1), by=make.manager(), now=START + DAY)
        assert cancel_engagement(engagement=two_parts, **given).counts

    def test_the_vendor_at_any_time(self):
        engagement = make.scheduled(start=START)
        given = {"reason": "x", "by": make.manager(), "now": START + DAY}

        assert cancel_engagement(engagement=engagement, side=VENDOR, **given).state == "cancelled"

    def test_the_page_says_so_and_offers_it_no_more(self, silver, portal, clock):
        engagement = make.scheduled(contract=silver, start=START)
        clock(START + HOUR)

        assert "can no longer be cancelled" in words(page(portal, "engagement", engagement.reference))
        assert reverse("cancel_engagement", args=[engagement.reference]) not in page(
            portal, "engagement", engagement.reference
        )
        portal.post(reverse("cancel_engagement", args=[engagement.reference]), {"reason": "x"})
        engagement.refresh_from_db()
        assert engagement.state == "scheduled"


class TestWhatIsOver:
    """E5"""

    def test_no_request_is_scheduled_into_it(self, requested):
        sessions = [PlannedSession(NOW - HOUR, make.engineer())]
        given = {"engagement": requested, "sessions": sessions, "by": make.manager(), "now": NOW}

        assert refused(schedule_engagement, **given).code == "in_the_past"


class TestTheZoneUnderTheLock:
    """E3: an act that read the contract before its zone changed counts in the new zone all the same."""

    def test_a_request_is_scheduled_on_the_new_zones_day(self):
        contract = make.contract(zone="America/Los_Angeles")
        engagement = make.request(contract=contract, day=date(2026, 12, 20))
        assert engagement.contract.zone == "America/Los_Angeles"
        self.moves_to_auckland(contract)

        scheduled = schedule_engagement(**self.on_new_years_eve(engagement))

        assert (scheduled.day, scheduled.year.n) == (date(2027, 1, 1), 2)

    def test_sessions_are_moved_to_the_new_zones_day(self):
        contract = make.contract(zone="America/Los_Angeles")
        engagement = make.scheduled(contract=contract)
        self.moves_to_auckland(contract)

        moved = move_sessions(**self.on_new_years_eve(engagement))

        assert (moved.day, moved.year.n) == (date(2027, 1, 1), 2)

    def test_a_session_is_held_on_the_new_zones_day(self):
        contract = make.contract(zone="America/Los_Angeles")
        engagement = make.scheduled(contract=contract)
        session = engagement.sessions.select_related("engagement__contract").get()
        self.moves_to_auckland(contract)

        begun = datetime(2026, 6, 20, 20, tzinfo=UTC)
        held = hold_session(session=session, start=begun, by=make.manager(), now=NOW + 30 * DAY)

        assert held.day == date(2026, 6, 21)

    @pytest.mark.parametrize(
        "begun", [None, timedelta(0), HOUR], ids=["as planned", "typed as planned", "an hour later"]
    )
    def test_a_session_of_before_it_is_noted_on_the_day_it_had(self, begun):
        """E3, E5: on the last evening of year 1; in the new zone it would be a day of year 2."""
        contract = make.contract(zone="America/Los_Angeles", first=date(2025, 6, 9), last=date(2027, 6, 8))
        start = datetime(2026, 6, 9, 2, tzinfo=UTC)
        engagement = make.scheduled(contract=contract, start=start, now=NOW - 5 * DAY)
        self.moves_to_auckland(contract)

        typed = None if begun is None else start + begun
        held = hold_session(session=engagement.sessions.get(), start=typed, by=make.manager(), now=NOW)

        assert (held.day, held.year.n, held.usage.filter(kind="move").count()) == (date(2026, 6, 8), 1, 0)

    def moves_to_auckland(self, contract):
        read_anew = Contract.objects.get(pk=contract.pk)
        change_zone(contract=read_anew, zone="Pacific/Auckland", reason="They moved.", by=make.manager(), now=NOW)

    def on_new_years_eve(self, engagement):
        """December 31 in Los Angeles, January 1 in Auckland."""
        sessions = [PlannedSession(datetime(2026, 12, 31, 20, tzinfo=UTC), make.engineer())]
        return {"engagement": engagement, "sessions": sessions, "by": make.manager(), "now": NOW}


class TestTheDiscoveryComesFirst:
    """E10"""

    def test_no_follow_up_is_held_before_it_is_noted(self, two_parts):
        session = part(two_parts, 2)
        assert refused(hold_session, session=session, by=make.manager(), now=NOW + 60 * DAY).clause == "E10"

    def test_nor_begun_before_it_was_over(self, two_parts):
        by = make.manager()
        hold_session(session=part(two_parts, 1), by=by, now=START + DAY)
        given = {"session": part(two_parts, 2), "by": by, "now": NOW + 60 * DAY}

        assert refused(hold_session, start=START, **given).code == "out_of_order"
        assert hold_session(start=START + 2 * DAY, **given).state == "delivered"

    def test_held_meanwhile_it_is_not_moved(self, two_parts, engineer):
        by = make.manager()
        hold_session(session=part(two_parts, 1), by=by, now=START + DAY)
        sessions = [PlannedSession(START + 5 * DAY, engineer)]
        given = {"engagement": two_parts, "sessions": sessions, "by": by, "now": START + DAY}

        assert refused(move_sessions, first=1, **given).code == "already_moved_on"


class TestANoShowAtTheDiscovery:
    """N4, E5: the follow-up that it frees is taken out of everybody's calendar."""

    @pytest.mark.parametrize(
        ("side", "said"),
        [
            (CUSTOMER, "Nobody came to the session before it on your side."),
            (VENDOR, "PagerDuty did not come to the session before it."),
        ],
    )
    def test_writes_the_letter_with_its_calendar_file(self, two_parts, side, said):
        note_no_show(engagement=two_parts, side=side, by=make.manager(), now=START + HOUR)

        while notices.send_due(clock=lambda: START + HOUR):
            pass

        letter = Letter.objects.filter(kind="session_cancelled", matter=two_parts.reference).first()
        [(name, _, event)] = letter.attachments
        assert name == f"{two_parts.reference}-2.ics"
        assert "STATUS:CANCELLED" in event
        assert said in letter.text
        assert "part 2 of 2" in letter.text
        assert "part 1 of 2" not in letter.text

    def test_at_the_only_session_there_is_nothing_to_take_out(self):
        engagement = make.scheduled(start=START)
        note_no_show(engagement=engagement, side=CUSTOMER, by=make.manager(), now=START + HOUR)

        assert not Letter.objects.filter(kind="session_cancelled").exists()
