"""Invented customers and their last weeks, made through the product's own actions, relative to the moment of loading.

`cast.py` says who there is, `book.py` who else comes in by an import, `sessions.py` and `claims.py` what happened; a later
capability adds its lines there.
`load` plays it in order of time, with the clock's turns in between, as it would have been.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from entitlements import notices
from entitlements.models import Customer
from sla.demo import (
    alerts,
    book,
    claims,
    contracts,
    editions,
    engineers,
    findings,
    in_writing,
    ledger,
    maintenance,
    one_claim,
    outcomes,
    people,
    post,
    sessions,
    standstill,
    withdrawals,
)
from sla.demo.cast import Cast
from sla.demo.scene import Scene
from sla.proofs import prove
from sla.sweep import sweep

WATCHED_DAILY, OLDEST, PROVED = timedelta(days=45), timedelta(days=430), timedelta(days=10)


def is_loaded() -> bool:
    return Customer.objects.exists()


@transaction.atomic
def load(*, now: datetime) -> Cast:
    """Play the story up to `now` (UTC): all of it or nothing."""
    cast = Cast.assemble(now)
    for scene in sorted(
        [
            *contracts.scenes(cast, now),
            *sessions.scenes(cast, now),
            *engineers.scenes(cast, now),
            *outcomes.scenes(cast, now),
            *claims.scenes(cast, now),
            *in_writing.scenes(cast, now),
            *ledger.scenes(cast, now),
            *one_claim.scenes(cast, now),
            *maintenance.scenes(cast, now),
            *findings.scenes(cast, now),
            *alerts.scenes(cast, now),
            *book.scenes(cast, now),
            *standstill.scenes(cast, now),
            *editions.scenes(cast, now),
            *people.scenes(cast, now),
            *post.scenes(cast, now),
            *withdrawals.scenes(cast, now),
            *_turns(now),
        ],
        key=lambda scene: scene.at,
    ):
        scene.play()
        _post(scene.at)
    return cast


def _turns(now: datetime) -> Iterator[Scene]:
    """The clock's turns: once a day in the last weeks, once a week before, and one that brings it to now."""
    at = now - OLDEST
    while at <= now:
        yield Scene(at, partial(_turn, at))
        if now - at <= PROVED:
            yield Scene(at, partial(prove, now=at))
        at += timedelta(days=1 if now - at <= WATCHED_DAILY else 7)
    yield Scene(now, partial(_turn, now))
    yield Scene(now, partial(prove, now=now))


def _turn(at: datetime) -> None:
    sweep(now=at, application_now=at)


def _post(at: datetime) -> None:
    """The letters go as they are written, not at the clock's next turn."""
    while notices.send_due(clock=lambda: at):
        pass
