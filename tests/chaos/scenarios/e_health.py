"""Each part broken in turn: what /readyz and the desk's first page say of it, and how soon (P40)."""

from __future__ import annotations

import html
from datetime import timedelta

from tests.chaos import clockwork
from tests.chaos.report import Told, scenario
from tests.chaos.stage import Stage

TWO_MINUTES = 120.0
WORDS = (
    "the database does not answer",
    "Redis does not answer",
    "the mail server takes no letters",
    "no sweep has begun",
)
CLOCK = {"RUNG": "sweep,letters", "RINGS": "2"}


@scenario("health", promises=["P40", "P4", "P10"], small=True)
def health(stage: Stage) -> Told:
    """Each part broken in turn; /readyz and the desk's first page name it within two minutes, and are well again afterwards"""
    from entitlements.models import User

    stage.extra |= CLOCK
    stage.start("web", "worker", "beat")
    desk = stage.browser(User.objects.get(pk=stage.world.manager))
    told = Told(
        compared=[
            "/readyz and the desk's first page name the part within two minutes of its breaking, and not before",
            "recovery: the longest time from when a part was there again until nothing was said of it",
        ]
    )

    def named(words: str) -> bool:
        return words in desk.get("/readyz").text

    def named_at_the_desk(words: str) -> bool:
        return words in html.unescape(desk.get("/admin/").text)

    def breaks(part: str, words: str, at_the_desk: str) -> None:
        took = stage.until(lambda: named(words), f"/readyz names it: {part}", seconds=TWO_MINUTES, tend=False)
        if at_the_desk:
            took += stage.until(lambda: named_at_the_desk(at_the_desk), f"the desk names it: {part}", tend=False)
        if took > TWO_MINUTES:
            told.differences.append(f"{part}: named after {took:.0f} s")
        told.done.append(f"{part}: named after {took:.1f} s (“{words}”)")

    def well(*words: str) -> None:
        took = stage.until(lambda: not any(named(one) for one in words), f"none of these is said any more: {words}")
        told.recovery = max(told.recovery or 0.0, took)

    stage.until(
        lambda: clockwork.turns() and not clockwork.letters_queued(), "the clock has turned, the letters have gone"
    )
    well(*WORDS)
    told.recovery = None
    stage.stop_postgres("fast")
    breaks("PostgreSQL stopped", "the database does not answer", "")
    stage.bench.postgres.start()
    well("the database does not answer")

    stage.valkey.set("refuse")
    breaks("Redis stopped", "Redis does not answer", "It does not answer: nobody can ring.")
    stage.valkey.set("pass")
    well("Redis does not answer")
    stage.valkey.set("black-hole")
    breaks("Redis silent", "Redis does not answer", "It does not answer: nobody can ring.")
    stage.valkey.set("pass")
    well("Redis does not answer")

    stage.smtp.set("refuse")
    _something_to_send(stage)
    breaks("mail server stopped", "the mail server takes no letters", "It takes no letters")
    stage.smtp.set("pass")

    stage.stop("worker")
    breaks("worker stopped", "no sweep has begun for nearly two minutes", "Since then none has begun.")
    stage.start("worker")
    well("no sweep has begun", "the mail server takes no letters")

    stage.stop("beat")
    stage.until(lambda: stage.redis(b"LLEN makegood:celery") == b":0\r\n", "no ring waits")
    as_if_it_had_been(stage, timedelta(seconds=105))
    breaks("beat stopped", "no sweep has begun for nearly two minutes", "Since then none has begun.")
    told.done[-1] += "; of its two minutes 105 s were passed by moving the row of the last turn"
    stage.manage("sweep")
    well("no sweep has begun")
    told.done.append("manage.py sweep, as cron rings it, with beat gone: well again")
    return told


def _something_to_send(stage: Stage) -> None:
    """A letter that waits: a claim is sent."""
    from entitlements.clock import database_now
    from sla.actions.claims import submit_claim
    from sla.models import Claim

    claim = Claim.objects.get(reference=stage.world.drafts[0])
    submit_claim(claim=claim, by=claim.opened_by, received_at=database_now(), declared=True)


def as_if_it_had_been(stage: Stage, ago: timedelta) -> None:
    """The turns of the clock, so much longer ago."""
    from django.db.models import F

    from entitlements.models import SweepRun

    SweepRun.objects.using("owner").update(started_at=F("started_at") - ago, ended_at=F("ended_at") - ago)
