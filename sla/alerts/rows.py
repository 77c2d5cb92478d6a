"""A row cell by cell: what is stored of it, or why it is refused. What is plain goes past this, many rows at once (plain.py)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sla.alerts.cells import BadCell, Reader, instant
from sla.alerts.columns import BY_NAME, INSTANTS, LOGGED, OTHER_LOG

AHEAD = timedelta(minutes=5)
"""So far clocks may differ: what is logged later than this after now has not happened."""

ASTRAY = timedelta(minutes=1)
"""So far a log entry may lie before the receipt of its trigger: the clocks of two servers. Further, it is not of this alert."""

MOST_TOLD = 10_000
"""So many refused rows are kept with their reasons; the rest are counted."""

HELP = {
    "twice": "Write its offset, or name the columns anew and say which pass of the hour is meant.",
    "never": "They were set forward over it: mend the time, or write its offset.",
    "no_zone": "State one where the columns are named, or write the offset.",
}
"""What to do about a refused time, by the code of its refusal."""

NOT_BEFORE_RECEIPT = (*LOGGED, "acknowledged_at", "resolved_at")
"""What our own log tells of an alert once its trigger was received. Other clocks may say what they like."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that cannot come in: its line, the column that is to blame, why, and how it reads."""

    line: int
    column: str
    code: str
    sentence: str
    as_read: str


@dataclass(frozen=True)
class Rows:
    """How the rows of one file read: which head has what, the reader of its cells, the moment (UTC) at which it is read, and the months
    that are not kept any more."""

    columns: Mapping[str, str]
    reader: Reader
    now: datetime
    dropped: frozenset[date] = field(default_factory=frozenset)

    def stored(self, line: int, cells: Mapping[str, str]) -> tuple[date, list[str]]:
        """The month of receipt, and the row as it is loaded, in the order of STORED. Raises BadCellIn."""
        found = {name: self._cell(name, cells) for name in BY_NAME}
        times = {name: datetime.fromisoformat(found[name]) for name in INSTANTS if found[name]}
        others = self._other_logs(cells)
        self._refuse_astray(times["received_at"], times | others)
        other_logs = {name.removeprefix(OTHER_LOG): at.isoformat() for name, at in others.items()}
        month = self._month(times["received_at"])
        return month, [json.dumps(other_logs) if others else "", *found.values(), str(line)]

    def _cell(self, name: str, cells: Mapping[str, str]) -> str:
        if name not in self.columns:
            return ""
        one, cell = BY_NAME[name], cells.get(self.columns[name], "")
        if not cell and not one.may_be_empty:
            raise BadCellIn(self.columns[name], "empty", "The cell is empty.")
        try:
            return self.reader.read(one.kind, cell)
        except BadCell as bad:
            raise _helped(self.columns[name], bad) from bad

    def _refuse_astray(self, received: datetime, times: Mapping[str, datetime]) -> None:
        """What our own log tells has happened, and not before the trigger was received."""
        logged = {name: at for name, at in times.items() if name in NOT_BEFORE_RECEIPT or name.startswith(OTHER_LOG)}
        for name, at in {"received_at": received, **logged}.items():
            if at > self.now + AHEAD:
                raise BadCellIn(self.columns[name], "ahead", "It lies ahead of the moment at which this file was read.")
            if at < received - ASTRAY:
                raise BadCellIn(self.columns[name], "early", "It is older than the receipt of the trigger.")

    def _month(self, received: datetime) -> date:
        month = received.date().replace(day=1)
        if month in self.dropped:
            raise BadCellIn(self.columns["received_at"], "dropped", f"The logs of {month:%Y-%m} are not kept any more.")
        return month

    def _other_logs(self, cells: Mapping[str, str]) -> dict[str, datetime]:
        found = {}
        for name, head in self.columns.items():
            if name.startswith(OTHER_LOG) and (cell := cells.get(head, "")):
                try:
                    found[name] = instant(self.reader, cell)
                except BadCell as bad:
                    raise _helped(head, bad) from bad
        return found


class BadCellIn(BadCell):
    """A cell that cannot be taken, with the head of its column."""

    def __init__(self, column: str, code: str, sentence: str) -> None:
        super().__init__(code, sentence)
        self.column = column


def _helped(column: str, bad: BadCell) -> BadCellIn:
    return BadCellIn(column, bad.code, " ".join(filter(None, (str(bad), HELP.get(bad.code)))))
