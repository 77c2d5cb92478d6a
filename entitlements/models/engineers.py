from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, DateTimeRangeField, IntegerRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from entitlements.models.catalogue import Activity
from entitlements.models.contracts import check_zone
from entitlements.models.guards import ALL_WRITES, logged
from entitlements.models.pairs import paired
from entitlements.models.people import User
from entitlements.rules.days import local_day
from entitlements.rules.free_slots import MINUTES_OF_A_DAY, Hours
from entitlements.rules.spans import Span


def sessions_stay_in_time(operation: pgtrigger.Operation, engineer: str) -> pgtrigger.Trigger:
    """E15: at the end of the transaction every session that is booked with the engineer still lies in working hours."""
    return pgtrigger.Trigger(
        name="sessions_stay_in_time",
        when=pgtrigger.After,
        operation=operation,
        timing=pgtrigger.Deferred,
        func=f"PERFORM refuse_sessions_out_of_hours({engineer}); RETURN NULL;",
    )


class EngineerQuerySet(models.QuerySet["Engineer"]):
    def taking(self) -> EngineerQuerySet:
        """E15: who take engagements: not whoever leaves the firm without somebody who finishes what comes of them."""
        return self.filter(is_active=True).exclude(leaves_at__isnull=False, successor__isnull=True)


class Engineer(models.Model):
    """A Customer Success Engineer: what they can do, and the zone by whose clock they work (E15)."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="engineer")
    zone = models.CharField(
        max_length=60,
        validators=[check_zone],
        help_text="Their working hours are times of its clock. Example: Asia/Tokyo.",
    )
    skills = models.ManyToManyField(
        Activity, blank=True, related_name="engineers", help_text="The activities that they can be booked for (E15)."
    )
    is_active = models.BooleanField("takes engagements", default=True)
    leaves_at = models.DateTimeField(
        "leaves the firm", null=True, blank=True, help_text="The first instant after the last day, in their zone."
    )
    successor = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Who finishes, after the last day, what is left.",
    )

    objects = EngineerQuerySet.as_manager()

    class Meta:
        ordering = ["user__name"]
        verbose_name = "CSE"
        indexes = [
            models.Index(fields=["leaves_at", "id"], condition=Q(leaves_at__isnull=False), name="engineers_who_leave"),
        ]
        triggers = [logged(), sessions_stay_in_time(pgtrigger.UpdateOf("zone"), "NEW.id")]

    def __str__(self) -> str:
        return self.user.name

    @property
    def matter(self) -> str:
        """What the event log calls them."""
        return f"CSE {self.pk}"

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @property
    def last_day(self) -> date | None:
        """The last day in the firm, where one is known."""
        return self.leaves_at and local_day(self.leaves_at - timedelta(microseconds=1), self.tz)


class WorkingHours(models.Model):
    """E15: on these days, on this weekday, an engineer works between two minutes of the day, by the clock of their own zone."""

    class Weekday(models.IntegerChoices):
        MONDAY = 0, "Monday"
        TUESDAY = 1, "Tuesday"
        WEDNESDAY = 2, "Wednesday"
        THURSDAY = 3, "Thursday"
        FRIDAY = 4, "Friday"
        SATURDAY = 5, "Saturday"
        SUNDAY = 6, "Sunday"

    engineer = models.ForeignKey(Engineer, on_delete=models.PROTECT, related_name="hours")
    days = DateRangeField(help_text="From the first day on; without an end: until further notice.")
    weekday = models.PositiveSmallIntegerField(choices=Weekday.choices)
    minutes = IntegerRangeField(help_text="Minutes since midnight, the first to the one after the last.")

    class Meta:
        ordering = ["days", "weekday", "minutes"]
        verbose_name_plural = "working hours"
        constraints = [
            ExclusionConstraint(
                name="no_working_hours_twice_at_one_time",
                expressions=[
                    ("engineer", RangeOperators.EQUAL),
                    ("weekday", RangeOperators.EQUAL),
                    ("days", RangeOperators.OVERLAPS),
                    ("minutes", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=Q(minutes__contained_by=(0, MINUTES_OF_A_DAY), minutes__isempty=False)
                & Q(minutes__lower_inf=False, minutes__upper_inf=False),
                name="working_hours_lie_within_a_day",
            ),
            models.CheckConstraint(
                condition=Q(days__isempty=False, days__lower_inf=False), name="working_hours_have_a_first_day"
            ),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="a_week_has_seven_days"),
        ]
        triggers = [logged(), sessions_stay_in_time(ALL_WRITES, "coalesce(NEW.engineer_id, OLD.engineer_id)")]

    def __str__(self) -> str:
        return f"{self.engineer}, {self.get_weekday_display()}"

    def facts(self) -> Hours:
        """The hours as the rules read them."""
        return Hours(self.weekday, self.minutes.lower, self.minutes.upper, self.days.lower, self.last_day)

    @property
    def last_day(self) -> date | None:
        """The last of their days; None until further notice."""
        return self.days.upper and self.days.upper - timedelta(days=1)


class LeaveQuerySet(models.QuerySet["Leave"]):
    def standing(self) -> LeaveQuerySet:
        """Those that were not taken back."""
        return self.filter(taken_back_at__isnull=True)


class Leave(models.Model):
    """E15: a time in which an engineer is not there, with who stands in. Taken back, it stays on record."""

    engineer = models.ForeignKey(Engineer, on_delete=models.PROTECT, related_name="leaves")
    during = DateTimeRangeField()
    reason = models.CharField(max_length=200, help_text="Only the desk reads it. Example: annual leave.")
    stand_in = models.ForeignKey(
        Engineer, null=True, blank=True, on_delete=models.PROTECT, related_name="stands_in", help_text="Who takes over."
    )
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    taken_back_at = models.DateTimeField(null=True, blank=True)
    taken_back_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = LeaveQuerySet.as_manager()

    class Meta:
        ordering = ["during"]
        constraints = [
            ExclusionConstraint(
                name="no_engineer_is_on_leave_twice_at_one_time",
                expressions=[("engineer", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(taken_back_at__isnull=True),
                violation_error_message="This engineer is on leave in that time already.",
            ),
            models.CheckConstraint(
                condition=Q(during__isempty=False, during__lower_inf=False, during__upper_inf=False),
                name="a_leave_begins_and_ends",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="a_leave_says_why"),
            models.CheckConstraint(condition=~Q(stand_in=F("engineer")), name="nobody_stands_in_for_themselves"),
            paired("leave", "entered"),
            paired("leave", "taken_back"),
        ]
        triggers = [
            logged("reason"),
            pgtrigger.Trigger(
                name="no_leave_over_sessions",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition=pgtrigger.Q(new__taken_back_at__isnull=True),
                func="PERFORM refuse_leave_over_sessions(NEW.engineer_id, NEW.during); RETURN NULL;",
            ),
        ]

    def __str__(self) -> str:
        return f"Leave of {self.engineer}"

    @property
    def span(self) -> Span:
        return Span(self.during.lower, self.during.upper)


class CalendarFeed(models.Model):
    """The private address at which a calendar program reads an engineer's sessions. Whoever has it may read, so it is kept hashed."""

    engineer = models.ForeignKey(Engineer, on_delete=models.PROTECT, related_name="feeds")
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["engineer"], condition=Q(ended_at__isnull=True), name="one_live_feed_for_an_engineer"
            ),
            paired("calendarfeed", "made"),
        ]
        triggers = [logged("token_hash")]

    def __str__(self) -> str:
        return f"Calendar feed of {self.engineer}"
