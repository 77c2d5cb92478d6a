"""What letters say of an outage that our logs have, and of a cause whose credit is given (N24, S12)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from entitlements import access, notices
from entitlements.links import page
from entitlements.models import Contract, Letter, Role
from sla.letters import claim_context, deadline_file, failure_context, readers_of_claim, readers_of_failure
from sla.models import Claim, Downtime, Failure, Outage
from sla.rules.outages import AvailabilityOutage, Piece

SHORT, BEGAN, OVER = "outage_short", "began", "over"


def outage_published(
    failure: Failure, pieces: Sequence[tuple[AvailabilityOutage, datetime | None]], *, times: int, now: datetime
) -> None:
    """N24: our logs have an outage of theirs, which can be claimed; or, after `times` such letters, it became longer or ended. With
    each piece the end of its own window, where that is not the last one (S13)."""
    notices.write(
        "outage_longer" if times else "outage_published",
        matter=failure.reference,
        to=readers_of_failure(failure),
        now=now,
        customer=failure.contract.customer,
        deadline=failure.closes_at,
        point=f"letter {times + 1}" if times else "",
        attachments=[deadline_file(failure)],
        context=failure_context(
            failure,
            outage=failure.outage.reference if failure.outage else "",
            title=failure.outage.title if failure.outage else "",
            found_by_us=failure.found_by_us,
            pieces=[_told(one, until) for one, until in pieces],
        ),
    )


def outage_short(outage: Outage, contract: Contract, pieces: Sequence[Piece], *, now: datetime) -> None:
    """N24: to those who did not switch such letters off: no piece of a published outage is an Availability Outage. Once while it
    lasts, once when it is over."""
    customer, lasts = contract.customer, any(one.open for one in pieces)
    notices.write(
        SHORT,
        matter=outage.reference,
        to=access.people_of(customer, Role.OWNER, Role.CLAIMS),
        now=now,
        customer=customer,
        point=f"{BEGAN if lasts else OVER}/{customer.pk}",
        context={
            "reference": outage.reference,
            "customer": customer.name,
            "zone": contract.zone,
            "title": outage.title,
            "lasts": lasts,
            "needed": pieces[0].source.terms.outage_length,
            "pieces": [_told(one, None) for one in pieces],
            "link": page("report_failure"),
        },
    )


def no_longer_true(waiting: Sequence[Letter], now: datetime) -> set[int]:
    """T2, asked at the moment of sending: that a short outage lasts is true while the logs have the customer down, and it is short.
    The keys of those that are true no more."""
    lasting = [one for one in waiting if one.kind == SHORT and one.point.startswith(f"{BEGAN}/")]
    if not lasting:
        return set()
    matters = {one.matter for one in lasting}
    down = set(
        Downtime.objects.that_count()
        .filter(outage__reference__in=matters, during__upper_inf=True)
        .values_list("outage__reference", "customer")
    )
    of_outages = Failure.objects.filter(outage__reference__in=matters, found_by_us=True)
    counts = set(of_outages.values_list("outage__reference", "contract__customer"))
    return {one.pk for one in lasting if (one.matter, one.customer_id) not in down - counts}


def claim_covered(claim: Claim, *, credit: str, now: datetime) -> None:
    """S12, S19: its cause turned out to be that of a credit (by its reference) which the customer has; nothing more is paid."""
    of_credit = Claim.objects.filter(credits__reference=credit).first()
    notices.write(
        "claim_covered",
        matter=claim.reference,
        to=readers_of_claim(claim, access.people_of(claim.contract.customer, Role.OWNER)),
        now=now,
        customer=claim.contract.customer,
        deadline=now,
        context=claim_context(
            claim, credit=credit, credited_claim=of_credit.reference if of_credit else "", sent=bool(claim.received_at)
        ),
    )


def _told(piece: Piece, until: datetime | None) -> dict[str, Any]:
    return {"start": piece.start, "end": None if piece.open else piece.end, "length": piece.span.length, "until": until}
