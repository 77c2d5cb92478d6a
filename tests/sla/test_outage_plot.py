"""PL5: one outage as a time line; its figures are those of the rules, and of the page of the decision."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from entitlements.wording import moment_in_short
from sla.actions.outages import LoggedInterval, record_outage
from sla.assessment import assess
from sla.models import Claim
from sla.outage_plot import FOR_WORDS, GAP, drawing_of
from tests import factories as make
from tests.desk import at, signed_in
from tests.factories import DAY, NOW
from tests.shared import shared

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
BEGAN = NOW - DAY


@shared
def sent(sent_claim: Claim) -> Claim:
    return sent_claim


def drawn(minutes, **more):
    outage = make.outage(start=BEGAN, minutes=minutes, **more)
    return drawing_of(outage, outage.downtimes.get().customer, NOW)


def test_the_remedy_time_is_that_of_the_decision(sent):
    drawing = drawing_of(sent.failures.get().outage, sent.contract.customer, NOW)

    assert drawing.remedy_time == assess(sent, now=NOW).union.counted.time == 85 * MINUTE
    assert drawing.message.endswith("an Availability Outage, with 1 h 25 min of remedy time; 1 report.")


def test_a_second_too_short_nothing_is_shaded():
    drawing = drawn(30 - 1 / 60)

    assert (drawing.message, drawing.remedies) == ("29 min 59 s: not an Availability Outage", [])
    assert [row.what for row in drawing.rows] == ["The server logs have it down"]


def test_at_thirty_minutes_the_shade_runs_from_the_ten_minute_mark_to_the_end():
    drawing = drawn(30)

    (remedy,), (bar,) = drawing.remedies, drawing.bars
    ten, thirty = (one.x for one in drawing.marks)
    assert (remedy.x, remedy.x + remedy.width) == (ten, thirty)
    assert bar.x + bar.width == thirty
    assert [(one.words, one.is_deduction) for one in drawing.marks] == [("10 min", True), ("30 min", False)]


def in_pieces(*minutes):
    """Of one customer, each piece so long, a second apart."""
    customer, start, intervals = make.customer(), BEGAN, []
    for one in minutes:
        end = start + one * MINUTE
        intervals.append(LoggedInterval(customer, start, end))
        start = end + timedelta(seconds=1)
    outage = record_outage(title="Down", intervals=intervals, source="log", by=make.manager(), now=NOW)
    return drawing_of(outage, customer, NOW)


def test_a_gap_of_a_second_is_seen():
    first, second = in_pieces(40, 20).bars

    assert second.x - (first.x + first.width) >= GAP


def test_the_thresholds_are_those_of_pieces_that_count():
    """A short piece has no remedy period; the line that it did not reach is drawn where nothing else is."""
    drawing = in_pieces(5, 3, 40)

    assert [one.words for one in drawing.marks] == ["10 min", "30 min"]
    assert [one.words for one in in_pieces(25).marks] == ["30 min"]


def test_the_words_of_two_thresholds_never_lie_upon_each_other():
    long = in_pieces(600)
    many = in_pieces(*[31] * 12)

    assert [one.words for one in long.marks] == ["10 min", "30 min"]
    begin = [one.x - FOR_WORDS if one.is_deduction else one.x for one in many.marks if one.words]
    assert 2 < len(begin) < len(many.marks)
    assert all(later - earlier >= FOR_WORDS for earlier, later in pairwise(begin))


def test_one_that_lasts_is_drawn_up_to_now():
    drawing = drawn(None)

    assert drawing.ends == (BEGAN, NOW)
    assert next(row.whence for row in drawing.rows if row.end == NOW).endswith("; still open")
    assert "so far" in drawing.message


def test_another_product_has_nothing_to_draw():
    outage = make.outage(component="aiops")

    assert drawing_of(outage, outage.downtimes.get().customer, NOW) is None


@pytest.mark.parametrize("page", ["outage", "claim"])
def test_it_stands_on_both_pages_with_its_table(sent, page, monkeypatch):
    at(monkeypatch, NOW + DAY)
    outage, customer = sent.failures.get().outage, sent.contract.customer
    ways = {
        "outage": f"/admin/outages/{outage.reference}/customers/{customer.pk}/",
        "claim": f"/admin/claims/{sent.reference}/",
    }

    shown = signed_in(make.manager()).get(ways[page]).content.decode()

    assert 'data-plot="PL5"' in shown
    assert "Ten-minute mark: losses count from here" in shown
    assert "The same as times, in Eastern Time" in shown
    for instant in (BEGAN, BEGAN + 95 * MINUTE):
        assert f">{moment_in_short(instant, sent.contract.tz, seconds=True)}</text>" in shown
