from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import DateTimeField, F, Q
from django.db.models.functions import Coalesce

from entitlements.models.catalogue import Activity, Level
from entitlements.models.customers import Customer
from entitlements.models.guards import (
    logged,
    logged_but_for,
    turns_its_years,
    turns_the_years_of_its_contract,
    turns_with,
)
from entitlements.models.light import ReadInPart
from entitlements.models.pairs import paired
from entitlements.models.people import User
from entitlements.models.worded import rows_of
from entitlements.rules import caps
from entitlements.rules.contract_years import ContractYear as YearOfTerm
from entitlements.rules.days import zone_names
from entitlements.rules.term_changes import zone_at

if TYPE_CHECKING:
    from entitlements.models.contract_periods import ZonePeriod


def check_zone(name: str) -> None:
    """A zone of the tz database, or a ValidationError."""
    if name not in zone_names():
        raise ValidationError("%(name)s is not a time zone. Example: America/New_York.", params={"name": name})


class ContractQuerySet(models.QuerySet["Contract"]):
    def with_facts(self) -> ContractQuerySet:
        """Everything that the booking rules read, in a constant number of queries."""
        return self.select_related("customer").prefetch_related("levels", "overrides")

    def running_on(self, day: date) -> ContractQuerySet:
        return self.filter(term__contains=day)


class Contract(ReadInPart):
    """A customer's subscription: a term in a zone, with an entitlement level on each of its days (E1, E3)."""

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        SUSPENDED = "suspended", "Suspended"
        TERMINATED = "terminated", "Terminated"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="contracts")
    order_form = models.CharField(max_length=60, unique=True, help_text="Number of the order form.")
    account = models.CharField(max_length=100, help_text="The customer's account that the products run on.")
    term = DateRangeField(help_text="First day to the day after the last day.")
    zone = models.CharField(
        max_length=60, validators=[check_zone], help_text="Counts days, years and deadlines. Example: America/New_York."
    )
    currency = models.CharField(max_length=3, default="USD")
    plan = models.CharField(max_length=60)
    discount_percent = models.DecimalField("discount", max_digits=9, decimal_places=6, default=0)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.ACTIVE)
    external_id = models.CharField(
        "contract number",
        max_length=60,
        blank=True,
        default="",
        db_default="",
        help_text="As in your CRM, if it has one there.",
    )

    objects = ContractQuerySet.as_manager()

    class Meta:
        ordering = ["customer__name", "order_form"]
        constraints = [
            ExclusionConstraint(
                name="one_contract_for_an_account_on_a_day",
                expressions=[
                    ("customer", RangeOperators.EQUAL),
                    ("account", RangeOperators.EQUAL),
                    ("term", RangeOperators.OVERLAPS),
                ],
                violation_error_message="Another contract of this customer covers the same account on some of these days.",
            ),
            models.CheckConstraint(
                condition=Q(term__startswith__isnull=False, term__endswith__isnull=False) & Q(term__isempty=False),
                name="contract_term_has_a_first_and_a_last_day",
            ),
            models.UniqueConstraint(
                fields=["external_id"], condition=~Q(external_id=""), name="one_contract_for_an_external_id"
            ),
        ]
        triggers = [logged(), turns_its_years("status", "term")]

    def __str__(self) -> str:
        return f"{self.customer} – {self.order_form}"

    @property
    def first_day(self) -> date:
        return self.term.lower

    @property
    def last_day(self) -> date:
        return self.term.upper - timedelta(days=1)

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def tz_at(self, instant: datetime) -> ZoneInfo:
        """E3: the zone that the contract had at an instant, by which whatever occurred then is judged."""
        return zone_at(instant, [(one.days.upper, ZoneInfo(one.zone)) for one in self._earlier_zones], self.tz)

    @cached_property
    def _earlier_zones(self) -> list[ZonePeriod]:
        return [one for one in rows_of(self, "zones") if one.days.upper < self.term.upper]

    def facts(self) -> caps.ContractFacts:
        """The contract as the rules read it (E1, E3, E8, E14)."""
        return caps.ContractFacts(
            start=self.first_day,
            last=self.last_day,
            zone=self.tz,
            levels=tuple((period.days.lower, period.level) for period in rows_of(self, "levels")),
            status=self.status,
            overrides=tuple(override.facts() for override in rows_of(self, "overrides")),
        )


