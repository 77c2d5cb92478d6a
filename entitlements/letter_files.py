"""A letter as a file or in its own dress: what portal and desk hand out alike."""

from __future__ import annotations

from django.http import HttpResponse

from entitlements.models import Letter
from entitlements.one_use import masked

NOTHING_BUT_STYLES = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"


def in_its_dress(letter: Letter) -> HttpResponse:
    """Its HTML as it was sent. Nothing in it runs, loads or sends."""
    return HttpResponse(masked(letter.html, letter.addressee), headers={"Content-Security-Policy": NOTHING_BUT_STYLES})


def as_file(content: bytes, name: str, kind: str) -> HttpResponse:
    """Something to be kept, not shown."""
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
