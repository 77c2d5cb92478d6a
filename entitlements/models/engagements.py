from __future__ import annotations

import uuid
from datetime import datetime

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from entitlements.models.catalogue import Activity
from entitlements.models.contracts import Contract, ContractYear
from entitlements.models.engineers import Engineer
from entitlements.models.guards import logged, logged_together, moves
from entitlements.models.pairs import paired
from entitlements.models.people import User
from entitlements.rules import caps


class EngagementState(models.TextChoices):
    REQUESTED = "requested", "Requested"
    SCHEDULED = "scheduled", "Scheduled"
    DELIVERED = "delivered", "Delivered"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"
    CANCELLED = "cancelled", "Cancelled"
    NO_SHOW = "no_show", "No-show"
    LAPSED = "lapsed", "Lapsed"


ENGAGEMENT_MOVES: dict[str, tuple[str, ...]] = {
    EngagementState.REQUESTED: (
        EngagementState.SCHEDULED,
        EngagementState.DECLINED,
        EngagementState.WITHDRAWN,
        EngagementState.CANCELLED,
        EngagementState.LAPSED,
    ),
    EngagementState.SCHEDULED: (EngagementState.DELIVERED, EngagementState.CANCELLED, EngagementState.NO_SHOW),
    EngagementState.NO_SHOW: (EngagementState.SCHEDULED,),
}


class Use(models.TextChoices):
    """E5: as what an engagement stands on the card of its year."""

    DELIVERED = "delivered", "As delivered"
    HELD = "held", "As held"
    KEPT = "kept", "Although it ended otherwise"
    NOT = "not", "Not"


class EngagementQuerySet(models.QuerySet["Engagement"]):
    def waiting(self) -> EngagementQuerySet:
        return self.filter(state=EngagementState.REQUESTED)

    def counting(self, use: Use) -> EngagementQuerySet:
        """E5: those that count so in their year, as the ledger adds up."""
        entered = self.annotate(places=models.Sum("usage__places"))
        if use == Use.NOT:
            return entered.filter(places=0)
        counted, held = entered.filter(places=1), [EngagementState.REQUESTED, EngagementState.SCHEDULED]
        if use == Use.HELD:
            return counted.filter(state__in=held)
        if use == Use.DELIVERED:
            return counted.filter(state=EngagementState.DELIVERED)
        return counted.exclude(state__in=[*held, EngagementState.DELIVERED])


class Engagement(models.Model):
    """E5: one engagement, which counts in the contract year of its day from the request on."""

    class Side(models.TextChoices):
        CUSTOMER = "customer", "Customer"
        VENDOR = "vendor", "Vendor"

    reference = models.CharField(max_length=20, unique=True)
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="engagements")
    year = models.ForeignKey(ContractYear, on_delete=models.PROTECT, related_name="engagements")
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=EngagementState.choices, default=EngagementState.REQUESTED)
    day = models.DateField(help_text="The local date of the first session, or the wished day while none is scheduled.")
    wished_day = models.DateField()
    wished_start = models.DateTimeField(null=True, blank=True, help_text="The instant wished for, if one was.")
    preparation = models.JSONField(
        null=True, blank=True, help_text="E12: what was answered to each thing to bring: yes, not yet, not sure."
    )
    topic = models.TextField(blank=True)
    ps_reference = models.CharField(
        "Professional Services agreement", max_length=60, blank=True, help_text="With one, no place is counted (E7)."
    )
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    advice_accepted_at = models.DateTimeField()
    advice_accepted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    advice_wording = models.TextField(help_text="E11: the wording that was accepted.")
    preparation_confirmed_at = models.DateTimeField()
    preparation_confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decline_reason = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    ended_side = models.CharField(max_length=8, choices=Side.choices, blank=True)
    end_reason = models.TextField(blank=True)
    counted_at = models.DateTimeField(null=True, blank=True)
    counted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    count_reason = models.TextField(blank=True, help_text="Why a no-show is counted all the same (E5).")
    given_back_at = models.DateTimeField(null=True, blank=True)
    given_back_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    give_back_reason = models.TextField(blank=True, help_text="Why its place was given back all the same (E5).")
    finished_by = models.ForeignKey(
        Engineer,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Who finishes it once whoever had its last session has left (E15).",
    )
    first_session_held_at = models.DateTimeField(null=True, blank=True)
    form_key = models.UUIDField(
        default=uuid.uuid4,
        unique=True,
        editable=False,
        help_text="Of the form that asked: sent twice, it asks once (X9).",
    )

    objects = EngagementQuerySet.as_manager()

    class Meta:
        ordering = ["-day", "-id"]
        indexes = [
            models.Index(fields=["contract", "day"], name="engagements_of_a_contract"),
            models.Index(fields=["day"], condition=Q(state="requested"), name="requests_waiting"),
        ]
        constraints = [
            paired("engagement", "requested"),
            paired("engagement", "advice_accepted"),
            paired("engagement", "preparation_confirmed"),
            paired("engagement", "decided"),
            paired("engagement", "ended"),
            paired("engagement", "counted"),
            paired("engagement", "given_back"),
            models.CheckConstraint(
                condition=~Q(state="declined") | ~Q(decline_reason=""), name="a_declined_request_says_why"
            ),
            models.CheckConstraint(
                condition=Q(given_back_at__isnull=True) | ~Q(give_back_reason=""), name="a_place_given_back_says_why"
            ),
        ]
        triggers = [*logged_together("topic"), moves("state", ENGAGEMENT_MOVES)]

    def __str__(self) -> str:
        return f"{self.reference} {self.activity_id}"

    def facts(self) -> caps.EngagementFacts:
        """The engagement as the booking rules read it (E5)."""
        return caps.EngagementFacts(
            id=str(self.pk),
            activity=self.activity_id,
            day=self.day,
            state=self.state,
            cancelled_by=self.ended_side or None,
            counted_by_manager=self.counted_at is not None,
            first_session_held=self.first_session_held_at is not None,
            ps_reference=self.ps_reference or None,
            given_back=self.given_back_at is not None,
        )

    @property
    def counts(self) -> bool:
        """E5: whether it holds a place of its contract year."""
        return self.facts().counts()

    @property
    def came_to_nothing(self) -> bool:
        """It ended before it was delivered, whoever ended it."""
        return self.state not in (EngagementState.REQUESTED, EngagementState.SCHEDULED, EngagementState.DELIVERED)


