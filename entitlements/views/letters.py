"""The archive of letters: everything that was written to a customer, as it was sent (C11, T2). Reading changes nothing."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models.fields.json import KT
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from entitlements.access import Who, letters_visible_to, open_to
from entitlements.actions.letters import open_letter
from entitlements.dossiers import REFERENCE, dossier_of, holds_a_secret, reference_of
from entitlements.forms.letters import LetterFilter
from entitlements.letter_files import as_file, in_its_dress
from entitlements.letter_paper import paper_of
from entitlements.models import Letter
from entitlements.models.letters import LONG
from entitlements.views.lists import InFile, if_asked_as_file, rows_in_words
from entitlements.views.requests import PortalRequest
from entitlements.wording import label_in_words, state_of

ZONE = KT("context__of__zone")  # the zone that the letter's own times are written in
IN_FILE: InFile = {
    "Number": lambda one: one.pk,
    "Letter": lambda one: one.subject or one.matter,
    "About": lambda one: label_in_words(one.kind),
    "Reference": lambda one: reference_of(one.matter, one.told),
    "To": lambda one: one.addressee,
    "Sent": lambda one: one.accepted_at,
    "State": lambda one: state_of(one.standing).word,
}


@open_to(Who.CUSTOMERS)
@require_safe
def listing(request: PortalRequest) -> HttpResponseBase:
    letters = letters_visible_to(request.user)
    chosen = LetterFilter(request.GET, letters=letters)
    rows = chosen.narrow(letters).defer(*LONG).annotate(zone=ZONE, told=REFERENCE)
    if file := if_asked_as_file(request, "letters", rows, IN_FILE):
        return file
    found = Paginator(rows, per_page=25).get_page(request.GET.get("page"))
    zone = next((one.zone for one in found if one.zone), None)  # type: ignore[attr-defined]
    context = {"form": chosen, "page_obj": found, "count": rows_in_words(found.paginator.count, "letter"), "zone": zone}
    return render(request, "letters/archive.html", context)


@open_to(Who.CUSTOMERS)
@require_safe
def detail(request: PortalRequest, pk: int) -> HttpResponse:
    """C11.2–C11.5: the letter's dossier. Reading it notes nothing; the form on it does, sent by the reader or by a script (S16)."""
    letter = _asked_for(request, pk)
    dossier = dossier_of(letter, for_customer=True)
    context = {
        "one": dossier,
        "zone": dossier.zone,
        "to_be_opened": bool(letter.text) and letter.opened_at is None and not hasattr(request, "seen_as"),
        "raw_page": "letter_raw" if _may_have_bytes(request, letter) else "",
    }
    return render(request, "letters/letter.html", context)


@open_to(Who.CUSTOMERS)
@require_POST
def opened(request: PortalRequest, pk: int) -> HttpResponse:
    """S16: somebody of the customer's has the letter before them."""
    open_letter(letter=_asked_for(request, pk), by=request.user, now=request.now)
    return redirect("letter", pk)


@open_to(Who.CUSTOMERS)
@require_safe
def as_html(request: PortalRequest, pk: int) -> HttpResponse:
    """C11.2: the letter in its own dress. While it waits, there is none: its page says so."""
    letter = _asked_for(request, pk)
    return in_its_dress(letter) if letter.html else redirect("letter", pk)


@open_to(Who.CUSTOMERS)
@require_safe
def as_pdf(request: PortalRequest, pk: int) -> HttpResponse:
    """C11.4: the dossier as a paper."""
    letter = _asked_for(request, pk)
    return as_file(paper_of(dossier_of(letter, for_customer=True)), f"letter-{pk}.pdf", "application/pdf")


@open_to(Who.CUSTOMERS)
@require_safe
def as_message(request: PortalRequest, pk: int) -> HttpResponse:
    """The message byte for byte. One with a link for its addressee alone is its addressee's alone."""
    letter = _asked_for(request, pk)
    if not _may_have_bytes(request, letter):
        return redirect("letter", pk)
    return as_file(bytes(letter.raw), f"letter-{pk}.eml", "message/rfc822")


def _asked_for(request: PortalRequest, pk: int) -> Letter:
    return get_object_or_404(letters_visible_to(request.user).select_related("person", "in_place_of"), pk=pk)


def _may_have_bytes(request: PortalRequest, letter: Letter) -> bool:
    own = letter.person_id == request.user.pk and not hasattr(request, "seen_as")
    return bool(letter.sha256) and (own or not holds_a_secret(letter))
