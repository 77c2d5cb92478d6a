"""What is asked about a claim: the reviewer asks for more, the customer asks to look again (S19)."""

from __future__ import annotations

from datetime import datetime

import pgtrigger
from django.db import models
from django.db.models import F, Q

from entitlements.models import User
from entitlements.models.guards import locked_once, logged, only_changes
from entitlements.models.pairs import paired
from sla.models.claims import Claim
from sla.models.decisions import Proposal


class InformationRequestQuerySet(models.QuerySet["InformationRequest"]):
    def open(self) -> InformationRequestQuerySet:
        """Neither answered nor over."""
        return self.filter(answered_at__isnull=True, ended_at__isnull=True)

    def settled(self, now: datetime) -> InformationRequestQuerySet:
        """Answered, ended, or over at `now`, whether or not the sweep has come by."""
        return self.exclude(answered_at__isnull=True, ended_at__isnull=True, answer_by__gt=now)

    def over(self, by: datetime) -> InformationRequestQuerySet:
        """S19: open ones whose stored deadline is at or before `by`."""
        return self.open().filter(answer_by__lte=by)


def _ended_but_for_an_answer_in_time() -> list[pgtrigger.Trigger]:
    """T4: once over, a request stays so, but for what the clock has ended while an answer that came in time waited for the lock."""
    no_answer = "NEW.answered_at IS NULL OR NEW.ended_at IS NOT NULL"
    return [
        pgtrigger.Protect(
            name="locked_once_ended_at",
            operation=pgtrigger.Update,
            condition=pgtrigger.Condition(f"OLD.ended_at IS NOT NULL AND (OLD.ended_by_id IS NOT NULL OR {no_answer})"),
        ),
        pgtrigger.Protect(
            name="kept_once_ended",
            operation=pgtrigger.Delete,
            condition=pgtrigger.Q(old__ended_at__isnull=False),
        ),
    ]


class InformationRequest(models.Model):
    """S19: what a reviewer asks the customer for, until when, and what became of it. While it is open the claim waits for it."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="information_requests")
    asked_for = models.TextField(help_text="What is needed, in the words of the letter.")
    answer_by = models.DateTimeField(help_text="The first instant that is too late to answer. Never recomputed.")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(
        null=True, blank=True, help_text="It went unanswered: its deadline, however late the clock ran; or taken back."
    )
    ended_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="Empty: the clock."
    )
    remind_at = models.DateTimeField(null=True, blank=True, help_text="When the next reminder can be due.")

    objects = InformationRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            paired("information", "asked"),
            paired("information", "answered"),
            models.CheckConstraint(
                condition=Q(answer_by__gt=F("asked_at")), name="there_is_time_to_answer_what_is_asked"
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True) | (Q(answered_at__lt=F("answer_by")) & ~Q(answer="")),
                name="an_answer_has_words_and_comes_in_time",
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True) | Q(ended_at__isnull=True), name="answered_or_ended_not_both"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False)
                | Q(ended_at__isnull=False, ended_at=F("answer_by")),
                name="the_clock_ends_a_request_at_its_deadline",
            ),
            models.UniqueConstraint(
                fields=["claim"],
                condition=Q(answered_at__isnull=True, ended_at__isnull=True),
                name="one_request_for_information_is_open_for_a_claim",
            ),
        ]
        indexes = [
            models.Index(
                fields=["answer_by", "id"],
                condition=Q(answered_at__isnull=True, ended_at__isnull=True),
                name="requests_to_be_answered",
            ),
            models.Index(
                fields=["remind_at", "id"],
                condition=Q(answered_at__isnull=True, ended_at__isnull=True),
                name="requests_to_remind_of",
            ),
        ]
        triggers = [
            logged("asked_for", "answer"),
            locked_once("answered_at"),
            *_ended_but_for_an_answer_in_time(),
            only_changes("answer", "answered_at", "answered_by", "ended_at", "ended_by", "remind_at"),
        ]

    def __str__(self) -> str:
        return f"Request of {self.asked_at:%Y-%m-%d} about {self.claim}"


class SecondLook(models.Model):
    """S19: the customer asks to look again at a denied or covered claim, once for a decision; a reviewer reopens it, or says why not."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="second_looks")
    decision = models.OneToOneField(
        Proposal, null=True, on_delete=models.PROTECT, related_name="second_look", help_text="None of a covered claim."
    )
    reason = models.TextField(help_text="What the decision leaves out or has wrong, in the customer's words.")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reopened = models.BooleanField(null=True, help_text="Empty while it waits.")
    answer = models.TextField(blank=True, help_text="For the customer: why it is reopened, or why not.")
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            paired("second_look", "asked"),
            paired("second_look", "settled"),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, reopened__isnull=True)
                | (Q(settled_at__isnull=False, reopened__isnull=False) & ~Q(answer="")),
                name="a_second_look_is_settled_with_a_reason",
            ),
        ]
        triggers = [
            logged("reason", "answer"),
            locked_once("settled_at"),
            only_changes("reopened", "answer", "settled_at", "settled_by"),
        ]

    def __str__(self) -> str:
        return f"Second look at {self.claim}"
