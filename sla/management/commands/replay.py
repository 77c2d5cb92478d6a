from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from entitlements.references import normalised
from sla.models import Claim, Proposal
from sla.replays import replayed


class Command(BaseCommand):
    help = "Compute a decided claim again from what was frozen with its decision: says same, or what differs (S19)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("claim", nargs="?", help="The reference, with or without hyphens.")
        parser.add_argument("--all", action="store_true", help="Every decision there is.")

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["claim"]) == options["all"]:
            raise CommandError("Name one claim, or say --all.")
        decided = Proposal.objects.filter(approved_at__isnull=False).order_by("approved_at")
        if options["claim"]:
            reference = normalised(options["claim"]) or options["claim"]
            if not Claim.objects.filter(reference=reference).exists():
                raise CommandError(f"There is no claim {reference}.")
            decided = decided.filter(claim__reference=reference)
            if not decided.exists():
                raise CommandError(f"{reference} is not decided: nothing is frozen yet.")
        wrong = [one for one in decided.select_related("claim", "edition", "inputs").iterator(100) if self._says(one)]
        if wrong:
            raise CommandError(f"{len(wrong)} of the decisions do not come out as they stand.")

    def _says(self, decision: Proposal) -> bool:
        """Say how a decision comes out; whether it differs."""
        found = replayed(decision)
        who = f"{decision.claim.reference}, {decision.get_outcome_display().lower()}, {decision.approved_at:%Y-%m-%d %H:%M} UTC"
        self.stdout.write(f"{who}: {'differs' if found.differences else 'same'}")
        for line in found.differences:
            self.stdout.write(f"  {line}")
        for line in found.since:
            self.stdout.write(f"  since then: {line}")
        return bool(found.differences)
