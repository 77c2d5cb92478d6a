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


BOOKING = next(one["input"] for one in EXAMPLES if one["fn"] == "check_booking")
REMINDER = next(one["input"] for one in EXAMPLES if one["fn"] == "reminders")


def changed(data: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The input with another value at a dotted path."""
    head, _, rest = path.partition(".")
    return data | {head: changed(data[head], rest, value) if rest else value}


class TestTheAdapter:
    """An input that it cannot read must raise: nothing is guessed, nothing is passed over."""

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            ("colour", "red"),
            ("contract.colour", "red"),
            ("contract.zone", "America/Nowhere"),
            ("contract.start", "1 January 2026"),
            ("contract.status", "asleep"),
            ("contract.levels", [["2026-01-01", "platinum"]]),
            ("contract.overrides", [{"target": "juggling", "cap": 1}]),
            ("contract.overrides", [{"target": "roadmap", "cap": "many"}]),
            ("contract.overrides", [{"target": "roadmap", "cap": -1}]),
            ("contract.overrides", [{"target": "roadmap"}]),
            ("candidate.state", "imagined"),
            ("candidate.activity", "juggling"),
            ("candidate.cancelled_by", "nobody"),
            ("candidate.first_session_held", "yes"),
            ("candidate.at", "2026-06-01T00:00:00Z"),
            ("candidate", {"id": "new", "activity": "roadmap"}),
            ("candidate", {"id": "new", "activity": "roadmap", "at": "2026-06-01T00:00:00"}),
            ("candidate", "new"),
            ("engagements", {}),
            ("editions", ["rock"]),
            ("editions", [{"valid_from": "2026-01-01"}]),
            ("editions", [{"valid_from": "2026-01-01", "caps": {"gold": {"juggling": 1}}}]),
            ("editions", [{"valid_from": "2026-01-01", "caps": {"gold": {"roadmap": "unlimited"}}}]),
            ("editions", [{"valid_from": "2026-01-01", "caps": {}, "pools": {"none": {"consultation": "N/A"}}}]),
        ],
    )
    def test_cannot_read_such_a_booking(self, path, value):
        with pytest.raises((ValueError, LookupError)):
            run("check_booking", changed(BOOKING, path, value))

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            ("matter", "session"),
            ("sent", ["9d"]),
            ("active", 1),
            ("now", "2026-03-05"),
            ("deadline", None),
            ("by", "mail"),
        ],
    )
    def test_cannot_read_such_a_reminder(self, path, value):
        with pytest.raises((ValueError, LookupError)):
            run("reminders", changed(REMINDER, path, value))

    def test_does_not_know_such_a_function(self):
        with pytest.raises(LookupError, match="no such function"):
            run("check_weather", {})

    def test_reads_fractions_of_a_second_and_writes_no_more_of_them_than_needed(self):
        asked = {"zone": "America/New_York", "months": 1}

        assert run("months_before", asked | {"at": "2026-05-15T10:00:00.25Z"}) == {"instant": "2026-04-15T10:00:00.25Z"}
        assert run("months_before", asked | {"at": "2026-05-15T10:00:00.000001Z"}) == {
            "instant": "2026-04-15T10:00:00.000001Z"
        }

    def test_reads_an_override_with_all_that_it_can_say(self):
        override = {"target": "alert_strategies", "cap": "unlimited", "from": None, "to": "2026-06-01"}
        said = override | {"reference": "order form 7", "reason": "agreed"}

        until = run("check_booking", changed(BOOKING, "contract.overrides", [said]))
        after = run("check_booking", changed(BOOKING, "contract.overrides", [said | {"to": "2026-05-31"}]))

        assert (until["answer"], until["cap"]) == ("allowed", "unlimited")
        assert (after["answer"], after["cap"]) == ("not_available", "N/A")

    @pytest.mark.parametrize(
        "pools",
        [
            {"gold": {"consultation": 1}},
            {"gold": {"consultation": {"activities": ["integration", "product_feature"], "cap": 1}}},
            {"gold": [{"name": "consultation", "activities": ["integration", "product_feature"], "cap": 1}]},
            {"gold": {"activities": ["integration", "product_feature"], "cap": 1}},
            {"consultation": {"activities": ["integration", "product_feature"], "caps": {"gold": 1}}},
            {"consultation": {"activities": ["integration", "product_feature"], "levels": ["gold"], "cap": 1}},
            {"consultation": ["integration", "product_feature"]},
            [{"name": "consultation", "level": "gold", "activities": ["integration", "product_feature"], "cap": 1}],
        ],
        ids=range(8),
    )
    def test_reads_the_pools_of_an_edition_by_level_or_by_name(self, pools):
        caps = (
            {"gold": {"consultation": 1, "roadmap": 2}}
            if pools == {"consultation": ["integration", "product_feature"]}
            else {}
        )
        edition = {"valid_from": "2020-01-01", "caps": caps, "pools": pools}
        engagement = {"id": "a", "activity": "integration", "day": "2026-02-01"}
        data = BOOKING | {"editions": [edition], "engagements": [engagement]}
        data = changed(
            changed(data, "contract.levels", [["2026-01-01", "gold"]]), "candidate.activity", "product_feature"
        )

        answer = run("check_booking", data)

        assert (answer["answer"], answer["used_with_it"], answer["cap"]) == ("cap_used_up", 2, 1)
