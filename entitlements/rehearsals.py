"""What an act would do to an engagement: it is played, its traces are read, and all of it is taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from django.db import transaction
from django.db.models import QuerySet

from entitlements import notices
from entitlements.actions.refused import Refused
from entitlements.models import ContractYear, Engagement, Letter, PolicyEdition, UsageEntry
from entitlements.rules.caps import CardLine, as_figure, year_card
from entitlements.rules.refusals import Refusal

T = TypeVar("T")
Act = Callable[[], Engagement]


class LineChange(NamedTuple):
    """The engagement's own line of the card of a contract year, before the act and after it."""

    year: ContractYear
    before: CardLine
    after: CardLine

    @property
    def cap(self) -> int | str:
        return as_figure(self.after.cap)

    @property
    def left(self) -> int | str:
        return as_figure(self.after.left)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What the act would leave: the engagement as it would be, lines of the ledger, lines of year cards, letters.

    Refused, it leaves nothing, and `after` is None.
    """

    refusals: tuple[Refusal, ...] = ()
    after: Engagement | None = None
    entries: tuple[UsageEntry, ...] = ()
    letters: tuple[Letter, ...] = ()
    lines: tuple[LineChange, ...] = ()


def taken_back(play: Callable[[], T]) -> T:
    """What `play` answers, in a transaction that is rolled back; it must have read all that it answers."""
    with transaction.atomic():
        answer = play()
        transaction.set_rollback(True)
    return answer


def rehearse(act: Act, before: Engagement | None = None) -> Rehearsal:
    """Play an act upon the engagement `before` (None: it makes one), in a transaction that is rolled back."""
    rehearsal = taken_back(lambda: _play(act, before))
    if rehearsal.after is None:
        return rehearsal
    lines = _lines(rehearsal.after, [change.year for change in rehearsal.lines])
    changes = tuple(change._replace(before=line) for change, line in zip(rehearsal.lines, lines, strict=True))
    return Rehearsal((), rehearsal.after, rehearsal.entries, rehearsal.letters, changes)


def _play(act: Act, before: Engagement | None) -> Rehearsal:
    entered = set(before.usage.values_list("pk", flat=True)) if before else set()
    written = set(_letters(before.reference).values_list("pk", flat=True)) if before else set()
    try:
        with transaction.atomic():
            after = act()
    except Refused as refused:
        return Rehearsal(refused.refusals)
    years = list(ContractYear.objects.filter(pk__in={after.year_id, before.year_id if before else after.year_id}))
    return Rehearsal(
        after=after,
        entries=tuple(after.usage.exclude(pk__in=entered).select_related("year")),
        letters=written_out(_letters(after.reference).exclude(pk__in=written)),
        lines=tuple(LineChange(year, line, line) for year, line in zip(years, _lines(after, years), strict=True)),
    )


def written_out(letters: QuerySet[Letter]) -> tuple[Letter, ...]:
    """Letters that were put down, as each addressee would read them."""
    found = tuple(letters.select_related("person").order_by("pk"))
    for letter in found:
        notices.render(letter)
    return found


def _letters(reference: str) -> QuerySet[Letter]:
    return Letter.objects.filter(matter=reference)


def _lines(engagement: Engagement, years: list[ContractYear]) -> list[CardLine]:
    """The engagement's line of these years' cards, as the database holds them now."""
    contract = engagement.contract
    facts, editions = contract.facts(), PolicyEdition.objects.facts()
    booked = [one.facts() for one in Engagement.objects.filter(contract=contract)]
    cards = [year_card(facts, year.facts(), booked, editions, engagement.day) for year in years]
    return [next(line for line in card if engagement.activity_id in line.activities) for card in cards]
