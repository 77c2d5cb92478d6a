"""What is written when a window ended unused (N15), for each matter of a batch.

A batch asks for everything at once: the readers of all its customers, and the reminders that did not reach anybody in time. Then its
letters come one by one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from entitlements import access, missed
from entitlements.missed import Missed
from entitlements.models import Role
from entitlements.notices import Addressee, LetterRow, rows_to
from sla.letters import claim_context, failure_context
from sla.models import Claim, Failure

KIND = "window_ended"


def of_drafts(claims: Sequence[Claim], reports: Mapping[int, Sequence[str]], *, now: datetime) -> Iterator[LetterRow]:
    """The window ended while the draft was not sent; it is kept. `reports`: by claim, the references of what it is for."""
    matters = {claim.pk: [claim.reference, *reports[claim.pk]] for claim in claims}
    readers, owed = Readers(claims), missed.of_each(matters, now)
    return (
        letter
        for claim in claims
        for letter in rows_to(
            readers.of(claim, claim.opened_by_id),
            KIND,
            now=now,
            matter=claim.reference,
            deadline=claim.closes_at,
            customer_id=claim.contract.customer_id,
            context=claim_context(claim, draft=claim.reference, missed=_told(owed[claim.pk])),
        )
    )


def of_reports(failures: Sequence[Failure], *, now: datetime) -> Iterator[LetterRow]:
    """The window of a reported failure ended without a claim."""
    readers = Readers(failures)
    owed = missed.of_each({failure.pk: [failure.reference] for failure in failures}, now)
    return (
        letter
        for failure in failures
        for letter in rows_to(
            readers.of(failure, failure.reported_by_id),
            KIND,
            now=now,
            matter=failure.reference,
            deadline=failure.closes_at,
            customer_id=failure.contract.customer_id,
            context=failure_context(failure, draft="", missed=_told(owed[failure.pk])),
        )
    )


def _told(owed: Sequence[Missed]) -> list[dict[str, Any]]:
    """The reminders of the window that did not reach anybody in time, as the last letter lists them."""
    return [{"point": one.point_in_words, "due_at": one.due_at, "why": one.why} for one in owed]


class Readers:
    """Who gets the letters of these matters: the people of all their customers, asked for once."""

    def __init__(self, matters: Sequence[Claim | Failure]) -> None:
        self.people: dict[tuple[int, int], Addressee] = {}
        self.claimants: dict[int, list[Addressee]] = defaultdict(list)
        customers = {matter.contract.customer_id for matter in matters}
        for customer, key, email, looks_after_claims in access.people_of_each(customers, Role.OWNER, Role.CLAIMS):
            self.people[customer, key] = person = Addressee(key, email)
            if looks_after_claims:
                self.claimants[customer].append(person)

    def of(self, matter: Claim | Failure, *did: int | None) -> Iterable[Addressee]:
        """Whoever began or sent it and still belongs to the customer, and whoever looks after its claims; each once."""
        customer = matter.contract.customer_id
        still = [self.people[customer, one] for one in did if one and (customer, one) in self.people]
        return dict.fromkeys([*still, *self.claimants[customer]])
