"""S16: the vendor ends loss-based credits for contracts: prepared by one person, released by another, or cancelled."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from entitlements.models import User
from entitlements.models.guards import locked_once, logged, moves
from entitlements.models.pairs import paired
from sla.models.election_guards import released_by_who_may


class WithdrawalState(models.TextChoices):
    PREPARED = "prepared", "Prepared"
    PROPOSED = "proposed", "Waits for a second person"
    RELEASED = "released", "Released"
    CANCELLED = "cancelled", "Cancelled"


WITHDRAWAL_MOVES: dict[str, tuple[str, ...]] = {
    WithdrawalState.PREPARED: (WithdrawalState.PROPOSED, WithdrawalState.CANCELLED),
    WithdrawalState.PROPOSED: (WithdrawalState.PREPARED, WithdrawalState.RELEASED, WithdrawalState.CANCELLED),
    WithdrawalState.RELEASED: (WithdrawalState.CANCELLED,),
}

CHOICES = [("shift", "Shift to the next lower plan"), ("stay", "Stay on the plan at a reduced fee")]


class Withdrawal(models.Model):
    """S16: the end of loss-based credits for one contract or many; each has an `Election`.

    `vendor_choice` holds for whoever does not choose; empty: none is recorded, so they stay.
    """

    reference = models.CharField(max_length=20, unique=True)
    title = models.CharField(max_length=120, help_text="For the desk: what this withdrawal is called.")
    why = models.TextField(help_text="For the customer: why loss-based credits end.")
    state = models.CharField(max_length=10, choices=WithdrawalState.choices, default=WithdrawalState.PREPARED)
    vendor_choice = models.CharField("if nobody chooses", max_length=5, choices=CHOICES, blank=True)
    vendor_choice_why = models.TextField("why", blank=True)
    prepared_at = models.DateTimeField()
    prepared_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(null=True, blank=True)
    proposed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    cancel_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["-prepared_at", "-id"]
        constraints = [
            paired("withdrawal", "prepared"),
            paired("withdrawal", "proposed"),
            paired("withdrawal", "released"),
            paired("withdrawal", "cancelled"),
            models.CheckConstraint(
                condition=Q(released_by__isnull=True) | Q(proposed_by__isnull=False) & ~Q(released_by=F("proposed_by")),
                name="who_releases_is_never_who_proposed",
                violation_error_message="You proposed this withdrawal. Somebody else has to release it.",
            ),
            models.CheckConstraint(
                condition=Q(state="prepared", proposed_at__isnull=True, released_at__isnull=True)
                | Q(state="proposed", proposed_at__isnull=False, released_at__isnull=True)
                | Q(state="released", released_at__isnull=False)
                | Q(state="cancelled"),
                name="a_withdrawal_is_as_its_state_says",
            ),
            models.CheckConstraint(
                condition=Q(state="cancelled", cancelled_at__isnull=False) & ~Q(cancel_reason="")
                | ~Q(state="cancelled") & Q(cancelled_at__isnull=True),
                name="a_cancelled_withdrawal_says_why",
            ),
            models.CheckConstraint(
                condition=Q(vendor_choice="") | ~Q(vendor_choice_why=""), name="the_vendors_choice_says_why"
            ),
        ]
        triggers = [logged(), moves("state", WITHDRAWAL_MOVES), released_by_who_may(), locked_once("cancelled_at")]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"
