"""The usage ledger as it is read: what it adds up to, now or as it stood at an instant, and each of its lines (E3, E5)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db.models import Q, Sum

from entitlements.access import Visitor
from entitlements.card_words import cap_in_words
from entitlements.cards import DAY, Card
from entitlements.models import ContractYear, UsageEntry
from entitlements.rules.cap_values import NOT_AVAILABLE, Cap, left
from entitlements.rules.days import first_instant, local_day


def usage_as_of(year: ContractYear, instant: datetime) -> dict[str, int]:
    """The places of a contract year that were used at an instant, by activity: the sums of what had happened until then.

    An activity of which none was used is left out. What was entered later as of an earlier moment (a lapse) counts from that moment.
    """
    entries = UsageEntry.objects.filter(year=year, happened_at__lte=instant)
    sums = entries.values_list("engagement__activity").annotate(used=Sum("places")).order_by()
    return {activity: used for activity, used in sums if used}


@dataclass(frozen=True, slots=True)
class LineThen:
    """A line of the year's card as it stood: the cap in force on that day, and what the ledger added up to."""

    name: str
    used: int
    in_force: Cap
    over: bool

    @property
    def cap(self) -> str:
        return cap_in_words(self.in_force)

    @property
    def left(self) -> str:
        return "0" if self.over and self.in_force is not NOT_AVAILABLE else cap_in_words(left(self.used, self.in_force))

    @property
    def lapsed(self) -> int:
        """E3: after the year's end what was left is not left any more."""
        places = left(self.used, self.in_force)
        return places if self.over and isinstance(places, int) else 0


def card_as_of(card: Card, instant: datetime) -> list[LineThen]:
    """E5: what was used and left of each line of a year at an instant: nothing but sums of the ledger, under the caps of that day.

    Once the term is over nothing is left, and of a year that would only have begun after it nothing ever was (E14).
    """
    used = usage_as_of(card.year, instant)
    day = card.year.facts().nearest_to(local_day(instant, card.contract.tz))
    lines, begins = card.book.facts.table_on(day, card.edition).lines, card.year.first_day <= card.contract.last_day
    over = instant >= min(card.year.ends_at, first_instant(card.contract.last_day + DAY, card.contract.tz))
    return [
        LineThen(card.name_of(line.target), sum(used.get(one, 0) for one in line.activities), cap, over)
        for line in lines
        for cap in [line.cap if begins or line.cap is NOT_AVAILABLE else 0]
    ]


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One line of the ledger as its customer reads it; `used` is what all lines up to this one add up to."""

    entry: UsageEntry
    activity: str
    used: int
    by: str

    @property
    def what(self) -> str:
        if self.entry.unused:
            return f"{abs(self.entry.unused)} lapsed unused{', taken back' if self.entry.unused < 0 else ''}"
        return self.entry.get_kind_display()

    @property
    def reference(self) -> str:
        return self.entry.engagement.reference if self.entry.engagement else ""

    @property
    def places(self) -> str:
        return self.entry.places_in_words

    @classmethod
    def of(cls, entry: UsageEntry, used: int, card: Card, reader: Visitor) -> Self:
        target = entry.engagement.activity_id if entry.engagement else entry.target
        return cls(entry, card.name_of(target), used, _by(entry, reader))


def ledger_of(card: Card, reader: Visitor, targets: Collection[str] = ()) -> Iterator[LedgerLine]:
    """Every line of a contract year's ledger in the order in which it happened; with `targets`, of these activities and pools."""
    used = 0
    entries = UsageEntry.objects.filter(year=card.year).select_related("engagement", "by")
    if targets:
        entries = entries.filter(Q(engagement__activity__in=targets) | Q(target__in=targets))
    for entry in entries.order_by("happened_at", "id"):
        used += entry.places
        yield LedgerLine.of(entry, used, card, reader)


def _by(entry: UsageEntry, reader: Visitor) -> str:
    if entry.by is None:
        return "automatically"
    if reader.is_staff:
        return entry.by.name
    if entry.by_id == reader.pk:
        return "you"
    return settings.VENDOR_NAME if entry.by.is_staff else entry.by.name
