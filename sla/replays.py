"""A decision computed again from what was frozen with it, and what differs (S19). Nothing here writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice, zip_longest

from entitlements.rules.working import Step, figure_as_json
from sla.assessment import assess
from sla.inputs import facts_of, hash_of
from sla.models import DecisionInputs, Proposal
from sla.rules.replay import replay

MOST = 20
"""Differences that are named."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """`differences`: between what was decided and what its frozen inputs give. `since`: facts that were corrected afterwards, which
    change no decision."""

    differences: tuple[str, ...]
    since: tuple[str, ...]


def replayed(decision: Proposal) -> Replayed:
    """S19: compute a decision again. Of the records of today only the edition is read, and for `since` the facts."""
    stored = Step.from_json(decision.working)
    found = [*_by_the_rules(stored), *_figures(decision, stored), *_edition(decision, stored)]
    inputs = DecisionInputs.objects.filter(proposal=decision).first()
    if inputs is None:
        return Replayed(tuple(found), ("no inputs were kept with this decision, only its working",))
    if hash_of(inputs.facts) != inputs.sha256:
        found.append("the frozen inputs are not as they were written: their hash differs")
    return Replayed(tuple(found), tuple(_since(decision, inputs)))


def _by_the_rules(stored: Step) -> Iterator[str]:
    """Every step of the working, from the inputs in it."""
    assessed = _step(stored, "assessment of the claim")
    if assessed is not None:
        yield from islice(_between(assessed, replay(assessed).working, assessed.name), MOST)


def _figures(decision: Proposal, stored: Step) -> Iterator[str]:
    """The four figures of the decision are those of its working."""
    assessed, credit = _step(stored, "assessment of the claim"), _step(stored, "credit")
    computed = {
        "claimed": dict(stored.inputs)["claimed"],
        "assessed": dict(assessed.inputs)["assessed"] if assessed else Decimal("0.00"),
        "capped": assessed.result if assessed else None,
    }
    for name, figure in computed.items():
        if getattr(decision, name) != figure:
            yield f"{name}: decided {getattr(decision, name)}, computed {figure}"
    bound = (dict(credit.inputs)["bound"] if credit else "") or ""
    if decision.bound != bound:
        yield f"bound: decided {decision.bound}, computed {bound}"
    most = assessed.result if assessed and isinstance(assessed.result, Decimal) else Decimal(0)
    if decision.credited is not None and decision.credited > most:
        yield f"credited: decided {decision.credited}, more than is computed"


def _edition(decision: Proposal, stored: Step) -> Iterator[str]:
    """The figures of the terms that were used are those of the edition that is named."""
    terms = _step(stored, "terms")
    if terms is not None:
        yield from islice(_between(terms, decision.edition.facts().working, f"edition {decision.edition.name}"), MOST)


def _since(decision: Proposal, inputs: DecisionInputs) -> Iterator[str]:
    claim = decision.claim
    today = facts_of(claim, assess(claim, now=decision.proposed_at))
    yield from islice(_between(Step.from_json(inputs.facts), today, "facts"), MOST)


def _step(tree: Step, name: str) -> Step | None:
    return next((step for _, step in tree.walk() if step.name == name), None)


def _between(before: Step | None, after: Step | None, path: str) -> Iterator[str]:
    """What differs between two trees, each with the way to it."""
    if before is None or after is None:
        yield f"{path}: {'was not there' if before is None else 'is gone'}"
        return
    if before.result != after.result:
        yield f"{path}: {_said(before.result)}, then {_said(after.result)}"
    was, now = dict(before.inputs), dict(after.inputs)
    for label in {**was, **now}:
        if was.get(label) != now.get(label):
            yield f"{path}, {label}: {_said(was.get(label))}, then {_said(now.get(label))}"
    for n, (one, other) in enumerate(zip_longest(before.steps, after.steps), start=1):
        named = one or other
        yield from _between(one, other, f"{path} › {named.name if named else ''} {n}")


def _said(figure: object) -> str:
    shown = figure_as_json(figure)  # type: ignore[arg-type]
    return ", ".join(map(str, shown.values())) if isinstance(shown, dict) else str(shown)
