"""What somebody with the right to sign says on the check page of an election (C9.6)."""

from __future__ import annotations

from typing import Any

from django import forms

from entitlements.forms.base import PortalForm

WANTED = {"shift": "shift", "stay": "stay", "take_back": ""}
"""What the buttons send, and as what it is kept."""


class ChoiceForm(PortalForm):
    """S16: nothing is chosen beforehand; whoever chooses says that they may."""

    choice = forms.CharField(widget=forms.HiddenInput)
    authority = forms.BooleanField(
        label="I have the right to make this choice for my firm",
        help_text="Your name and the time are kept with the choice.",
        error_messages={"required": "Tick this if you have the right; else ask somebody who does."},
    )

    def __init__(self, data: Any, *, lowest: bool, checked: bool) -> None:
        sent = data if checked else None
        super().__init__(sent, initial={"choice": data.get("choice", "")})
        named = data.get("choice", "")
        offered = {name for name in WANTED if not (lowest and name == "shift")}
        self.wanted: str | None = WANTED[named] if named in offered else None

    def clean_choice(self) -> str:
        if self.wanted is None:
            raise forms.ValidationError("Choose one of the options on the page before.")
        return str(self.cleaned_data["choice"])
