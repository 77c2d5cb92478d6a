"""The archive of letters: everything that was written to a customer, as it was sent (C11, T2). Reading changes nothing."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models.fields.json import KT
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from entitlements.access import Who, letters_visible_to, open_to
from entitlements.forms.letters import LetterFilter
from entitlements.models import LetterState
from entitlements.models.letters import LONG
from entitlements.one_use import masked
from entitlements.views.lists import InFile, if_asked_as_file, rows_in_words
from entitlements.views.requests import PortalRequest
from entitlements.wording import label_in_words

ZONE = KT("context__of__zone")  # the zone that the letter's own times are written in
IN_FILE: InFile = {
    "Number": lambda one: one.pk,
    "Letter": lambda one: one.subject or one.matter,
    "About": lambda one: label_in_words(one.kind),
    "Reference": lambda one: one.matter,
    "To": lambda one: one.addressee,
    "Sent": lambda one: one.accepted_at,
    "State": lambda one: one.get_state_display(),
}
NOTHING_BUT_STYLES = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
OUTCOMES = {
    LetterState.QUEUED: "It waits to be sent.",
    LetterState.ACCEPTED: "The mail server has taken it.",
    LetterState.NO_LONGER_TRUE: "It was not sent: what it says was no longer true when its turn came.",
    LetterState.FAILED: "It could not be sent. We know, and what it says is open to you here.",
}


@open_to(Who.CUSTOMERS)
@require_safe
def listing(request: PortalRequest) -> HttpResponseBase:
    letters = letters_visible_to(request.user)
    chosen = LetterFilter(request.GET, letters=letters)
    rows = chosen.narrow(letters).defer(*LONG).annotate(zone=ZONE)
    if file := if_asked_as_file(request, "letters", rows, IN_FILE):
        return file
    found = Paginator(rows, per_page=25).get_page(request.GET.get("page"))
    context = {"form": chosen, "page_obj": found, "count": rows_in_words(found.paginator.count, "letter")}
    return render(request, "letters/archive.html", context)


@open_to(Who.CUSTOMERS)
@require_safe
def detail(request: PortalRequest, pk: int) -> HttpResponse:
    letters = letters_visible_to(request.user).annotate(zone=ZONE).select_related("person")
    letter = get_object_or_404(letters, pk=pk)
    context = {
        "letter": letter,
        "text": masked(letter.text, letter.addressee),
        "about": label_in_words(letter.kind),
        "outcome": OUTCOMES[letter.state],
        "attached": [name for name, _, _ in letter.attachments],
        "zone": letter.zone or "UTC",
    }
    return render(request, "letters/letter.html", context)


@open_to(Who.CUSTOMERS)
@require_safe
def as_html(request: PortalRequest, pk: int) -> HttpResponse:
    """C11.2: the letter in its own dress. Nothing in it runs, loads or sends. While it waits, there is none: its page says so."""
    letter = get_object_or_404(letters_visible_to(request.user), pk=pk)
    if not letter.html:
        return redirect("letter", pk)
    headers = {"Content-Security-Policy": NOTHING_BUT_STYLES}
    return HttpResponse(masked(letter.html, letter.addressee), headers=headers)
