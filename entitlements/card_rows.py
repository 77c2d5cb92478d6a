"""The lines of a year card: an activity, or a pool as one, with what is behind its figures and what can be asked for (E2–E10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from entitlements import card_words
from entitlements.card_words import cap_in_words
from entitlements.models import Engagement
from entitlements.rules.booking_answers import CAP_USED_UP, NOT_IN_LEVEL
from entitlements.rules.caps import CardLine
from entitlements.rules.refusals import Refusal
from entitlements.rules.working import Step


@dataclass(frozen=True)
class Offer:
    """Whether an activity can be asked for: from a day on, or why not (X8). `lacks`: the products for want of which it cannot be had
    in this year (E9)."""

    activity: str
    name: str
    refusal: Refusal | None
    opens_on: date | None
    lacks: str = ""

    @property
    def may_go_beyond(self) -> bool:
        """E7: it is refused for a cap or N/A, for which a Professional Services agreement may help."""
        return self.refusal is not None and self.refusal.code in (CAP_USED_UP, NOT_IN_LEVEL)


@dataclass(frozen=True)
class Bar:
    """PL1: delivered and held against the cap, in hundredths of the longer of the two."""

    delivered: int
    held: int
    cap: int
    today: int | None

    @property
    def frame(self) -> int:
        """The width of the cap's frame, drawn a unit inside."""
        return self.cap - 1


@dataclass(frozen=True)
class Row:
    """One line of the card: an activity, or a pool as one, with the engagements of the year behind its figures."""

    line: CardLine
    name: str
    engagements: list[Engagement]
    offers: list[Offer]
    bar: Bar | None
    names: Mapping[str, str]
    over: bool
    meetings: tuple[int, ...] = ()

    @property
    def in_parts(self) -> str:
        """E10: '60 + 30 minutes' of an activity that takes more than one meeting; empty for the others."""
        return " + ".join(map(str, self.meetings)) + " minutes" if len(self.meetings) > 1 else ""

    @property
    def sentence(self) -> str:
        return card_words.sentence(self.line, self.names, over=self.over)

    @property
    def working(self) -> Step:
        return card_words.working_by_names(self.line, self.names)

    @property
    def lapsed(self) -> int:
        """E3: the places that an ended year left behind."""
        return self.line.left if self.over and isinstance(self.line.left, int) else 0

    @property
    def lacks(self) -> str:
        """E9: the products without which nothing of this line can be had in this year; empty where something can."""
        missing = [offer.lacks for offer in self.offers]
        return " or ".join(dict.fromkeys(missing)) if missing and all(missing) and self.line.left else ""

    @property
    def cap(self) -> str:
        return cap_in_words(self.line.cap)

    @property
    def policy(self) -> str:
        return cap_in_words(self.line.policy)

    @property
    def left(self) -> str:
        """Of an ended year nothing is left: it has lapsed (E3)."""
        return "0" if self.over and self.line.available else cap_in_words(self.line.left)

    @property
    def query(self) -> str:
        """What narrows the list of engagements to this line; a pool's line has several activities."""
        return f"&activity={self.line.activities[0]}" if len(self.line.activities) == 1 else ""

    @property
    def refused(self) -> list[Offer]:
        """What cannot be asked for on the first day that the card offers; each says why."""
        return [offer for offer in self.offers if offer.refusal]
