"""What the letters about failures and claims say, and to whom (N8–N16): each function freezes the context and writes them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from entitlements import access, notices
from entitlements.calendars import event_file, event_uid
from entitlements.links import link, page
from entitlements.models import Letter, Role, User
from entitlements.rules.days import local_day, zone_or
from sla.claim_windows import each_window, to_send_by
from sla.completeness import what_is_missing
from sla.findings import not_counted_in_brief
from sla.models import Audit, Claim, Entry, Evidence, Failure, InformationRequest, Proposal, TermsEdition


def failure_reported(failure: Failure, *, now: datetime) -> None:
    """N8: the report's receipt and the deadline of the claim, with a calendar file."""
    _about_failure(
        "failure_reported",
        failure,
        now=now,
        attachments=[deadline_file(failure)] if failure.closes_at > now else [],
        reported_at=failure.reported_at,
        began_at=failure.began_at,
        ended_at=failure.ended_at,
        occurred_at=failure.occurred_at,
        what=failure.get_kind_display(),
    )


def claim_reminder(failure: Failure, *, point: str, now: datetime) -> None:
    """N9: a reported failure has no claim yet."""
    found_by_us = failure.found_by_us
    _about_failure("claim_reminder", failure, now=now, point=point, urgent=True, found_by_us=found_by_us)


def draft_reminder(claim: Claim, *, point: str, now: datetime) -> None:
    """N10: a draft is not a claim; what is missing."""
    _about_claim(
        "draft_reminder",
        claim,
        now=now,
        point=point,
        urgent=True,
        deadline=(end := to_send_by(claim, now)),
        closes_at=end,
        windows=[(one.reference, one.closes_at, in_time) for one, in_time in each_window(claim, now)],
        missing=[refusal.sentence for refusal in what_is_missing(claim)],
        sends_itself_at=claim.sends_itself_at,
    )


def claim_received(claim: Claim, *, now: datetime) -> None:
    """N11: the receipt, to the second, with every file and its hash."""
    files = claim.evidence.filter(removed_at__isnull=True)
    told = received(claim.received_at, files, by_itself=claim.received_by_the_clock)
    elsewhere = [claim.contact_email] if claim.submitted_by_id is None and claim.contact_email else []
    _about_claim("claim_received", claim, now=now, deadline=claim.received_at, also=elsewhere, **told)


def claim_came_too_late(claim: Claim, entry: Entry, *, now: datetime) -> None:
    """N15: what came in writing after the window ended is kept, and by what it can still be let in."""
    _about_claim(
        "window_ended",
        claim,
        now=now,
        deadline=claim.closes_at,
        also=[claim.contact_email] if claim.contact_email else [],
        came_at=entry.arrived_at,
        draft="",
        missed=[],
    )


def received(at: datetime | None, files: Iterable[Evidence], *, by_itself: bool) -> dict[str, Any]:
    """What a receipt knows beside its claim."""
    named = [{"label": file.label, "size": file.size, "sha256": file.sha256} for file in files]
    return {"received_at": at, "by_itself": by_itself, "files": named}


def claim_decided(proposal: Proposal, *, now: datetime) -> None:
    """N16: the decision with its amount, its working, and how to object."""
    _about_claim(
        "claim_decided",
        proposal.claim,
        now=now,
        deadline=proposal.approved_at,
        also=_owners(proposal.claim),
        **_decision(proposal),
    )


def edition_of(letter: Letter) -> str:
    """S1: by which edition of the terms a letter about a failure or a claim was written; of other letters nothing."""
    about = Q(reference=letter.matter) | Q(claims__reference=letter.matter)
    failure = Failure.objects.select_related("contract").filter(about).order_by("occurred_at").first()
    if failure is None:
        return ""
    zone = zone_or(failure.contract.zone, otherwise="UTC")
    return TermsEdition.objects.in_force_on(local_day(failure.occurred_at, zone)).name


def preview_of_decision(proposal: Proposal, *, now: datetime) -> Letter:
    """M5.9: the letter exactly as it would go if the proposal were approved now. Nothing is written."""
    claim = proposal.claim
    person = next(iter(readers_of_claim(claim, _owners(claim))), None)
    letter = Letter(
        kind="claim_decided",
        matter=claim.reference,
        deadline=now,
        addressee=person.email if person else "",
        person=person,
        customer=claim.contract.customer,
        written_at=now,
        context=notices.frozen(claim_context(claim, **_decision(proposal))),
    )
    notices.render(letter)
    return letter


def _decision(proposal: Proposal) -> dict[str, Any]:
    return {
        "outcome": proposal.outcome,
        "grounds": proposal.grounds,
        "claimed": proposal.claimed,
        "assessed": proposal.assessed,
        "capped": proposal.capped,
        "credited": proposal.credited,
        "bound": proposal.bound,
        "working": proposal.working,
        "not_counted": not_counted_in_brief(proposal.working),
    }


def _owners(claim: Claim) -> list[User]:
    return list(access.people_of(claim.contract.customer, Role.OWNER))


