"""What came out of the sessions that were held: most have their outcome, one of them is overdue, and customers carry some on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from entitlements import outcomes as shown
from entitlements.actions import outcomes
from entitlements.models import Engagement, Outcome, RecommendationState
from entitlements.rules.outcomes import Advice, Content, Score, ValueFigure
from entitlements.rules.scorecards import DIMENSIONS
from sla.demo.cast import Cast
from sla.demo.scene import Scene, moment
from sla.demo.sessions import SESSIONS, ToldSession

OVERDUE = ("thames", "integration")
"""Delivered, and nobody has written its outcome yet."""


class Told(NamedTuple):
    """What an activity brought: the summary, its lines if the kind has any, and the recommendations."""

    summary: str
    lines: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()


TOLD = {
    "alert_strategies": Told(
        "Nine alerts in ten come from three services. Grouping them would spare the night shift most pages.",
        advice=(
            "Group alerts of the checkout services by host.",
            "Give every alert a runbook link.",
            "Retire ping checks.",
        ),
    ),
    "incident_lifecycle": Told(
        "Response is quick; learning is not: few incidents have a review.",
        ("Reviews are written for one incident in five.", "Two teams use their own severity scale."),
        ("Hold a review within five days of every major incident.", "Agree on one severity scale."),
    ),
    "integration": Told(
        "The ticket system can open incidents by the events API, with one routing key a team.",
        ("Make a service for each team.", "Send events with a stable deduplication key.", "Test with the staging key."),
        ("Replace the e-mail integration before the next release.",),
    ),
    "maturity": Told(
        "The set-up has grown by itself; ownership is where most is to be gained.",
        ("Eleven services have no owner.", "Escalation policies end with one person."),
        ("Give every service an owner.", "End each escalation with a team."),
    ),
    "product_feature": Told(
        "Event rules can route by payload, which answers the question asked.",
        advice=("Move routing from the monitoring tool into event rules.",),
    ),
    "roadmap": Told(
        "Next year's plan and the releases that bear on it were gone through.",
        ("A status page in two languages is wished for.", "Audit records should be kept for two years."),
    ),
}
SCORECARD = Told(
    "Automation pays where it is used; it is used by two teams of seven.",
    advice=(
        "Offer the restart job to all teams.",
        "Name an owner of automation.",
        "Measure the time saved each month.",
    ),
)
SEEN = (
    "Jobs are kept in one place; who may run them is written down.",
    "Jobs take parameters and are reused by a second team.",
    "Nobody looks at the time saved.",
)
LEVELS = {"earlier": (1, 2, 1), "now": (2, 3, 1)}


def scenes(cast: Cast, now: datetime) -> Iterator[Scene]:
    for told in SESSIONS:
        if told.end == "delivered" and (told.firm, told.activity) != OVERDUE:
            story = _Aftermath(cast, now, told)
            given = moment(now, told.held - 3, time(19))
            yield Scene(given, partial(story.give, given))
            if told.held > 25:
                later = moment(now, told.held - 20, time(17))
                yield Scene(later, partial(story.carry_on, later))


class _Aftermath:
    def __init__(self, cast: Cast, now: datetime, told: ToldSession) -> None:
        self.cast, self.now, self.told = cast, now, told
        self.owner = cast.owners[told.firm]

    @property
    def engagement(self) -> Engagement:
        day = self.now.date() - timedelta(days=self.told.held)
        found = Engagement.objects.filter(contract=self.cast.contracts[self.told.firm], activity=self.told.activity)
        return found.select_related("activity", "contract").get(wished_day=day)

    def give(self, at: datetime) -> None:
        engagement = self.engagement
        kind = shown.possible_kinds(engagement)[-1]
        content = self._scorecard() if kind == "scorecard" else self._content(TOLD[self.told.activity])
        outcome = outcomes.draft_outcome(
            engagement=engagement, kind=kind, content=content, by=self.cast.manager, now=at - timedelta(hours=2)
        )
        outcomes.give_outcome(outcome=outcome, by=self.cast.manager, now=at)

    def carry_on(self, at: datetime) -> None:
        """The customer rates the session, does the first thing and begins the second; one firm declines the first."""
        engagement = self.engagement
        outcomes.give_feedback(engagement=engagement, rating=5, words="Clear, and to the point.", by=self.owner, now=at)
        states = [RecommendationState.DONE, RecommendationState.IN_PROGRESS]
        if self.told.firm == "alpenbahn":
            states = [RecommendationState.DECLINED]
        recommendations = Outcome.objects.get(engagement=engagement).recommendations.all()
        for one, state in zip(recommendations, states, strict=False):
            reason = "The e-mail integration is replaced next year anyway." if state == "declined" else ""
            outcomes.move_recommendation(recommendation=one, state=state, reason=reason, by=self.owner, now=at)

    def _content(self, told: Told) -> Content:
        return Content(told.summary, told.lines, self._advice(told))

    def _scorecard(self) -> Content:
        levels = LEVELS["earlier" if self.told.held > 100 else "now"]
        return Content(
            summary=SCORECARD.summary,
            advice=self._advice(SCORECARD, "quick_win", "roadmap", "roadmap"),
            scores={key: Score(level, note) for key, level, note in zip(DIMENSIONS, levels, SEEN, strict=True)},
            figures=(
                ValueFigure("Hours saved by automated restarts", Decimal(120), "hours a month"),
                ValueFigure("Escalations avoided", Decimal(34), "a month"),
            ),
        )

    def _advice(self, told: Told, *horizons: str) -> tuple[Advice, ...]:
        given = self.now.date() - timedelta(days=self.told.held - 3)
        owners = [self.owner, self.cast.engineers[0].user]
        return tuple(
            Advice(text, owners[n % 3 // 2].pk, given + timedelta(days=30 * (n + 1)), horizons[n] if horizons else "")
            for n, text in enumerate(told.advice)
        )
