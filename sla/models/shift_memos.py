"""S17: the memo of a shift credit: a number without gaps, for what an election credits of what was paid ahead."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import Q, Sum

from entitlements.models import Customer
from entitlements.models.guards import append_only, logged
from sla.models.election_guards import as_the_election_says, numbered_on
from sla.models.elections import Election, ElectionChoice


class ShiftMemoQuerySet(models.QuerySet["ShiftMemo"]):
    def sum(self) -> Decimal:
        """Of memos in one currency."""
        return Decimal(self.aggregate(sum=Sum("amount", default=Decimal("0.00")))["sum"])


class ShiftMemo(models.Model):
    """S17: what an election credits, as a line with a number of its own; it is no credit for a loss, so it stands in no sum of S12's
    ledger. Lines are added, never changed: where a choice that came in time changes the outcome, another memo says the difference.
    The database numbers them, and refuses one by which the memos of an election come to another sum than its credit."""

    election = models.ForeignKey(Election, on_delete=models.PROTECT, related_name="memos")
    choice = models.ForeignKey(
        ElectionChoice,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="memos",
        help_text="The choice that was entered after the effect, where it changed the outcome.",
    )
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="shift_memos")
    number = models.PositiveIntegerField(null=True, unique=True, editable=False, help_text="Given by the database.")
    amount = models.DecimalField(max_digits=14, decimal_places=2, help_text="Signed.")
    currency = models.CharField(max_length=3)
    made_out_to = models.CharField(max_length=200, help_text="The customer's name on that day.")
    issued_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=models.functions.Now())

    objects = ShiftMemoQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="a_shift_memo_is_about_a_sum"),
        ]
        triggers = [logged(), append_only(), numbered_on("sla_shiftmemo"), as_the_election_says()]

    def __str__(self) -> str:
        return self.memo_number

    @property
    def memo_number(self) -> str:
        """As it stands on the paper."""
        return f"SM-{self.number or 0:06}"
