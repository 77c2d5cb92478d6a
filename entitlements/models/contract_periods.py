"""What of a contract holds on some of its days: zone, plan, suspensions, products, and the fees of its months."""

from __future__ import annotations

from datetime import date, timedelta

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from entitlements.models.catalogue import Product
from entitlements.models.contracts import Contract, check_zone
from entitlements.models.guards import logged, turns_the_years_of_its_contract

_WHOLE_MONTH = models.Func(
    models.F("month"),
    template="daterange(%(expressions)s, (%(expressions)s + interval '1 month')::date)",
    output_field=DateRangeField(),
)


class ZonePeriod(models.Model):
    """E3: the zone on these days; the contract's own is the last of them. Without overlap, and without gap over the term."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="zones")
    zone = models.CharField(max_length=60, validators=[check_zone])
    days = DateRangeField()

    class Meta:
        ordering = ["days"]
        constraints = [
            ExclusionConstraint(
                name="one_zone_on_a_day",
                expressions=[("contract", RangeOperators.EQUAL), ("days", RangeOperators.OVERLAPS)],
                violation_error_message="The contract has another zone on some of these days.",
            ),
        ]
        triggers = [logged()]

    def __str__(self) -> str:
        return f"{self.zone} from {self.days.lower}"


class PlanPeriod(models.Model):
    """S17: plan and discount on these days; the contract's own are the last of them. Without overlap, and without gap."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="plans")
    plan = models.CharField(max_length=60)
    discount_percent = models.DecimalField("discount", max_digits=9, decimal_places=6, default=0)
    days = DateRangeField()

    class Meta:
        ordering = ["days"]
        constraints = [
            ExclusionConstraint(
                name="one_plan_on_a_day",
                expressions=[("contract", RangeOperators.EQUAL), ("days", RangeOperators.OVERLAPS)],
                violation_error_message="The contract has another plan on some of these days.",
            ),
            models.CheckConstraint(
                condition=Q(discount_percent__gte=0, discount_percent__lte=100),
                name="a_discount_is_a_part_of_the_price",
            ),
        ]
        triggers = [logged()]

    def __str__(self) -> str:
        return f"{self.plan} from {self.days.lower}"


class Suspension(models.Model):
    """S1: the days on which the contract is suspended, in its zone; without a last day: until further notice."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="suspensions")
    days = DateRangeField(help_text="First day to the day after the last day; no last day: until further notice.")
    reason = models.TextField()

    class Meta:
        ordering = ["days"]
        constraints = [
            ExclusionConstraint(
                name="one_suspension_on_a_day",
                expressions=[("contract", RangeOperators.EQUAL), ("days", RangeOperators.OVERLAPS)],
                violation_error_message="The contract is suspended already on some of these days.",
            ),
            models.CheckConstraint(
                condition=Q(days__startswith__isnull=False) & Q(days__isempty=False),
                name="a_suspension_has_a_first_day",
            ),
        ]
        triggers = [logged()]

    def __str__(self) -> str:
        return f"Suspended from {self.days.lower}"

    @property
    def first_day(self) -> date:
        return self.days.lower

    @property
    def last_day(self) -> date | None:
        return self.days.upper - timedelta(days=1) if self.days.upper else None


class ContractProduct(models.Model):
    """A product that the contract includes on these days (E9)."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="products")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    days = DateRangeField()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="a_product_is_held_once_on_a_day",
                expressions=[
                    ("contract", RangeOperators.EQUAL),
                    ("product", RangeOperators.EQUAL),
                    ("days", RangeOperators.OVERLAPS),
                ],
                violation_error_message="The contract includes this product already on some of these days.",
            ),
        ]
        triggers = [logged(), turns_the_years_of_its_contract()]

    def __str__(self) -> str:
        return f"{self.product} of {self.contract}"


class FeeMonth(models.Model):
    """What a seat cost in a calendar month of the contract's zone, and how many were paid (S11 averages over these).

    Where that changed within the month there are several lines, each with its days; they are added by days.
    """

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="fee_months")
    month = models.DateField(help_text="The first day of the month.")
    cost_per_seat = models.DecimalField(max_digits=18, decimal_places=6)
    paid_seats = models.PositiveIntegerField()
    days = DateRangeField(
        null=True, blank=True, help_text="The days of the month for which it held. Empty: all of them."
    )

    class Meta:
        ordering = ["month", "days"]
        constraints = [
            ExclusionConstraint(
                name="one_fee_on_a_day",
                expressions=[
                    ("contract", RangeOperators.EQUAL),
                    (models.functions.Coalesce("days", _WHOLE_MONTH), RangeOperators.OVERLAPS),
                ],
                violation_error_message="Fees are on record already for some of these days.",
            ),
            models.CheckConstraint(
                condition=Q(days__isnull=True) | Q(days__contained_by=_WHOLE_MONTH), name="fee_days_lie_in_the_month"
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="fee_month_is_the_first_of_a_month"),
            models.CheckConstraint(condition=Q(cost_per_seat__gte=0), name="cost_per_seat_is_not_negative"),
        ]
        triggers = [logged()]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}: {self.paid_seats} × {self.cost_per_seat}"

    @property
    def first_day(self) -> date | None:
        """None: it held for the whole month."""
        return self.days.lower if self.days else None

    @property
    def last_day(self) -> date | None:
        return self.days.upper - timedelta(days=1) if self.days else None
