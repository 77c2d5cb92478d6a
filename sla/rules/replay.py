"""A decided claim, computed again from nothing but its stored working (S11, S19)."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from entitlements.rules.working import Step
from sla.rules.assessment import Assessment, Rates, assess
from sla.rules.exclusions import Side
from sla.rules.fees import FeeLine
from sla.rules.losses import Attempt, LineKind
from sla.rules.remedy import Failure
from sla.rules.terms import EnterpriseTerms


def replay(working: Step) -> Assessment:
    """S11, S19: the assessment whose `working` this is, from the inputs in it. Raises LookupError if a step or an input is missing."""
    terms = _terms(_one(working, "terms"))
    claim, fees, given = (_inputs(_one(working, name)) for name in ("failures in time", "annual fees", "credit"))
    return assess(
        [_failure(step) for step in _all(working, "remedy period")],
        claim["committed"],
        ZoneInfo(claim["zone"]),
        terms,
        loss=_rates(working) or [_attempt(step) for step in _all(working, "attempt")],
        months={_inputs(step)["month"]: _fee_lines(step) for step in _all(working, "fees of the month")},
        start=fees["start"],
        cap=given["cap"],
        credited_before=given["credited_before"],
    )


def _terms(step: Step) -> EnterpriseTerms:
    figures = _inputs(step)
    return EnterpriseTerms(**{**figures, "deciding_logs": dict(figures["deciding_logs"])})


def _failure(step: Step) -> Failure:
    figures = _inputs(step)
    return Failure(**{**figures, "side": Side(figures["side"]), "remedy": step.result})


def _attempt(step: Step) -> Attempt:
    figures = _inputs(step)
    return Attempt(**{**figures, "kind": LineKind(figures["kind"])})


def _rates(working: Step) -> Rates | None:
    steps = _all(working, "loss by the rate of the months before")
    if not steps:
        return None
    figures = _inputs(steps[0])
    return Rates(
        profit=figures["profit"],
        completed=figures["completed"],
        evidence=figures["evidence"],
        reason=_inputs(working)["method_reason"],
    )


def _fee_lines(step: Step) -> list[FeeLine]:
    return [FeeLine(*line) for line in _inputs(step)["lines"]]


def _all(working: Step, name: str) -> list[Step]:
    return [step for _, step in working.walk() if step.name == name]


def _one(working: Step, name: str) -> Step:
    steps = _all(working, name)
    if len(steps) != 1:
        raise LookupError(f"{len(steps)} steps are named {name!r}")
    return steps[0]


def _inputs(step: Step) -> dict[str, Any]:
    return dict(step.inputs)
