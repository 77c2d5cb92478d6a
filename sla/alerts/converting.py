"""From the blocks of a file to rows as COPY reads them, and to what is refused: many rows at once where they are plain, else one by one.

Arrow, on which this rests, is large and slow to load: only what reads a whole file loads this module.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from sla.alerts.cells import BadCell
from sla.alerts.files import Block, Shape, halves, records
from sla.alerts.packing import data_of, packed_rows
from sla.alerts.plain import NotPlain, Plain
from sla.alerts.rows import BadCellIn, Refused, Rows

Part = tuple[date, memoryview]
"""A month of receipt, and rows of it as COPY reads them."""


@dataclass
class Converted:
    """What blocks come to: how many rows they have, those that come in, what is refused, and by its first line each head that is not the
    file's."""

    rows: int = 0
    parts: list[Part] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    heads: dict[str, int] = field(default_factory=dict)

    def __add__(self, other: Converted) -> Converted:
        return Converted(
            self.rows + other.rows,
            self.parts + other.parts,
            self.refused + other.refused,
            {**other.heads, **self.heads},
        )


class Converter:
    """For one file."""

    def __init__(self, rows: Rows, shape: Shape) -> None:
        self.plain, self.rows, self.shape = Plain(rows, shape), rows, shape

    def block(self, block: Block) -> Converted:
        """The plain way. A block that is not plain is halved and halved again, since it may be so for a single row."""
        try:
            rows, parts = self.plain.stored(block)
            return Converted(rows, parts)
        except NotPlain:
            if self.plain.can and (two := halves(block)):
                return sum(map(self.block, two), Converted())
        return self._row_by_row(block)

    def _row_by_row(self, block: Block) -> Converted:
        """What comes in of a block, each row for itself, and why the others do not."""
        done = Converted()
        found: dict[date, list[list[str]]] = {}
        for line, as_read, cells in records(block, self.shape):
            done.rows += 1
            try:
                if isinstance(cells, BadCell):
                    raise cells
                for head in cells.keys() - set(self.shape.heads):
                    done.heads.setdefault(head, line)
                month, row = self.rows.stored(line, cells)
                found.setdefault(month, []).append(row)
            except BadCell as bad:
                column = bad.column if isinstance(bad, BadCellIn) else ""
                done.refused.append(Refused(line, column, bad.code, str(bad), as_read))
        done.parts = [(month, data_of(packed_rows(rows))) for month, rows in found.items()]
        return done
