"""Claims by state and age, as a drawing, a table and a file (PL2, M1.5)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.urls import reverse

from entitlements.access import Who, open_to
from entitlements.admin.pages import DeskRequest, page
from entitlements.admin.queues import vendor_zone
from entitlements.exports import FORMATS, as_file
from sla.claim_ages import AGES, by_state_and_age
from sla.models import Claim

WIDTH, HIGH = 420, 26


@open_to(Who.MANAGERS)
def claims_by_age(request: DeskRequest) -> HttpResponseBase:
    """PL2: what waits, by state, each part opening the list of exactly these."""
    found = by_state_and_age(request.now)
    if (kind := request.GET.get("format", "")) in FORMATS:
        rows = [[state.value, *(count for _, count in parts)] for state, parts in found]
        return as_file(kind, "claims-by-age", ["state", *(f"{age.key} days" for age in AGES)], rows, request.now)
    whole = {state: sum(count for _, count in parts) for state, parts in found}
    most = max(whole.values()) or 1
    names = dict(Claim._meta.get_field("state").flatchoices)
    return page(
        request,
        "admin/claims_by_age.html",
        title="Claims that wait, by state and age",
        zone=vendor_zone(),
        ages=AGES,
        total=sum(whole.values()),
        old=sum(parts[-1][1] for _, parts in found),
        states=[
            {"name": names[state], "total": whole[state], "y": HIGH * n + 4, "parts": _parts(state, parts, most)}
            for n, (state, parts) in enumerate(found)
        ],
        high=HIGH * len(found),
    )


def _parts(state: str, parts: list[tuple[Any, int]], most: int) -> list[dict[str, Any]]:
    """The parts of a bar one after the other, the longest bar `WIDTH` wide."""
    drawn, x = [], 0
    for n, (age, count) in enumerate(parts):
        width = WIDTH * count // most
        url = reverse("admin:sla_claim_changelist", query={"state__exact": state, "age": age.key})
        drawn.append({"age": age, "count": count, "x": x, "width": width, "url": url, "shade": f"age{n}"})
        x += width
    return drawn


pages: list[tuple[str, Any, str]] = [("claims/by-age/", claims_by_age, "claims_by_age")]
