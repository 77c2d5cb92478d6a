"""What the letters about failures and claims say, and to whom (N8–N11, N15–N17): each function freezes the context and writes them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from entitlements import access, notices
from entitlements.calendars import event_file
from entitlements.letters import link
from entitlements.models import Role, User
from sla.models import Claim, CreditEntry, Failure, Proposal


def failure_reported(failure: Failure, *, now: datetime) -> None:
    """N8: the report's receipt and the deadline of the claim, with a calendar file."""
    _about_failure(
        "failure_reported",
        failure,
        now=now,
        attachments=[deadline_file(failure)],
        reported_at=failure.reported_at,
        began_at=failure.began_at,
        ended_at=failure.ended_at,
        what=failure.get_kind_display(),
    )


def claim_reminder(failure: Failure, *, point: str, now: datetime) -> None:
    """N9: a reported failure has no claim yet."""
    _about_failure("claim_reminder", failure, now=now, point=point, urgent=True)


def window_ended(failure: Failure, *, now: datetime) -> None:
    """N15: the window of a reported failure ended without a claim."""
    _about_failure("window_ended", failure, now=now, draft="")


def draft_reminder(claim: Claim, *, point: str, now: datetime) -> None:
    """N10: a draft is not a claim; what is missing."""
    from sla.actions.claims import what_is_missing

    _about_claim(
        "draft_reminder",
        claim,
        now=now,
        point=point,
        urgent=True,
        deadline=claim.closes_at,
        missing=[refusal.sentence for refusal in what_is_missing(claim)],
        sends_itself_at=claim.sends_itself_at,
    )


def draft_lapsed(claim: Claim, *, now: datetime) -> None:
    """N15: the window ended while the draft was not sent; it is kept."""
    _about_claim("window_ended", claim, now=now, deadline=claim.closes_at, draft=claim.reference)


def claim_received(claim: Claim, *, now: datetime) -> None:
    """N11: the receipt, to the second, with every file and its hash."""
    files = claim.evidence.filter(removed_at__isnull=True)
    _about_claim(
        "claim_received",
        claim,
        now=now,
        deadline=claim.received_at,
        received_at=claim.received_at,
        by_itself=claim.received_by_the_clock,
        files=[{"label": file.label, "size": file.size, "sha256": file.sha256} for file in files],
    )


def claim_decided(proposal: Proposal, *, now: datetime) -> None:
    """N16: the decision with its amount, its working, and how to object."""
    claim = proposal.claim
    _about_claim(
        "claim_decided",
        claim,
        now=now,
        deadline=proposal.approved_at,
        also=access.people_of(claim.contract.customer, Role.OWNER),
        outcome=proposal.outcome,
        grounds=proposal.grounds,
        claimed=proposal.claimed,
        assessed=proposal.assessed,
        capped=proposal.capped,
        credited=proposal.credited,
        bound=proposal.bound,
        working=proposal.working,
    )


def credit_posted(entry: CreditEntry, *, claim: Claim, now: datetime) -> None:
    """N17: the credit is posted to the ledger."""
    _about_claim(
        "credit_posted",
        claim,
        now=now,
        deadline=entry.posted_at,
        credit=entry.credit.reference,
        amount=entry.amount,
    )


def _claim_people(claim_or_failure: Claim | Failure) -> list[User]:
    return list(access.people_of(claim_or_failure.contract.customer, Role.OWNER, Role.CLAIMS))


def _about_failure(
    kind: str,
    failure: Failure,
    *,
    now: datetime,
    point: str = "",
    urgent: bool = False,
    attachments: list[tuple[str, str, str]] | None = None,
    **context: Any,
) -> None:
    notices.write(
        kind,
        matter=failure.reference,
        to=[failure.reported_by, *_claim_people(failure)],
        now=now,
        customer=failure.contract.customer,
        deadline=failure.closes_at,
        point=point,
        urgent=urgent,
        attachments=attachments or [],
        context={
            "reference": failure.reference,
            "customer": failure.contract.customer.name,
            "zone": failure.contract.zone,
            "closes_at": failure.closes_at,
            "link": link("failure", failure.reference),
            **context,
        },
    )


def _about_claim(
    kind: str,
    claim: Claim,
    *,
    now: datetime,
    deadline: datetime | None,
    point: str = "",
    urgent: bool = False,
    also: Any = (),
    **context: Any,
) -> None:
    notices.write(
        kind,
        matter=claim.reference,
        to=[claim.opened_by, *([claim.submitted_by] if claim.submitted_by else []), *_claim_people(claim), *also],
        now=now,
        customer=claim.contract.customer,
        deadline=deadline,
        point=point,
        urgent=urgent,
        context={
            "reference": claim.reference,
            "customer": claim.contract.customer.name,
            "zone": claim.contract.zone,
            "currency": claim.contract.currency,
            "closes_at": claim.closes_at,
            "link": link("claim", claim.reference),
            **context,
        },
    )


def deadline_file(failure: Failure) -> tuple[str, str, str]:
    """The last hour to claim as a calendar file (name, type, text), the same whenever it is asked for."""
    text = event_file(
        uid=f"{failure.reference.lower()}@{settings.MAIL_DOMAIN}",
        sequence=0,
        start=failure.closes_at - timedelta(hours=1),
        end=failure.closes_at,
        title=f"Last hour to claim for {failure.reference}",
        text=link("failure", failure.reference),
        now=failure.reported_at,
        alarm_before=timedelta(days=1),
    )
    return f"{failure.reference}-deadline.ics", "text/calendar", text
