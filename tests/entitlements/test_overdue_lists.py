"""E10, E13: what the database finds for a list of what is overdue is what the rules say of each engagement by itself."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from entitlements.actions import engagements, no_shows
from entitlements.admin.queues import FOLLOW_UPS_OVERDUE
from entitlements.models import Engagement
from entitlements.overdue import overdue_for_outcome
from entitlements.rules.days import local_day
from entitlements.rules.outcomes import is_overdue
from entitlements.timelines import follow_up_overdue
from tests import factories as make
from tests.factories import DAY, NOW

pytestmark = pytest.mark.django_db


def hold(engagement, *parts):
    for session in engagement.sessions.filter(part__in=parts):
        engagements.hold_session(session=session, by=make.manager(), now=session.during.upper)


def assessments(contract, start, *stages):
    """Of two sessions: begun, done, or left by its customer after the discovery."""
    for stage in stages:
        made = make.scheduled(contract=contract, activity="incident_lifecycle", start=start, now=NOW)
        hold(made, *{"done": (1, 2)}.get(stage, (1,)))
        made = Engagement.objects.get(pk=made.pk)
        if stage == "left":
            no_shows.note_no_show(engagement=made, side="customer", by=make.manager(), now=start + 14 * DAY)


def is_owed_and_late(engagement, now):
    if engagement.state != "delivered" or getattr(engagement, "outcome", None):
        return False
    zone = engagement.contract.tz
    last = max(one.held_at for one in engagement.sessions.all() if one.held_at)
    return is_overdue(local_day(last, zone), local_day(now, zone))


def test_at_any_instant_the_lists_are_the_rules():
    dice = random.Random(5)
    east, west = make.contract(zone="Pacific/Auckland"), make.contract(zone="America/Los_Angeles")
    assessments(east, NOW + DAY, "begun", "done")
    assessments(west, NOW + 2 * DAY, "begun", "left")
    rows = list(Engagement.objects.select_related("outcome", "contract").prefetch_related("sessions"))
    seen = set()

    for _ in range(30):
        now = NOW + timedelta(minutes=dice.randrange(30 * 1440))
        follow_ups = {one.pk for one in rows if follow_up_overdue(one, one.sessions.all(), now)}
        outcomes = {one.pk for one in rows if is_owed_and_late(one, now)}
        seen.add((len(follow_ups), len(outcomes)))

        assert {one.pk for one in FOLLOW_UPS_OVERDUE.rows(now)} == follow_ups
        assert {one.pk for one in overdue_for_outcome(now)} == outcomes

    assert seen >= {(0, 0), (2, 0), (2, 1)}
