"""Whom something concerns, as a manager writes it: all customers, or some by number or name."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q

from entitlements.admin.engagement_forms import DeskForm
from entitlements.models import Customer


class WhomForm(DeskForm):
    everybody = forms.BooleanField(
        label="It concerns all customers with a contract on that day", required=False, help_text="Or name them below."
    )
    customers = forms.CharField(
        label="Customers that it concerns",
        help_text="One a line: the customer's number or name.",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        typed = list(dict.fromkeys(line.strip() for line in given.get("customers", "").splitlines() if line.strip()))
        known = _customers_called(typed)
        for name in typed:
            if len(known[name]) != 1:
                self.add_error("customers", _whose(name, len(known[name])))
        if not typed and not given.get("everybody"):
            self.add_error("customers", "Name at least one customer, or tick all of them.")
        return given | {"named": [one for name in typed for one in known[name]]}

    @property
    def named(self) -> tuple[Customer, ...] | None:
        """Who is named; None: everybody."""
        return None if self.cleaned_data.get("everybody") else tuple(self.cleaned_data.get("named", ()))


def _customers_called(names: list[str]) -> dict[str, list[Customer]]:
    """The customers by what they were called: a number, which is one customer's, comes before a name."""
    found = list(Customer.objects.filter(Q(external_id__in=names) | Q(name__in=names)))
    by_number = {one.external_id: [one] for one in found}
    return {name: by_number.get(name) or [one for one in found if one.name == name] for name in names}


def _whose(name: str, count: int) -> str:
    if count:
        return f"Several customers are called {name}. Write the number."
    return f"No customer has this number or name: {name}."
