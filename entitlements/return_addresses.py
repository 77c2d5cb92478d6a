"""Where a letter comes back to: the bounce address with the letter's number and a signature, so that a report names its letter."""

from __future__ import annotations

import re
from email.utils import parseaddr
from functools import lru_cache

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

_TAG = re.compile(r"\+(\d+)-([0-9a-f]{16})@")


def return_address(letter: int) -> str:
    """The envelope's sender of a letter: `bounces+12-4f…@example.com`; without a bounce address the sender of all letters."""
    if not settings.BOUNCES_ADDRESS:
        return _bare(settings.DEFAULT_FROM_EMAIL)
    local, _, domain = settings.BOUNCES_ADDRESS.partition("@")
    return f"{local}+{letter}-{_signature(letter)}@{domain}"


@lru_cache(maxsize=4)
def _bare(address: str) -> str:
    """Without the name beside it: the same for each letter, so it is read once."""
    return parseaddr(address)[1]


def letter_of(address: str) -> int | None:
    """The letter whose return address this is; None if it is none of ours."""
    found = _TAG.search(address)
    if found and constant_time_compare(found[2], _signature(int(found[1]))):
        return int(found[1])
    return None


def _signature(letter: int) -> str:
    return salted_hmac("return address", str(letter)).hexdigest()[:16]
