"""On a page of a claim: how much of what others did its reader has seen, and what is different since (M5.10)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from entitlements.admin.pages import DeskRequest
from entitlements.rules.refusals import Refusal
from sla.actions.reviews import CHANGED_MEANWHILE
from sla.models import Claim
from sla.seen import since


def how_far_seen(request: DeskRequest) -> int | None:
    """The mark that the form brings back; None from a form without one."""
    mark = request.POST.get("seen", "")
    return int(mark) if mark.isascii() and mark.isdecimal() else None


def what_changed(request: DeskRequest, claim: Claim, refusals: Iterable[Refusal]) -> list[dict[str, Any]]:
    """Where something was refused for it, what others have done since the mark that the form brought back."""
    before = how_far_seen(request)
    return since(claim, request.user, before) if before is not None and CHANGED_MEANWHILE in refusals else []
