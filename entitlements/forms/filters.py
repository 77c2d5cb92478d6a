from __future__ import annotations

from collections.abc import Iterator

from entitlements.forms.base import PortalForm


class FilterForm(PortalForm):
    """The filter above a list. What cannot be understood narrows nothing, and says so."""

    @property
    def narrows(self) -> bool:
        return self.is_valid() and any(self.cleaned_data.values())

    def _asked_for(self) -> Iterator[str]:
        yield from super()._asked_for()
        yield from ("page", "sort", "format")  # the list's own links
