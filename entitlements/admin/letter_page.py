"""What a manager does with one letter: send again what could not be sent (T2)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from entitlements.access import Who, letters_visible_to, open_to
from entitlements.actions.letters import queue_again
from entitlements.admin.pages import DeskRequest, done, posted_to, refusals_of

PAGE = "admin:entitlements_letter_change"


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def send_again(request: DeskRequest, *, pk: int) -> HttpResponse:
    """T2: the letter goes to be sent once more."""
    letter = get_object_or_404(letters_visible_to(request.user), pk=pk)
    refusals = refusals_of(lambda: queue_again(letter=letter, by=request.user, now=request.now))
    if refusals:
        messages.error(request, " ".join(map(str, refusals)))
        return redirect(PAGE, pk)
    return done(request, "The letter is sent again at the next turn.", PAGE, pk)
