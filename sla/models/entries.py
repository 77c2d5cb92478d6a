"""What reached the vendor outside the portal: entered by one of the staff, confirmed by another (S13)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from entitlements.models import Contract, User
from entitlements.models.guards import locked_once, logged, only_changes
from entitlements.models.pairs import paired
from sla.models.claims import Claim
from sla.models.failures import Failure
from sla.models.guards import confirmed_by_who_may


class Entry(models.Model):
    """S13: a report or a claim as it came by letter, e-mail or telephone. Until a second person confirms it, it is nothing; then it
    counts as received at its recorded arrival."""

    class What(models.TextChoices):
        REPORT = "report", "A report of a failure"
        CLAIM = "claim", "A claim, with what was lost"

    class Way(models.TextChoices):
        LETTER = "letter", "By letter"
        EMAIL = "email", "By e-mail"
        CALL = "call", "By telephone"

    reference = models.CharField(max_length=20, unique=True)
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="entries")
    what = models.CharField(max_length=6, choices=What.choices)
    way = models.CharField(max_length=6, choices=Way.choices)
    sender = models.CharField(max_length=200, help_text="Who wrote or called, and for whom.")
    arrived_at = models.DateTimeField(help_text="The recorded arrival: the receipt, once it is confirmed.")
    note = models.TextField(blank=True, help_text="Of a call: what was said.")
    failure = models.ForeignKey(
        Failure, null=True, blank=True, on_delete=models.PROTECT, related_name="entries", help_text="Empty: a new one."
    )
    kind = models.CharField(max_length=1, choices=Failure.Kind.choices)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    description = models.TextField(blank=True)
    incident = models.CharField(
        max_length=100, blank=True, default="", db_default="", help_text="Of an alert: the number of its incident."
    )
    channel = models.CharField(max_length=8, choices=Failure.Channel.choices, blank=True, default="", db_default="")
    responder_country = models.CharField(max_length=60, blank=True, default="", db_default="")
    configured_delay_minutes = models.PositiveIntegerField(default=0, db_default=0)
    contact_name = models.CharField(max_length=200, blank=True)
    contact_email = models.EmailField(blank=True)
    lines = models.JSONField(default=list, help_text="S9: the lost transactions as the document has them.")
    rates = models.JSONField(null=True, blank=True, help_text="S10: in place of lines, as the document has them.")
    original_name = models.CharField(max_length=255, blank=True)
    stored_as = models.CharField(max_length=80, blank=True)
    file_kind = models.CharField(max_length=10, blank=True)
    size = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    flag = models.CharField(max_length=200, blank=True)
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    returned_at = models.DateTimeField(null=True, blank=True)
    returned_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    return_reason = models.TextField(blank=True)
    made_failure = models.OneToOneField(
        Failure, null=True, blank=True, on_delete=models.PROTECT, related_name="came_as", editable=False
    )
    made_claim = models.OneToOneField(
        Claim, null=True, blank=True, on_delete=models.PROTECT, related_name="came_as", editable=False
    )

    class Meta:
        ordering = ["-entered_at", "-id"]
        verbose_name_plural = "entries"
        constraints = [
            paired("entry", "entered"),
            paired("entry", "confirmed"),
            paired("entry", "returned"),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("entered_by")),
                name="who_confirms_is_never_who_entered",
                violation_error_message="You entered this. Somebody else has to confirm it.",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True) | Q(returned_at__isnull=True),
                name="confirmed_or_returned_not_both",
            ),
            models.CheckConstraint(
                condition=Q(arrived_at__lte=F("entered_at")), name="it_arrived_before_it_is_entered"
            ),
            models.CheckConstraint(
                condition=~Q(stored_as="", way__in=["letter", "email"]) & ~Q(way="call", note=""),
                name="an_entry_has_its_document_or_what_was_said",
            ),
            models.CheckConstraint(
                condition=Q(rates__isnull=True) | Q(what="claim", lines=[]), name="an_entry_is_by_one_method"
            ),
            models.CheckConstraint(condition=Q(what="report") | ~Q(way="call"), name="a_claim_is_made_in_writing"),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True, made_failure__isnull=True, made_claim__isnull=True)
                | Q(confirmed_at__isnull=False, what="report", made_failure__isnull=False)
                | Q(confirmed_at__isnull=False, what="claim", made_claim__isnull=False),
                name="what_is_confirmed_says_what_came_of_it",
            ),
        ]
        triggers = [
            logged("sender", "note", "description", "contact_name", "contact_email", "original_name", "lines", "rates"),
            confirmed_by_who_may(),
            locked_once("confirmed_at"),
            locked_once("returned_at"),
            only_changes(
                *("confirmed_at", "confirmed_by", "made_failure", "made_claim"),
                *("returned_at", "returned_by", "return_reason"),
            ),
        ]

    def __str__(self) -> str:
        return self.reference
