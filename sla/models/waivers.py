"""S13: lateness waived as goodwill, proposed by one person and approved by another."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from entitlements.models.guards import locked_once, logged, only_changes
from entitlements.models.pairs import paired
from sla.models.claims import Claim
from sla.models.guards import approved_by_who_may
from sla.models.second_person import NeedsSecondPerson


class Waiver(NeedsSecondPerson):
    """S13: that a claim, or a failure of it, was late does not count against it. The database lets no late claim in without one."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="waivers")
    reason = models.TextField(help_text="Why, for the file and for the customer.")

    class Meta:
        ordering = ["-proposed_at", "-id"]
        constraints = [
            paired("waiver", "proposed"),
            paired("waiver", "approved"),
            paired("waiver", "returned"),
            models.CheckConstraint(condition=~Q(reason=""), name="a_waiver_says_why"),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("proposed_by")),
                name="lateness_is_waived_by_two_people",
                violation_error_message="You proposed this waiver. Somebody else has to approve it.",
            ),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True) | Q(returned_at__isnull=True),
                name="a_waiver_is_approved_or_returned_not_both",
            ),
            models.UniqueConstraint(
                fields=["claim"],
                condition=Q(approved_at__isnull=True, returned_at__isnull=True),
                name="one_waiver_waits_for_a_claim",
            ),
            models.UniqueConstraint(
                fields=["claim"], condition=Q(approved_at__isnull=False), name="a_claim_is_waived_once"
            ),
        ]
        triggers = [
            logged("reason"),
            locked_once("approved_at"),
            locked_once("returned_at"),
            only_changes("approved_at", "approved_by", "returned_at", "returned_by", "return_reason"),
            approved_by_who_may(),
        ]

    def __str__(self) -> str:
        return f"Waiver of {self.claim}"
