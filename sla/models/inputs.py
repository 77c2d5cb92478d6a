"""What a decision was made on, frozen with it (S19)."""

from __future__ import annotations

from django.db import models

from entitlements.models.guards import append_only, logged
from sla.models.decisions import Proposal


class DecisionInputs(models.Model):
    """S19: every fact that a proposed decision was computed from, as it stood: the logs, the terms, the fees, the lines, the hashes
    of the documents. What is corrected later changes none of it."""

    proposal = models.OneToOneField(Proposal, on_delete=models.PROTECT, related_name="inputs")
    facts = models.JSONField(help_text="A tree of steps, as workings are.")
    sha256 = models.CharField(max_length=64, help_text="Of the facts, as they were written.")
    frozen_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "inputs of decisions"
        triggers = [logged("facts"), append_only()]

    def __str__(self) -> str:
        return f"inputs of {self.proposal_id}"
