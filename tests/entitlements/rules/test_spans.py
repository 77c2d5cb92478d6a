from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entitlements.rules.spans import Span, cut, intersection, span_or_none, total, union

BASE = datetime(2026, 3, 8, 6, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def span(start: int, end: int) -> Span:
    return Span(BASE + start * MINUTE, BASE + end * MINUTE)


def minutes(spans) -> set[int]:
    """The minute-by-minute model: every minute that lies under a span."""
    return {n for one in spans for n in range((one.start - BASE) // MINUTE, (one.end - BASE) // MINUTE)}


several = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda pair: span(pair[0], sum(pair))), max_size=7
)


class TestSpansAgainstMinutes:
    """spans are half open: S2, S3, S8"""

    @settings(max_examples=60)
    @given(several)
    def test_union_covers_the_same_minutes_in_pieces_with_gaps_between_them(self, spans):
        pieces = union(spans)

        assert minutes(pieces) == minutes(spans)
        assert all(one.end < other.start for one, other in itertools.pairwise(pieces))

    @settings(max_examples=60)
    @given(several, several)
    def test_cut_leaves_the_minutes_that_are_not_cut(self, spans, cuts):
        left = cut(spans, cuts)

        assert minutes(left) == minutes(spans) - minutes(cuts)
        assert all(one.end < other.start for one, other in itertools.pairwise(left))

    @settings(max_examples=60)
    @given(several, several)
    def test_intersection_has_the_minutes_of_both(self, spans, others):
        assert minutes(intersection(spans, others)) == minutes(spans) & minutes(others)

    @settings(max_examples=60)
    @given(several)
    def test_total_counts_each_minute_once(self, spans):
        assert total(spans) == len(minutes(spans)) * MINUTE


class TestSpan:
    """spans are half open"""

    def test_contains_its_start_and_not_its_end(self):
        one = span(0, 10)

        assert one.contains(one.start)
        assert one.contains(one.end - timedelta(microseconds=1))
        assert not one.contains(one.end)
        assert not one.contains(one.start - timedelta(microseconds=1))

    @pytest.mark.parametrize(
        ("other", "overlaps", "covered"),
        [
            (span(10, 20), False, False),
            (span(9, 20), True, False),
            (span(0, 10), True, True),
            (span(2, 5), True, True),
            (span(-5, 0), False, False),
            (span(-5, 1), True, False),
            (span(-1, 10), True, False),
            (span(0, 11), True, False),
        ],
    )
    def test_knows_what_it_overlaps_and_covers(self, other, overlaps, covered):
        assert span(0, 10).overlaps(other) is overlaps
        assert span(0, 10).covers(other) is covered
        assert (span(0, 10) & other is not None) is overlaps

    def test_has_a_length_to_the_microsecond(self):
        assert Span(BASE, BASE + timedelta(microseconds=1)).length == timedelta(microseconds=1)

    @pytest.mark.parametrize("end", [BASE, BASE - MINUTE])
    def test_is_never_empty_or_backwards(self, end):
        with pytest.raises(ValueError, match="must end after it starts"):
            Span(BASE, end)
        assert span_or_none(BASE, end) is None

    def test_needs_instants_with_a_zone(self):
        naive = BASE.replace(tzinfo=None)

        with pytest.raises(ValueError, match=r"^a span needs instants with a zone"):
            Span(naive, BASE)
        with pytest.raises(ValueError, match=r"^a span needs instants with a zone"):
            Span(BASE, naive)

    def test_that_touches_another_becomes_one_with_it_and_any_gap_separates(self):
        later = Span(BASE + 10 * MINUTE + timedelta(microseconds=1), BASE + 20 * MINUTE)

        assert union([span(5, 10), span(0, 5)]) == (span(0, 10),)
        assert union([span(0, 10), later]) == (span(0, 10), later)
