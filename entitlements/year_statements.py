"""The year's statement of a customer, ready for a business review: the year card's own figures, what was advised in the year, what
became of it, and the scorecard beside the year before (E2, E5, E13). A page asks the database a constant number of times.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import Max

from entitlements.access import Visitor, of_contracts_visible_to
from entitlements.books import beside
from entitlements.card_rows import Row
from entitlements.card_words import cap_in_words
from entitlements.cards import Card, cards_of
from entitlements.models import Contract, ContractYear, Event, Outcome, Recommendation, UsageEntry
from entitlements.outcomes import Drawing, comparison, drawn
from entitlements.rules.days import first_instant
from entitlements.rules.statements import Advised, Statement, StatementLine, statement

AGREED = (
    "contract.opened",
    "contract.level_changed",
    "contract.override_added",
    "contract.override_ended",
    "contract.zone_changed",
    "contract.start_changed",
    "contract.extended",
    "contract.terminated",
)
"""What changes a contract's levels, caps, zone or term, as the log says it: each stands on the statement."""

BECAME = (
    "engagement.requested",
    "engagement.scheduled",
    "engagement.moved",
    "engagement.declined",
    "engagement.withdrawn",
    "engagement.cancelled",
    "engagement.no_show",
    "engagement.session_held",
    "engagement.delivered",
    "engagement.lapsed",
)
"""What becomes of an engagement, as the log says it."""


@dataclass(frozen=True)
class Line:
    """A line of the statement beside the row of the card that it is about."""

    row: Row
    figures: StatementLine

    @property
    def entitled(self) -> str:
        return cap_in_words(self.figures.card.cap)

    @property
    def unused(self) -> str:
        return cap_in_words(self.figures.card.left)


@dataclass(frozen=True)
class YearStatement:
    """The statement of one contract year, with the rows that it is about."""

    card: Card
    outcomes: list[Outcome]

    @property
    def contract(self) -> Contract:
        return self.card.contract

    @property
    def year(self) -> ContractYear:
        return self.card.year

    @cached_property
    def figures(self) -> Statement:
        advised = [
            Advised(one.engagement.activity_id, one.engagement.day, recommendation.state)
            for one in self.outcomes
            for recommendation in one.recommendations.all()
        ]
        lines = [row.line for row in self.card.rows]
        return statement(self.year.facts(), lines, advised)

    @property
    def lines(self) -> list[Line]:
        return [Line(row, figures) for row, figures in zip(self.card.rows, self.figures.lines, strict=True)]

    @property
    def totals(self) -> dict[str, int]:
        columns = ("entitled", "used", "unused", "advised", "done", "to_do", "declined")
        return {column: self.figures.total(column) for column in columns}

    @property
    def recommendations(self) -> list[tuple[Outcome, Recommendation]]:
        return [(one, advice) for one in self.outcomes for advice in one.recommendations.all()]

    @cached_property
    def drawing(self) -> Drawing | None:
        """The year's latest scorecard; None without one."""
        scored = [one for one in self.outcomes if one.kind == "scorecard"]
        return drawn(comparison(scored[-1])) if scored else None

    @cached_property
    def changed_at(self) -> datetime:
        """The last instant at which any of its facts changed, as far as they have a time: the paper is as of then."""
        used = UsageEntry.objects.filter(year=self.year).aggregate(last=Max("happened_at"))["last"]
        agreed = Event.objects.filter(matter=self.contract.order_form, verb__in=AGREED)
        begun = first_instant(self.year.first_day, self.contract.tz)
        known = [used, agreed.aggregate(last=Max("happened_at"))["last"]]
        return max([begun, *filter(None, known), *self._moments()])

    def _moments(self) -> Iterator[datetime]:
        yield from self._of_professional_services()
        for one in self.outcomes:
            yield from (version.written_at for version in one.versions.all())
            yield from (advice.moved_at for advice in one.recommendations.all() if advice.moved_at)

    def _of_professional_services(self) -> Iterator[datetime]:
        """E7: what runs under an agreement takes no line of the ledger, so the log says when something became of it."""
        behind = (one for row in self.card.rows for one in row.engagements)
        if references := [one.reference for one in behind if one.ps_reference]:
            became = Event.objects.filter(matter__in=references, verb__in=BECAME, table="")
            yield from filter(None, became.aggregate(last=Max("happened_at")).values())


def statement_visible_to(user: Visitor, pk: int, now: datetime) -> YearStatement | None:
    """The statement of a contract year by its key; None if the person may not see it."""
    years = ContractYear.objects.filter(of_contracts_visible_to(user), pk=pk)
    year = years.select_related("contract__customer").annotate(**beside("contract")).first()
    if year is None:
        return None
    given = Outcome.objects.given().filter(engagement__year=year).with_everything().prefetch_related("versions")
    related = given.select_related("engagement__activity", "engagement__year", "engagement__contract")
    return YearStatement(cards_of([year], user, now)[0], list(related.order_by("engagement__day", "pk")))
