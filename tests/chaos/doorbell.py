"""The product's Celery app, whose beat rings each job after `RINGS` seconds, so that nobody has to wait for minutes. `RUNG` names
the jobs that it rings for, where a scenario wants only some. It has one task more, for a twin: a clock that trusts its messages."""

import os

from config.celery import app, every
from tests.chaos import elsewhen  # noqa: F401 - first

TRUSTED = "chaos.lapse_as_told"
RINGS = int(os.environ.get("RINGS", "1"))
RUNG = os.environ.get("RUNG", "").split(",") if os.environ.get("RUNG") else list(app.conf.beat_schedule)


@app.task(name=TRUSTED)
def lapse_as_told(reference: str) -> None:
    """What the product does not have: a draft lapses because a message says so, and not because its row is due."""
    from entitlements.clock import database_now
    from sla.actions.claims import lapse_claim
    from sla.models import Claim

    lapse_claim(claim=Claim.objects.get(reference=reference), now=database_now())


app.conf.beat_schedule = {name: every(RINGS, app.conf.beat_schedule[name]["task"]) for name in RUNG}
