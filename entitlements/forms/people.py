"""To invite somebody, to say what they may do, and to narrow the list of people (C12.1)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from entitlements.forms.base import PortalForm
from entitlements.forms.filters import FilterForm
from entitlements.models import Membership, Role

WHAT_THEY_MAY = {
    Role.OWNER: "Owner: everything below, and invites, changes and removes people",
    Role.CLAIMS: "Claims: reports failures, and writes and sends claims",
    Role.BOOKINGS: "Bookings: asks for sessions, moves and cancels them",
    Role.READ_ONLY: "Read only: sees everything and changes nothing",
    Role.SIGNATORY: "Signs elections: chooses for the firm when an election is open, and sees everything",
}
STATES = [("now", "Who belongs now"), ("left", "Who has left"), ("all", "Everybody")]


class RolesForm(PortalForm):
    """One or more roles, each with what it lets a person do."""

    roles = forms.MultipleChoiceField(
        label="Roles",
        choices=[(role.value, WHAT_THEY_MAY[role]) for role in Role],
        widget=forms.CheckboxSelectMultiple,
        help_text="Tick all that the person needs.",
        error_messages={"required": "Tick at least one role, such as Read only."},
    )


class InviteForm(RolesForm):
    """Who is invited, to which address."""

    name = forms.CharField(
        label="Name",
        max_length=200,
        help_text="As their colleagues know them. It stands beside what they do.",
        error_messages={"required": "Give the person's name."},
    )
    email = forms.EmailField(
        label="E-mail address",
        help_text="The invitation goes there, and later the codes to sign in. One person each, no shared mailbox.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": "Give an e-mail address.",
            "invalid": "Give a whole address, such as ana@acme.example.",
        },
    )
    field_order = ("name", "email", "roles")


class ReasonForm(PortalForm):
    """Why a manager takes somebody out."""

    reason = forms.CharField(
        label="Why",
        max_length=500,
        help_text="The customer's owners can read it.",
        error_messages={"required": "Say why: who asked for it, and how you know them."},
    )


class SuccessorField(forms.ModelChoiceField):
    """One of a customer's people, with what they may do there."""

    def label_from_instance(self, membership: Any) -> str:
        return f"{membership.user}, {', '.join(membership.roles_in_words).lower()}"


class TakeOutForm(ReasonForm):
    """C12.1: with the last owner goes the question who is one from now on."""

    def __init__(self, others: QuerySet[Membership] | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if others is not None:
            self.fields["successor"] = SuccessorField(
                others,
                label="Who becomes an owner instead",
                empty_label="Choose one of their people",
                required=False,
                help_text="Nobody else is an owner. Whoever is chosen keeps their other roles.",
            )


class PeopleFilter(FilterForm):
    """Narrows the list; what cannot be understood narrows nothing and says so."""

    q = forms.CharField(label="Search", required=False, max_length=100, help_text="A name or an address")
    role = forms.ChoiceField(
        label="Role", required=False, choices=[("", "Any"), *Role.choices], help_text="What they may do"
    )
    state = forms.ChoiceField(label="Which", required=False, choices=STATES, help_text="Now, or earlier")

    @property
    def narrows(self) -> bool:
        return self.is_valid() and any(self.cleaned_data[name] for name in ("q", "role"))

    def narrow(self, memberships: QuerySet[Membership]) -> QuerySet[Membership]:
        chosen: dict[str, Any] = self.cleaned_data if self.is_valid() else {}
        state = chosen.get("state") or "now"
        if state != "all":
            memberships = memberships.filter(left_at__isnull=state == "now")
        if words := chosen.get("q"):
            memberships = memberships.filter(Q(user__name__icontains=words) | Q(user__email__icontains=words))
        if role := chosen.get("role"):
            memberships = memberships.filter(roles__contains=[role])
        return memberships
