"""From the blocks of a file to rows as COPY reads them, and to what is refused: many rows at once where they are plain, else one by one.

Arrow, on which this rests, is large and slow to load: only what reads a whole file loads this module.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from sla.alerts.cells import BadCell
from sla.alerts.files import Block, Record, Shape, records
from sla.alerts.packing import data_of, packed_rows
from sla.alerts.plain import Part, Plain
from sla.alerts.rows import MOST_TOLD, BadCellIn, Refused, Rows


@dataclass
class Converted:
    """What a block comes to: how many rows it has, those that come in, how many are refused, the first of them with their reasons, and
    by its first line each head that is not the file's."""

    rows: int
    parts: list[Part]
    refused: int = 0
    told: list[Refused] = field(default_factory=list)
    heads: dict[str, int] = field(default_factory=dict)


class Converter:
    """For one file."""

    def __init__(self, rows: Rows, shape: Shape) -> None:
        self.plain, self.rows, self.shape = Plain(rows, shape), rows, shape

    def block(self, block: Block) -> Converted:
        """What comes in of a block, and of each row that does not why. What is plain of it many rows at once, the rest row by row."""
        found = self.plain.sorted(block)
        done = Converted(found.rows, list(found.parts))
        stored: dict[date, list[list[str]]] = {}
        for record in (one for other in found.others for one in records(other, self.shape)):
            done.rows += 1
            try:
                month, row = self._stored(record, done)
                stored.setdefault(month, []).append(row)
            except BadCell as bad:
                done.refused += 1
                if done.refused <= MOST_TOLD:
                    done.told.append(_told(record, bad))
        done.parts += [(month, data_of(packed_rows(rows))) for month, rows in stored.items()]
        return done

    def _stored(self, record: Record, done: Converted) -> tuple[date, list[str]]:
        line, _, cells = record
        if isinstance(cells, BadCell):
            raise cells
        for head in cells.keys() - set(self.shape.heads):
            done.heads.setdefault(head, line)
        return self.rows.stored(line, cells)


def _told(record: Record, bad: BadCell) -> Refused:
    line, as_read, _ = record
    return Refused(line, bad.column if isinstance(bad, BadCellIn) else "", bad.code, str(bad), as_read)
