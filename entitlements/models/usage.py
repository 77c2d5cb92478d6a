from __future__ import annotations

from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.db import models
from django.db.models import Q

from entitlements.models.catalogue import Activity
from entitlements.models.contracts import Contract, ContractYear
from entitlements.models.engagements import Engagement
from entitlements.models.guards import append_only
from entitlements.models.people import User

_CORRECTED = Q(unused__lt=0, by__isnull=False)


class UsageEntry(models.Model):
    """One line of the usage ledger: a place taken, kept, given back. Lines are added, never changed; the sum is what is used.

    What lapses unused at the end of a year (E3) has a line that belongs to no engagement and changes no sum; whoever changes
    afterwards what counts in that year adds another, by which it is corrected.
    """

    class Kind(models.TextChoices):
        HOLD = "hold", "Held"
        DELIVERY = "delivery", "Delivered"
        RELEASE = "release", "Given back"
        COUNT = "count", "Counted by the manager"
        GIVE_BACK = "give_back", "Given back by the manager"
        SCHEDULE = "schedule", "Scheduled"
        MOVE = "move", "Moved"
        LAPSE = "lapse", "Lapsed"
        UNUSED = "unused", "Lapsed unused"

    year = models.ForeignKey(ContractYear, on_delete=models.PROTECT, related_name="usage")
    engagement = models.ForeignKey(Engagement, null=True, blank=True, on_delete=models.PROTECT, related_name="usage")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    places = models.SmallIntegerField(help_text="+1 takes a place of the year, −1 gives it back, 0 only notes.")
    day = models.DateField(help_text="The engagement's day when this was written.")
    happened_at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(blank=True)
    target = models.SlugField(
        max_length=40,
        blank=True,
        default="",
        db_default="",
        help_text="Of what lapsed unused: the activity or the pool.",
    )
    unused = models.SmallIntegerField(
        null=True, blank=True, help_text="How many places of it lapsed (E3); less than 0: as many did not after all."
    )
    recorded_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "usage entries"
        constraints = [
            models.CheckConstraint(condition=Q(places__in=[-1, 0, 1]), name="an_entry_moves_at_most_one_place"),
            models.CheckConstraint(
                condition=Q(engagement__isnull=False, target="", unused__isnull=True)
                | (
                    Q(engagement__isnull=True, kind="unused", places=0) & (Q(unused__gt=0) | _CORRECTED) & ~Q(target="")
                ),
                name="an_entry_is_of_an_engagement_or_of_what_lapsed_unused",
            ),
            models.UniqueConstraint(
                fields=["year", "target"],
                condition=Q(kind="unused", by__isnull=True),
                name="what_is_unused_lapses_once",
            ),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.places:+d}"

    @property
    def places_in_words(self) -> str:
        """'+1', '−1', '0'."""
        return f"{self.places:+d}".replace("-", "\N{MINUS SIGN}") if self.places else "0"

    @property
    def change_in_words(self) -> str:
        return {1: "one place taken", -1: "one place given back"}.get(self.places, "no place moves")

    @staticmethod
    def used_in(year: ContractYear, activity_ids: list[str] | None = None) -> int:
        """The places used in a year, as the ledger adds up."""
        entries = UsageEntry.objects.filter(year=year)
        if activity_ids is not None:
            entries = entries.filter(engagement__activity__in=activity_ids)
        return entries.aggregate(used=models.Sum("places", default=0))["used"]


class PlainRoom(models.Model):
    """E6: how many places an activity plainly has, whatever day of `days` is wished for, as `plain_room` worked it out once.

    A request keeps it for those that come after. It stands as long as the year's turn does, which the database raises with
    whatever decides a cap; a room of an earlier turn is not looked at.
    """

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="+", db_index=False)
    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="+", db_index=False)
    days = DateRangeField()
    year = models.ForeignKey(ContractYear, on_delete=models.CASCADE, related_name="+")
    turn = models.PositiveIntegerField(help_text="The year's when it was worked out.")
    activities = ArrayField(models.SlugField(max_length=40), help_text="Those that share the places.")
    places = models.SmallIntegerField(null=True, help_text="Empty: without limit.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "activity", "days"], name="one_plain_room_of_an_activity_on_its_days"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.places} of {self.activity_id}"
