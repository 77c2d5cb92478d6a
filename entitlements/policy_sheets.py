"""An edition of the policy as people read it, alone or beside another: the published table, what each activity asks for and brings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from entitlements import wording
from entitlements.models import PolicyEdition, ProductRequirement
from entitlements.rules.drafts import differences
from entitlements.rules.editions import ACTIVITIES, LEVELS
from entitlements.rules.policy_texts import Description, PolicyText
from entitlements.rules.products import PRODUCTS
from entitlements.rules.working import Figure

WORDS = {
    "summary": ("What it is", "E12"),
    "outcome": ("What comes of it", "E13"),
    "should_bring": ("What you bring", "E12"),
    "recommended": ("Good to have", "E12"),
}
NOTHING = "–"
_UTC = ZoneInfo("UTC")


class Cell(NamedTuple):
    """What stands in a place; beside another edition also what stood there, if it differs."""

    now: str
    was: str | None = None


class Changed(NamedTuple):
    """A place at which an edition differs from the one beside it, in words."""

    what: str
    was: str
    becomes: str


class Row(NamedTuple):
    """An activity in the table."""

    name: str
    sessions: Cell
    caps: list[Cell]

    @property
    def by_level(self) -> list[str]:
        return [f"{level}: {cell.now}" for level, cell in zip(LEVELS.values(), self.caps, strict=True)]


class Part(NamedTuple):
    """An activity in full: the products that it asks for, by kind, and its description, by label and clause."""

    name: str
    needs: list[tuple[str, Cell]]
    words: list[tuple[str, str, Cell]]


@dataclass(frozen=True)
class Sheet:
    """An edition to be read; with `beside`, each place that differs says what it was there."""

    edition: PolicyEdition
    text: PolicyText
    beside: PolicyText | None = None

    @property
    def levels(self) -> list[str]:
        return list(LEVELS.values())

    @property
    def rows(self) -> list[Row]:
        return [
            Row(name, self._cell(_sessions, key), [self._cap(at, key) for at in LEVELS])
            for key, name in ACTIVITIES.items()
        ]

    @property
    def parts(self) -> list[Part]:
        return [Part(name, self._needs(key), self._words(key)) for key, name in ACTIVITIES.items()]

    @property
    def pools(self) -> list[tuple[str, str]]:
        """E4: each pool with the activities that share it."""
        found = []
        for (level, key), pool in self.text.pools.items():
            shared = [name for one, name in ACTIVITIES.items() if self.text.cells.get((level, one)) == key]
            found.append((LEVELS[level], f"{pool.cap} in all: {' or '.join(shared)}"))
        return found

    @property
    def advice(self) -> Cell:
        return self._cell(_advice)

    @cached_property
    def changed(self) -> list[Changed]:
        """Every place at which it differs from the edition beside it."""
        found = differences(self.beside.figures, self.text.figures) if self.beside else ()
        return [Changed(place_in_words(place), _figure(was), _figure(becomes)) for place, was, becomes in found]

    def _cap(self, level: str, activity: str) -> Cell:
        return self._cell(_cap, level, activity)

    def _needs(self, activity: str) -> list[tuple[str, Cell]]:
        kinds = [(kind, self._cell(_needs, activity, kind)) for kind in _KINDS]
        return [(str(kind.label), cell) for kind, cell in kinds if cell != Cell(NOTHING)]

    def _words(self, activity: str) -> list[tuple[str, str, Cell]]:
        cells = ((label, clause, self._cell(_words, activity, word)) for word, (label, clause) in WORDS.items())
        return [one for one in cells if one[2] != Cell("")]

    def _cell(self, read: Callable[..., str], *of: str) -> Cell:
        now, was = read(self.text, *of), read(self.beside, *of) if self.beside else None
        return Cell(now, was if was != now else None)


def sheet_of(edition: PolicyEdition, beside: PolicyEdition | None = None) -> Sheet:
    """The sheet of an edition of `with_text()`, alone or beside another."""
    return Sheet(edition, edition.text(), beside.text() if beside else None)


def place_in_words(place: str) -> str:
    """'Gold Services, Alert Strategies Workshop' for `cap-gold-alert_strategies`; what is no place of an edition stays as it is."""
    match place.split("-", 2):
        case ["valid_from"]:
            return "Valid from"
        case ["advice_wording"]:
            return "What a requester accepts"
        case ["cap", level, activity] if level in LEVELS and activity in ACTIVITIES:
            return f"{LEVELS[level]}, {ACTIVITIES[activity]}"
        case ["pool", level, _] if level in LEVELS:
            return f"{LEVELS[level]}, shared pool"
        case ["needs", activity, product] if activity in ACTIVITIES and product in PRODUCTS:
            return f"{ACTIVITIES[activity]}: {PRODUCTS[product]}"
        case ["sessions", activity] if activity in ACTIVITIES:
            return f"{ACTIVITIES[activity]}: session minutes"
        case [word, activity] if word in WORDS and activity in ACTIVITIES:
            return f"{ACTIVITIES[activity]}: {WORDS[word][0]}"
    return place


_KINDS = list(ProductRequirement.Kind)


def _figure(figure: Figure) -> str:
    if figure in (None, ""):
        return NOTHING
    kinds = dict(ProductRequirement.Kind.choices)
    return str(kinds.get(str(figure)) or wording.figure_in_words(figure, _UTC))


def _sessions(text: PolicyText, activity: str) -> str:
    sessions = text.sessions.get(activity, ())
    if len(sessions) == 1:
        return str(sessions[0].minutes)
    return " + ".join(f"{session.name} {session.minutes}" for session in sessions) or NOTHING


def _needs(text: PolicyText, activity: str, kind: str) -> str:
    return ", ".join(name for key, name in PRODUCTS.items() if text.needs.get((activity, key)) == kind) or NOTHING


def _words(text: PolicyText, activity: str, word: str) -> str:
    said: str = text.descriptions.get(activity, Description("", "", ""))._asdict()[word]
    return said


def _cap(text: PolicyText, level: str, activity: str) -> str:
    return str(text.cell(level, activity))


def _advice(text: PolicyText) -> str:
    return text.advice_wording
