"""Each kind of letter, written out by today's templates from what a real one was written from: to be looked at before customers do.

Nothing is written and nothing is sent. Links that work once are left out.
"""

from __future__ import annotations

from copy import copy
from functools import cache
from pathlib import Path
from typing import Any

from csp.constants import SELF
from csp.decorators import csp_update
from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_sameorigin

from entitlements import notices
from entitlements.access import Who, letters_visible_to, open_to
from entitlements.admin.pages import DeskRequest, page
from entitlements.admin.queues import vendor_zone
from entitlements.forms.base import PortalForm
from entitlements.models import Letter
from entitlements.one_use import masked
from entitlements.wording import label_in_words

NOTHING_BUT_STYLES = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"
DARK_QUERY = "@media (prefers-color-scheme: dark)"
LOOKS = {"light": "@media not all", "dark": "@media all"}


@cache
def kinds() -> tuple[str, ...]:
    """Every kind of letter that has templates, by name."""
    folder = Path(settings.BASE_DIR) / "templates" / "emails"
    return tuple(sorted(path.name.removesuffix(".subject.txt") for path in folder.glob("*.subject.txt")))


class PreviewForm(PortalForm):
    use_required_attribute = False
    kind = forms.ChoiceField(label="Letter", help_text="The newest of its kind is written out again.")
    matter = forms.CharField(
        label="Reference", required=False, max_length=40, help_text="Of the matter, if it is to be another one."
    )
    look = forms.ChoiceField(
        label="Read",
        choices=[("light", "in light"), ("dark", "in the dark")],
        help_text="As the mail program shows it.",
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.fields["kind"].choices = [(kind, label_in_words(kind)) for kind in kinds()]  # type: ignore[attr-defined]


@csp_update({"frame-src": [SELF]})
@open_to(Who.MANAGERS)
def preview(request: DeskRequest) -> HttpResponse:
    """The subject, the text, and the HTML as wide as a desk and as a telephone."""
    form = PreviewForm(request.GET or None)
    asked = form.is_valid()
    original = _newest(request, **form.cleaned_data) if asked else None
    found: dict[str, Any] = {"original": original}
    if original:
        query = {"kind": original.kind, "matter": original.matter, "look": form.cleaned_data["look"]}
        found |= {**_written_out(original), "frame": reverse("admin:letter_preview_html", query=query)}
    return page(
        request,
        "admin/letter_preview.html",
        title="Letters, as they would be written today",
        form=form,
        asked=asked,
        zone=vendor_zone(),
        **found,
    )


@open_to(Who.MANAGERS)
@xframe_options_sameorigin
def preview_html(request: DeskRequest) -> HttpResponse:
    """What the frames of `preview` show. Nothing in it runs, loads or sends."""
    form = PreviewForm(request.GET)
    original = _newest(request, **form.cleaned_data) if form.is_valid() else None
    if original is None:
        return redirect("admin:letter_preview")
    html = _written_out(original).get("html", "").replace(DARK_QUERY, LOOKS[form.cleaned_data["look"]])
    return HttpResponse(html, headers={"Content-Security-Policy": NOTHING_BUT_STYLES})


def _newest(request: DeskRequest, *, kind: str, matter: str, **_: Any) -> Letter | None:
    letters = letters_visible_to(request.user).filter(kind=kind, **({"matter": matter} if matter else {}))
    return letters.select_related("person", "customer").order_by("-pk").first()


def _written_out(original: Letter) -> dict[str, str]:
    """Subject, text and HTML by today's templates, or what stands in their way."""
    letter = copy(original)
    try:
        notices.render(letter)
    except Exception as error:
        # Whatever a template cannot do is what this page is for.
        return {"trouble": repr(error)}
    to = original.addressee
    return {"subject": letter.subject, "text": masked(letter.text, to), "html": masked(letter.html, to)}


pages: list[tuple[str, Any, str]] = [
    ("letters/preview/", preview, "letter_preview"),
    ("letters/preview/html/", preview_html, "letter_preview_html"),
]
