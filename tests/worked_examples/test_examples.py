"""The worked examples, each derived by hand: whatever an example names in its `expected` must be in the answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.worked_examples.adapter import run

EXAMPLES = json.loads(Path(__file__).with_name("examples.json").read_text())


def contains(answer: Any, expected: Any) -> bool:
    """Is everything that is expected in the answer? Objects may have more keys; lists are compared place by place."""
    if isinstance(expected, dict):
        return isinstance(answer, dict) and all(
            key in answer and contains(answer[key], value) for key, value in expected.items()
        )
    if isinstance(expected, list):
        return (
            isinstance(answer, list)
            and len(answer) == len(expected)
            and all(contains(one, other) for one, other in zip(answer, expected, strict=True))
        )
    return type(answer) is type(expected) and answer == expected


@pytest.mark.parametrize("example", [pytest.param(one, id=one["id"]) for one in EXAMPLES])
def test_the_worked_example_comes_out(example):
    answer = run(example["fn"], example["input"])

    assert contains(answer, example["expected"]), f"{example['title']}: {example['why']}\n{answer}"


def test_there_are_as_many_examples_as_were_handed_over():
    assert len(EXAMPLES) == len({one["id"] for one in EXAMPLES}) == 133
