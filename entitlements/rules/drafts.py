"""What any document goes through before it is published, whatever it says: its faults, and what differs from another edition.

A document is read place by place: a place is the name of one figure of it, the same in the form, the comparison and the refusal.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from entitlements.rules.refusals import Refusal
from entitlements.rules.working import Figure


class Fault(NamedTuple):
    """Why a document cannot be published as it is written, and at which place."""

    place: str
    refusal: Refusal


class Difference(NamedTuple):
    """A place at which two editions differ; None: the edition says nothing there."""

    place: str
    before: Figure
    after: Figure


def differences(before: Mapping[str, Figure], after: Mapping[str, Figure]) -> tuple[Difference, ...]:
    """E2, S1: every place at which the second edition differs from the first, in the second's order, then what it leaves out."""
    places = dict.fromkeys([*after, *before])
    found = (Difference(place, before.get(place), after.get(place)) for place in places)
    return tuple(one for one in found if one.before != one.after)


def second_person(publisher: int, authors: Collection[int | None], *, may_approve: bool, clause: str) -> Refusal | None:
    """E2, S1: why this person may not publish: an edition takes a second person, who may approve and neither drafted nor
    proposed it. None if they may. People are their keys.
    """
    help_is = "Ask a colleague who may approve."
    if not may_approve:
        return Refusal(clause, "may_not_approve", "You may not publish editions.", help_is)
    if publisher in authors:
        sentence = "Whoever drafted or proposed an edition cannot publish it."
        return Refusal(clause, "second_person", sentence, help_is)
    return None
