"""What the tests of the portal share: a clock that they set, and somebody who is signed in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from tests import desk
from tests.factories import NOW
from tests.worlds import (  # noqa: F401
    complete_draft,
    decided_claim,
    draft,
    gold,
    proposal,
    reported,
    requested,
    running,
    scheduled,
    sent_claim,
    unlogged,
    waiting,
)


@pytest.fixture
def clock(monkeypatch: Any) -> Callable[[datetime], None]:
    """The database's clock as a request reads it: it stands at NOW until it is set."""
    instant = [NOW]
    monkeypatch.setattr("entitlements.middleware.arrived_at", lambda _: instant[0])

    def put(moment: datetime) -> None:
        instant[0] = moment

    return put


@pytest.fixture
def signed_in(db: None, clock: Any) -> Callable[..., Client]:
    """A browser in which somebody is signed in, on the portal whose clock stands at NOW."""

    def sign_in(person: Any, **options: Any) -> Client:
        return desk.signed_in(person, Client(**options))

    return sign_in
