"""The one adapter of the worked examples: it finds the function and hands the input on. Each half reads its own vocabulary."""

from __future__ import annotations

from typing import Any

from tests.worked_examples import entitlements_half, sla_half
from tests.worked_examples.readers import mapping


def run(fn: str, input: dict[str, Any]) -> dict[str, Any] | list[Any]:
    """The project's answer to an example. LookupError for an unknown function, ValueError for an input that cannot be read."""
    functions = entitlements_half.FUNCTIONS | sla_half.FUNCTIONS
    if fn not in functions:
        raise LookupError(f"no such function: {fn!r}")
    return functions[fn](mapping(input))
