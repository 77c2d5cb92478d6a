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


TWO = ["integration", "product_feature"]
AT_NONE = {"none": {"consultation": 2}}


def booked(level: str, pools: Any, caps: dict[str, Any]) -> dict[str, Any] | list[Any]:
    """The second of two consultations at a level, under an edition with these pools."""
    data = BOOKING | {
        "editions": [{"valid_from": "2020-01-01", "caps": caps, "pools": pools}],
        "engagements": [{"id": "a", "activity": "integration", "day": "2026-02-01"}],
    }
    data = changed(data, "contract.levels", [["2026-01-01", level]])
    return run("check_booking", changed(data, "candidate.activity", "product_feature"))


class TestThePoolsOfAnEdition:
    """E4, in whatever shape an example writes them."""

    @pytest.mark.parametrize(
        ("pools", "caps"),
        [
            ({"consultation": {"activities": TWO, "cap": 2}}, {}),
            ({"consultation": TWO}, {"none": {"integration": 2, "product_feature": 2}}),
            ({"none": TWO}, AT_NONE),
            ({"none": {"consultation": TWO}}, AT_NONE),
            ({"none": [TWO, 2]}, {}),
            ({"none": [[TWO, 2]]}, {}),
            ({"none": {"consultation": [TWO, 2]}}, {}),
            ({"none": 2}, {}),
            ({"consultation": {"none": 2}}, {}),
            ({"consultation": {"activities": TWO, "none": 2}}, {}),
            ([["none", TWO, 2]], {}),
            ([["none", "consultation", TWO, 2]], {}),
            ([{"key": "consultation", "level": "none", "activities": TWO, "cap": 2}], {}),
            ([{"id": "consultation", "level": "none", "activities": TWO, "cap": 2}], {}),
            ([{"target": "consultation", "level": "none", "activities": TWO, "cap": 2}], {}),
            ([{"name": "consultation", "level": "none", "activities": TWO}], AT_NONE),
            ({"none": {"consultation": 2}}, {}),
            ({"none": {"consultation": 2}}, {"none": {"integration": "pool", "product_feature": "pool"}}),
            ({"none": {"consultation": 2}}, {"none": {"pool": "pool"}}),
            ({"none": TWO}, {"none": {"pool": 2}}),
        ],
        ids=range(20),
    )
    def test_are_read_at_their_level_with_their_cap(self, pools, caps):
        answer = booked("none", pools, caps)

        assert (answer["answer"], answer["used_with_it"], answer["cap"]) == ("allowed", 2, 2)

    def test_are_read_at_each_level_where_all_their_activities_have_the_same_cell(self):
        caps = {
            "none": {"integration": 2, "product_feature": 2},
            "silver": {"integration": 1, "product_feature": 1},
            "gold": {"integration": 6, "product_feature": 4},
        }

        answers = {level: booked(level, {"consultation": TWO}, caps) for level in caps}

        read = {level: (answer["used_with_it"], answer["cap"]) for level, answer in answers.items()}
        assert read == {"none": (2, 2), "silver": (2, 1), "gold": (1, 4)}

    @pytest.mark.parametrize(
        ("pools", "caps"),
        [
            ({"consultation": TWO}, {}),
            ({"consultation": TWO}, {"none": {"integration": 2, "product_feature": 1}}),
            ({"none": TWO}, {}),
            ({"none": "consultation"}, {}),
            ({"none": [TWO, 2, 3]}, {}),
            ({"none": {"consultation": 2}}, {"none": {"consultation": 3}}),
            ({"none": {"consultation": "2"}}, {}),
            ({"consultation": {"colour": "red"}}, {}),
            ({"consultation": True}, {}),
            ({"none": {"consultation": {"level": "gold", "cap": 2}}}, {}),
            ([["platinum", "consultation", TWO, 2]], {}),
            ([["none", ["juggling"], 2]], {}),
            ([2], {}),
            ("consultation", {}),
            ({}, {"none": {"integration": "pool"}}),
            ({}, {"none": 2}),
            ({}, ["none"]),
        ],
        ids=range(17),
    )
    def test_are_refused_where_no_level_or_cap_or_meaning_is_found(self, pools, caps):
        with pytest.raises(ValueError, match=r"."):
            booked("none", pools, caps)


