"""The reviewers' queue: what waits, by what is due, with what is next (M5.1, M5.2)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.paginator import Page, Paginator
from django.http import HttpResponseBase

from entitlements.access import Who, open_to
from entitlements.admin.pages import DeskRequest, page
from entitlements.exports import FORMATS, as_file
from entitlements.views.lists import rows_in_words
from sla import review_queue
from sla.admin.forms import Form

ON_A_PAGE = 30
HEADS = ("due", "claim", "customer", "next", "state", "received", "with")


class QueueForm(Form):
    """What of the queue is looked at; a filter that makes no sense filters nothing."""

    q = forms.CharField(label="Claim or customer", required=False, max_length=100)
    who = forms.ChoiceField(
        label="Whose", required=False, choices=[("", "All"), ("me", "Mine"), ("nobody", "Nobody’s yet")]
    )
    next = forms.ChoiceField(
        label="What is next",
        required=False,
        choices=[("", "What waits for us"), ("all", "Everything"), *review_queue.NEXT.items()],
    )

    def asked(self, name: str) -> str:
        self.is_valid()
        return str(self.cleaned_data.get(name) or "")


@open_to(Who.MANAGERS)
def detail(request: DeskRequest) -> HttpResponseBase:
    """The claims that wait, the earliest due first; a page of them, or all as a file."""
    form = QueueForm(request.GET)
    who, next, text = form.asked("who"), form.asked("next"), form.asked("q")
    values: tuple[Any, ...] = (request.now, request.user.pk, *filter(None, [text]))
    if (kind := request.GET.get("format", "")) in FORMATS:
        rows = review_queue.wanted(who, next, *values)
        rows = rows.select_related("contract__customer", "taken_by")
        return as_file(kind, "review-queue", HEADS, map(_row, rows.iterator(chunk_size=1_000)), request.now)
    listed = _page(who, next, values, request.GET.get("page", "1"))
    return page(
        request,
        "admin/review_queue.html",
        title="Review queue",
        filter_form=form,
        listed=listed,
        claims=[(one, review_queue.NEXT[one.next]) for one in review_queue.shown(listed, request.now)],
        rows=rows_in_words(listed.paginator.count, "claim"),
        narrowed=any(request.GET.get(name) for name in QueueForm.base_fields),
        days=review_queue.DECIDE_WITHIN.days,
    )


def _page(who: str, next: str, values: tuple[Any, ...], asked: str) -> Page[int]:
    """The keys of the page that is asked for. The first, which is opened most, brings along how many there are."""
    if asked != "1":
        keys = review_queue.wanted(who, next, *values).values_list("pk", flat=True)
        return Paginator(keys, ON_A_PAGE).get_page(asked)
    found = review_queue.first_wanted(who, next, ON_A_PAGE)(*values)
    in_all = range(found[0][1]) if found else ()
    return Page([key for key, _ in found], 1, Paginator(in_all, ON_A_PAGE))


def _row(claim: Any) -> tuple[Any, ...]:
    zone = claim.contract.tz
    return (
        claim.due.astimezone(zone),
        claim.reference,
        claim.contract.customer.name,
        review_queue.NEXT[claim.next],
        claim.get_state_display(),
        claim.received_at and claim.received_at.astimezone(zone),
        str(claim.taken_by or ""),
    )


pages: list[tuple[str, Any, str]] = [("review-queue/", detail, "review_queue")]
