"""What the letters about the ledger say (N17): a credit is posted, applied to an invoice, reversed, corrected."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from entitlements import access, notices
from entitlements.links import page
from entitlements.models import Letter, Role
from sla.letters import claim_context, readers_of_claim
from sla.models import CreditEntry


def credit_posted(entry: CreditEntry, *, now: datetime) -> None:
    """N17: the credit of a claim is granted; with its memo."""
    _write("credit_posted", entry, now=now)


def entry_posted(entry: CreditEntry, *, now: datetime) -> None:
    """N17: a further line of a credit, why, and what is left of it."""
    _write("credit_changed", entry, now=now, point=f"line {entry.pk}")


def preview_of(entry: CreditEntry, *, now: datetime) -> Letter:
    """M5.9: the letter exactly as it would go if the line were posted now. Nothing is written."""
    claim = entry.credit.claim
    person = next(iter(_readers(entry)), None)
    letter = Letter(
        kind="credit_changed",
        matter=claim.reference,
        deadline=now,
        addressee=person.email if person else "",
        person=person,
        customer=entry.customer,
        written_at=now,
        context=notices.frozen(_context(entry, left=entry.credit.balance + entry.amount)),
    )
    notices.render(letter)
    return letter


def _write(kind: str, entry: CreditEntry, *, now: datetime, point: str = "") -> None:
    notices.write(
        kind,
        matter=entry.credit.claim.reference,
        to=_readers(entry),
        now=now,
        customer=entry.customer,
        deadline=entry.posted_at,
        point=point,
        context=_context(entry, left=entry.credit.balance),
    )


def _readers(entry: CreditEntry) -> list[Any]:
    return readers_of_claim(entry.credit.claim, list(access.people_of(entry.customer, Role.OWNER)))


def _context(entry: CreditEntry, *, left: Any) -> dict[str, Any]:
    of_credit = {"credit": entry.credit.reference, "credit_link": page("credit", entry.credit.reference)}
    about = {name: getattr(entry, name) for name in ("kind", "amount", "invoice", "note", "memo_number")}
    corrected = entry.corrects.kind if entry.corrects else ""
    kept = entry.posting.set_off_by.reference if entry.posting and entry.posting.set_off_by else ""
    return claim_context(entry.credit.claim, **of_credit, **about, corrected=corrected, kept=kept, left=left)
