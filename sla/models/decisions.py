from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from entitlements.models.guards import locked_once, logged, only_changes
from entitlements.models.pairs import paired
from sla.models.claims import Claim
from sla.models.guards import approved_by_who_may
from sla.models.outages import Cause
from sla.models.second_person import NeedsSecondPerson
from sla.models.terms import TermsEdition


class Proposal(NeedsSecondPerson):
    """S19: a decision as one person proposes it and another approves it, frozen with its inputs and its working.

    Claimed, assessed, capped and credited stay four figures.
    """

    class Outcome(models.TextChoices):
        APPROVE = "approve", "Approve"
        DENY = "deny", "Deny"

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="proposals")
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    grounds = models.TextField(help_text="For the customer: why, naming the clauses of a denial.")
    claimed = models.DecimalField(max_digits=24, decimal_places=2)
    assessed = models.DecimalField(max_digits=24, decimal_places=2)
    capped = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    credited = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    bound = models.CharField(max_length=10, blank=True, help_text="Which of the three bounds it is (S11).")
    edition = models.ForeignKey(TermsEdition, on_delete=models.PROTECT, related_name="+")
    cause = models.ForeignKey(Cause, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    working = models.JSONField(help_text="The working as it stood: every step with its figures.")

    class Meta:
        ordering = ["-proposed_at", "-id"]
        constraints = [
            paired("proposal", "proposed"),
            paired("proposal", "approved"),
            paired("proposal", "returned"),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("proposed_by")),
                name="who_approves_is_never_who_proposed",
                violation_error_message="You proposed this decision. Somebody else has to approve it.",
            ),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True) | Q(returned_at__isnull=True),
                name="approved_or_returned_not_both",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="approve") | Q(credited__isnull=False, capped__isnull=False, cause__isnull=False),
                name="an_approval_has_its_amount_and_cause",
            ),
            models.CheckConstraint(
                condition=Q(credited__isnull=True) | Q(credited__lte=F("capped")), name="credited_is_within_the_bounds"
            ),
            models.UniqueConstraint(
                fields=["claim"],
                condition=Q(approved_at__isnull=True, returned_at__isnull=True),
                name="one_proposal_waits_for_a_claim",
            ),
        ]
        triggers = [
            logged("working"),
            locked_once("approved_at"),
            locked_once("returned_at"),
            only_changes("approved_at", "approved_by", "returned_at", "returned_by", "return_reason"),
            approved_by_who_may(),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} {self.claim}"
