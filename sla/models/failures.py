from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q

from entitlements.models import Contract, User
from entitlements.models.guards import logged_together, moves
from entitlements.models.light import ReadInPart
from entitlements.models.pairs import paired
from sla.models.guards import under_no_merged_cause
from sla.models.outages import Cause, Outage
from sla.rules.claim_window import Told, closes_at
from sla.rules.exclusions import Side
from sla.rules.stated import Stated
from sla.rules.terms import EnterpriseTerms


class FailureState(models.TextChoices):
    REPORTED = "reported", "Reported"
    CLAIMED = "claimed", "Claim begun"
    CLOSED = "closed", "Closed: not claimed in time"
    WITHDRAWN = "withdrawn", "Withdrawn"


FAILURE_MOVES: dict[str, tuple[str, ...]] = {
    FailureState.REPORTED: (FailureState.CLAIMED, FailureState.CLOSED, FailureState.WITHDRAWN),
    FailureState.CLAIMED: (FailureState.REPORTED, FailureState.CLOSED),
    # Its draft was received in time after all (S13), or its window was made longer after a standstill of ours (T4).
    FailureState.CLOSED: (FailureState.CLAIMED, FailureState.REPORTED),
}


class FailureQuerySet(models.QuerySet["Failure"]):
    def open(self) -> FailureQuerySet:
        """Reported and not claimed: the window runs."""
        return self.filter(state=FailureState.REPORTED)

    def window_ended(self, by: datetime) -> FailureQuerySet:
        """S13: open ones whose stored deadline is at or before `by`."""
        return self.open().filter(closes_at__lte=by)

    def light(self) -> FailureQuerySet:
        """With customer and contract, and of all three only what the clock reads when it works on many at once."""
        of_contract = ("contract__zone", "contract__currency", "contract__customer__name")
        read = ("reference", "state", "closes_at", "remind_at", "reported_by_id")
        return self.select_related("contract__customer").only(*read, *of_contract)


class Failure(ReadInPart):
    """S5, S13: a Delivery Failure as reported: what the customer stated, the receipt of the report, when it occurred,
    and the stored end of its claim window."""

    class Kind(models.TextChoices):
        OUTAGE = "A", "The service was not available"
        ALERT = "B", "An alert came late or not at all"

    class Channel(models.TextChoices):
        PHONE = "phone", "Phone call"
        PUSH = "push", "Push notification"
        SMS = "sms", "SMS"
        EMAIL = "email", "E-mail"

    reference = models.CharField(max_length=20, unique=True)
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="failures")
    kind = models.CharField(max_length=1, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=FailureState.choices, default=FailureState.REPORTED)
    began_at = models.DateTimeField(help_text="As the customer stated it; approximate is enough.")
    ended_at = models.DateTimeField(null=True, blank=True, help_text="Empty: still going on, or not known.")
    description = models.TextField(blank=True)
    incident = models.CharField(max_length=100, blank=True, help_text="Number of the incident or event, for an alert.")
    channel = models.CharField(max_length=8, choices=Channel.choices, blank=True)
    responder_country = models.CharField(max_length=60, blank=True)
    configured_delay_minutes = models.PositiveIntegerField(default=0)
    reported_at = models.DateTimeField(help_text="Receipt by the database's clock; nobody can set it.")
    reported_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reported_late = models.BooleanField(default=False, help_text="More than 24 hours after it occurred: flagged only.")
    found_by_us = models.BooleanField(default=False, help_text="Put on record by a published outage, not reported.")
    occurred_at = models.DateTimeField(help_text="S5: when it became a failure; from our logs where they know it.")
    closes_at = models.DateTimeField(help_text="S13: the first instant that is too late to claim. Never recomputed.")
    remind_at = models.DateTimeField(null=True, blank=True, help_text="T1: when the next reminder can be due.")
    closed_at = models.DateTimeField(null=True, blank=True)
    told_times = models.PositiveSmallIntegerField(
        default=0, help_text="How often the customer was written to about it by our logs."
    )
    told_remedy = models.DurationField(null=True, blank=True, help_text="S8: as last told so; empty: it lasted then.")
    outage = models.ForeignKey(Outage, null=True, blank=True, on_delete=models.PROTECT, related_name="failures")
    cause = models.ForeignKey(Cause, null=True, blank=True, on_delete=models.PROTECT, related_name="failures")

    form_key = models.UUIDField(
        default=uuid.uuid4,
        unique=True,
        editable=False,
        help_text="Of the form that reported: sent twice, it reports once (X9).",
    )

    objects = FailureQuerySet.as_manager()

    class Meta:
        ordering = ["-began_at", "-id"]
        constraints = [
            paired("failure", "reported"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gt=models.F("began_at")),
                name="a_failure_ends_after_it_began",
            ),
            models.UniqueConstraint(
                fields=["outage", "contract", "occurred_at"],
                condition=Q(found_by_us=True),
                name="a_piece_of_an_outage_is_put_on_record_once",
            ),
            models.CheckConstraint(
                condition=Q(told_times__gt=0) | Q(told_remedy__isnull=True), name="what_was_told_was_written"
            ),
            models.CheckConstraint(
                condition=Q(closes_at__gt=models.F("occurred_at")), name="a_claim_window_ends_after_the_occurrence"
            ),
        ]
        indexes = [
            models.Index(fields=["-began_at", "-id"], name="failures_the_newest_first"),
            models.Index(fields=["closes_at", "id"], condition=Q(state="reported"), name="claim_windows_running"),
            models.Index(
                fields=["remind_at", "id"],
                condition=Q(state="reported", remind_at__isnull=False),
                name="failures_to_remind_of",
            ),
        ]
        triggers = [*logged_together("description"), moves("state", FAILURE_MOVES), under_no_merged_cause()]

    def __str__(self) -> str:
        return self.reference

    def stated(self) -> Stated:
        """S5: what the customer states, as the rules read it."""
        side = Side.AVAILABILITY if self.kind == self.Kind.OUTAGE else Side.DELIVERY
        delay = timedelta(minutes=self.configured_delay_minutes)
        return Stated(side=side, began=self.began_at, ended=self.ended_at, delay=delay)

    def told(self, terms: EnterpriseTerms) -> Told:
        """S13: until when a claim for it can be made as the customer was told, by the terms of its occurrence."""
        own = closes_at(self.occurred_at, self.contract.tz_at(self.occurred_at), terms)
        return Told(self.occurred_at, own, self.closes_at)
