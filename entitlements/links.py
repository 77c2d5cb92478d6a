"""The addresses of pages, as letters and papers have them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.urls import NoReverseMatch, URLResolver, get_resolver, reverse

_REFERENCE = re.compile(r"[A-Z0-9-]+")


def link(name: str, *args: Any) -> str:
    """The address of a page of the portal, for a letter."""
    return settings.SITE_URL + (_by_its_reference(name, *args) or reverse(name, args=args))


def _by_its_reference(name: str, *args: Any) -> str:
    """As `reverse` would say it, which is asked once for all references: it was a fifth of a letter's making. Empty for another."""
    if len(args) != 1 or not isinstance(args[0], str) or not _REFERENCE.fullmatch(args[0]):
        return ""
    before, found, after = _path_of_one(get_resolver(), name)
    return f"{before}{args[0]}{after}" if found else ""


@lru_cache(maxsize=64)
def _path_of_one(routes: URLResolver, name: str) -> tuple[str, str, str]:
    """What stands before and after a reference in the path. `routes` because there can be others: in a test, and on another host."""
    try:
        return reverse(name, args=["REF-0"]).partition("REF-0")
    except NoReverseMatch:
        return "", "", ""
