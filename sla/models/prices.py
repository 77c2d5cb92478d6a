"""What S17 counts with: the catalogue's list prices, and what a contract paid ahead. Both by days, with who entered it."""

from __future__ import annotations

from datetime import date, timedelta

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from entitlements.models import Contract, User
from entitlements.models.guards import logged
from entitlements.models.pairs import paired
from sla.rules.plans import Plan, Prepaid

_DAY = timedelta(days=1)


class Billing(models.TextChoices):
    """For how long a price is."""

    MONTH = "month", "a month"
    YEAR = "year", "a year"

    @property
    def months(self) -> int:
        return 12 if self == Billing.YEAR else 1


class ListPrice(models.Model):
    """S17: a plan's list price per user on the days on which it is sold at it."""

    plan = models.CharField(max_length=60, help_text="As it is called in contracts.")
    billing_period = models.CharField(max_length=5, choices=Billing.choices)
    currency = models.CharField(max_length=3, default="USD")
    price = models.DecimalField(max_digits=18, decimal_places=6, help_text="Per user and billing period.")
    rank = models.PositiveSmallIntegerField("place in the catalogue", help_text="Decides between equal prices.")
    days = DateRangeField(help_text="On sale at this price from the first day on, to the day before the last.")
    offered = models.BooleanField(default=True, help_text="Whether the vendor offers it to those who shift.")
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["currency", "billing_period", "-price", "rank"]
        constraints = [
            ExclusionConstraint(
                name="one_price_of_a_plan_on_a_day",
                expressions=[
                    ("plan", RangeOperators.EQUAL),
                    ("billing_period", RangeOperators.EQUAL),
                    ("currency", RangeOperators.EQUAL),
                    ("days", RangeOperators.OVERLAPS),
                ],
                violation_error_message="This plan has a price already on some of these days.",
            ),
            models.CheckConstraint(condition=Q(price__gte=0), name="a_list_price_is_not_negative"),
            models.CheckConstraint(
                condition=Q(days__isempty=False) & Q(days__startswith__isnull=False),
                name="a_list_price_has_a_first_day",
            ),
            paired("listprice", "entered"),
        ]
        triggers = [logged()]

    def __str__(self) -> str:
        return f"{self.plan}, {self.currency} {self.price} {self.get_billing_period_display()}"

    @property
    def sold_to(self) -> date | None:
        """The last day on which it is sold at this price; None: without limit."""
        return self.days.upper - _DAY if self.days.upper else None

    def facts(self) -> Plan:
        return Plan(
            key=self.plan,
            list_price=self.price,
            rank=self.rank,
            currency=self.currency,
            billing_period=self.billing_period,
            sold_from=self.days.lower,
            sold_to=self.sold_to,
            offered=self.offered,
        )


class PrepaidPeriod(models.Model):
    """S17: what a contract paid ahead for some days: the fee per user and billing period, and the sum in all. Nothing paid is zero."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="prepaid_periods")
    billing_period = models.CharField(max_length=5, choices=Billing.choices)
    fee = models.DecimalField(max_digits=18, decimal_places=6, help_text="Per user and billing period.")
    amount = models.DecimalField(
        max_digits=14, decimal_places=2, help_text="What was paid ahead for all of these days."
    )
    days = DateRangeField()
    document = models.CharField(max_length=200, help_text="The invoice or order form that says so.")
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["contract", "days"]
        constraints = [
            ExclusionConstraint(
                name="one_prepaid_period_on_a_day",
                expressions=[("contract", RangeOperators.EQUAL), ("days", RangeOperators.OVERLAPS)],
                violation_error_message="What was paid ahead for some of these days is on record already.",
            ),
            models.CheckConstraint(condition=Q(fee__gte=0, amount__gte=0), name="what_is_prepaid_is_not_negative"),
            models.CheckConstraint(
                condition=Q(days__isempty=False, days__startswith__isnull=False, days__endswith__isnull=False),
                name="a_prepaid_period_begins_and_ends",
            ),
            paired("prepaidperiod", "entered"),
        ]
        triggers = [logged()]

    def __str__(self) -> str:
        return f"{self.contract}: {self.amount} from {self.days.lower}"

    @property
    def first_day(self) -> date:
        return self.days.lower

    @property
    def last_day(self) -> date:
        return self.days.upper - _DAY

    def facts(self) -> Prepaid:
        return Prepaid(self.amount, self.first_day, self.last_day)
