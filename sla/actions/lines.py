"""The reviewer's verbs of a claim's lines (S9): strike them out, keep them, name their document; thousands by one statement."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from entitlements import wording
from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.models import User, many
from entitlements.rules.refusals import Refusal
from sla.actions.reviews import LINES_ARE_JUDGED, locked_in, refuse_the_claimants_own, refuse_while_a_proposal_waits
from sla.models import Claim, Evidence, LostTransaction

Lines = QuerySet[LostTransaction]


@transaction.atomic
def strike_lines(*, lines: Lines, claim: Claim, count: int, reason: str, note: str, by: User, now: datetime) -> int:
    """S9: strike out all of these lines of the claim, with the reason on each. How many they were.

    Raises Refused if they are not the `count` that were looked at, while a proposal waits, and for the customer's own people.
    """
    keys = _judged(lines, claim, count, by, now)
    said = f"{wording.counted(count, 'line')}: {LostTransaction.Strike(reason).label}. {note}"
    record("claim.lines_struck", matter=claim.reference, by=by, now=now, note=said)
    return _write(keys, struck=reason, struck_note=note, struck_at=now, struck_by=by, kept_note="")


@transaction.atomic
def keep_lines(*, lines: Lines, claim: Claim, count: int, note: str, by: User, now: datetime) -> int:
    """S9: let all of these lines count, as far as the rules let them, with the reason on each. Raises Refused as `strike_lines`."""
    keys = _judged(lines, claim, count, by, now)
    record("claim.lines_kept", matter=claim.reference, by=by, now=now, note=f"{wording.counted(count, 'line')}: {note}")
    return _write(keys, struck="", struck_note="", struck_at=None, struck_by=None, kept_note=note)


@transaction.atomic
def document_lines(*, lines: Lines, claim: Claim, count: int, document: Evidence, by: User, now: datetime) -> int:
    """S9: name the document of the claim that shows these lines. Raises Refused as `strike_lines`, and for another claim's document."""
    keys = _judged(lines, claim, count, by, now)
    if document.claim_id != claim.pk or not Evidence.objects.that_counts().filter(pk=document.pk).exists():
        raise Refused(
            Refusal("S9", "not_its_document", "This document is not one of the claim's.", "Choose one of its own.")
        )
    said = f"{wording.counted(count, 'line')}: {document.label}"
    record("claim.lines_documented", matter=claim.reference, by=by, now=now, note=said)
    return _write(keys, document=document)


def _judged(lines: Lines, claim: Claim, count: int, by: User, now: datetime) -> list[int]:
    """The keys of the lines, under the claim's lock: from here on nobody else changes which they are."""
    current = locked_in(claim, now, *LINES_ARE_JUDGED)
    refuse_the_claimants_own(current, by)
    refuse_while_a_proposal_waits(current)
    keys = list(lines.filter(claim=current).values_list("pk", flat=True))
    if len(keys) != count or not keys:
        raise Refused(
            Refusal(
                "S9",
                "other_lines",
                f"These are {wording.counted(len(keys), 'line')} by now, not {wording.number_in_words(count)}.",
                "Look at them again.",
            )
        )
    return keys


def _write(keys: list[int], **found: Any) -> int:
    return LostTransaction.objects.filter(pk__in=many.keys(keys)).update(**found)