MAY = ["2026-05-12T10:00:00Z", "2026-05-12T11:00:00Z"]
REMEDY = [["2026-05-12T10:00:00Z", "2026-05-12T12:00:00Z"]]
SALE = {"id": "a", "attempted": "2026-05-12T10:15:00Z", "revenue": "100"}
ALERT = {"received": "2026-05-12T10:00:00Z", "channel": "phone"}
KIND_A = {"kind": "A", "start": MAY[0], "end": MAY[1]}


def noticed(**said: Any) -> list[dict[str, Any]]:
    return [{"start": MAY[0], "end": MAY[1], "ground": "noticed"} | said]


class TestTheWordsOfTheSla:
    @pytest.mark.parametrize(
        "kind",
        [
            *("repair", "replacement", "substitute", "substitution", "cost", "repair_cost", "substitute_service"),
            *("repair_or_substitute_cost", "iii_repair_or_substitute_cost"),
        ],
    )
    def test_a_cost_is_read_by_any_of_its_words(self, kind):
        answer = run("realized_loss", {"transactions": [SALE | {"kind": kind}], "remedy": REMEDY})

        assert answer == {"amount": "0.00", "struck": {"a": ["iii_repair_or_substitute_cost"]}}

    @pytest.mark.parametrize("kind", ["gift", "repair_sale", "repair_gift", "iii", "or", "", 3])
    def test_another_kind_of_line_is_not_read(self, kind):
        with pytest.raises(ValueError, match=r"."):
            run("realized_loss", {"transactions": [SALE | {"kind": kind}], "remedy": REMEDY})

    @pytest.mark.parametrize("month", [{}, {"month": None}])
    def test_maintenance_without_a_month_shows_no_allowance(self, month):
        assert run("maintenance", {"maintenance": noticed()} | month) == {"cutting": [MAY], "left_seconds": None}

    def test_an_open_alert_without_a_moment_has_no_period(self):
        assert run("delivery", {"alert": ALERT, "now": None}) == {
            "in_scope": True,
            "why": None,
            "period_seconds": None,
            "failure": False,
            "attempted": False,
            "occurrence": None,
            "remedy": None,
            "open": True,
        }

    @pytest.mark.parametrize(
        ("said", "cutting"),
        [
            ({"noticed_from": MAY[1]}, []),
            ({"noticed_from": "2026-05-12T12:00:00Z"}, []),
            ({"noticed_to": MAY[0]}, []),
            ({"noticed_to": "2026-05-12T09:00:00Z", "noticed_from": None}, []),
            ({"noticed_from": "2026-05-12T10:30:00Z"}, [["2026-05-12T10:30:00Z", MAY[1]]]),
            ({"noticed_to": "2026-05-12T10:30:00Z"}, [[MAY[0], "2026-05-12T10:30:00Z"]]),
        ],
    )
    def test_a_window_announced_on_one_side_is_open_on_the_other(self, said, cutting):
        assert run("maintenance", {"maintenance": noticed(**said)})["cutting"] == cutting

    def test_a_window_announced_backwards_is_not_read(self):
        with pytest.raises(ValueError, match="must end after it starts"):
            run("maintenance", {"maintenance": noticed(noticed_from=MAY[1], noticed_to=MAY[0])})

    def test_any_log_of_a_channel_that_the_terms_do_not_name_is_out_of_scope(self):
        logs = [["chat_message", "2026-05-12T10:01:00Z"]]

        answer = run("delivery", {"alert": ALERT | {"channel": "chat", "logs": logs}})

        assert (answer["in_scope"], answer["why"]) == (False, "channel")
        with pytest.raises(ValueError, match="chat_message"):
            run("delivery", {"alert": ALERT | {"logs": logs}})

    @pytest.mark.parametrize(
        ("fn", "data", "nulls"),
        [
            ("delivery", {"alert": ALERT, "now": MAY[1]}, "alert.urgency alert.first_responder alert.delay_seconds"),
            ("delivery", {"alert": ALERT, "now": MAY[1]}, "alert.logs"),
            ("claim_deadline", {"occurrence": MAY[0], "zone": "America/New_York"}, "days committed"),
            ("rate_method", {"event": MAY[0], "zone": "UTC", "profit": "9", "remedy": REMEDY}, "completed"),
            ("check_booking", BOOKING, "editions candidate.state candidate.first_session_held candidate.at"),
            ("check_booking", BOOKING, "candidate.counted_by_manager contract.status"),
            ("election", {"zone": "UTC", "now": MAY[1], "accepted": MAY[0]}, "lowest_plan choices"),
            ("reminders", REMINDER, "active"),
        ],
    )
    def test_null_where_there_is_a_default_is_as_good_as_absent(self, fn, data, nulls):
        for path in nulls.split():
            head, _, key = path.rpartition(".")
            inner = {name: value for name, value in (data[head] if head else data).items() if name != key}
            absent = data | {head: inner} if head else inner

            assert run(fn, changed(absent, path, None)) == run(fn, absent)

    def test_null_flags_of_a_transaction_and_an_expense_as_one_text(self):
        flags = [
            "documented",
            "third_party",
            "due_to_failure",
            "affected_systems",
            "completed",
            "other_system_down",
            "kind",
        ]
        line = SALE | dict.fromkeys(flags) | {"documented_expenses": "30", "undocumented_expenses": "20"}
        listed = SALE | {"documented_expenses": ["30"], "undocumented_expenses": ["20"]}

        answers = [run("realized_loss", {"transactions": [one], "remedy": REMEDY}) for one in (line, listed)]

        assert answers[0] == answers[1] != run("realized_loss", {"transactions": [SALE], "remedy": REMEDY})

    def test_seats_are_read_as_a_text_too(self):
        asked = {"occurrence": MAY[0], "zone": "UTC", "start": "2026-01-01"}
        months = ("2026-02", "2026-03", "2026-04")

        answers = [run("annual_fees", asked | {"months": {m: ["10", seats] for m in months}}) for seats in (100, "100")]

        assert answers[0] == answers[1]
        with pytest.raises(ValueError, match="whole number"):
            run("annual_fees", asked | {"months": {"2026-02": ["10", "-1"]}})

    @pytest.mark.parametrize(("begins", "inside"), [("09:59:59", True), ("10:00:00", True), ("10:00:01", False)])
    def test_clock_times_are_read_with_seconds(self, begins, inside):
        data = {"start": MAY[0], "end": MAY[1], "zone": "UTC", "windows": [[1, begins, "24:00:00"]]}

        assert run("normal_hours", data) == {"inside": inside}

    @pytest.mark.parametrize("clock", ["10", "10:00:60", "24:00:01", "10:00:00:00", "10:00:00:05", "-1:00", 10])
    def test_other_clock_times_are_not_read(self, clock):
        with pytest.raises(ValueError, match=r"."):
            run("normal_hours", {"start": MAY[0], "end": MAY[1], "zone": "UTC", "windows": [[1, clock, "24:00"]]})

    def test_empty_spans_are_none(self):
        empty = [MAY[0], MAY[0]]
        period = {"start": MAY[0], "end": MAY[0], "ground": "noticed"}

        assert run("availability_outages", {"down": [empty], "maintenance": [period]}) == []
        assert run("maintenance", {"maintenance": [period]})["cutting"] == []
        with pytest.raises(ValueError, match="must end after it starts"):
            run("availability_outages", {"down": [MAY[::-1]]})

    @pytest.mark.parametrize("caused", [False, None])
    def test_an_outage_was_not_caused_by_one(self, caused):
        told = run("remedy_union", {"failures": [KIND_A | {"caused_by_outage": caused}]})

        assert told == run("remedy_union", {"failures": [KIND_A]})
        with pytest.raises(ValueError, match="caused by an outage"):
            run("remedy_union", {"failures": [KIND_A | {"caused_by_outage": True}]})

    @pytest.mark.parametrize(
        ("fn", "data"),
        [
            ("credit", None),
            ("remedy_union", {"failures": ["A"]}),
            ("availability_outages", {"down": [5]}),
            ("delivery", {"alert": ALERT | {"logs": [None]}}),
            ("delivery", {"alert": ALERT | {"delay_seconds": "soon"}}),
            ("annual_fees", {"months": [], "occurrence": MAY[0], "zone": "UTC"}),
            ("next_lower_plan", {"plans": [], "current": "a", "day": "2026-01-01"}),
            ("election", {"zone": "UTC", "now": MAY[1], "choices": [3]}),
            ("normal_hours", {"start": MAY[0], "end": MAY[1], "zone": "UTC", "windows": [1]}),
        ],
    )
    def test_what_has_not_the_shape_is_a_value_error(self, fn, data):
        with pytest.raises(ValueError, match=r"."):
            run(fn, data)
