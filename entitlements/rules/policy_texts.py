"""All that an edition of the policy says, as it is written and checked before it is published (E2, E4, E9, E10, E12, E13)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from entitlements.rules.cap_values import UNLIMITED, Cap, as_figure
from entitlements.rules.drafts import Fault
from entitlements.rules.editions import ACTIVITIES, LEVELS
from entitlements.rules.products import PRODUCTS
from entitlements.rules.refusals import Refusal
from entitlements.rules.working import Figure

LONGEST = 8 * 60
"""Minutes: what is longer than a working day was not meant."""

MOST = 999


class Session(NamedTuple):
    """E10: one session of an engagement: what it is called, and its minutes."""

    name: str
    minutes: int


class SharedPool(NamedTuple):
    """E4: the pool of a level; without a cap it is not a pool yet."""

    name: str
    cap: int | None


class Description(NamedTuple):
    """E12, E13: what an activity is, brings, and asks of the customer."""

    summary: str
    outcome: str
    should_bring: str
    recommended: str = ""


@dataclass(frozen=True)
class PolicyText:
    """An edition as it is written. `cells` are by (level, activity): a cap, or the key of the pool in which the activity is there
    (E4); `pools` by (level, key); `needs` the kind of requirement by (activity, product) (E9).
    """

    name: str
    valid_from: date
    advice_wording: str
    cells: Mapping[tuple[str, str], Cap | str]
    pools: Mapping[tuple[str, str], SharedPool]
    sessions: Mapping[str, tuple[Session, ...]]
    needs: Mapping[tuple[str, str], str]
    descriptions: Mapping[str, Description]

    def cell(self, level: str, activity: str) -> Figure:
        """A cell as people read it: the number, `N/A`, or the figure of its pool."""
        cap = self.cells.get((level, activity))
        if isinstance(cap, str):
            pool = self.pools.get((level, cap))
            return f"{pool.cap if pool else '–'}, pool"
        return None if cap is None else as_figure(cap)

    @property
    def figures(self) -> Mapping[str, Figure]:
        """Every place of the edition with what stands there, for the comparison with another."""
        return dict(self._figures())

    def _figures(self) -> Iterator[tuple[str, Figure]]:
        yield "valid_from", self.valid_from
        for activity in ACTIVITIES:
            for level in LEVELS:
                yield f"cap-{level}-{activity}", self.cell(level, activity)
            taken = (f"{session.name} {session.minutes}" for session in self.sessions.get(activity, ()))
            yield f"sessions-{activity}", ", ".join(taken)
            for product in PRODUCTS:
                yield f"needs-{activity}-{product}", self.needs.get((activity, product))
            for word, text in self.descriptions.get(activity, Description("", "", ""))._asdict().items():
                yield f"{word}-{activity}", text
        for (level, key), pool in self.pools.items():
            yield f"pool-{level}-{key}", pool.cap
        yield "advice_wording", self.advice_wording


def faults(text: PolicyText) -> tuple[Fault, ...]:
    """E2: everything for which the edition cannot be published as it stands; an empty tuple means nothing."""
    return (*_cells(text), *_pools(text), *_sessions(text), *_words(text))


def _cells(text: PolicyText) -> Iterator[Fault]:
    for level in LEVELS:
        for activity in ACTIVITIES:
            cap = text.cells.get((level, activity))
            place = f"cap-{level}-{activity}"
            if cap is None:
                yield _fault(place, "E2", "no_cap", "The cell is empty.", "Write a number, N/A or pool.")
            elif cap is UNLIMITED:
                sentence = "The policy has no cap without limit; only an agreement with one customer can have one."
                yield _fault(place, "E8", "without_limit", sentence, "Write a number, and record the agreement.")
            elif isinstance(cap, str):
                yield from _share(text, level, cap, place)
            elif isinstance(cap, int):
                yield from _number(place, cap)


def _share(text: PolicyText, level: str, key: str, place: str) -> Iterator[Fault]:
    pool = text.pools.get((level, key))
    if pool is None or pool.cap is None:
        sentence = f"At {LEVELS[level]} the shared pool has no figure."
        yield _fault(place, "E4", "pool_without_figure", sentence, "Give the pool its figure, or write N/A.")


def _number(place: str, cap: int) -> Iterator[Fault]:
    if cap < 1:
        sentence = "A cap of less than one is not a cap."
        yield _fault(place, "E2", "not_a_cap", sentence, "Write N/A for what is not available at this level.")
    elif cap > MOST:
        yield _fault(place, "E2", "not_a_cap", f"A cap of more than {MOST} was not meant.", "Write a smaller number.")


def _pools(text: PolicyText) -> Iterator[Fault]:
    for (level, key), pool in text.pools.items():
        place = f"pool-{level}-{key}"
        if pool.cap is not None:
            yield from _number(place, pool.cap)
            if key not in [text.cells.get((level, activity)) for activity in ACTIVITIES]:
                sentence = f"No activity is in the shared pool at {LEVELS[level]}."
                yield _fault(place, "E4", "pool_of_nothing", sentence, "Write pool in its cells, or empty the figure.")
        if key in ACTIVITIES:
            yield _fault(place, "E4", "pool_named_like_an_activity", "A pool cannot be named like an activity.")


def _sessions(text: PolicyText) -> Iterator[Fault]:
    for activity in ACTIVITIES:
        sessions = text.sessions.get(activity, ())
        if not sessions:
            sentence = f"{ACTIVITIES[activity]} has no session."
            yield _fault(f"minutes-{activity}-1", "E10", "no_session", sentence, "Give the first session its minutes.")
        for part, session in enumerate(sessions, start=1):
            if not 0 < session.minutes <= LONGEST:
                sentence = f"A session takes from 1 to {LONGEST} minutes, not {session.minutes}."
                yield _fault(f"minutes-{activity}-{part}", "E10", "not_a_length", sentence)
            if not session.name:
                sentence = "The session has no name."
                yield _fault(f"session-{activity}-{part}", "E10", "no_name", sentence, "Call it session, or discovery.")


def _words(text: PolicyText) -> Iterator[Fault]:
    asked = {"summary": "E12", "outcome": "E13", "should_bring": "E12"}
    for activity, name in ACTIVITIES.items():
        words = text.descriptions.get(activity, Description("", "", ""))._asdict()
        for word, clause in asked.items():
            if not words[word].strip():
                yield _fault(f"{word}-{activity}", clause, "no_words", f"{name} is not described.", "Write a sentence.")
    if not text.advice_wording.strip():
        sentence = "The wording that a requester accepts is empty."
        yield _fault("advice_wording", "E11", "no_words", sentence, "Write it: a request quotes it.")


def _fault(place: str, clause: str, code: str, sentence: str, what_helps: str = "") -> Fault:
    return Fault(place, Refusal(clause, code, sentence, what_helps))
