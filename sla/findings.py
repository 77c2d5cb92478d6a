"""S9: what a decision found of each line, read from its frozen working, for the claim's page and the letter alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from entitlements.rules.working import Figure, Step
from sla.models import LostTransaction
from sla.rules.losses import Strike

OUTSIDE = "Outside the remedy period"


def not_counted(working: dict[str, Any] | None) -> Mapping[str, str]:
    """The lines that a decision did not count, by number, each with its reasons in words."""
    if not working:
        return {}
    transactions = [dict(step.inputs) for _, step in Step.from_json(working).walk() if step.name == "transaction"]
    return {str(one["key"]): _in_words(one["struck"]) for one in transactions if one["struck"]}


def _in_words(strikes: Figure) -> str:
    labels = dict(LostTransaction.Strike.choices) | {Strike.OUTSIDE_REMEDY_PERIOD.value: OUTSIDE}
    return "; ".join(str(labels[str(one)]) for one in strikes) if isinstance(strikes, tuple) else ""
