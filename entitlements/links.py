"""The addresses of pages, as letters, papers and other pages have them.

The context of a letter names its page (`page`), and the address is worked out when the letter is written out: the clock, which writes
most letters, then needs no routes, and with them none of the pages that they lead to (decision 015).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.urls import NoReverseMatch, URLResolver, get_resolver, get_urlconf, reverse

_KEY = re.compile(r"[A-Z0-9-]+")


@dataclass(frozen=True, slots=True)
class Page:
    """A page by the name of its route; as text, its address. While letters wait, a route keeps its name."""

    name: str
    args: tuple[str | int, ...] = ()

    def __str__(self) -> str:
        return link(self.name, *self.args)


def page(name: str, *args: str | int) -> Page:
    """A page of the portal, for the context of a letter."""
    return Page(name, args)


def link(name: str, *args: Any) -> str:
    """The address of a page of the portal, with our host."""
    return settings.SITE_URL + (_by_its_key(name, *args) or reverse(name, args=args))


def address_of(name: str) -> str:
    """The address of a page without parameters, as a page links to it; empty where there is none. The same dozens stand on every page,
    and are asked for once."""
    return _address_in(get_resolver(get_urlconf()), name)


@lru_cache(maxsize=256)
def _address_in(routes: URLResolver, name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def path_of(name: str, *keys: str | int) -> str:
    """The address of a record's page by its reference or key, as a page links to it: a list has dozens of them. Several keys, where
    the record belongs to another."""
    return _by_its_key(name, *keys) or reverse(name, args=keys)


def _by_its_key(name: str, *args: Any) -> str:
    """As `reverse` would say it, which is asked once for all records: it was a fifth of a letter's making. Empty for another."""
    if not args or not all(_KEY.fullmatch(str(key)) for key in args):
        return ""
    by_number = tuple(isinstance(key, int) for key in args)
    return _path_of_one(get_resolver(get_urlconf()), name, by_number).format(*args)


@lru_cache(maxsize=256)
def _path_of_one(routes: URLResolver, name: str, by_number: tuple[bool, ...]) -> str:
    """The path with a pair of braces in the place of each key; empty if there is none. `routes` because there can be others: in a test,
    and on another host."""
    keys = [9_876_543_210 + n if number else f"REF-{n}" for n, number in enumerate(by_number)]
    try:
        path = reverse(name, args=keys).replace("{", "{{").replace("}", "}}")
    except NoReverseMatch:
        return ""
    for key in keys:
        path = path.replace(str(key), "{}", 1)
    return path
