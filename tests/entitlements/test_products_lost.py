"""E9: a product that is lost after the request or the booking is flagged: on the engagement, to its customer, and on the desk."""

from __future__ import annotations

import random
from datetime import date

import pytest
from django.urls import reverse

from entitlements.actions.engagements import hold_session
from entitlements.actions.products import end_product
from entitlements.admin.queues import WITHOUT_PRODUCTS
from entitlements.models import Engagement
from entitlements.products_lost import lost_by
from tests import factories as make
from tests.desk import signed_in
from tests.entitlements.portal import page, words
from tests.entitlements.test_actions_editions import draft, proposed, publish, save, text_of
from tests.factories import DAY, NOW, TODAY

pytestmark = pytest.mark.django_db

ACTIVITIES = ("alert_strategies", "automation_ideation", "integration", "maturity", "incident_lifecycle", "roadmap")


def ends(contract, product, last):
    end_product(holding=contract.products.get(product=product), last=last, reason="x", by=make.manager(), now=NOW)


def without_incident_management_from_2027():
    """E2: an edition by which an Incident Lifecycle Assessment of the next year needs AIOps in its place."""
    made = draft()
    needs = {key: kind for key, kind in text_of(made).needs.items() if key[0] != "incident_lifecycle"}
    publish(proposed(save(made, needs={**needs, ("incident_lifecycle", "aiops"): "required"})))


def test_the_list_is_the_rule_whatever_ended_when():
    dice, contract, by = random.Random(9), make.contract(), make.manager()
    without_incident_management_from_2027()
    asked = [(activity, day) for activity in ACTIVITIES for day in (TODAY + 30 * DAY, date(2027, 3, 1))]
    for activity, day in asked:
        make.request(contract=contract, activity=activity, day=day, by=by)
    rows, seen = contract.engagements.select_related("year", "contract"), set()

    for product in dice.sample(["im", "aiops", "cso", "rba", "rba_sh", "wa"], 6):
        ends(contract, product, dice.choice([TODAY + 10 * DAY, TODAY + 200 * DAY]))
        lost = {one.pk for one in rows if lost_by(one)}
        seen.add(len(lost))

        assert {one.pk for one in WITHOUT_PRODUCTS.rows(NOW)} == lost

    assert len(seen) > 3


def test_what_has_begun_or_ended_lost_nothing():
    engagement = make.scheduled(activity="incident_lifecycle", start=NOW + DAY)
    ends(engagement.contract, "im", TODAY)
    assert WITHOUT_PRODUCTS.count(NOW) == 1

    hold_session(session=engagement.sessions.get(part=1), by=make.manager(), now=NOW + 2 * DAY)

    assert (WITHOUT_PRODUCTS.count(NOW), lost_by(Engagement.objects.get(pk=engagement.pk))) == (0, None)


def test_the_desk_and_the_customer_read_what_is_missing(clock):
    engagement = make.request(activity="alert_strategies")
    owner, desk = make.one_of(engagement.contract.customer), signed_in(make.manager())
    ends(engagement.contract, "im", TODAY)

    for_them = words(page(signed_in(owner), "engagement", engagement.reference))
    for_us = desk.get(reverse("admin:engagement", args=[engagement.reference])).content.decode()

    assert "your contract does not include Incident Management, which this activity needs" in for_them
    assert "the contract does not include Incident Management, which this activity needs" in for_us
    assert f"1 {WITHOUT_PRODUCTS.title}" in words(desk.get(reverse("admin:index")).content.decode()).replace("  ", " ")
    assert engagement.reference in desk.get(WITHOUT_PRODUCTS.url).content.decode()
