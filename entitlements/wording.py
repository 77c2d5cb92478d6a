"""Times, sums and workings in words: the same words on the page, in the letter and in the PDF.

Pure: the zone and the present moment are handed in. No non-breaking spaces: the text of a letter stays plain.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from entitlements.rules.days import day_in_words
from entitlements.rules.money import cents
from entitlements.rules.spans import Span
from entitlements.rules.working import Figure, Step
from entitlements.states import STATES, State

MINUS = "\N{MINUS SIGN}"
_MINUTE = timedelta(minutes=1)
_IDENTIFIER = re.compile(r"[a-z]+(_[a-z]+)+")
# Written out: never the server's locale.
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_ZONES = {
    "Pacific Time": ("America/Los_Angeles", "America/Vancouver", "America/Tijuana", "US/Pacific"),
    "Mountain Time": ("America/Denver", "America/Boise", "America/Edmonton", "US/Mountain"),
    "Arizona Time": ("America/Phoenix", "US/Arizona"),
    "Central Time": ("America/Chicago", "America/Winnipeg", "US/Central"),
    "Eastern Time": ("America/New_York", "America/Toronto", "America/Detroit", "US/Eastern"),
    "Atlantic Time": ("America/Halifax",),
    "Newfoundland Time": ("America/St_Johns",),
    "Alaska Time": ("America/Anchorage",),
    "Hawaii Time": ("Pacific/Honolulu", "US/Hawaii"),
    "Brasília Time": ("America/Sao_Paulo",),
    "UK Time": ("Europe/London",),
    "Irish Time": ("Europe/Dublin",),
    "Western European Time": ("Europe/Lisbon",),
    "Central European Time": (
        *("Europe/Amsterdam", "Europe/Belgrade", "Europe/Berlin", "Europe/Bratislava", "Europe/Brussels"),
        *("Europe/Budapest", "Europe/Copenhagen", "Europe/Ljubljana", "Europe/Luxembourg", "Europe/Madrid"),
        *("Europe/Malta", "Europe/Oslo", "Europe/Paris", "Europe/Prague", "Europe/Rome", "Europe/Stockholm"),
        *("Europe/Vienna", "Europe/Warsaw", "Europe/Zagreb", "Europe/Zurich"),
    ),
    "Eastern European Time": (
        *("Europe/Athens", "Europe/Bucharest", "Europe/Helsinki", "Europe/Kyiv", "Europe/Riga"),
        *("Europe/Sofia", "Europe/Tallinn", "Europe/Vilnius"),
    ),
    "India Standard Time": ("Asia/Kolkata", "Asia/Calcutta"),
    "Japan Standard Time": ("Asia/Tokyo",),
    "Australian Eastern Time": ("Australia/Sydney", "Australia/Melbourne", "Australia/Brisbane", "Australia/Hobart"),
    "Australian Central Time": ("Australia/Adelaide", "Australia/Darwin"),
    "Australian Western Time": ("Australia/Perth",),
    "New Zealand Time": ("Pacific/Auckland",),
    "Coordinated Universal Time": ("UTC", "Etc/UTC", "Etc/UCT", "Zulu"),
}
_NAME_OF_ZONE = {key: name for name, keys in _ZONES.items() for key in keys}


# --- zones, days and clock times


def zone_in_words(zone: ZoneInfo) -> str:
    """'Pacific Time', 'UK Time'; for a zone that is not in the table its city: 'Lord Howe time'."""
    key = zone.key
    return _NAME_OF_ZONE.get(key) or key.rsplit("/", 1)[-1].replace("_", " ") + " time"


def zones_by_name() -> dict[str, str]:
    """The zones that have a name here, one for each name: 'America/New_York': 'Eastern Time'."""
    return {keys[0]: name for name, keys in _ZONES.items()}


def offset_in_words(local: datetime) -> str:
    """'UTC−8', 'UTC+5:30', 'UTC+0'."""
    minutes = (local.utcoffset() or timedelta()) // _MINUTE
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{MINUS if minutes < 0 else '+'}{hours}{f':{rest:02d}' if rest else ''}"


def weekday_in_words(day: date) -> str:
    """'Wednesday, November 4, 2026'."""
    return f"{_WEEKDAYS[day.weekday()]}, {day_in_words(day)}"


def day_in_short(day: date) -> str:
    """'Nov 4, 2026', for tables."""
    return f"{_MONTHS[day.month - 1][:3]} {day.day}, {day.year}"


def day_in_style(day: date, style: str) -> str:
    """A day as its reader likes it: 'November 21, 2026', '21 November 2026', '2026-11-21'."""
    if style == "numbers":
        return day.isoformat()
    if style == "day_first":
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
    return day_in_words(day)


def days_in_words(first: date, last: date) -> str:
    """A period by its first and last day: 'February 1, 2026 – January 31, 2027'."""
    return f"{day_in_words(first)} – {day_in_words(last)}"


def clock_in_words(local: datetime, *, seconds: bool = False, exact: bool = False) -> str:
    """'11:59 p.m.', '12:00 p.m.'; with seconds '10:02:17 a.m.'; exact: with the microseconds, where there are any."""
    text = f"{local.hour % 12 or 12}:{local.minute:02d}"
    if seconds or exact:
        text += f":{local.second:02d}"
    if exact and local.microsecond:
        text += f".{local.microsecond:06d}".rstrip("0")
    return f"{text} {'a.m.' if local.hour < 12 else 'p.m.'}"


def moment_in_words(instant: datetime, zone: ZoneInfo, *, seconds: bool = True) -> str:
    """'Saturday, November 21, 2026, 10:02:17 a.m. Pacific Time (PST, UTC−8)'."""
    local = instant.astimezone(zone)
    return f"{weekday_in_words(local)}, {clock_in_words(local, seconds=seconds)} {_zone_in_full(local, zone)}"


def moment_in_short(instant: datetime, zone: ZoneInfo, *, seconds: bool = False) -> str:
    """'Sat Nov 21, 2026, 10:02 a.m. PST', for tables and subjects."""
    local = instant.astimezone(zone)
    return f"{_weekday_in_short(local)}, {clock_in_words(local, seconds=seconds)} {_abbreviation(local)}"


def _weekday_in_short(day: date) -> str:
    return f"{_WEEKDAYS[day.weekday()][:3]} {day_in_short(day)}"


def _abbreviation(local: datetime) -> str:
    """'PST'; where the zone has no letters of its own, its offset."""
    name = local.tzname() or ""
    return name if name.isalpha() else offset_in_words(local)


def _zone_in_full(local: datetime, zone: ZoneInfo) -> str:
    facts = (_abbreviation(local), offset_in_words(local))
    shown = "UTC" if facts[0] == "UTC" else ", ".join(dict.fromkeys(facts))
    return f"{zone_in_words(zone)} ({shown})"


# --- deadlines


def last_minute(deadline: datetime) -> datetime:
    """The last full minute before a deadline, which is itself the first instant that is too late."""
    return deadline.astimezone(UTC).replace(second=0, microsecond=0) - _MINUTE


def moment_of_deadline(deadline: datetime, zone: ZoneInfo) -> str:
    """'Wednesday, November 4, 2026, 11:59 p.m. Pacific Time (PST, UTC−8)' for the stored 2026-11-05T08:00:00Z."""
    return moment_in_words(last_minute(deadline), zone, seconds=False)


def deadline_in_short(deadline: datetime, zone: ZoneInfo) -> str:
    """'Wed Nov 4, 2026, 11:59 p.m. PST', for tables and subjects."""
    return moment_in_short(last_minute(deadline), zone)


def deadline_in_words(deadline: datetime, zone: ZoneInfo, now: datetime) -> str:
    """The deadline in full, then how far away it is."""
    return f"{moment_of_deadline(deadline, zone)} — {distance_in_words(deadline, now)}"


def distance_in_words(deadline: datetime, now: datetime) -> str:
    """'3 days 4 hours left'; from the stored instant on 'closed 2 hours ago'. Counted down, never rounded up."""
    if now < deadline:
        return f"{roughly_in_words(deadline - now)} left"
    return f"closed {roughly_in_words(now - deadline)} ago"


def roughly_in_words(distance: timedelta) -> str:
    """'3 days 4 hours', 'less than a minute': its two largest units, never rounded up; nothing is less than none."""
    minutes = max(distance, timedelta()) // _MINUTE
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    pairs = ((days, "day"), (hours, "hour")) if days else ((hours, "hour"), (minutes, "minute"))
    return " ".join(counted(count, noun) for count, noun in pairs if count) or "less than a minute"


def counted(count: int, one: str, many: str = "") -> str:
    """'1 day', '2 days', '1,200 days'."""
    return f"{number_in_words(count)} {one if count == 1 else many or one + 's'}"


def duration_in_words(duration: timedelta) -> str:
    """'47 min', '1 h 5 min 3 s', '92 days 1 h': exact to the microsecond, nothing rounded."""
    sign, length = (MINUS, -duration) if duration < timedelta() else ("", duration)
    hours, rest = divmod(length.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    fraction = f".{length.microseconds:06d}".rstrip("0") if length.microseconds else ""
    parts = (
        counted(length.days, "day") if length.days else "",
        f"{hours} h" if hours else "",
        f"{minutes} min" if minutes else "",
        f"{seconds}{fraction} s" if seconds or fraction else "",
    )
    return sign + (" ".join(part for part in parts if part) or "0 min")


# --- numbers and figures of a working


def number_in_words(number: int | Decimal | Fraction) -> str:
    """'1,234', '0.8', '1,200.50'; a fraction that does not end is rounded to four places and marked '≈'."""
    if isinstance(number, Fraction):
        return _fraction_in_words(number)
    if isinstance(number, Decimal):
        whole, _, places = f"{number:,f}".partition(".")
        kept = places[:2] + places[2:].rstrip("0")
        return f"{whole}{'.' if kept else ''}{kept}".replace("-", MINUS)
    return f"{number:,}".replace("-", MINUS)


def _fraction_in_words(number: Fraction) -> str:
    places = round(number * 10_000)
    text = f"{Decimal(places).scaleb(-4):,f}".rstrip("0").rstrip(".").replace("-", MINUS)
    return text if Fraction(places, 10_000) == number else f"≈ {text}"


def money_in_words(amount: Decimal | Fraction | int, currency: str = "") -> str:
    """'USD 1,234.50'; without a currency '1,234.50', for a table whose heading names it."""
    return f"{currency} {cents(amount):,.2f}".strip().replace("-", MINUS)


def span_in_words(span: Span, zone: ZoneInfo) -> str:
    """'Sat Nov 21, 2026, 10:02:17 a.m. – 10:49:17 a.m. PST (47 min)'; day and zone twice where they differ."""
    start, end = span.start.astimezone(zone), span.end.astimezone(zone)
    zone_of_start = f" {_abbreviation(start)}" if _abbreviation(start) != _abbreviation(end) else ""
    day_of_end = f"{_weekday_in_short(end)}, " if start.date() != end.date() else ""
    first = f"{_weekday_in_short(start)}, {clock_in_words(start, exact=True)}{zone_of_start}"
    last = f"{day_of_end}{clock_in_words(end, exact=True)} {_abbreviation(end)}"
    return f"{first} – {last} ({duration_in_words(span.length)})"


def figure_in_words(figure: Figure, zone: ZoneInfo, currency: str = "") -> str:
    """Any figure of a working; with a currency, decimals and fractions are sums of money in it."""
    match figure:
        case None:
            return "none"
        case bool():
            return "yes" if figure else "no"
        case Decimal() | Fraction() if currency:
            return money_in_words(figure, currency)
        case int() | Decimal() | Fraction():
            return number_in_words(figure)
        case datetime():
            local = figure.astimezone(zone)
            return f"{_weekday_in_short(local)}, {clock_in_words(local, exact=True)} {_abbreviation(local)}"
        case date():
            return day_in_words(figure)
        case timedelta():
            return duration_in_words(figure)
        case Span():
            return span_in_words(figure, zone)
        case tuple():
            return "; ".join(one_of_several_in_words(one, zone, currency) for one in figure) or "none"
    return _plain(str(figure))


def one_of_several_in_words(figure: Figure, zone: ZoneInfo, currency: str = "") -> str:
    """One figure of a list; what belongs together stays together: 'phone · provider api call'."""
    together = figure if isinstance(figure, tuple) and figure else (figure,)
    return " · ".join(figure_in_words(one, zone, currency) for one in together)


def label_in_words(label: str) -> str:
    """'used_up_at' is read as 'Used up at'."""
    words = label.replace("_", " ")
    return words[:1].upper() + words[1:]


def _plain(text: str) -> str:
    return text.replace("_", " ") if _IDENTIFIER.fullmatch(text) else text


def working_as_lines(step: Step, zone: ZoneInfo, currency: str = "") -> list[str]:
    """The working for a letter in plain text: one line a step, what went in below it, two spaces deeper each level.

    The currency is named once, at the end: a bare number beside it may be a sum, a factor or a count.
    """
    lines = []
    for depth, one in step.walk():
        indent = "  " * depth
        lines.append(f"{indent}{label_in_words(one.name)} ({one.clause}): {figure_in_words(one.result, zone)}")
        lines += [f"{indent}  - {label_in_words(label)}: {figure_in_words(value, zone)}" for label, value in one.inputs]
        if one.note:
            lines.append(f"{indent}  {one.note}")
    return [*lines, f"Sums of money in {currency}."] if currency else lines


def working_in_brief(step: Step, zone: ZoneInfo, currency: str = "", depth: int = 2) -> list[str]:
    """The working for a letter: its first steps with what came out; what went in stands on the page and in the PDF."""
    lines = [
        f"{'  ' * at}{label_in_words(one.name)} ({one.clause}): {figure_in_words(one.result, zone)}"
        for at, one in step.walk()
        if at <= depth
    ]
    return [*lines, f"Sums of money in {currency}."] if currency else lines


# --- states


def state_of(value: object) -> State:
    """The published state; a value that is not on the list is shown by its own name, without a colour."""
    key = str(getattr(value, "value", value))
    return STATES.get(key) or State(key.replace("_", " ").capitalize(), "ring", "○", "quiet")


def state_in_words(value: object) -> str:
    """'● Scheduled', for text."""
    state = state_of(value)
    return f"{state.sign} {state.word}"
