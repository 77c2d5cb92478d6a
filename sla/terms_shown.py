"""Which terms hold for what is claimed, and why, where credits were withdrawn: for the pages of claims and failures (S1, S16)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from entitlements.models import Contract
from sla.assessment import standings_of
from sla.elections import withdrawn_from
from sla.models import Election
from sla.rules.terms import Standing


@dataclass(frozen=True, slots=True)
class TermsShown:
    """By which election credits for losses ended, and whether what is claimed lies before its effect (`before`), after it, or both."""

    election: Election
    before: bool
    after: bool


def terms_shown(contract: Contract, occurrences: Iterable[datetime]) -> TermsShown | None:
    """S1, S16: None for a contract from which nothing was withdrawn."""
    election = withdrawn_from(contract)
    if election is None:
        return None
    kinds = {one.standing for one in standings_of(contract, list(occurrences)).values()}
    return TermsShown(election, Standing.ENTERPRISE in kinds, Standing.STANDARD in kinds)
