"""What every form of the portal has in common: it takes what it asks for, and nothing more (P36)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import structlog
from django import forms

log = structlog.get_logger(__name__)
EXPECTED = frozenset({"csrfmiddlewaretoken"})
MOST_NAMES = 10


class OnlyWhatIsAskedFor(forms.Form):
    """Fields that the form did not ask for are dropped, and that they came is logged; `expected` are those of the page around it."""

    expected: frozenset[str] = frozenset()

    def full_clean(self) -> None:
        super().full_clean()
        known = EXPECTED | self.expected
        if self.is_bound and (dropped := sorted({*self.data, *self.files} - known - set(self._asked_for()))):
            log.warning(
                "unknown_fields_dropped", form=type(self).__name__, fields=[name[:60] for name in dropped[:MOST_NAMES]]
            )

    def _asked_for(self) -> Iterator[str]:
        for bound in self:
            yield bound.html_name
            parts = getattr(bound.field.widget, "widgets_names", ())
            yield from (bound.html_name + part for part in parts)


class PortalForm(OnlyWhatIsAskedFor):
    """A form that stands in a `<form>` of the page's own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
