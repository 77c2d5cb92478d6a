"""What the times of a file say of their zone, by its first rows."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from sla.alerts.columns import INSTANTS

_OFFSET = re.compile(r"(Z|UTC|[+-]\d\d(?::?\d\d)?)$")
NO_SUCH_ZONE = "There is no such zone. Write it as region and city, such as America/New_York."
NO_OFFSET = "The times of the first rows say no offset. State the zone that they were written in."


def offsets_of(columns: Mapping[str, str], rows: Iterable[Mapping[str, str]]) -> set[str]:
    """The offsets that the times of these rows say, where the columns are named so; an empty one where a time says none."""
    heads = [columns[name] for name in INSTANTS if columns.get(name)]
    times = [row[head] for row in rows for head in heads if row.get(head)]
    return {found[1] if (found := _OFFSET.search(time)) else "" for time in times}


def zone_of_times(said: Collection[str]) -> str:
    """A sentence for whoever states the zone of a file whose times say these offsets."""
    if not said:
        return "No column of times is recognized yet."
    if "" not in said:
        which = "UTC" if set(said) <= {"Z", "UTC", "+00:00"} else ", ".join(sorted(said))
        return f"The times of the first rows say their offset: {which}. No zone is needed for them."
    if set(said) == {""}:
        return NO_OFFSET
    return "Some times of the first rows say no offset. State the zone that those were written in."
