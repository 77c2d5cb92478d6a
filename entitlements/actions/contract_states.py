"""The verbs that end, hold or prolong a contract: suspend, resume, terminate, extend (E3, E14). Each takes all of its years' locks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from entitlements import letters
from entitlements.actions.finishing import deliver_what_was_held, left_with_what_was_held
from entitlements.actions.levels import write_levels
from entitlements.actions.log import record
from entitlements.actions.periods import fit_zone_and_plan, move, write_years
from entitlements.actions.places import lock_all_years, save_and_enter
from entitlements.actions.refused import Refused
from entitlements.actions.sessions import release_sessions
from entitlements.actions.year_ends import settle
from entitlements.models import (
    BookedSession,
    Contract,
    ContractYear,
    Engagement,
    EngagementState,
    Suspension,
    UsageEntry,
    User,
)
from entitlements.rules.days import first_instant, local_day
from entitlements.rules.engagements import ended_by_termination
from entitlements.rules.refusals import Refusal

Status = Contract.Status
DAY = timedelta(days=1)


@transaction.atomic
def suspend(*, contract: Contract, reason: str, by: User, now: datetime) -> Contract:
    """E14, S1: nothing can be booked on the contract until it is resumed, what is booked is held, and failures from today
    (of the contract's zone) on are out of scope.
    """
    contract = _locked(contract, Status.ACTIVE)
    record("contract.suspended", matter=contract.order_form, by=by, now=now, note=reason)
    Suspension.objects.create(contract=contract, days=DateRange(local_day(now, contract.tz), None), reason=reason)
    contract.status = Status.SUSPENDED
    contract.save(update_fields=["status"])
    return contract


@transaction.atomic
def resume(*, contract: Contract, reason: str, by: User, now: datetime) -> Contract:
    """E14, S1: the suspension ends before today; what it held goes on. One that began today has never been."""
    contract = _locked(contract, Status.SUSPENDED)
    record("contract.resumed", matter=contract.order_form, by=by, now=now, note=reason)
    _end_suspension(contract, local_day(now, contract.tz))
    contract.status = Status.ACTIVE
    contract.save(update_fields=["status"])
    return contract


@transaction.atomic
def terminate(
    *,
    contract: Contract,
    last_day: date,
    reason: str,
    by: User,
    now: datetime,
    side: str = Engagement.Side.VENDOR,
) -> list[Engagement]:
    """E14: the contract ends with its `last_day`. What was to be later is cancelled, its places are back, and whoever is concerned
    gets a letter; what was cancelled. Nothing can be booked from now on. An engagement of the term keeps its place, and
    loses what of its follow-up lies later: it is delivered with what was held (E10).

    The term and the products end with that day; the contract years and their stored ends stay as they were.
    """
    contract = _locked(contract, Status.ACTIVE, Status.SUSPENDED)
    if not contract.first_day <= last_day <= contract.last_day:
        raise Refused(Refusal("E14", "outside_term", "The last day must be a day of the term.", "Choose another day."))
    record("contract.terminated", matter=contract.order_form, by=by, now=now, note=f"Last day {last_day}. {reason}")
    follow_ups = follow_ups_after(contract, last_day)
    _end_term(contract, last_day)
    contract.status = Status.TERMINATED
    contract.save(update_fields=["status", "term"])
    fit_zone_and_plan(contract)
    facts = [engagement.facts() for engagement in contract.engagements.all()]
    ahead = contract.engagements.filter(pk__in=ended_by_termination(facts, last_day))
    cancelled = list(ahead.select_related("contract__customer", "activity", "year", "requested_by").order_by("pk"))
    for engagement in cancelled:
        _cancel(engagement, side, reason, by=by, now=now)
    for session in follow_ups:
        _cancel_follow_up(session, side, reason, by=by, now=now)
    for engagement in left_with_what_was_held(contract):
        deliver_what_was_held(engagement, by=by, now=now)
    settle(*contract.years.all(), by=by, now=now)
    return cancelled


def follow_ups_after(contract: Contract, last_day: date) -> list[BookedSession]:
    """E10, E14: the booked sessions after a last day (of the contract's zone) of engagements that lie in the term until then."""
    later = BookedSession.objects.filter(
        engagement__contract=contract,
        engagement__day__lte=last_day,
        during__startswith__gte=first_instant(last_day + DAY, contract.tz),
        released_at__isnull=True,
        held_at__isnull=True,
    )
    related = later.select_related("engagement__contract__customer", "engagement__activity", "engagement__year")
    return list(related.select_related("engineer__user").order_by("engagement", "part"))


@transaction.atomic
def extend(*, contract: Contract, last: date, reason: str, by: User, now: datetime) -> Contract:
    """E3: the term ends later, by the same order form, and the count of its years goes on.

    The last level and the products that ran to the old end go on with it. Raises Refused once the term is over: what comes then is
    a new contract; ValidationError if another contract of the account stands in the way.
    """
    contract = _locked(contract, Status.ACTIVE, Status.SUSPENDED)
    old_end = contract.term.upper
    if last < old_end:
        raise Refused(Refusal("E3", "not_longer", "An extension ends later than the term does.", "Choose a later day."))
    if local_day(now, contract.tz) >= old_end or _last_year_is_over(contract, now):
        raise Refused(Refusal("E3", "term_over", "The term is over.", "A new order form is a new contract."))
    record("contract.extended", matter=contract.order_form, by=by, now=now, note=f"To {last}. {reason}")
    levels = contract.facts()
    contract.term = DateRange(contract.first_day, last + DAY)
    contract.full_clean()
    contract.save(update_fields=["term"])
    write_levels(contract, replace(levels, last=last))
    for product in contract.products.filter(days__endswith=old_end):
        move(product, DateRange(product.days.lower, last + DAY))
    fit_zone_and_plan(contract)
    write_years(contract)
    return contract


def _locked(contract: Contract, *statuses: str) -> Contract:
    contract = lock_all_years(contract)
    if contract.status not in statuses:
        raise Refused(
            Refusal("E14", "already_moved_on", f"The contract is {contract.status} by now.", "Look at it again.")
        )
    return contract


def _last_year_is_over(contract: Contract, now: datetime) -> bool:
    """E3: by its stored end, which another zone does not move."""
    year: ContractYear = contract.years.latest("n")
    return year.closed_at is not None or year.ends_at <= now


def _end_suspension(contract: Contract, end: date) -> None:
    for suspension in contract.suspensions.filter(days__endswith__isnull=True):
        if suspension.first_day >= end:
            suspension.delete()
        else:
            suspension.days = DateRange(suspension.first_day, end)
            suspension.save()


def _end_term(contract: Contract, last_day: date) -> None:
    """E1, E9: levels and products end with the term; one that would only have begun later never does."""
    facts = contract.facts()
    levels = tuple(period for period in facts.levels if period[0] <= last_day)
    write_levels(contract, replace(facts, last=last_day, levels=levels))
    contract.term = DateRange(contract.first_day, last_day + DAY)
    contract.products.filter(days__startswith__gt=last_day).delete()
    for product in contract.products.filter(days__contains=last_day):
        move(product, DateRange(product.days.lower, contract.term.upper))


def _cancel(engagement: Engagement, side: str, reason: str, *, by: User, now: datetime) -> None:
    record("engagement.cancelled", matter=engagement.reference, by=by, now=now, note=reason)
    engagement.ended_at, engagement.ended_by, engagement.ended_side = now, by, side
    engagement.end_reason = reason
    counted = engagement.counts
    engagement.state = EngagementState.CANCELLED
    save_and_enter(engagement, UsageEntry.Kind.RELEASE, counted=counted, by=by, now=now, reason=reason)
    letters.session_cancelled(engagement, now=now)
    release_sessions(engagement, now=now)


def _cancel_follow_up(session: BookedSession, side: str, reason: str, *, by: User, now: datetime) -> None:
    """E14: the session's time is free again; its engagement stays as it is."""
    reference = session.engagement.reference
    record("engagement.follow_up_cancelled", matter=reference, by=by, now=now, note=reason)
    letters.follow_up_cancelled(session, side=side, reason=reason, now=now)
    session.released_at = now
    session.save(update_fields=["released_at"])
