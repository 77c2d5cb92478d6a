"""What an engagement leaves behind (E13): which kind of outcome it has, what belongs into one, who may move a recommendation on,
and by when an outcome is owed. The days are figures of ours: the policy names none.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from entitlements.rules.products import maturity_forms
from entitlements.rules.refusals import Refusal
from entitlements.rules.scorecards import DIMENSIONS, check_level

OUTCOME_DAYS = 10
"""An outcome is owed within so many days of the delivery (a figure of ours)."""
FEEDBACK_DAYS = 14
"""What a customer said of an engagement can be changed within so many days of saying it (a figure of ours)."""

KINDS: Mapping[str, str] = {
    "recommendations": "Recommendations",
    "findings": "Findings and recommendations",
    "approach": "Integration approach",
    "feedback": "Feedback taken",
    "configuration_review": "Configuration review",
    "scorecard": "Maturity scorecard",
}
"""E13: the kinds of outcome, with their names."""

MATURITY = "maturity"
"""E13: what stands in the catalogue for an activity whose outcome is one of two forms, by the contract's products."""

LINES: Mapping[str, str] = {
    "findings": "Finding",
    "configuration_review": "Finding",
    "approach": "Step of the approach",
    "feedback": "Feedback taken",
}
"""E13: the kinds that are told in lines, and what one line is."""

WITHOUT_ADVICE = ("feedback",)
MUST_ADVISE = ("recommendations", "findings", "configuration_review", "scorecard")
HORIZONS: Mapping[str, str] = {"quick_win": "Quick win", "roadmap": "Roadmap"}
"""E13: where a recommendation of a scorecard stands."""

TO_DO = ("open", "in_progress")
STATES = (*TO_DO, "done", "declined")


@dataclass(frozen=True, slots=True)
class Advice:
    """A recommendation as it is written: who carries it out (a person's key) until when (a local date), and, on a scorecard,
    whether it is a quick win or stands on the roadmap. `id` is the key of one that is there already.
    """

    text: str
    owner: int
    due: date
    horizon: str = ""
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """A level on the published scale, with what speaks for it. ValueError for what is no level."""

    level: int
    note: str = ""

    def __post_init__(self) -> None:
        check_level(self.level)


@dataclass(frozen=True, slots=True)
class ValueFigure:
    """What the automation was worth: hours saved, cost of escalations, time to action, each with its unit."""

    what: str
    amount: Decimal
    unit: str


@dataclass(frozen=True)
class Content:
    """What a CSE writes into an outcome; which parts it has follows from its kind."""

    summary: str = ""
    lines: tuple[str, ...] = ()
    advice: tuple[Advice, ...] = ()
    scores: Mapping[str, Score] = field(default_factory=dict)
    figures: tuple[ValueFigure, ...] = ()


def forms_of(kind: str, products: Collection[str]) -> tuple[str, ...]:
    """E13: the kinds that an outcome can have, by the catalogue's kind of its activity and the contract's products on its day.

    One, save where a Maturity Assessment could be either: then the CSE chooses one for the assessment. Products lost since the
    session (E9 flags them) leave the configuration review.
    """
    if kind != MATURITY:
        return (kind,)
    return maturity_forms(products) or ("configuration_review",)


def missing(kind: str, content: Content) -> tuple[str, ...]:
    """E13: what an outcome of this kind still lacks before it can be given, a sentence each; empty: it is complete."""
    horizons = {one.horizon for one in content.advice}
    lacks = {
        "Say in a sentence or two what came out.": not content.summary.strip(),
        f"Write at least one line: {LINES.get(kind, '').lower()}.": kind in LINES and not content.lines,
        "Write at least one recommendation.": kind in MUST_ADVISE and not content.advice,
    }
    if kind == "scorecard":
        lacks |= {f"Give the level of {name}.": key not in content.scores for key, name in DIMENSIONS.items()}
        lacks["Name at least one quick win."] = bool(content.advice) and "quick_win" not in horizons
        lacks["Put at least one recommendation on the roadmap."] = bool(content.advice) and "roadmap" not in horizons
        lacks["Give at least one figure of value."] = not content.figures
    return tuple(sentence for sentence, is_lacking in lacks.items() if is_lacking)


def refused_move(current: str, to: str, *, by_customer: bool, reason: str) -> Refusal | None:
    """E13: what stands against moving a recommendation from one state to another; None: nothing.

    The customer decides what to do with advice (E11): only its people decline, with a reason, and only they take that back.
    """
    if to not in STATES:
        raise ValueError(f"not a state of a recommendation: {to!r}")
    if "declined" in (current, to) and not by_customer:
        sentence = "Only the customer declines a recommendation, or takes that back."
        return Refusal("E13", "customer_declines", sentence, "Ask the customer to do it in the portal.")
    if to == "declined" and not reason.strip():
        return Refusal("E13", "no_reason", "A recommendation is declined with a reason.", "Say why in a sentence.")
    return None


def advice_is_overdue(state: str, due: date, today: date) -> bool:
    """E13: whether a recommendation is still to do on a day after its last one. Dates are local."""
    return state in TO_DO and today > due


def can_be_given(state: str, *, first_session_held: bool) -> bool:
    """E10, E13: an outcome is given once all sessions were held, or once what was begun has ended otherwise."""
    return first_session_held and state not in ("requested", "scheduled")


def owed_until(delivered: date, days: int = OUTCOME_DAYS) -> date:
    """E13: the last local date on which the outcome of what was delivered on a local date is in time."""
    return delivered + timedelta(days=days)


def is_overdue(delivered: date, today: date, days: int = OUTCOME_DAYS) -> bool:
    """E13: whether an outcome that was not given yet is overdue. Dates are local, in the contract's zone."""
    return today > owed_until(delivered, days)


def feedback_open(given: date | None, today: date) -> bool:
    """E13: whether what a customer says of an engagement can still be said (never given) or changed. Local dates."""
    return given is None or today <= given + timedelta(days=FEEDBACK_DAYS)
