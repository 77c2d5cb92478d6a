from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import F, Q

from entitlements.models import User
from entitlements.models.guards import logged
from entitlements.models.pairs import paired
from entitlements.rules.days import first_instant
from entitlements.rules.spans import Span
from sla.models.claims import Claim
from sla.models.receipt_guards import stated_before_it_is_sent
from sla.rules.assessment import Rates


class RateBasis(models.Model):
    """S10: what a customer states in place of a list of attempts: profit of the months before, profit completed in the remedy
    period, the days that its records cover (none: all of the months), and why there is no record of attempts. Money is in the
    contract's currency, days are of its zone at the failure."""

    claim = models.OneToOneField(Claim, on_delete=models.PROTECT, related_name="rate_basis")
    reason = models.TextField(help_text="Why the incident left no records of attempts.")
    revenue = models.DecimalField(max_digits=18, decimal_places=6)
    expenses = models.DecimalField(max_digits=18, decimal_places=6)
    completed_revenue = models.DecimalField(max_digits=18, decimal_places=6, default=0)
    completed_expenses = models.DecimalField(max_digits=18, decimal_places=6, default=0)
    first_day = models.DateField(null=True, blank=True)
    last_day = models.DateField(null=True, blank=True)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name_plural = "rate bases"
        constraints = [
            paired("rate_basis", "saved"),
            models.CheckConstraint(condition=~Q(reason=""), name="the_method_of_the_rate_has_a_reason"),
            models.CheckConstraint(
                condition=Q(first_day__isnull=True, last_day__isnull=True)
                | Q(first_day__isnull=False, last_day__isnull=False, first_day__lte=F("last_day")),
                name="records_cover_days_from_first_to_last",
            ),
            models.CheckConstraint(
                condition=Q(expenses__gte=0, revenue__gte=F("expenses"))
                & Q(completed_expenses__gte=0, completed_revenue__gte=F("completed_expenses")),
                name="no_profit_of_a_rate_is_below_nothing",
            ),
        ]
        triggers = [logged("reason"), stated_before_it_is_sent()]

    def __str__(self) -> str:
        return f"Rates of {self.claim}"

    def facts(self, zone: ZoneInfo) -> Rates:
        """S10: as the rule reads them; its days are of the `zone` that the contract had at the failure, whatever it has by now."""
        covered = None
        if self.first_day and self.last_day:
            after = first_instant(self.last_day + timedelta(days=1), zone)
            covered = (Span(first_instant(self.first_day, zone), after),)
        return Rates(
            profit=self.revenue - self.expenses,
            completed=self.completed_revenue - self.completed_expenses,
            reason=self.reason,
            evidence=covered,
        )
