"""Outcomes as they are read: what a customer sees of one, what a scorecard is compared with, who may own a recommendation (E13)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q

from entitlements.access import Visitor, engagements_visible_to
from entitlements.models import BookedSession, Customer, Engagement, EngagementState, Outcome, Recommendation, User
from entitlements.rules import scorecards
from entitlements.rules.days import day_in_words, local_day
from entitlements.rules.outcomes import HORIZONS, LINES, forms_of, owed_until
from entitlements.rules.scorecards import DIMENSIONS, SCALE, Change
from entitlements.wording import number_in_words

ROW = 46


def outcomes_visible_to(user: Visitor) -> Any:
    """What was given to the person's own customers. A draft is nobody's but the desk's, which has pages of its own."""
    return Outcome.objects.given().filter(engagement__in=engagements_visible_to(user))


def recommendations_visible_to(user: Visitor) -> Any:
    return Recommendation.objects.filter(outcome__in=outcomes_visible_to(user))


def possible_owners(customer: Customer) -> Any:
    """E13: who can see to a recommendation: one of the customer's people, or one of the vendor's."""
    of_customer = Q(memberships__customer=customer, memberships__left_at__isnull=True)
    return User.objects.filter(of_customer | Q(is_staff=True) | Q(engineer__isnull=False), is_active=True).distinct()


def possible_kinds(engagement: Engagement) -> tuple[str, ...]:
    """E13: the kinds that its outcome can have, by the activity and the contract's products on its day."""
    held = engagement.contract.products.filter(days__contains=engagement.day).values_list("product", flat=True)
    return forms_of(engagement.activity.outcome, [*held])


def in_words(outcome: Outcome) -> dict[str, Any]:
    """The outcome as the customer reads it, in types that JSON has: what a version keeps, and what pages and papers print.

    Ask it of `with_everything()`.
    """
    return {
        "kind": outcome.kind,
        "title": outcome.get_kind_display(),
        "summary": outcome.summary,
        "line": LINES.get(outcome.kind, ""),
        "lines": [one.text for one in outcome.lines.all()],
        "recommendations": [
            {
                "number": one.number,
                "text": one.text,
                "horizon": HORIZONS.get(one.horizon, ""),
                "owner": str(one.owner),
                "due": day_in_words(one.due),
            }
            for one in outcome.recommendations.all()
        ],
        "scores": [
            {"name": DIMENSIONS[one.dimension], "level": one.level, "word": SCALE[one.level][0], "note": one.note}
            for one in outcome.scores.all()
        ],
        "figures": [
            {"what": one.what, "amount": _amount(one.amount), "unit": one.unit} for one in outcome.figures.all()
        ],
    }


def _amount(amount: Decimal) -> str:
    """'120' rather than '120.00'."""
    return number_in_words(int(amount) if amount == int(amount) else amount)


def comparison(outcome: Outcome) -> tuple[Change, ...]:
    """E13: its scorecard beside the customer's of the year before; empty where it has none."""
    if outcome.kind != "scorecard":
        return ()
    year, customer = outcome.engagement.year, outcome.engagement.contract.customer_id
    before = scorecards.year_before(year.first_day, scorecards_of(customer))
    return scorecards.compared(outcome.scorecard(), before)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A dimension on the drawing: its line's height, and where the ring of the year before and the dot of now stand on it."""

    change: Change
    y: int
    now: int
    before: int | None

    @property
    def text_y(self) -> int:
        return self.y - 14


@dataclass(frozen=True)
class Drawing:
    """The scorecard as one small drawing, with the sentence that says the same."""

    rows: list[Drawn]
    message: str

    @property
    def height(self) -> int:
        return ROW * len(self.rows) + 20

    @property
    def ticks(self) -> list[tuple[int, int]]:
        return [(level, _across(level)) for level in SCALE]

    @property
    def scale(self) -> list[tuple[int, str, str]]:
        return [(level, *words) for level, words in SCALE.items()]

    @property
    def compares(self) -> bool:
        return any(row.before is not None for row in self.rows)


def drawn(changes: Sequence[Change]) -> Drawing | None:
    """The drawing of a scorecard; None where there is nothing to draw."""
    if not changes:
        return None
    rows = [
        Drawn(one, ROW * n + 34, _across(one.level), None if one.before is None else _across(one.before))
        for n, one in enumerate(changes)
    ]
    return Drawing(rows, scorecards.message(changes))


def _across(level: int) -> int:
    """Where a level stands on a drawing of 320 units."""
    return 16 + 72 * (level - 1)


def scorecards_of(customer: int) -> Iterable[scorecards.Scorecard]:
    """Every scorecard that a customer was given, under whichever contract, in two queries."""
    given = Outcome.objects.given().filter(kind="scorecard", engagement__contract__customer=customer)
    return [one.scorecard() for one in given.select_related("engagement").prefetch_related("scores")]


def standing(engagement: Engagement, sessions: Iterable[BookedSession]) -> dict[str, Any]:
    """Whether the customer has the outcome, and, where it is owed, its last day in the contract's zone."""
    given = Outcome.objects.given().filter(engagement=engagement).exists()
    held = [one.held_at for one in sessions if one.held_at]
    owed = engagement.state == EngagementState.DELIVERED and not given and held
    until = owed_until(local_day(max(held), engagement.contract.tz)) if owed else None
    return {"outcome_given": given, "outcome_owed_until": until}


def outcome_of(engagement: Engagement) -> Outcome | None:
    """Its outcome with every part, a draft too; None if none was begun."""
    found = Outcome.objects.with_everything().filter(engagement=engagement)
    return found.select_related("engagement__year", "engagement__contract", "given_by").first()
