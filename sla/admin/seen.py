"""On a page of a claim: how much of what others did its reader has seen, and what is different since (M5.10)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from entitlements.admin.pages import DeskRequest
from entitlements.rules.refusals import Refusal
from sla.actions.reviews import CHANGED_MEANWHILE
from sla.models import Claim
from sla.seen import how_many_seen, since


def how_far_seen(request: DeskRequest) -> int | None:
    """The mark that the form brings back; None from a form without one."""
    mark = request.POST.get("seen", "")
    return int(mark) if mark.isascii() and mark.isdecimal() else None


def what_changed(request: DeskRequest, claim: Claim, refusals: Iterable[Refusal]) -> dict[str, Any]:
    """The mark for the page's forms; and where something was refused for it, what others have done since the last one."""
    before = how_far_seen(request)
    told = before is not None and CHANGED_MEANWHILE in refusals
    return {
        "seen": how_many_seen(claim, request.user),
        "changed": since(claim, request.user, before) if told and before is not None else [],
    }
