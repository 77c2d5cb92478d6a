"""Pages of a list of any length: first the keys of the page, then its rows; the second half of the list is counted from its end."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator


class KeysFirst(Paginator):
    """For a list in a complete order. What stands beside the rows is read for those of the page only, so that the last page is made
    as quickly as the first, and the one in the middle passes over keys alone."""

    def page(self, number: Any) -> Page[Any]:
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        after = min(first + self.per_page, self.count)
        rows: Any = self.object_list
        return Page(rows.filter(pk__in=self._keys(rows, first, after)), number, self)

    def _keys(self, rows: Any, first: int, after: int) -> list[Any]:
        keys = rows.values_list("pk", flat=True)
        if first > self.count // 2:
            return list(keys.reverse()[self.count - after : self.count - first])
        return list(keys[first:after])
