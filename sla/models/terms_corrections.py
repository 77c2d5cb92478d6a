"""S16: Enterprise terms that were on record by mistake, corrected by two people; what ends them otherwise is an election."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from entitlements.models import Contract
from entitlements.models.guards import locked_once, logged, only_changes
from entitlements.models.pairs import paired
from sla.models.second_person import NeedsSecondPerson
from sla.models.terms_guards import approved_for_its_customer

_RUNS = "EXISTS (SELECT FROM sla_election WHERE contract_id = NEW.contract_id AND state IN ('sent', 'open'))"


class TermsCorrection(NeedsSecondPerson):
    """S16: that a contract is on Standard terms from a day on, since it was agreed so. Without notice or choice: nothing is withdrawn by
    it. The database lets no Enterprise terms end but by one that was approved, or by an election."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="terms_corrections")
    first = models.DateField(help_text="The first day on Standard terms.")
    reason = models.TextField(help_text="What was wrong, and how it came to be.")
    document = models.CharField(max_length=200, help_text="The agreement that says so.")

    class Meta:
        ordering = ["-proposed_at", "-id"]
        constraints = [
            paired("terms_correction", "proposed"),
            paired("terms_correction", "approved"),
            paired("terms_correction", "returned"),
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(document=""), name="a_correction_of_terms_says_why_and_by_what"
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("proposed_by")),
                name="terms_are_corrected_by_two_people",
                violation_error_message="You proposed this correction. Somebody else has to approve it.",
            ),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True) | Q(returned_at__isnull=True),
                name="a_correction_of_terms_is_approved_or_returned",
            ),
            models.UniqueConstraint(
                fields=["contract"],
                condition=Q(approved_at__isnull=True, returned_at__isnull=True),
                name="one_correction_of_terms_waits_for_a_contract",
            ),
        ]
        triggers = [
            logged("reason"),
            locked_once("approved_at"),
            locked_once("returned_at"),
            only_changes("approved_at", "approved_by", "returned_at", "returned_by", "return_reason"),
            approved_for_its_customer("NEW.contract_id", unless=_RUNS),
        ]

    def __str__(self) -> str:
        return f"Standard terms from {self.first}, {self.contract}"