class LevelPeriod(models.Model):
    """E1: the level on these days. Without overlap (exclusion) and without gap over the term (deferred trigger)."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="levels")
    level = models.CharField(max_length=10, choices=Level.choices)
    days = DateRangeField()

    class Meta:
        ordering = ["days"]
        constraints = [
            ExclusionConstraint(
                name="one_level_on_a_day",
                expressions=[("contract", RangeOperators.EQUAL), ("days", RangeOperators.OVERLAPS)],
                violation_error_message="The contract has another level on some of these days.",
            ),
        ]
        triggers = [logged(), turns_the_years_of_its_contract()]

    def __str__(self) -> str:
        return f"{self.get_level_display()} from {self.days.lower}"


class CapOverride(models.Model):
    """E8: a binding agreement's own cap for an activity or a pool, on some days, at whatever level."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="overrides")
    activity = models.ForeignKey(Activity, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    pool_key = models.SlugField(max_length=40, blank=True)
    cap = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Leave empty for N/A or without limit.")
    unlimited = models.BooleanField("without limit", default=False)
    days = DateRangeField(null=True, blank=True, help_text="Empty: always.")
    document = models.CharField(max_length=200, help_text="The agreement that says so, with its section.")
    reason = models.TextField()
    agreed_at = models.DateTimeField()
    agreed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(activity__isnull=False, pool_key="") | (Q(activity__isnull=True) & ~Q(pool_key="")),
                name="override_is_for_an_activity_or_a_pool",
            ),
            models.CheckConstraint(
                condition=Q(unlimited=False) | Q(cap__isnull=True), name="override_is_a_number_or_without_limit"
            ),
            ExclusionConstraint(
                name="one_override_of_a_cap_on_a_day",
                expressions=[
                    ("contract", RangeOperators.EQUAL),
                    (models.functions.Coalesce("activity_id", "pool_key"), RangeOperators.EQUAL),
                    (models.functions.Coalesce("days", models.Value("(,)", output_field=DateRangeField())), "&&"),
                ],
                violation_error_message="Another override of this cap holds on some of these days.",
            ),
            paired("override", "agreed"),
        ]
        triggers = [logged(), turns_the_years_of_its_contract()]

    def __str__(self) -> str:
        return f"{self.activity_id or self.pool_key} of {self.contract}"

    def facts(self) -> caps.Override:
        return caps.Override(
            target=self.activity_id or self.pool_key,
            cap=self.effective_cap(),
            first=self.days.lower if self.days else None,
            last=self.days.upper - timedelta(days=1) if self.days and self.days.upper else None,
            reference=self.document,
            reason=self.reason,
            on_pool=bool(self.pool_key),
        )

    def effective_cap(self) -> caps.Cap:
        if self.unlimited:
            return caps.UNLIMITED
        return caps.NOT_AVAILABLE if self.cap is None else self.cap


LOOK_AT = Coalesce(
    F("remind_at"),
    models.Func(
        F("days"), template="(lower(%(expressions)s) - 1)::timestamp AT TIME ZONE 'UTC'", output_field=DateTimeField()
    ),
)
"""When a contract year is looked at next (T1): a new one from the day before it begins, in whatever zone that is."""


class ContractYearQuerySet(models.QuerySet["ContractYear"]):
    def of_day(self, day: date) -> ContractYearQuerySet:
        return self.filter(days__contains=day)

    def running(self, now: datetime) -> ContractYearQuerySet:
        """Not over at `now`, and of which somebody may have to be told (T1)."""
        return self.alias(look_at=LOOK_AT).filter(look_at__lte=now, ends_at__gt=now, closed_at__isnull=True)

    def over(self, now: datetime) -> ContractYearQuerySet:
        """E3: ended by `now`, and what was unused of them has not lapsed yet."""
        return self.filter(closed_at__isnull=True, ends_at__lte=now)


class ContractYear(models.Model):
    """E3: one year of a contract. Its row is the one lock under which its places are booked (E6)."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="years")
    n = models.PositiveSmallIntegerField("number")
    days = DateRangeField()
    ends_at = models.DateTimeField(
        help_text="The first instant after the year in the contract's zone. Never recomputed."
    )
    turn = models.PositiveIntegerField(
        default=0,
        db_default=0,
        editable=False,
        help_text="Raised when the contract's levels, caps or state change: what was read of them stands as long as the turn does.",
    )

    closed_at = models.DateTimeField(
        null=True, blank=True, help_text="Its end, once what was unused of it has lapsed in the ledger (E3)."
    )
    remind_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When to look next whether unused places have to be told of (T1); empty: once it begins.",
    )

    objects = ContractYearQuerySet.as_manager()

    class Meta:
        ordering = ["contract", "n"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "n"], name="one_year_of_a_number"),
            ExclusionConstraint(
                name="contract_years_do_not_overlap",
                expressions=[("contract", RangeOperators.EQUAL), ("days", RangeOperators.OVERLAPS)],
            ),
        ]
        indexes = [
            models.Index(fields=["ends_at", "id"], condition=Q(closed_at__isnull=True), name="years_not_closed"),
            models.Index(LOOK_AT, F("id"), condition=Q(closed_at__isnull=True), name="years_to_look_at"),
        ]
        triggers = [*logged_but_for("turn", "remind_at"), turns_with("days")]

    def __str__(self) -> str:
        return f"Year {self.n}: {self.days.lower} – {self.last_day}"

    @property
    def first_day(self) -> date:
        return self.days.lower

    @property
    def last_day(self) -> date:
        return self.days.upper - timedelta(days=1)

    def facts(self) -> YearOfTerm:
        return YearOfTerm(n=self.n, first=self.first_day, last=self.last_day)