class BookedSessionQuerySet(models.QuerySet["BookedSession"]):
    def without_moved(self) -> BookedSessionQuerySet:
        """Each part as it was booked last; what a move or another engineer took the place of is left out."""
        return self.order_by("part", "-pk").distinct("part")

    def ahead(self, now: datetime) -> BookedSessionQuerySet:
        """Booked, and not begun."""
        return self.filter(released_at__isnull=True, during__startswith__gt=now)

    def to_be_told_of(self, now: datetime) -> BookedSessionQuerySet:
        """T1: the day before has come, and nobody was told. What a suspension holds (E14) is not told of."""
        return self.ahead(now).filter(remind_at__lte=now, engagement__contract__status=Contract.Status.ACTIVE)

    def begun_untold(self, now: datetime) -> BookedSessionQuerySet:
        """T1: it has begun, and nobody was told the day before."""
        return self.filter(released_at__isnull=True, remind_at__lte=now, during__startswith__lte=now)


class BookedSession(models.Model):
    """E15: one session of an engagement in an engineer's time.

    Nobody is booked twice at one time, nor outside working hours or on leave: the database refuses, whoever books.
    """

    engagement = models.ForeignKey(Engagement, on_delete=models.PROTECT, related_name="sessions")
    part = models.PositiveSmallIntegerField(default=1)
    engineer = models.ForeignKey(Engineer, on_delete=models.PROTECT, related_name="sessions")
    during = DateTimeRangeField()
    meet_at = models.CharField(
        "where to meet", max_length=300, blank=True, help_text="A link to the call, or a room. Empty: not said yet."
    )
    released_at = models.DateTimeField(null=True, blank=True, help_text="Set when the time is free again.")
    held_at = models.DateTimeField(null=True, blank=True)
    calendar_uid = models.CharField(max_length=80)
    calendar_sequence = models.PositiveSmallIntegerField(default=0)
    remind_at = models.DateTimeField(
        null=True, blank=True, help_text="When the day before it is told of (T1); empty: not, or not any more."
    )

    objects = BookedSessionQuerySet.as_manager()

    class Meta:
        ordering = ["during"]
        constraints = [
            ExclusionConstraint(
                name="no_engineer_is_booked_twice_at_one_time",
                expressions=[("engineer", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(released_at__isnull=True),
                violation_error_message="This engineer is already booked at that time.",
            ),
            models.UniqueConstraint(
                fields=["engagement", "part"],
                condition=Q(released_at__isnull=True),
                name="one_live_session_for_a_part",
            ),
        ]
        indexes = [
            models.Index(
                fields=["remind_at", "id"],
                condition=Q(released_at__isnull=True, remind_at__isnull=False),
                name="sessions_to_be_told_of",
            ),
        ]
        triggers = [
            logged(),
            pgtrigger.Trigger(
                name="in_working_hours_and_not_on_leave",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("engineer_id", "during", "released_at"),
                condition=pgtrigger.Q(new__released_at__isnull=True),
                func="""
                    IF TG_OP = 'INSERT' OR (OLD.engineer_id, OLD.during, OLD.released_at)
                        IS DISTINCT FROM (NEW.engineer_id, NEW.during, NEW.released_at)
                    THEN PERFORM refuse_session_off_work(NEW.engineer_id, NEW.during); END IF;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.engagement.reference} part {self.part}"
