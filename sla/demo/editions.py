"""The next edition of the policy, drafted and proposed: it waits for a second person (E2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

from entitlements.actions.editions import draft_policy, propose_policy, save_policy
from entitlements.models import PolicyEdition
from sla.demo.cast import Cast
from sla.demo.scene import Scene, moment


def scenes(cast: Cast, now: datetime) -> Iterator[Scene]:
    """A week ago Morgan drafted it, with a second workshop at Gold and one assessment less at Silver, and proposed it."""
    yield Scene(moment(now, 7), lambda: _propose_the_next(cast, moment(now, 7)))


def _propose_the_next(cast: Cast, at: datetime) -> None:
    of = PolicyEdition.objects.published().latest("valid_from")
    first = date(at.year + 1, 1, 1)
    draft = draft_policy(
        of=of, name=f"CSE usage policy, edition of {first.year}", valid_from=first, by=cast.manager, now=at
    )
    text = PolicyEdition.objects.with_text().get(pk=draft.pk).text()
    cells = {**text.cells, ("gold", "alert_strategies"): 2, ("silver", "maturity"): 1}
    saved = save_policy(edition=draft, turn=draft.turn, text=replace(text, cells=cells), by=cast.manager, now=at)
    propose_policy(edition=saved, turn=saved.turn, by=cast.manager, now=at)
