"""What a manager does with one letter, and how they read and keep its dossier (T2)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from entitlements.access import Who, letters_visible_to, open_to
from entitlements.actions.letters import queue_again
from entitlements.admin.pages import DeskRequest, done, posted_to, refusals_of
from entitlements.dossiers import dossier_of, holds_a_secret
from entitlements.letter_files import as_file, in_its_dress
from entitlements.letter_paper import paper_of
from entitlements.models import Letter

PAGE = "admin:entitlements_letter_change"


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def send_again(request: DeskRequest, *, pk: int) -> HttpResponse:
    """T2: the letter goes to be sent once more."""
    letter = _asked_for(request, pk)
    refusals = refusals_of(lambda: queue_again(letter=letter, by=request.user, now=request.now))
    if refusals:
        messages.error(request, " ".join(map(str, refusals)))
        return redirect(PAGE, pk)
    return done(request, "The letter is sent again at the next turn.", PAGE, pk)


@open_to(Who.MANAGERS)
def as_pdf(request: DeskRequest, *, pk: int) -> HttpResponse:
    """The dossier as a paper: what was sent to whom, when it was accepted, and by which server."""
    letter = _asked_for(request, pk)
    return as_file(paper_of(dossier_of(letter, for_customer=False)), f"letter-{pk}.pdf", "application/pdf")


@open_to(Who.MANAGERS)
def as_html(request: DeskRequest, *, pk: int) -> HttpResponse:
    """The letter in its own dress."""
    letter = _asked_for(request, pk)
    return in_its_dress(letter) if letter.html else redirect(PAGE, pk)


@open_to(Who.MANAGERS)
def as_message(request: DeskRequest, *, pk: int) -> HttpResponse:
    """The message byte for byte, unless a link in it is for its addressee alone."""
    letter = _asked_for(request, pk)
    if not letter.sha256 or holds_a_secret(letter):
        return redirect(PAGE, pk)
    return as_file(bytes(letter.raw), f"letter-{pk}.eml", "message/rfc822")


def _asked_for(request: DeskRequest, pk: int) -> Letter:
    return get_object_or_404(letters_visible_to(request.user).select_related("person", "in_place_of"), pk=pk)


pages: list[tuple[str, Any, str]] = [
    ("letters/<int:pk>/send-again/", send_again, "send_letter_again"),
    ("letters/<int:pk>/letter.pdf", as_pdf, "letter_pdf"),
    ("letters/<int:pk>/html/", as_html, "letter_as_html"),
    ("letters/<int:pk>/letter.eml", as_message, "letter_raw"),
]
