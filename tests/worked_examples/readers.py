"""How both halves of the adapter read and write plain values. What cannot be read raises ValueError."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from entitlements.rules import days


def fields(data: Any, required: str, optional: str = "") -> dict[str, Any]:
    """The object's values by key: every required key must be there, and no key that is not named."""
    must, may = set(required.split()), set(optional.split())
    if wrong := (must - mapping(data).keys()) | (data.keys() - must - may):
        raise ValueError(f"keys missing or unknown: {sorted(wrong)}")
    return data


def word(value: Any, vocabulary: Collection[str]) -> str:
    if not isinstance(value, str) or value not in vocabulary:
        raise ValueError(f"not one of {sorted(vocabulary)}: {value!r}")
    return value


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"not a text: {value!r}")
    return value


def yes_or_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"neither true nor false: {value!r}")
    return value


def whole(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"not a whole number from zero up: {value!r}")
    return value


def rows(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"not a list: {value!r}")
    return value


def row(value: Any, length: int) -> list[Any]:
    """A list of exactly so many values."""
    if len(rows(value)) != length:
        raise ValueError(f"not {length} values: {value!r}")
    return rows(value)


def mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"not an object: {value!r}")
    return value


def given(data: dict[str, Any], key: str, default: Any) -> Any:
    """The value at a key that has a default: null is as good as absent."""
    value = data.get(key)
    return default if value is None else value


def day(value: Any) -> date:
    return date.fromisoformat(text(value))


def instant(value: Any) -> datetime:
    """An instant `…Z`, with or without a fraction of a second."""
    if not text(value).endswith("Z"):
        raise ValueError(f"an instant ends with Z: {value!r}")
    return datetime.fromisoformat(value)


def zone(value: Any) -> ZoneInfo:
    return ZoneInfo(word(value, available_timezones()))


def written(moment: datetime | None) -> str | None:
    """An instant as the examples write it: UTC, `Z`, no more of the fraction than it needs."""
    if moment is None:
        return None
    whole_seconds, _, fraction = moment.astimezone(days.UTC).isoformat().removesuffix("+00:00").partition(".")
    return f"{whole_seconds}.{fraction.rstrip('0')}Z" if fraction else f"{whole_seconds}Z"


def local_day(data: dict[str, Any], in_zone: ZoneInfo) -> date:
    """`day`, or the local date of `at`: one of the two."""
    on, at = data.get("day"), data.get("at")
    if (on is None) == (at is None):
        raise ValueError("give a day or an instant")
    return days.local_day(instant(at), in_zone) if on is None else day(on)
