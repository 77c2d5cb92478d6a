from __future__ import annotations

from datetime import date, time, timedelta

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from entitlements.models import User
from entitlements.models.guards import locked_once, logged
from entitlements.models.pairs import paired
from sla.rules.maintenance_notice import Window

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DAY = timedelta(days=1)


class NormalHoursQuerySet(models.QuerySet["NormalHours"]):
    def around(self, first: date, last: date) -> NormalHoursQuerySet:
        """Those that hold on one of these days of the vendor's zone, or on the day before: a window may go over midnight."""
        return self.filter(days__overlap=(first - _DAY, last + _DAY))


class NormalHours(models.Model):
    """S3, S15: a weekly window of the normal maintenance hours, by the vendor's clock, on the days for which it holds."""

    weekday = models.PositiveSmallIntegerField(choices=list(enumerate(WEEKDAYS)))
    begins = models.TimeField(help_text="By the vendor's clock.")
    ends = models.TimeField(help_text="Not after the beginning: on the next day.")
    days = DateRangeField(help_text="The days on which it may begin; without an end: until further notice.")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = NormalHoursQuerySet.as_manager()

    class Meta:
        ordering = ["weekday", "begins", "days"]
        verbose_name_plural = "normal maintenance hours"
        constraints = [
            ExclusionConstraint(
                name="normal_hours_hold_once_at_a_time",
                expressions=[
                    ("weekday", RangeOperators.EQUAL),
                    ("begins", RangeOperators.EQUAL),
                    ("ends", RangeOperators.EQUAL),
                    ("days", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="normal_hours_are_of_a_weekday"),
            models.CheckConstraint(
                condition=Q(days__isempty=False, days__lower_inf=False), name="normal_hours_have_a_first_day"
            ),
            paired("normalhours", "recorded"),
        ]
        triggers = [logged()]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()}, {self.begins:%H:%M} to {self.ends:%H:%M}"

    def opens_on(self, day: date) -> bool:
        """Whether the window opens on a day of the vendor's zone."""
        return (
            day.weekday() == self.weekday and day >= self.days.lower and (not self.days.upper or day < self.days.upper)
        )

    @property
    def last_day(self) -> date | None:
        """The last day on which it opens; None until further notice."""
        return self.days.upper and self.days.upper - _DAY

    def facts(self) -> Window:
        """The window as the rules read it."""
        return self.weekday, _since_midnight(self.begins), _since_midnight(self.ends)


def _since_midnight(clock: time) -> timedelta:
    return timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second, microseconds=clock.microsecond)


class VendorYear(models.Model):
    """S15: a year whose holidays are on record, with the vendor's days of the week without business in it."""

    year = models.PositiveSmallIntegerField(unique=True)
    weekend = ArrayField(models.PositiveSmallIntegerField(choices=list(enumerate(WEEKDAYS))))
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-year"]
        constraints = [
            models.CheckConstraint(
                condition=Q(weekend__contained_by=list(range(7))) & ~Q(weekend__contains=list(range(7))),
                name="a_vendors_week_has_a_business_day",
            ),
            paired("vendoryear", "recorded"),
        ]
        triggers = [logged()]

    def __str__(self) -> str:
        return str(self.year)

    @property
    def weekend_in_words(self) -> str:
        return ", ".join(WEEKDAYS[day] for day in self.weekend) or "none"


class VendorHoliday(models.Model):
    """S15: a day on which the vendor does no business."""

    year = models.ForeignKey(VendorYear, to_field="year", on_delete=models.PROTECT, related_name="holidays")
    day = models.DateField(unique=True)
    name = models.CharField(max_length=100)

    class Meta:
        ordering = ["day"]
        constraints = [
            models.CheckConstraint(condition=Q(day__year=models.F("year")), name="a_holiday_lies_in_its_year")
        ]
        triggers = [logged()]

    def __str__(self) -> str:
        return f"{self.name}, {self.day}"


class CalendarCheckQuerySet(models.QuerySet["CalendarCheck"]):
    def open(self) -> CalendarCheckQuerySet:
        return self.filter(checked_at__isnull=True)


class CalendarCheck(models.Model):
    """S3, S15: once a year somebody compares holidays, weekend and normal hours of a year with what is to hold in it. The clock asks for
    it in November of the year before; it is to be done before December begins."""

    year = models.PositiveSmallIntegerField(unique=True)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="The first instant of December of the year before, by the vendor's clock.")
    checked_at = models.DateTimeField(null=True, blank=True)
    checked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    compared_with = models.CharField(max_length=300, blank=True)

    objects = CalendarCheckQuerySet.as_manager()

    class Meta:
        ordering = ["-year"]
        constraints = [
            models.CheckConstraint(
                condition=Q(checked_at__isnull=True, compared_with="")
                | Q(checked_at__isnull=False) & ~Q(compared_with=""),
                name="a_checked_calendar_says_what_it_was_compared_with",
            ),
            paired("calendarcheck", "checked"),
        ]
        triggers = [logged(), locked_once("checked_at")]

    def __str__(self) -> str:
        return f"Calendar of {self.year}"
