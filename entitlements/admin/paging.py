"""Pages of a list of any length: first the keys of the page, then its rows; the second half of the list is counted from its end."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator


class KeysFirst(Paginator):  # type: ignore[type-arg]
    """For a list in a complete order. What stands beside the rows is read for those of the page only, so that the last page is made
    as quickly as the first, and the one in the middle passes over keys alone."""

    def page(self, number: Any) -> Page[Any]:
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        after = min(first + self.per_page, self.count)
        return self._get_page(self.object_list.filter(pk__in=self._keys(first, after)), number, self)  # type: ignore[union-attr]

    def _keys(self, first: int, after: int) -> list[Any]:
        keys: Any = self.object_list.values_list("pk", flat=True)  # type: ignore[union-attr]
        if first > self.count // 2:
            return list(keys.reverse()[self.count - after : self.count - first])
        return list(keys[first:after])
