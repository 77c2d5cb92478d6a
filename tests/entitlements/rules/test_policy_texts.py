"""E2, E4, E9–E13: an edition as it is written, and everything for which it cannot be published."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from entitlements.rules.cap_values import NOT_AVAILABLE, UNLIMITED
from entitlements.rules.editions import ACTIVITIES, LEVELS
from entitlements.rules.policy_texts import Description, PolicyText, Session, SharedPool, faults
from entitlements.rules.products import PRODUCTS
from entitlements.rules.refusals import Refusal
from tests.worked_examples.paper import PAPER

POOL = ("none", "consultation")
WHOLE = PolicyText(
    name="Paper",
    valid_from=date(2026, 1, 1),
    advice_wording="What we say is advice.",
    cells={
        (level, activity): PAPER.caps.get((level, activity), NOT_AVAILABLE)
        for level in LEVELS
        for activity in ACTIVITIES
    }
    | {("none", "integration"): "consultation", ("none", "product_feature"): "consultation"},
    pools={POOL: SharedPool("Consultations", 1)},
    sessions={activity: (Session("session", 60),) for activity in ACTIVITIES}
    | {"incident_lifecycle": (Session("discovery", 60), Session("follow-up", 30))},
    needs={("alert_strategies", "im"): "required", ("alert_strategies", "aiops"): "recommended"},
    descriptions={activity: Description("What it is.", "What it brings.", "A runbook.") for activity in ACTIVITIES},
)


def with_cell(cap, level="gold", activity="roadmap"):
    return replace(WHOLE, cells={**WHOLE.cells, (level, activity): cap})


def with_pool(cap, place=POOL):
    return replace(WHOLE, pools={place: SharedPool("Consultations", cap)})


def with_session(*sessions):
    return replace(WHOLE, sessions={**WHOLE.sessions, "roadmap": sessions})


def with_words(**words):
    said = WHOLE.descriptions["roadmap"]._replace(**words)
    return replace(WHOLE, descriptions={**WHOLE.descriptions, "roadmap": said})


def without(part, key):
    return replace(WHOLE, **{part: {one: what for one, what in getattr(WHOLE, part).items() if one != key}})


FAULTS = [
    (
        without("cells", ("gold", "roadmap")),
        ("cap-gold-roadmap", "E2", "no_cap", "The cell is empty.", "Write a number, N/A or pool."),
    ),
    (
        with_cell(UNLIMITED),
        (
            *("cap-gold-roadmap", "E8", "without_limit"),
            "The policy has no cap without limit; only an agreement with one customer can have one.",
            "Write a number, and record the agreement.",
        ),
    ),
    (
        with_cell(0),
        (
            *("cap-gold-roadmap", "E2", "not_a_cap"),
            "A cap of less than one is not a cap.",
            "Write N/A for what is not available at this level.",
        ),
    ),
    (
        with_cell(1000),
        (
            *("cap-gold-roadmap", "E2", "not_a_cap"),
            "A cap of more than 999 was not meant.",
            "Write a smaller number.",
        ),
    ),
    (
        with_cell("consultation"),
        (
            *("cap-gold-roadmap", "E4", "pool_without_figure"),
            "At Gold Services the shared pool has no figure.",
            "Give the pool its figure, or write N/A.",
        ),
    ),
    (
        with_pool(0),
        (
            *("pool-none-consultation", "E2", "not_a_cap"),
            "A cap of less than one is not a cap.",
            "Write N/A for what is not available at this level.",
        ),
    ),
    (
        replace(WHOLE, pools={**WHOLE.pools, ("gold", "consultation"): SharedPool("Consultations", 3)}),
        (
            *("pool-gold-consultation", "E4", "pool_of_nothing"),
            "No activity is in the shared pool at Gold Services.",
            "Write pool in its cells, or empty the figure.",
        ),
    ),
    (
        replace(WHOLE, pools={**WHOLE.pools, ("gold", "maturity"): SharedPool("Maturity", None)}),
        (
            *("pool-gold-maturity", "E4", "pool_named_like_an_activity"),
            "A pool cannot be named like an activity.",
            "",
        ),
    ),
    (
        with_session(),
        (
            *("minutes-roadmap-1", "E10", "no_session"),
            "Product Roadmap Session has no session.",
            "Give the first session its minutes.",
        ),
    ),
    (
        without("sessions", "roadmap"),
        (
            *("minutes-roadmap-1", "E10", "no_session"),
            "Product Roadmap Session has no session.",
            "Give the first session its minutes.",
        ),
    ),
    (
        with_session(Session("session", 0)),
        ("minutes-roadmap-1", "E10", "not_a_length", "A session takes from 1 to 480 minutes, not 0.", ""),
    ),
    (
        with_session(Session("one", 60), Session("two", 481)),
        ("minutes-roadmap-2", "E10", "not_a_length", "A session takes from 1 to 480 minutes, not 481.", ""),
    ),
    (
        with_session(Session("", 30)),
        ("session-roadmap-1", "E10", "no_name", "The session has no name.", "Call it session, or discovery."),
    ),
    (
        with_words(summary=" "),
        ("summary-roadmap", "E12", "no_words", "Product Roadmap Session is not described.", "Write a sentence."),
    ),
    (
        with_words(outcome=""),
        ("outcome-roadmap", "E13", "no_words", "Product Roadmap Session is not described.", "Write a sentence."),
    ),
    (
        with_words(should_bring=""),
        ("should_bring-roadmap", "E12", "no_words", "Product Roadmap Session is not described.", "Write a sentence."),
    ),
    (
        replace(WHOLE, advice_wording=" "),
        (
            *("advice_wording", "E11", "no_words"),
            "The wording that a requester accepts is empty.",
            "Write it: a request quotes it.",
        ),
    ),
]


class TestFaults:
    def test_a_whole_edition_has_none(self):
        assert faults(WHOLE) == ()

    @pytest.mark.parametrize(("text", "said"), FAULTS, ids=[f"{said[2]} at {said[0]}" for _, said in FAULTS])
    def test_each_says_where_it_is_by_which_clause_why_and_what_helps(self, text, said):
        (fault,) = faults(text)

        assert (fault.place, fault.refusal) == (said[0], Refusal(*said[1:]))

    @pytest.mark.parametrize(
        "text",
        [
            with_cell(1),
            with_cell(999),
            with_words(recommended=""),
            with_session(Session("session", 1)),
            with_session(Session("session", 480)),
        ],
    )
    def test_what_is_just_within_is_none(self, text):
        assert faults(text) == ()

    def test_a_pool_without_a_figure_is_missed_in_each_of_its_cells(self):
        """E4: nobody asked for a figure where no cell is in the pool."""
        assert [one.place for one in faults(with_pool(None))] == ["cap-none-integration", "cap-none-product_feature"]
        assert faults(replace(WHOLE, pools={**WHOLE.pools, ("gold", "consultation"): SharedPool("x", None)})) == ()

    def test_an_activity_without_any_words_misses_each_of_them(self):
        places = [one.place for one in faults(without("descriptions", "roadmap"))]

        assert places == ["summary-roadmap", "outcome-roadmap", "should_bring-roadmap"]

    def test_all_are_found_at_once_in_the_order_of_the_form(self):
        text = replace(with_cell(0), sessions={}, advice_wording="")

        places = [one.place for one in faults(text)]

        assert places == ["cap-gold-roadmap", *(f"minutes-{one}-1" for one in ACTIVITIES), "advice_wording"]


class TestWhatPeopleRead:
    @pytest.mark.parametrize(
        ("cap", "read"), [(2, 2), (NOT_AVAILABLE, "N/A"), ("consultation", "–, pool"), (None, None)]
    )
    def test_a_cell(self, cap, read):
        assert with_cell(cap).cell("gold", "roadmap") == read

    def test_a_cell_in_a_pool_has_the_pools_figure(self):
        assert WHOLE.cell("none", "integration") == "1, pool"

    def test_every_place_once_with_what_stands_there(self):
        found = WHOLE.figures

        assert len(found) == 2 + len(ACTIVITIES) * (len(LEVELS) + 1 + len(PRODUCTS) + len(Description._fields)) + 1
        assert {place: found[place] for place in SOME_PLACES} == SOME_PLACES

    def test_a_place_where_nothing_stands_is_empty(self):
        bare = replace(WHOLE, cells={}, pools={}, sessions={}, needs={}, descriptions={})

        assert set(bare.figures) == set(WHOLE.figures) - {"pool-none-consultation"}
        assert [bare.figures[place] for place in ("cap-gold-roadmap", "needs-alert_strategies-im")] == [None, None]
        words = [f"{word}-roadmap" for word in ("sessions", *Description._fields)]
        assert [bare.figures[place] for place in words] == [""] * 5


SOME_PLACES = {
    "valid_from": date(2026, 1, 1),
    "cap-none-integration": "1, pool",
    "cap-gold-roadmap": 2,
    "sessions-incident_lifecycle": "discovery 60, follow-up 30",
    "needs-alert_strategies-im": "required",
    "needs-roadmap-im": None,
    "summary-roadmap": "What it is.",
    "outcome-roadmap": "What it brings.",
    "should_bring-roadmap": "A runbook.",
    "recommended-roadmap": "",
    "pool-none-consultation": 1,
    "advice_wording": "What we say is advice.",
}
