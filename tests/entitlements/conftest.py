"""Somebody who books, signed in to the portal whose clock stands at NOW."""

from __future__ import annotations

import pytest

from entitlements.actions.engagements import hold_session
from entitlements.models import Role
from tests import factories as make
from tests.desk import signed_in
from tests.shared import shared
from tests.worlds import (  # noqa: F401
    complete_draft,
    decided_claim,
    draft,
    gold,
    proposal,
    reported,
    requested,
    scheduled,
    sent_claim,
)


@pytest.fixture
def clock(monkeypatch):
    """The database's clock as a request reads it: it stands at NOW until it is set."""
    instant = [make.NOW]
    monkeypatch.setattr("entitlements.middleware.arrived_at", lambda _: instant[0])

    def put(moment):
        instant[0] = moment

    return put


@shared
def engineer():
    """Lars Holm, who can do everything and works around the clock."""
    return make.engineer(name="Lars Holm")


@shared
def colleague():
    """Ines Prado, who can do what Lars Holm can."""
    return make.engineer(name="Ines Prado")


@shared
def assessment(gold):  # noqa: F811  # pytest hands over the fixture by its name
    """Of two sessions, which are booked: the first in two weeks, the second two weeks later."""
    return make.scheduled(contract=gold, activity="incident_lifecycle")


@shared
def half_held(assessment):
    """An assessment after its discovery."""
    discovery = assessment.sessions.get(part=1)
    return hold_session(session=discovery, by=make.manager(), now=discovery.during.lower + 3 * make.HOUR)


@shared
def silver():
    """A contract on Silver Services in the first of its two years."""
    return make.contract(level="silver")


@shared
def booker(silver):
    return make.member(customer=silver.customer, roles=[Role.BOOKINGS], name="Bo Booker")


@pytest.fixture
def portal(client, clock, booker):
    """The booker's browser."""
    return signed_in(booker, client)