def information_requested(asked: InformationRequest, *, now: datetime) -> None:
    """N13: what is asked for, by when, and what silence does."""
    _about_request("information_requested", asked, now=now, point="asked")


def information_reminder(asked: InformationRequest, *, point: str, now: datetime) -> None:
    """N14: it is not answered yet."""
    _about_request("information_reminder", asked, now=now, point=point)


def file_refused(file: Evidence, *, now: datetime) -> None:
    """N12: a virus was found in a document after it was taken: which, and until when another can take its place."""
    claim = file.claim
    _about_claim(
        "file_refused",
        claim,
        now=now,
        deadline=now,
        point=file.sha256[:12],
        also=access.readers_of(claim.contract.customer, did=[file.uploaded_by_id]),
        label=file.label,
        uploaded_at=file.uploaded_at,
        draft=claim.is_draft,
        received_at=claim.received_at,
    )


def second_look_settled(claim: Claim, *, reopened: bool, answer: str, now: datetime) -> None:
    """S19: a denied claim is looked at again, or not, and why."""
    _about_claim(
        "second_look_settled", claim, now=now, deadline=now, also=_owners(claim), reopened=reopened, answer=answer
    )


def audit_opened(audit: Audit, *, now: datetime) -> None:
    """S14: to the customer what is audited, by whom, and until when to help; to an independent auditor the way to the claim."""
    claim = audit.claim
    told: dict[str, Any] = {
        "scope": audit.scope,
        "answer_by": audit.answer_by,
        "auditor": audit.auditor.name,
        "firm": audit.firm,
    }
    _about_claim("audit_opened", claim, now=now, deadline=audit.answer_by, urgent=True, also=_owners(claim), **told)
    if audit.side == audit.Side.INDEPENDENT:
        notices.write(
            "audit_asked",
            matter=claim.reference,
            to=[audit.auditor],
            now=now,
            customer=None,
            deadline=audit.answer_by,
            point=str(audit.pk),
            urgent=True,
            context=claim_context(claim, **told) | {"link": page("audit", claim.reference)},
        )


def _about_request(kind: str, asked: InformationRequest, *, now: datetime, point: str) -> None:
    """The point names the request: another of the same claim can have the same deadline."""
    claim = asked.claim
    _about_claim(
        kind,
        claim,
        now=now,
        deadline=asked.answer_by,
        point=f"{point}/{asked.pk}",
        urgent=True,
        also=[claim.contact_email] if claim.contact_email else [],
        asked_for=asked.asked_for,
        answer_by=asked.answer_by,
        answer_link=page("answer_information", claim.reference),
    )


def _readers(matter: Claim | Failure, *did: int | None) -> list[User]:
    return access.readers_of(matter.contract.customer, Role.OWNER, Role.CLAIMS, did=did)


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
    customer = failure.contract.customer
    notices.write(
        kind,
        matter=failure.reference,
        to=readers_of_failure(failure),
        now=now,
        customer=customer,
        deadline=failure.closes_at,
        point=point,
        urgent=urgent,
        attachments=attachments or [],
        context=failure_context(failure, **context),
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
        to=readers_of_claim(claim, also),
        now=now,
        customer=claim.contract.customer,
        deadline=deadline,
        point=point,
        urgent=urgent,
        context=claim_context(claim, **context),
    )


def readers_of_claim(claim: Claim, also: Any = ()) -> list[User]:
    """Who began or sent it and still belongs to the customer, and whoever looks after its claims."""
    return [*_readers(claim, claim.opened_by_id, claim.submitted_by_id), *also]


def readers_of_failure(failure: Failure) -> list[User]:
    """Who reported it and still belongs to the customer, and whoever looks after its claims."""
    return _readers(failure, failure.reported_by_id)


def failure_context(failure: Failure, **context: Any) -> dict[str, Any]:
    """What every letter about a reported failure knows, with what this one knows beside."""
    return {
        "reference": failure.reference,
        "customer": failure.contract.customer.name,
        "zone": failure.contract.zone,
        "closes_at": failure.closes_at,
        "link": page("failure", failure.reference),
        **context,
    }


def claim_context(claim: Claim, **context: Any) -> dict[str, Any]:
    """What every letter about a claim knows, with what this one knows beside."""
    return {
        "reference": claim.reference,
        "customer": claim.contract.customer.name,
        "zone": claim.contract.zone,
        "currency": claim.contract.currency,
        "closes_at": claim.closes_at,
        "link": page("claim", claim.reference),
        **context,
    }


def deadline_file(failure: Failure) -> tuple[str, str, str]:
    """The last hour to claim as a calendar file (name, type, text), the same whenever it is asked for."""
    text = event_file(
        uid=event_uid(failure.reference),
        sequence=0,
        start=failure.closes_at - timedelta(hours=1),
        end=failure.closes_at,
        title=f"Last hour to claim for {failure.reference}",
        text=link("failure", failure.reference),
        now=failure.reported_at,
        alarm_before=timedelta(days=1),
    )
    return f"{failure.reference}-deadline.ics", "text/calendar", text
