"""What is written when a window ended unused (N15): for one matter, or for the many of a batch, whose letters are the same.

A batch asks for everything at once: the readers of all its customers, and the reminders that did not reach anybody in time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from entitlements import access, missed, notices
from entitlements.missed import Missed
from entitlements.models import Role
from entitlements.notices import Addressee
from sla.letters import claim_context, failure_context, readers_of_claim, readers_of_failure
from sla.models import Claim, ClaimFailure, Failure

KIND = "window_ended"

Rows = Mapping[int, list[dict[str, Any]]]
"""By the key of a matter, the rows of its letters."""


def draft_lapsed(claim: Claim, *, now: datetime) -> None:
    """The window ended while the draft was not sent; it is kept."""
    matters = [claim.reference, *claim.failures.values_list("reference", flat=True)]
    said = _of_draft(claim, missed.of(matters, now))
    notices.write(KIND, to=readers_of_claim(claim), now=now, customer=claim.contract.customer, **said)


def window_ended(failure: Failure, *, now: datetime) -> None:
    """The window of a reported failure ended without a claim."""
    said = _of_report(failure, missed.of([failure.reference], now))
    notices.write(KIND, to=readers_of_failure(failure), now=now, customer=failure.contract.customer, **said)


def of_drafts(claims: Sequence[Claim], *, now: datetime) -> Rows:
    """As `draft_lapsed` writes them, for each of many drafts; not written yet."""
    readers, owed = _Readers(claims), missed.of_each(_matters_of(claims), now)
    return {
        claim.pk: notices.rows_to(
            readers.of(claim, claim.opened_by_id, claim.submitted_by_id),
            KIND,
            now=now,
            customer_id=claim.contract.customer_id,
            **_of_draft(claim, owed[claim.pk]),
        )
        for claim in claims
    }


def of_reports(failures: Sequence[Failure], *, now: datetime) -> Rows:
    """As `window_ended` writes them, for each of many reports; not written yet."""
    readers = _Readers(failures)
    owed = missed.of_each({failure.pk: [failure.reference] for failure in failures}, now)
    return {
        failure.pk: notices.rows_to(
            readers.of(failure, failure.reported_by_id),
            KIND,
            now=now,
            customer_id=failure.contract.customer_id,
            **_of_report(failure, owed[failure.pk]),
        )
        for failure in failures
    }


def _of_draft(claim: Claim, owed: Sequence[Missed]) -> dict[str, Any]:
    return {
        "matter": claim.reference,
        "deadline": claim.closes_at,
        "context": claim_context(claim, draft=claim.reference, missed=_told(owed)),
    }


def _of_report(failure: Failure, owed: Sequence[Missed]) -> dict[str, Any]:
    return {
        "matter": failure.reference,
        "deadline": failure.closes_at,
        "context": failure_context(failure, draft="", missed=_told(owed)),
    }


def _matters_of(claims: Sequence[Claim]) -> dict[int, list[str]]:
    """The references under which reminders of a draft's window may have gone: its own, and those of its reports."""
    matters = {claim.pk: [claim.reference] for claim in claims}
    for claim, reference in ClaimFailure.objects.filter(claim__in=matters).values_list("claim", "failure__reference"):
        matters[claim].append(reference)
    return matters


def _told(owed: Sequence[Missed]) -> list[dict[str, Any]]:
    """The reminders of the window that did not reach anybody in time, as the last letter lists them."""
    return [{"point": one.point_in_words, "due_at": one.due_at, "why": one.why} for one in owed]


class _Readers:
    """Who gets the letters of these matters: the people of all their customers, asked for once."""

    def __init__(self, matters: Sequence[Claim | Failure]) -> None:
        self.people: dict[tuple[int, int], Addressee] = {}
        self.claimants: dict[int, list[Addressee]] = defaultdict(list)
        customers = {matter.contract.customer_id for matter in matters}
        for customer, key, email, looks_after_claims in access.people_of_each(customers, Role.OWNER, Role.CLAIMS):
            self.people[customer, key] = person = Addressee(key, email)
            if looks_after_claims:
                self.claimants[customer].append(person)

    def of(self, matter: Claim | Failure, *own: int | None) -> Iterable[Addressee]:
        """Whoever began it and still belongs to the customer, and whoever looks after its claims; each once."""
        customer = matter.contract.customer_id
        still = [self.people[customer, key] for key in own if key and (customer, key) in self.people]
        return dict.fromkeys([*still, *self.claimants[customer]])
