from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models

from entitlements.models import Contract
from entitlements.models.editions import Edition, constraints_of, triggers_of
from entitlements.models.guards import logged
from entitlements.models.worded import Worded
from entitlements.rules.days import local_day
from sla.models.terms_guards import enterprise_terms_end_by_two
from sla.rules.terms import EnterpriseTerms


@dataclass(frozen=True)
class Editions:
    """S1: the published editions, by the day from which each is valid, asked for once."""

    rows: tuple[TermsEdition, ...]

    @cached_property
    def facts(self) -> tuple[tuple[date, EnterpriseTerms], ...]:
        return tuple((one.valid_from, one.facts()) for one in self.rows)

    def in_force_on(self, day: date) -> TermsEdition:
        """The edition in force on a local day; before the first, the first."""
        return next((one for one in reversed(self.rows) if one.valid_from <= day), self.rows[0])

    def on(self, instant: datetime, contract: Contract) -> EnterpriseTerms:
        """The figures in force on the day of an instant, in the contract's zone; before the first edition, the first."""
        day = local_day(instant, contract.tz_at(instant))
        return next((one for valid_from, one in reversed(self.facts) if valid_from <= day), self.facts[0][1])


class TermsEditionQuerySet(models.QuerySet["TermsEdition"]):
    def published(self) -> TermsEditionQuerySet:
        return self.filter(published_at__isnull=False)


class TermsEditionManager(models.Manager.from_queryset(TermsEditionQuerySet)):  # type: ignore[misc]
    def by_day(self) -> Editions:
        """S1: all that are published. Raises DoesNotExist if none is."""
        editions = sorted(_PUBLISHED(), key=lambda edition: edition.valid_from)
        if not editions:
            raise TermsEdition.DoesNotExist("no edition of the Enterprise terms has been published (S1)")
        return Editions(tuple(editions))

    def in_force_on(self, day: date) -> TermsEdition:
        """S1: the published edition in force on a local day; before the first, the first."""
        return self.by_day().in_force_on(day)


class TermsEdition(Edition):
    """S1: the figures of the Enterprise terms, valid from a day; once published they never change."""

    stem = "terms"
    valid_from = models.DateField(unique=True, help_text="Judges what occurs on this local day or later (S1).")
    outage_minutes = models.PositiveSmallIntegerField(
        help_text="S2: from how many minutes on it is an Availability Outage."
    )
    outage_deduction_minutes = models.PositiveSmallIntegerField(help_text="S8: taken off an outage's remedy period.")
    delivery_limit_minutes = models.PositiveSmallIntegerField(help_text="S5: an alert is late after this many minutes.")
    maintenance_minutes_a_month = models.PositiveSmallIntegerField(help_text="S3: the month's allowance.")
    emergency_reason_hours = models.PositiveSmallIntegerField(help_text="S3: an emergency's reason is recorded within.")
    volume_multiple = models.PositiveSmallIntegerField(help_text="S7: times the median; more than this is excluded.")
    volume_months = models.PositiveSmallIntegerField(help_text="S7: how far back the median looks.")
    volume_quarter_minutes = models.PositiveSmallIntegerField(help_text="S7: the length of the periods compared.")
    rate_months = models.PositiveSmallIntegerField(help_text="S10: how far back the rate looks.")
    fee_months = models.PositiveSmallIntegerField(help_text="S11: the months that annual fees average over.")
    fee_multiple = models.PositiveSmallIntegerField(help_text="S11: times annual fees.")
    credit_cap = models.DecimalField(max_digits=14, decimal_places=2, help_text="S11: the cap.")
    credit_cap_currency = models.CharField(max_length=3)
    credit_cap_scope = models.CharField(max_length=40, help_text="S11: what the cap is for.")
    report_flag_hours = models.PositiveSmallIntegerField(help_text="S13: a report later than this is flagged.")
    claim_days = models.PositiveSmallIntegerField(help_text="S13: days to claim.")
    election_days = models.PositiveSmallIntegerField(help_text="S16: days to elect.")
    stay_reduction_percent = models.DecimalField(max_digits=9, decimal_places=6, help_text="S17: off the fee.")
    notice_business_days = models.PositiveSmallIntegerField(help_text="S15: ahead of planned maintenance.")
    deciding_logs = models.JSONField(help_text="S4: the log that decides, by channel.")

    objects = TermsEditionManager()

    class Meta(Edition.Meta):
        constraints = constraints_of("terms")
        triggers = triggers_of()

    @property
    def figures(self) -> dict[str, Any]:
        """Everything that the edition says, by the names of the rules; its own name aside."""
        return {name: getattr(self, name) for name in EnterpriseTerms.__dataclass_fields__ if name != "name"}

    def facts(self) -> EnterpriseTerms:
        """The figures as the rules read them."""
        return EnterpriseTerms(name=self.name, **self.figures)


_PUBLISHED = Worded(lambda: TermsEdition.objects.order_by().published())


class TermsPeriod(models.Model):
    """S1: which terms a contract is on, by days of its zone."""

    class Kind(models.TextChoices):
        ENTERPRISE = "enterprise", "Enterprise terms"
        STANDARD = "standard", "Standard terms"

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="terms_periods")
    terms = models.CharField(max_length=10, choices=Kind.choices)
    days = DateRangeField()

    class Meta:
        ordering = ["days"]
        constraints = [
            ExclusionConstraint(
                name="one_kind_of_terms_on_a_day",
                expressions=[("contract", RangeOperators.EQUAL), ("days", RangeOperators.OVERLAPS)],
            ),
        ]
        triggers = [logged(), enterprise_terms_end_by_two()]

    def __str__(self) -> str:
        return f"{self.get_terms_display()} from {self.days.lower}"
