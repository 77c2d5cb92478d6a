from __future__ import annotations

from django.db import models
from django.db.models import Q

from entitlements.models.guards import append_only, locked_once, logged, only_changes
from entitlements.models.pairs import paired
from entitlements.models.people import User


class SweepRun(models.Model):
    """One turn of the clock: who rang, what it did, how late it was, what it left, and whether the clocks agreed (T3)."""

    class Bell(models.TextChoices):
        BEAT = "beat", "Celery beat"
        COMMAND = "command", "manage.py sweep"

    rung_by = models.CharField(
        "rung by", max_length=10, choices=Bell.choices, default=Bell.COMMAND, db_default="command"
    )
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    as_of = models.DateTimeField(help_text="The instant it acted for; in the demo it may lie ahead.")
    clock_offset_ms = models.IntegerField(help_text="The application's clock minus the database's.")
    done = models.JSONField(default=dict, help_text="How many of each kind.")
    left = models.JSONField(
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        help_text="How many of each kind were still due when its time was up; the next turn goes on.",
    )
    latest_by_seconds = models.PositiveIntegerField(default=0, help_text="How late the latest of them was.")
    alarm = models.TextField(blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"sweep {self.pk}"


class Standstill(models.Model):
    """T4: a time at which the product itself did not work, as its own clock has it on record. Half open: [began, ended)."""

    class What(models.TextChoices):
        CLOCK = "clock", "The clock stood still"
        PAGES = "pages", "The pages did not answer"

    what = models.CharField("what stood still", max_length=5, choices=What.choices)
    began_at = models.DateTimeField("from", help_text="The last moment at which it is known to have worked.")
    ended_at = models.DateTimeField("until", null=True, blank=True, help_text="Empty: it stands still.")
    windows_ended = models.PositiveIntegerField(default=0, help_text="How many windows ended in this time.")

    class Meta:
        ordering = ["-began_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["what", "began_at"], name="a_standstill_is_on_record_once"),
            models.UniqueConstraint(
                fields=["what"], condition=Q(ended_at__isnull=True), name="one_standstill_of_a_kind_lasts"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gt=models.F("began_at")),
                name="a_standstill_ends_after_it_began",
            ),
        ]
        triggers = [locked_once("ended_at"), only_changes("ended_at", "windows_ended")]

    def __str__(self) -> str:
        return f"{self.get_what_display()} at {self.began_at:%Y-%m-%d %H:%M} UTC"


class Reconciliation(models.Model):
    """T3: what the clock did, worked out anew once a day from what is on record: how much was compared, and what differs."""

    day = models.DateField(unique=True, help_text="Of UTC.")
    done_at = models.DateTimeField()
    since = models.DateTimeField(help_text="Deadlines from here on were compared, and whatever is open.")
    compared = models.JSONField(default=dict, help_text="How many of each kind.")
    differing = models.PositiveIntegerField(default=0)
    differences = models.JSONField(default=list, help_text="The first of them: the matter, and what differs.")

    class Meta:
        verbose_name = "comparison"
        ordering = ["-day"]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"Comparison of {self.day}"


class QuarantineQuerySet(models.QuerySet["Quarantine"]):
    def standing(self) -> QuarantineQuerySet:
        return self.filter(ended_at__isnull=True)


class Quarantine(models.Model):
    """P19: one thing that the clock could not do. It is left alone until `try_again_at`, while everything else goes on.

    Each failure makes the pause longer; a manager can end it. It has ended once the thing was done, or was due no more.
    """

    job = models.CharField(max_length=40, help_text="What the clock was to do.")
    row = models.BigIntegerField(help_text="The key of the row that it was to be done to.")
    matter = models.CharField(max_length=60, help_text="Its reference, or what else it is called.")
    first_seen_at = models.DateTimeField("failed first")
    last_seen_at = models.DateTimeField("failed last")
    tries = models.PositiveIntegerField(default=1)
    error = models.TextField()
    try_again_at = models.DateTimeField("tried again")
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    release_reason = models.TextField("why it was released", blank=True)
    ended_at = models.DateTimeField("over", null=True, blank=True)

    objects = QuarantineQuerySet.as_manager()

    class Meta:
        ordering = ["-last_seen_at", "-id"]
        verbose_name = "matter in quarantine"
        verbose_name_plural = "matters in quarantine"
        constraints = [
            models.UniqueConstraint(
                fields=["job", "row"], condition=Q(ended_at__isnull=True), name="nothing_is_in_quarantine_twice"
            ),
            paired("quarantine", "released"),
        ]
        triggers = [logged("error")]

    def __str__(self) -> str:
        return f"{self.matter}: {self.job}"
