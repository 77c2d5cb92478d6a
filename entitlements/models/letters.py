from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q

from entitlements.models.customers import Customer
from entitlements.models.guards import logged, moves
from entitlements.models.people import User
from entitlements.wording import label_in_words


class LetterState(models.TextChoices):
    QUEUED = "queued", "To be sent"
    ACCEPTED = "accepted", "Accepted by the mail server"
    NO_LONGER_TRUE = "no_longer_true", "Not sent: no longer true"
    FAILED = "failed", "Could not be sent"


LETTER_MOVES: dict[str, tuple[str, ...]] = {
    LetterState.QUEUED: (LetterState.ACCEPTED, LetterState.NO_LONGER_TRUE, LetterState.FAILED),
    LetterState.FAILED: (LetterState.QUEUED,),
}


class LetterQuerySet(models.QuerySet["Letter"]):
    def due(self, now: datetime) -> LetterQuerySet:
        """To be sent by now, and in nobody's hands."""
        return self.filter(state=LetterState.QUEUED, due_at__lte=now)


class Letter(models.Model):
    """T2: a notice is a row, written in the transaction of what causes it; a worker sends it later.

    `key` (kind, matter, deadline, addressee) makes a second impossible. Text and HTML are rendered once, from the frozen
    context, at the first lease, and kept as sent.
    """

    kind = models.CharField(max_length=40)
    matter = models.CharField(max_length=40)
    deadline = models.DateTimeField(null=True, blank=True)
    addressee = models.EmailField()
    point = models.CharField(max_length=20, blank=True, help_text="Of a reminder: which point of its ladder (T1).")
    customer = models.ForeignKey(Customer, null=True, blank=True, on_delete=models.PROTECT, related_name="letters")
    person = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="letters")
    context = models.JSONField(help_text="Frozen with the cause; the templates see nothing else.")
    attachments = models.JSONField(default=list, blank=True, help_text="[name, type, text] each.")
    written_at = models.DateTimeField()
    state = models.CharField(max_length=16, choices=LetterState.choices, default=LetterState.QUEUED)
    urgent = models.BooleanField(default=False, help_text="States a deadline: sent before the others.")
    due_at = models.DateTimeField(help_text="Not to be sent before; moved on by a retry or a lease.")
    attempts = models.PositiveSmallIntegerField(default=0)
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    message_id = models.CharField(max_length=200, unique=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by_server = models.CharField(max_length=200, blank=True)
    handed_over_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was last given to the server; with no answer kept it may go twice."
    )
    may_have_gone_twice = models.BooleanField(default=False)
    last_error = models.TextField(blank=True)
    opened_at = models.DateTimeField(null=True, blank=True, help_text="First opened in the portal.")

    objects = LetterQuerySet.as_manager()

    class Meta:
        ordering = ["-written_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "matter", "deadline", "addressee", "point"],
                name="no_letter_is_written_twice",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(state="accepted", accepted_at__isnull=False)
                | (~Q(state="accepted") & Q(accepted_at__isnull=True)),
                name="an_accepted_letter_has_its_moment",
            ),
        ]
        indexes = [
            models.Index(fields=["-urgent", "due_at", "id"], condition=Q(state="queued"), name="letters_to_send"),
            models.Index(fields=["customer", "-written_at"], name="letters_of_a_customer"),
            models.Index(fields=["matter"], name="letters_of_a_matter"),
        ]
        triggers = [
            logged("context", "text", "html", "addressee", "attachments", "subject"),
            moves("state", LETTER_MOVES),
        ]

    def __str__(self) -> str:
        return f"{self.subject or label_in_words(self.kind)} to {self.addressee}"
