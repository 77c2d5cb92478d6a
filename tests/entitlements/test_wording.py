"""Words for times, sums, figures and states: what a reader relies on, at its edges."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements import wording
from entitlements.rules.days import deadline_within, first_instant
from entitlements.rules.spans import Span
from entitlements.rules.working import Step

LOS_ANGELES = ZoneInfo("America/Los_Angeles")
AUCKLAND = ZoneInfo("Pacific/Auckland")
KOLKATA = ZoneInfo("Asia/Kolkata")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
HAVANA = ZoneInfo("America/Havana")
UTC_ZONE = ZoneInfo("UTC")
DEADLINE = datetime(2026, 11, 5, 8, tzinfo=UTC)
ZONES = (LOS_ANGELES, AUCKLAND, KOLKATA, LORD_HOWE, HAVANA, UTC_ZONE)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


# --- deadlines


def test_a_deadline_names_its_last_full_minute_and_the_distance_to_the_stored_instant():
    now = DEADLINE - timedelta(days=3, hours=4)
    assert (
        wording.deadline_in_words(DEADLINE, LOS_ANGELES, now)
        == "Wednesday, November 4, 2026, 11:59 p.m. Pacific Time (PST, UTC−8) — 3 days 4 hours left"
    )


@pytest.mark.parametrize(
    ("ended", "words"),
    [
        ("2026-11-05T08:00:00+00:00", "11:59 p.m."),
        ("2026-11-05T08:00:00.000001+00:00", "11:59 p.m."),
        ("2026-11-05T08:00:59+00:00", "11:59 p.m."),
        ("2026-11-05T08:01:00+00:00", "12:00 a.m."),
        ("2026-11-05T20:01:00+00:00", "12:00 p.m."),
        ("2026-11-05T20:00:00+00:00", "11:59 a.m."),
    ],
)
def test_the_minute_that_is_named_is_in_time_to_its_last_second(ended: str, words: str):
    assert f", {words} Pacific" in wording.moment_of_deadline(instant(ended), LOS_ANGELES)


@pytest.mark.parametrize(
    ("zone", "day", "words"),
    [
        (LOS_ANGELES, date(2026, 3, 8), "Sunday, March 8, 2026, 11:59 p.m. Pacific Time (PDT, UTC−7)"),
        (LOS_ANGELES, date(2026, 11, 1), "Sunday, November 1, 2026, 11:59 p.m. Pacific Time (PST, UTC−8)"),
        (AUCKLAND, date(2026, 9, 27), "Sunday, September 27, 2026, 11:59 p.m. New Zealand Time (NZDT, UTC+13)"),
        (KOLKATA, date(2026, 11, 4), "Wednesday, November 4, 2026, 11:59 p.m. India Standard Time (IST, UTC+5:30)"),
        (LORD_HOWE, date(2026, 4, 4), "Saturday, April 4, 2026, 11:59 p.m. Lord Howe time (UTC+11)"),
        (LORD_HOWE, date(2026, 4, 5), "Sunday, April 5, 2026, 11:59 p.m. Lord Howe time (UTC+10:30)"),
        # Havana's clocks leave midnight out on the 8th of March, and pass it twice on the 1st of November
        (HAVANA, date(2026, 3, 7), "Saturday, March 7, 2026, 11:59 p.m. Havana time (CST, UTC−5)"),
        (HAVANA, date(2026, 10, 31), "Saturday, October 31, 2026, 11:59 p.m. Havana time (CDT, UTC−4)"),
    ],
)
def test_a_deadline_at_the_end_of_a_day_names_that_day_even_where_the_clocks_change(
    zone: ZoneInfo, day: date, words: str
):
    assert wording.moment_of_deadline(first_instant(day + timedelta(days=1), zone), zone) == words


@given(day=st.dates(date(2015, 1, 1), date(2040, 1, 1)), zone=st.sampled_from(ZONES))
def test_every_deadline_within_days_reads_as_the_end_of_its_last_day(day: date, zone: ZoneInfo):
    last = day + timedelta(days=15)
    ended = deadline_within(15, day, zone)
    assert wording.moment_of_deadline(ended, zone).startswith(f"{wording.weekday_in_words(last)}, 11:59 p.m. ")


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(days=1), "1 day left"),
        (timedelta(days=1, hours=1), "1 day 1 hour left"),
        (timedelta(days=3, minutes=59), "3 days left"),
        (timedelta(hours=23, minutes=59, seconds=59), "23 hours 59 minutes left"),
        (timedelta(hours=1), "1 hour left"),
        (timedelta(minutes=1), "1 minute left"),
        (timedelta(seconds=59, microseconds=999_999), "less than a minute left"),
        (timedelta(microseconds=1), "less than a minute left"),
        (timedelta(0), "closed less than a minute ago"),
        (timedelta(microseconds=-1), "closed less than a minute ago"),
        (timedelta(minutes=-1), "closed 1 minute ago"),
        (timedelta(hours=-2), "closed 2 hours ago"),
        (timedelta(days=-1200, hours=-1), "closed 1,200 days 1 hour ago"),
    ],
)
def test_the_distance_changes_at_the_stored_instant_and_is_never_rounded_up(left: timedelta, words: str):
    assert wording.distance_in_words(DEADLINE, DEADLINE - left) == words


@given(left=st.timedeltas(timedelta(microseconds=1), timedelta(days=400)))
def test_before_the_instant_there_is_time_left_and_never_after(left: timedelta):
    assert wording.distance_in_words(DEADLINE, DEADLINE - left).endswith(" left")
    assert wording.distance_in_words(DEADLINE, DEADLINE + left).startswith("closed ")


def test_a_time_that_lies_ahead_of_a_clock_is_less_than_a_minute():
    assert wording.roughly_in_words(-timedelta(milliseconds=3)) == "less than a minute"


# --- moments, days and zones


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2026-11-21T18:02:17.999+00:00", "Saturday, November 21, 2026, 10:02:17 a.m. Pacific Time (PST, UTC−8)"),
        ("2026-07-01T07:00:00+00:00", "Wednesday, July 1, 2026, 12:00:00 a.m. Pacific Time (PDT, UTC−7)"),
        ("2026-07-01T19:00:00+00:00", "Wednesday, July 1, 2026, 12:00:00 p.m. Pacific Time (PDT, UTC−7)"),
        # the hour that comes twice: only the zone tells the two apart
        ("2026-11-01T08:30:00+00:00", "Sunday, November 1, 2026, 1:30:00 a.m. Pacific Time (PDT, UTC−7)"),
        ("2026-11-01T09:30:00+00:00", "Sunday, November 1, 2026, 1:30:00 a.m. Pacific Time (PST, UTC−8)"),
    ],
)
def test_a_receipt_is_told_to_the_second_with_its_zone(at: str, words: str):
    assert wording.moment_in_words(instant(at), LOS_ANGELES) == words


def test_the_short_forms_keep_day_and_zone():
    at = instant("2026-11-21T18:02:17+00:00")
    assert wording.moment_in_short(at, LOS_ANGELES) == "Sat Nov 21, 2026, 10:02 a.m. PST"
    assert wording.moment_in_short(at, LORD_HOWE, seconds=True) == "Sun Nov 22, 2026, 5:02:17 a.m. UTC+11"
    assert wording.deadline_in_short(DEADLINE, LOS_ANGELES) == "Wed Nov 4, 2026, 11:59 p.m. PST"


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("America/New_York", "Eastern Time"),
        ("Europe/Berlin", "Central European Time"),
        ("Europe/London", "UK Time"),
        ("Asia/Calcutta", "India Standard Time"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires time"),
        ("UTC", "Coordinated Universal Time"),
    ],
)
def test_a_zone_has_the_name_that_people_use(key: str, name: str):
    assert wording.zone_in_words(ZoneInfo(key)) == name


def test_universal_time_and_an_offset_of_nothing_are_not_said_twice():
    assert wording.moment_in_words(DEADLINE, UTC_ZONE, seconds=False).endswith(
        "8:00 a.m. Coordinated Universal Time (UTC)"
    )
    assert wording.moment_in_words(DEADLINE, ZoneInfo("Europe/London")).endswith("UK Time (GMT, UTC+0)")


def test_days():
    assert wording.day_in_words(date(2026, 2, 1)) == "February 1, 2026"
    assert wording.day_in_short(date(2026, 9, 30)) == "Sep 30, 2026"
    assert wording.days_in_words(date(2026, 2, 1), date(2027, 1, 31)) == "February 1, 2026 – January 31, 2027"


# --- lengths, numbers, sums


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(0), "0 min"),
        (timedelta(minutes=47), "47 min"),
        (timedelta(hours=1, minutes=5, seconds=3), "1 h 5 min 3 s"),
        (timedelta(minutes=30) - timedelta(microseconds=1), "29 min 59.999999 s"),
        (timedelta(milliseconds=500), "0.5 s"),
        (timedelta(days=1), "1 day"),
        (timedelta(days=92, hours=1), "92 days 1 h"),
        (timedelta(minutes=-5), "−5 min"),
    ],
)
def test_a_duration_is_exact(length: timedelta, words: str):
    assert wording.duration_in_words(length) == words


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (Decimal("1234.5"), "USD 1,234.50"),
        (Decimal("0.005"), "USD 0.01"),
        (Decimal("-1200"), "USD −1,200.00"),
        (Fraction(2, 3), "USD 0.67"),
        (3_000_000, "USD 3,000,000.00"),
    ],
)
def test_money_has_its_currency_two_decimals_and_separators(amount: Decimal | Fraction | int, words: str):
    assert wording.money_in_words(amount, "USD") == words
    assert wording.money_in_words(amount) == words.removeprefix("USD ")


@pytest.mark.parametrize(
    ("figure", "words"),
    [
        (None, "none"),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        (-1234, "−1,234"),
        (Decimal("0.8"), "0.8"),
        (Decimal("1200.500000"), "1,200.50"),
        (Decimal("0.123400"), "0.1234"),
        (Fraction(7, 2), "3.5"),
        (Fraction(6), "6"),
        (Fraction(1, 3), "≈ 0.3333"),
        (Fraction(-1, 8), "−0.125"),
        ("no_terms", "no terms"),
        ("OUT-7K4Q_2", "OUT-7K4Q_2"),
        (date(2026, 2, 1), "February 1, 2026"),
        (instant("2026-11-21T18:02:17.000120+00:00"), "Sat Nov 21, 2026, 10:02:17.00012 a.m. PST"),
        (timedelta(minutes=37), "37 min"),
        ((), "none"),
        ((1, None, "x"), "1; none; x"),
        ((("sms", "sms_sent"), (16, 1_953)), "sms · sms sent; 16 · 1,953"),
    ],
)
def test_every_figure_of_a_working_has_words(figure: object, words: str):
    assert wording.figure_in_words(figure, LOS_ANGELES) == words  # type: ignore[arg-type]


def test_a_figure_with_a_currency_is_a_sum_and_a_count_stays_a_count():
    assert wording.figure_in_words(Decimal("0.8"), LOS_ANGELES, "EUR") == "EUR 0.80"
    assert wording.figure_in_words((Fraction(1, 3), 42), LOS_ANGELES, "EUR") == "EUR 0.33; 42"


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2026-10-20T14:00", "2026-10-20T14:47", "Tue Oct 20, 2026, 7:00:00 a.m. – 7:47:00 a.m. PDT (47 min)"),
        ("2026-10-20T06:50", "2026-10-20T07:10", "Mon Oct 19, 2026, 11:50:00 p.m. – Tue Oct 20, 2026, 12:10:00 a.m. PDT (20 min)"),
        ("2026-11-01T08:50", "2026-11-01T09:10", "Sun Nov 1, 2026, 1:50:00 a.m. PDT – 1:10:00 a.m. PST (20 min)"),
    ],
)  # fmt: skip
def test_a_span_says_day_and_zone_twice_only_where_they_differ(start: str, end: str, words: str):
    span = Span(instant(f"{start}+00:00"), instant(f"{end}+00:00"))
    assert wording.figure_in_words(span, LOS_ANGELES) == words


def test_a_working_as_lines_is_the_whole_tree_with_the_currency_named_once():
    tree = Step(
        "credit",
        "S11",
        Decimal("18440.27"),
        inputs=(("five_times_annual_fees", Decimal("540000.00")),),
        steps=(Step("remedy period", "S8", timedelta(minutes=37), note="Ten minutes are taken off."),),
        note="The least of three.",
    )
    assert wording.working_as_lines(tree, LOS_ANGELES, "USD") == [
        "Credit (S11): 18,440.27",
        "  - Five times annual fees: 540,000.00",
        "  The least of three.",
        "  Remedy period (S8): 37 min",
        "    Ten minutes are taken off.",
        "Sums of money in USD.",
    ]
    assert wording.working_as_lines(tree, LOS_ANGELES)[-1] == "    Ten minutes are taken off."


# --- states


def test_states_of_one_kind_differ_without_their_colour():
    engagements = ["requested", "scheduled", "delivered", "declined", "cancelled", "withdrawn", "no_show", "lapsed"]
    claims = [
        "draft",
        "submitted",
        "in_review",
        "information_requested",
        "in_audit",
        "approved",
        "credited",
        "denied",
        "withdrawn",
        "lapsed",
        "covered",
    ]
    for kind in (engagements, claims):
        states = [wording.STATES[key] for key in kind]
        assert len({state.word for state in states}) == len(states)
    assert "error" not in {state.tone for state in wording.STATES.values()}


def test_a_state_that_nobody_published_is_shown_by_its_own_name():
    assert wording.state_in_words("on_hold") == "○ On hold"
    assert wording.state_in_words("information_requested") == "◆ Information requested"


def test_no_text_has_a_space_that_a_plain_letter_cannot_carry():
    words = wording.deadline_in_words(DEADLINE, LORD_HOWE, DEADLINE) + wording.money_in_words(Decimal(1000), "USD")
    assert not set(words) & set("\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}")
