"""Links that are sent to an address: to join a customer, to take its legal notices, to sign in by another address."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from entitlements.models.customers import Customer
from entitlements.models.guards import logged, only_changes
from entitlements.models.pairs import paired
from entitlements.models.people import Role, User

LINK_LASTS = timedelta(days=7)
FEWEST_CONTACTS = 2
"""Of confirmed contacts for legal notices (C12.3)."""


def kept_of(token: str) -> str:
    """What is kept of the secret in a link: whoever reads the table cannot make the link again."""
    return hashlib.sha256(token.encode()).hexdigest()


class InvitationEnd(models.TextChoices):
    WITHDRAWN = "withdrawn", "It was taken back."
    REPLACED = "replaced", "A newer one was sent since."
    ADDRESS_CHANGED = "address_changed", "The address that it went to is no longer the right one."
    SENDER_LEFT = "sender_left", "Whoever sent it has left the firm since."
    SENDER_NO_OWNER = "sender_no_owner", "Whoever sent it is no owner any more."


class Invitation(models.Model):
    """To join a customer's people with these roles; it works once, for some days, until a newer one is sent."""

    reference = models.CharField(max_length=20, unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="invitations")
    email = models.EmailField("e-mail address")
    name = models.CharField(max_length=200)
    roles = ArrayField(models.CharField(max_length=20, choices=Role.choices))
    token_hash = models.CharField(max_length=64, unique=True)
    invited_at = models.DateTimeField()
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    end = models.CharField(max_length=20, choices=InvitationEnd.choices, blank=True)

    class Meta:
        ordering = ["-invited_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                "customer",
                Lower("email"),
                condition=Q(accepted_at__isnull=True, ended_at__isnull=True),
                name="one_live_invitation_for_an_address",
            ),
            models.CheckConstraint(
                condition=Q(roles__contained_by=Role.values) & ~Q(roles=[]), name="invitation_roles_are_known"
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(ended_at__isnull=True), name="an_invitation_ends_in_one_way"
            ),
            models.CheckConstraint(
                condition=Q(end="", ended_at__isnull=True) | (~Q(end="") & Q(ended_at__isnull=False)),
                name="an_ended_invitation_says_why",
            ),
            paired("invitation", "invited"),
            paired("invitation", "accepted"),
            paired("invitation", "ended"),
        ]
        triggers = [
            logged("email", "name", "token_hash"),
            only_changes("accepted_at", "accepted_by", "ended_at", "ended_by", "end"),
        ]

    def __str__(self) -> str:
        return self.reference

    def state_at(self, now: datetime) -> str:
        """One word of the published list (X6)."""
        if self.accepted_at:
            return "joined"
        if self.ended_at:
            return "withdrawn" if self.end == InvitationEnd.WITHDRAWN else "replaced"
        return "invited" if now < self.expires_at else "expired"

    def is_open(self, now: datetime) -> bool:
        return self.state_at(now) == "invited"

    @property
    def roles_in_words(self) -> list[str]:
        return [role.label for role in Role if role in self.roles]


class LegalContactQuerySet(models.QuerySet["LegalContact"]):
    def confirmed(self) -> LegalContactQuerySet:
        """S16: those whose acceptance of a notice counts."""
        return self.filter(removed_at__isnull=True, confirmed_at__isnull=False)

    def reachable(self) -> LegalContactQuerySet:
        """Confirmed ones from which letters do not come back."""
        return self.confirmed().filter(bounced_at__isnull=True)


class LegalContact(models.Model):
    """An address for a customer's legal notices, apart from those that people sign in by; it counts once it is confirmed."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="legal_contacts")
    email = models.EmailField("e-mail address")
    name = models.CharField(max_length=200, help_text="A person or an office: Legal department.")
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    link_sent_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    bounced_at = models.DateTimeField(null=True, blank=True, help_text="When a letter to it last came back.")
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = LegalContactQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                "customer",
                Lower("email"),
                condition=Q(removed_at__isnull=True),
                name="one_legal_contact_for_an_address",
            ),
            paired("legalcontact", "added"),
            paired("legalcontact", "removed"),
        ]
        triggers = [logged("email", "name", "token_hash")]

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"

    @property
    def state(self) -> str:
        if self.bounced_at:
            return "bouncing"
        return "confirmed" if self.confirmed_at else "unconfirmed"


class AddressChange(models.Model):
    """Somebody wants to sign in by another address, and has not yet shown that letters reach them there."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="address_changes")
    email = models.EmailField("new e-mail address")
    token_hash = models.CharField(max_length=64, unique=True)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(confirmed_at__isnull=True, replaced_at__isnull=True),
                name="one_change_of_address_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True) | Q(replaced_at__isnull=True),
                name="a_change_of_address_ends_in_one_way",
            ),
        ]
        triggers = [logged("email", "token_hash"), only_changes("confirmed_at", "replaced_at")]

    def __str__(self) -> str:
        return f"New address of {self.user}"

    def is_open(self, now: datetime) -> bool:
        return self.confirmed_at is None and self.replaced_at is None and now < self.expires_at
