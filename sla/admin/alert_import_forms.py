"""What is asked of whoever imports alert logs: the file, and which of its columns is what (M9.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from entitlements.forms.base import PortalForm
from entitlements.rules.days import zone_names
from sla.actions.alerts import Naming
from sla.alerts.cells import UNITS
from sla.alerts.columns import FIELDS, wrong_with
from sla.alerts.keeping import ALLOWED, most_bytes_by_page
from sla.alerts.zones import NO_OFFSET, NO_SUCH_ZONE, offsets_of
from sla.models import AlertImport, AlertMapping


class HandInForm(PortalForm):
    """A file of alert logs."""

    use_required_attribute = False
    file = forms.FileField(
        label="File",
        max_length=255,
        widget=forms.FileInput(attrs={"accept": ".csv,.jsonl,.ndjson,.parquet,.gz"}),
        error_messages={"required": "Choose the file to import.", "empty": "The file is empty. Choose another."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = (
            f"{ALLOWED}. At most {most_bytes_by_page() // 1024**2} MB here, which is about a million rows of a "
            "compressed CSV; larger ones by the command import_alerts."
        )


class NamingForm(PortalForm):
    """Which column has what. Each field's choices are the heads of the file."""

    use_required_attribute = False
    zone = forms.CharField(
        label="Zone of times without an offset",
        required=False,
        max_length=60,
        help_text="Such as America/New_York. Leave it empty if every time says its offset; one that does not is then refused.",
    )
    repeated = forms.ChoiceField(
        label="Times that the clocks show twice",
        required=False,
        choices=AlertImport.Repeated.choices,
        help_text="In the hour that comes twice when the clocks are set back. They are never guessed; what you say is for the whole file.",
    )
    delay_unit = forms.ChoiceField(
        label="Unit of the configured delay",
        choices=[(unit, unit.capitalize()) for unit in UNITS],
        help_text="Of every row.",
    )
    save_as = forms.CharField(
        label="Keep these names as",
        required=False,
        max_length=60,
        help_text="The name of the source: its next file is proposed with the same columns. Leave it empty to keep nothing.",
    )

    def __init__(self, *args: Any, heads: Sequence[str], rows: Sequence[Mapping[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.heads, self.rows = heads, rows
        choices = [("", "Not in the file"), *((head, head) for head in heads)]
        for one in FIELDS:
            self.fields[one.name] = forms.ChoiceField(
                label=one.label,
                required=one.needed,
                choices=choices,
                help_text=one.help,
                error_messages={
                    "required": f"Choose the column that has “{one.label}”.",
                    "invalid_choice": "The file has no such column. Choose one that it has.",
                },
            )
        self.order_fields([*(one.name for one in FIELDS), "delay_unit", "zone", "repeated", "save_as"])

    def clean_zone(self) -> str:
        zone = str(self.cleaned_data["zone"]).strip()
        if zone and zone not in zone_names():
            raise forms.ValidationError(NO_SUCH_ZONE)
        return zone

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name, sentence in wrong_with(self._columns(given), self.heads).items():
            if name not in self.errors:
                self.add_error(name, sentence)
        if self.offsets() == {""} and not given.get("zone") and "zone" not in self.errors:
            self.add_error("zone", NO_OFFSET)
        return given

    def offsets(self) -> set[str]:
        """What the first rows say of their offsets, with the columns named as they are now."""
        return offsets_of({one.name: self[one.name].value() or "" for one in FIELDS}, self.rows)

    def naming(self) -> Naming:
        given = self.cleaned_data
        return Naming(self._columns(given), given["zone"], given["repeated"], given["delay_unit"])

    def _columns(self, given: Mapping[str, Any]) -> dict[str, str]:
        return {one.name: given[one.name] for one in FIELDS if given.get(one.name)}


def proposed(columns: Mapping[str, str], saved: AlertMapping | None, source: AlertImport) -> dict[str, Any]:
    """What the form begins with: as the files of a source that is chosen are named, as this file was before, or as the heads suggest."""
    if saved:
        return {**saved.columns, "zone": saved.zone, "delay_unit": saved.delay_unit, "save_as": saved.name}
    if source.columns:
        kept = AlertMapping.objects.filter(columns=source.columns).order_by("saved_at").last()
        told = {"zone": source.zone, "repeated": source.repeated, "delay_unit": source.delay_unit}
        return {**source.columns, **told, "save_as": kept.name if kept else ""}
    return {**columns, "delay_unit": "minutes"}
