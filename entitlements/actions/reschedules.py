"""To move many sessions in one go, for example because an engineer fell ill (M4.8, E5, E15)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from entitlements.actions.deliveries import NOT_BOOKED_ANY_MORE
from entitlements.actions.moves import move_sessions
from entitlements.actions.places import lock
from entitlements.actions.refused import Refused
from entitlements.actions.sessions import PlannedSession
from entitlements.models import BookedSession, ContractYear, User
from entitlements.rules.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Plan:
    """A session that stands, and where it is to go."""

    session: BookedSession
    to: PlannedSession


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a plan: moved, or what stood against it."""

    plan: Plan
    refusals: tuple[Refusal, ...] = ()

    @property
    def moved(self) -> bool:
        return not self.refusals


def reschedule(*, plans: Sequence[Plan], reason: str, by: User, now: datetime) -> list[Result]:
    """E5, E6, E15: move each as if it were alone; what is refused stays where it is, and keeps no other from moving.

    One that is refused is tried again once others have moved, since it may want the time of one of them. The locks of all the
    contracts' years are taken first, in the order of their keys. The results are in the order of the plans.
    """
    results: dict[int, Result] = {}
    with transaction.atomic():
        lock(ContractYear.objects.filter(contract__in={one.session.engagement.contract_id for one in plans}))
        waiting = list(plans)
        while waiting:
            tried = [_move(plan, reason, by, now) for plan in waiting]
            results.update((result.plan.session.pk, result) for result in tried)
            refused = [result.plan for result in tried if not result.moved]
            waiting = refused if len(refused) < len(waiting) else []
    return [results[plan.session.pk] for plan in plans]


def _move(plan: Plan, reason: str, by: User, now: datetime) -> Result:
    session = plan.session
    try:
        with transaction.atomic():
            if not BookedSession.objects.filter(pk=session.pk, released_at=None, held_at=None).exists():
                raise Refused(NOT_BOOKED_ANY_MORE)
            move_sessions(
                engagement=session.engagement, sessions=[plan.to], first=session.part, reason=reason, by=by, now=now
            )
    except Refused as refused:
        return Result(plan, refused.refusals)
    return Result(plan)
