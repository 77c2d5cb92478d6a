"""Engagements that were held, and what came out of them, for the tests of outcomes (E13)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from entitlements import outcomes
from entitlements.actions.engagements import hold_session
from entitlements.actions.outcomes import draft_outcome, give_outcome
from entitlements.models import Contract, Engagement, Outcome, Role, User
from entitlements.rules.days import local_day
from entitlements.rules.outcomes import MUST_ADVISE, Advice, Content, Score, ValueFigure
from tests import factories as make

DUE = date(2026, 9, 30)
LEVELS = {"foundations": 2, "design": 3, "outcomes": 1}


def delivered(
    *,
    contract: Contract | None = None,
    activity: str = "product_feature",
    start: datetime = make.NOW - 2 * make.DAY,
    sessions: int | None = None,
) -> Engagement:
    """An engagement whose sessions were held, the first at `start`; `sessions`: only so many of them."""
    asked = start - 20 * make.DAY
    contract = contract or make.contract()
    day, owner = local_day(start, contract.tz), make.one_of(contract.customer)
    request = make.request(contract=contract, activity=activity, day=day, by=owner, now=asked)
    engagement = make.scheduled(engagement=request, start=start, now=asked)
    for session in list(engagement.sessions.order_by("part"))[:sessions]:
        engagement = hold_session(session=session, by=make.manager(), now=session.during.upper)
    return Engagement.objects.select_related("contract__customer", "activity", "year").get(pk=engagement.pk)


def advice(*, owner: User, text: str = "Turn off the noisy alert.", horizon: str = "", due: date = DUE) -> Advice:
    return Advice(text=text, owner=owner.pk, due=due, horizon=horizon)


def content(*, kind: str = "recommendations", owner: User, levels: dict[str, int] | None = None) -> Content:
    """All that an outcome of the kind needs, with recommendations that this person owns."""
    one = advice(owner=owner)
    if kind == "scorecard":
        return Content(
            summary="Automation has begun.",
            advice=(
                advice(owner=owner, text="Script the restart.", horizon="quick_win"),
                advice(owner=owner, text="Name an owner of automation.", horizon="roadmap"),
            ),
            scores={key: Score(level, f"Seen in {key}.") for key, level in (levels or LEVELS).items()},
            figures=(ValueFigure("Hours saved a month", Decimal("120.00"), "hours"),),
        )
    lines = {"findings": ("Nobody owns the follow-up.",), "configuration_review": ("Two services have no owner.",)}
    told = {"approach": ("Use the events API.",), "feedback": ("They wish for a dark mode.",)} | lines
    return Content(
        summary="It went well.", lines=told.get(kind, ()), advice=(one,) if kind in (*MUST_ADVISE, "approach") else ()
    )


def drafted(
    *,
    engagement: Engagement | None = None,
    contract: Contract | None = None,
    activity: str = "product_feature",
    kind: str = "",
    content: Content | None = None,
    start: datetime = make.NOW - 2 * make.DAY,
    by: User | None = None,
    now: datetime = make.NOW,
) -> Outcome:
    """A complete draft."""
    engagement = engagement or delivered(contract=contract, activity=activity, start=start)
    kind = kind or outcomes.possible_kinds(engagement)[-1]
    owner = make.one_of(engagement.contract.customer, Role.OWNER)
    return draft_outcome(
        engagement=engagement,
        kind=kind,
        content=content or _content(kind=kind, owner=owner),
        by=by or make.manager(),
        now=now,
    )


def given(*, outcome: Outcome | None = None, now: datetime = make.NOW, by: User | None = None, **of: object) -> Outcome:
    """An outcome that the customer has."""
    return give_outcome(outcome=outcome or drafted(now=now, **of), by=by or make.manager(), now=now)


_content = content
