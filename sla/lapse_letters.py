"""What is written when a window ended unused (N15): for one matter, or for the many of a batch, whose letters are the same.

A batch asks for everything at once: the readers of all its customers, and the reminders that could not be sent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from entitlements import access, notices
from entitlements.models import Letter, LetterState, Role, User
from sla.letters import claim_context, failure_context, readers_of_claim, readers_of_failure
from sla.models import Claim, ClaimFailure, Failure

KIND = "window_ended"
REMINDERS = ("claim_reminder", "draft_reminder")

Letters = Mapping[int, list[Letter]]
"""By the key of a matter."""


def draft_lapsed(claim: Claim, *, now: datetime) -> None:
    """The window ended while the draft was not sent; it is kept."""
    matters = [claim.reference, *claim.failures.values_list("reference", flat=True)]
    notices.write(KIND, to=readers_of_claim(claim), now=now, **_of_draft(claim, not_reminded=bool(_unsent(matters))))


def window_ended(failure: Failure, *, now: datetime) -> None:
    """The window of a reported failure ended without a claim."""
    not_reminded = bool(_unsent([failure.reference]))
    notices.write(KIND, to=readers_of_failure(failure), now=now, **_of_report(failure, not_reminded=not_reminded))


def of_drafts(claims: Sequence[Claim], *, now: datetime) -> Letters:
    """As `draft_lapsed` writes them, for each of many drafts; not written yet."""
    readers, matters = _Readers(claims), _matters_of(claims)
    unsent = _unsent({matter for of_one in matters.values() for matter in of_one})
    return {
        claim.pk: notices.letters_to(
            readers.of(claim, claim.opened_by_id, claim.submitted_by_id),
            KIND,
            now=now,
            **_of_draft(claim, not_reminded=not unsent.isdisjoint(matters[claim.pk])),
        )
        for claim in claims
    }


def of_reports(failures: Sequence[Failure], *, now: datetime) -> Letters:
    """As `window_ended` writes them, for each of many reports; not written yet."""
    readers, unsent = _Readers(failures), _unsent({failure.reference for failure in failures})
    return {
        failure.pk: notices.letters_to(
            readers.of(failure, failure.reported_by_id),
            KIND,
            now=now,
            **_of_report(failure, not_reminded=failure.reference in unsent),
        )
        for failure in failures
    }


def _of_draft(claim: Claim, *, not_reminded: bool) -> dict[str, Any]:
    return {
        "matter": claim.reference,
        "customer": claim.contract.customer,
        "deadline": claim.closes_at,
        "context": claim_context(claim, draft=claim.reference, reminder_failed=not_reminded),
    }


def _of_report(failure: Failure, *, not_reminded: bool) -> dict[str, Any]:
    return {
        "matter": failure.reference,
        "customer": failure.contract.customer,
        "deadline": failure.closes_at,
        "context": failure_context(failure, draft="", reminder_failed=not_reminded),
    }


def _matters_of(claims: Sequence[Claim]) -> dict[int, list[str]]:
    """The references under which reminders of a draft's window may have gone: its own, and those of its reports."""
    matters = {claim.pk: [claim.reference] for claim in claims}
    for claim, reference in ClaimFailure.objects.filter(claim__in=matters).values_list("claim", "failure__reference"):
        matters[claim].append(reference)
    return matters


def _unsent(matters: Iterable[str]) -> set[str]:
    """Of these matters, those of which a reminder could not be sent: the last letter then says so."""
    failed = Letter.objects.filter(matter__in=list(matters), kind__in=REMINDERS, state=LetterState.FAILED)
    return set(failed.order_by().values_list("matter", flat=True))


class _Readers:
    """Who gets the letters of these matters: the people of all their customers, asked for once."""

    def __init__(self, matters: Sequence[Claim | Failure]) -> None:
        self.people: dict[int, dict[int, User]] = defaultdict(dict)
        self.claimants: dict[int, list[User]] = defaultdict(list)
        customers = {matter.contract.customer_id for matter in matters}
        for customer, person, looks_after_claims in access.people_of_each(customers, Role.OWNER, Role.CLAIMS):
            self.people[customer][person.pk] = person
            if looks_after_claims:
                self.claimants[customer].append(person)

    def of(self, matter: Claim | Failure, *own: int | None) -> list[User]:
        """Whoever began it and still belongs to the customer, and whoever looks after its claims."""
        people = self.people[matter.contract.customer_id]
        return [*(people[key] for key in own if key in people), *self.claimants[matter.contract.customer_id]]
