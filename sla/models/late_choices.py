"""S16: a choice in writing that arrived in time and is entered after the effect: one enters it, another confirms it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from entitlements.models.guards import locked_once, logged, only_changes
from entitlements.models.pairs import paired
from sla.models.elections import Election
from sla.models.second_person import NeedsSecondPerson
from sla.models.terms_guards import approved_for_its_customer
from sla.models.withdrawals import CHOICES

_CONTRACT = "SELECT election.contract_id FROM sla_election AS election WHERE election.id = NEW.election_id"


class LateChoice(NeedsSecondPerson):
    """S16, T4: what a document says that arrived before the deadline. Until a second person approves it, it is nothing; then it is a choice
    of its election, and what follows from it holds from the day of effect on."""

    election = models.ForeignKey(Election, on_delete=models.PROTECT, related_name="late_choices")
    choice = models.CharField(max_length=5, choices=CHOICES, blank=True, help_text="Empty: taken back.")
    received_at = models.DateTimeField(help_text="The recorded arrival of the document.")
    signer = models.CharField(max_length=200, help_text="Who chose, by name.")
    original_name = models.CharField(max_length=255)
    stored_as = models.CharField(max_length=80)
    file_kind = models.CharField(max_length=10)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["-proposed_at", "-id"]
        constraints = [
            paired("late_choice", "proposed"),
            paired("late_choice", "approved"),
            paired("late_choice", "returned"),
            models.CheckConstraint(
                condition=~Q(signer="") & ~Q(stored_as="") & ~Q(sha256=""), name="a_late_choice_has_its_document"
            ),
            models.CheckConstraint(
                condition=Q(received_at__lte=F("proposed_at")), name="a_late_choice_arrived_before_it_is_entered"
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("proposed_by")),
                name="a_late_choice_has_two_people",
                violation_error_message="You entered this choice. Somebody else has to confirm it.",
            ),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True) | Q(returned_at__isnull=True),
                name="a_late_choice_is_approved_or_returned",
            ),
            models.UniqueConstraint(
                fields=["election"],
                condition=Q(approved_at__isnull=True, returned_at__isnull=True),
                name="one_late_choice_waits_for_an_election",
            ),
        ]
        triggers = [
            logged("signer", "original_name"),
            locked_once("approved_at"),
            locked_once("returned_at"),
            only_changes("approved_at", "approved_by", "returned_at", "returned_by", "return_reason"),
            approved_for_its_customer(_CONTRACT),
        ]

    def __str__(self) -> str:
        return f"{self.get_choice_display() or 'Taken back'}, {self.election}"
