"""What happens on the day of a scenario, in a process of its own that may die on the way; done again, it is done once."""

from __future__ import annotations

import multiprocessing
import os
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from typing import Any

from tests.chaos.world import World

DIED = 137
"""The exit code of a process that came to its fail point."""

PATIENCE = 120.0
"""Seconds for which processes wait for each other."""

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.chaos.loaded"])


@dataclass(frozen=True)
class Errand:
    """On which database the process works, by which mail server, and on what ground."""

    database: str
    smtp_port: int
    world: World
    seed: int


def in_a_process(work: Callable[..., object], errand: Errand, *, failpoint: str = "", **more: Any) -> int:
    """Do it (a function of a module, called with the errand) in a process of its own. Its exit code."""
    return _ended(_begin(work, errand, failpoint, more))


def together(work: Callable[..., object], errand: Errand, *, n: int, **more: Any) -> list[int]:
    """Do it in so many processes at one time; `meet` is where each of them waits for the others. Their exit codes."""
    meet = _processes.Barrier(n, timeout=PATIENCE)
    return [_ended(one) for one in [_begin(work, errand, "", {**more, "meet": meet}) for _ in range(n)]]


def _begin(work: Callable[..., object], errand: Errand, failpoint: str, more: dict[str, Any]) -> BaseProcess:
    process = _processes.Process(target=_begun, args=(work, errand, failpoint, more))
    process.start()
    return process


def _ended(process: BaseProcess) -> int:
    process.join()
    assert process.exitcode is not None
    return process.exitcode


def _begun(work: Callable[..., object], errand: Errand, failpoint: str, more: dict[str, Any]) -> None:
    from django.conf import settings
    from django.db import connections

    for alias in connections:
        connections.settings[alias]["NAME"] = errand.database
    mail = {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "HOST": "127.0.0.1", "PORT": errand.smtp_port}
    for name, value in mail.items():
        setattr(settings, f"EMAIL_{name}", value)
    settings.FAILPOINT, settings.ALLOWED_HOSTS = failpoint, ["*"]
    try:
        work(errand, **more)
    finally:
        connections.close_all()
        sys.stderr.flush()
    os._exit(0)


def whole_day(errand: Errand, *, later: timedelta = timedelta()) -> None:
    """Claims are sent, second persons approve, sessions are asked for and booked, the clock turns, the letters go: as of now, or `later`."""
    from entitlements.clock import database_now

    now = database_now() + later
    send_claims(errand)
    approve(errand, now)
    book(errand, now)
    turn(errand, now)


def turn(errand: Errand, now: datetime) -> None:
    """The clock, and the letters, as of a moment."""
    from entitlements import notices
    from sla.sweep import sweep

    sweep(now=now, application_now=now)
    notices.send_all(clock=lambda: now)


def send_claims(errand: Errand) -> None:
    """By the page, as the customer sends them."""
    from sla.models import Claim
    from tests.desk import signed_in

    for claim in Claim.objects.filter(reference__in=errand.world.drafts).select_related("opened_by").order_by("pk"):
        answer = signed_in(claim.opened_by).post(f"/claims/{claim.reference}/check/", {"declared": "on"})
        assert answer.status_code == 302, answer.status_code


def approve(errand: Errand, now: datetime) -> None:
    """The second person, who tries again what nobody has told them the end of."""
    from entitlements.models import User
    from sla.actions.decisions import approve_proposal
    from sla.actions.postings import approve_posting
    from sla.models import Posting, Proposal

    by = User.objects.get(pk=errand.world.approver)
    for proposal in Proposal.objects.filter(pk__in=errand.world.proposals, approved_at=None).order_by("pk"):
        approve_proposal(proposal=proposal, by=by, now=now)
    for posting in Posting.objects.filter(pk__in=errand.world.postings, approved_at=None).order_by("pk"):
        approve_posting(posting=posting, by=by, now=now)


def book(errand: Errand, now: datetime) -> None:
    """A request each contract (the same form, if it is sent again), and a session for each request that waited."""
    from entitlements.actions.engagements import PlannedSession, request_engagement, schedule_engagement
    from entitlements.models import Activity, Contract, Engagement, Engineer, User
    from tests import factories as make

    world = errand.world
    activity = Activity.objects.get(pk="integration")
    for contract in Contract.objects.filter(pk__in=world.contracts[: len(world.requests)]).order_by("pk"):
        key = uuid.uuid5(uuid.NAMESPACE_URL, f"chaos:{errand.seed}:{contract.pk}")
        by = make.one_of(contract.customer)
        day = (world.base + timedelta(days=60)).date()
        form: dict[str, Any] = {"contract": contract, "activity": activity, "wished_day": day, "form_key": key}
        request_engagement(**form, topic=f"New {contract.pk}", advice_wording=make.WORDING, by=by, now=now)
    engineer, by = Engineer.objects.get(pk=world.engineer), User.objects.get(pk=world.manager)
    waiting = Engagement.objects.filter(reference__in=world.requests, state="requested")
    for n, asked in enumerate(waiting.select_related("contract").order_by("pk")):
        start = datetime.combine(asked.day, datetime.min.time(), UTC) + timedelta(hours=15 + n)
        schedule_engagement(engagement=asked, sessions=[PlannedSession(start, engineer)], by=by, now=now)
