"""Invented customers and their last weeks, made through the product's own actions, relative to the moment of loading.

`cast.py` says who there is, `story.py` what happened; a later capability adds its lines there. `load` plays it in order of time,
with the clock's sweeps in between, as it would have been.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from entitlements import notices
from entitlements.models import Customer
from sla.demo.cast import Cast
from sla.demo.story import scenes
from sla.sweep import sweep


def is_loaded() -> bool:
    return Customer.objects.exists()


def load(*, now: datetime) -> Cast:
    """Play the story up to `now` (UTC). The days that have passed are swept one by one, and their letters sent."""
    cast = Cast.assemble(now)
    played = sorted(scenes(cast, now), key=lambda scene: scene.at)
    last_sweep = played[0].at
    for scene in played:
        while last_sweep + timedelta(days=1) < scene.at:
            last_sweep += timedelta(days=1)
            _turn(last_sweep)
        scene.play()
    _turn(now)
    return cast


def _turn(at: datetime) -> None:
    sweep(now=at, application_now=at)
    while notices.send_due(clock=lambda: at):
        pass
