"""The archive of letters: everything that was written to a customer, as it was sent (C11, T2). Reading changes nothing."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models.fields.json import KT
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from entitlements.access import Who, letters_visible_to, open_to
from entitlements.forms.letters import LetterFilter

ZONE = KT("context__of__zone")  # the zone that the letter's own times are written in


@open_to(Who.CUSTOMERS)
def listing(request: HttpRequest) -> HttpResponse:
    letters = letters_visible_to(request.user)
    chosen = LetterFilter(request.GET, letters=letters)
    rows = chosen.narrow(letters).annotate(zone=ZONE).defer("context", "text", "html", "attachments")
    found = Paginator(rows, per_page=25).get_page(request.GET.get("page"))
    return render(request, "letters/archive.html", {"form": chosen, "page_obj": found})


@open_to(Who.CUSTOMERS)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    letters = letters_visible_to(request.user).annotate(zone=ZONE).select_related("person")
    letter = get_object_or_404(letters, pk=pk)
    context = {"letter": letter, "zone": letter.zone or "UTC", "attached": [one[0] for one in letter.attachments]}
    return render(request, "letters/letter.html", context)
