"""Lists of any length. Rows are counted to 10,000 (X11), and a longer list has the pages of so many rows from its beginning and from its
end, so that no page passes over more."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise
from typing import Any

from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.core.paginator import EmptyPage, Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

from entitlements.views.lists import COUNTED_TO, rows_in_words

NEAR = 3
"""So many pages before and after this one have a link."""


class KeysFirst(Paginator):
    """For a list in a complete order. What stands beside the rows is read for those of the page only. Of a list that is longer than it is
    counted, -1 is the last page and -2 the one before."""

    @cached_property
    def count(self) -> int:
        """How many rows there are, or one more than are counted."""
        rows: Any = self.object_list
        return rows.order_by().values("pk")[: COUNTED_TO + 1].count()

    @property
    def is_longer(self) -> bool:
        return self.count > COUNTED_TO

    def page(self, number: Any) -> Page[Any]:
        number = self.validate_number(number)
        rows: Any = self.object_list
        return Page(rows.filter(pk__in=self._keys(rows, number)), number, self)

    def _keys(self, rows: Any, number: int) -> QuerySet[Any]:
        keys = rows.values("pk") if number > 0 else rows.values("pk").reverse()
        after = abs(number) * self.per_page
        return keys[after - self.per_page : after]

    def validate_number(self, number: Any) -> int:
        if not self.is_longer:
            return super().validate_number(number)
        if not 1 <= abs(number) <= self._furthest:
            raise EmptyPage(self.error_messages["no_results"])
        return int(number)

    @property
    def _furthest(self) -> int:
        return COUNTED_TO // self.per_page

    def get_elided_page_range(self, number: Any = 1, **near_and_ends: Any) -> Iterator[Any]:
        """The numbers near a page and those of both ends, with an ellipsis for what is between."""
        if not self.is_longer:
            yield from super().get_elided_page_range(number, **near_and_ends)
            return
        near = [one for one in range(number - NEAR, number + NEAR + 1) if 1 <= abs(one) <= self._furthest]
        of_its_end = {one for one in near if one * number > 0}
        shown = sorted({1, 2, -2, -1} | of_its_end, key=lambda one: (one < 0, one))
        yield shown[0]
        for before, one in pairwise(shown):
            if one != before + 1:
                yield self.ELLIPSIS
            yield one


class FoundOnce(KeysFirst):
    """For a search, which has to look at all rows: those that it finds are counted, and the page chosen of them, by one question."""

    @cached_property
    def count(self) -> int:
        return len(self._found)

    @cached_property
    def _found(self) -> list[Any]:
        rows: Any = self.object_list
        return list(rows.values_list("pk", flat=True)[: COUNTED_TO + 1])

    def _keys(self, rows: Any, number: int) -> Any:
        after = number * self.per_page
        return self._found[after - self.per_page : after] if number > 0 else super()._keys(rows, number)


class Listed(ChangeList):
    """What a list of the desk asks for, and what it says of its length and its pages."""

    model_admin: Any

    def apply_select_related(self, qs: QuerySet[Any]) -> QuerySet[Any]:
        narrow = self.model_admin.list_only
        rows = super().apply_select_related(qs)
        return rows.only(*narrow) if narrow else rows

    def get_results(self, request: HttpRequest) -> None:
        """What a search found on its only page is not looked for again."""
        super().get_results(request)
        if self.query and not self.multi_page:
            self.result_list = self.paginator.page(1).object_list

    def in_words(self) -> str:
        """'3 claims', 'over 10,000 claims'."""
        return rows_in_words(self.result_count, str(self.opts.verbose_name), str(self.opts.verbose_name_plural))

    def pages(self) -> Iterator[tuple[str, str]]:
        """What leads to other pages: label and address. This page, and what is left out, have no address."""
        if self.multi_page and not (self.show_all and self.can_show_all):
            for number in self.paginator.get_elided_page_range(self.page_num):
                leads = isinstance(number, int) and number != self.page_num
                yield _label(number), self.get_query_string({PAGE_VAR: number}) if leads else ""


def _label(number: Any) -> str:
    """'3', '…'; from the end 'last', 'last but 2'."""
    if not isinstance(number, int) or number > 0:
        return str(number)
    return f"last but {-number - 1}" if number < -1 else "last"
