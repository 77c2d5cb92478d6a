"""A link that works once is for the mailbox it was sent to (N1, N2, C12.3): wherever else a letter is shown, it is left out."""

from __future__ import annotations

import re

LINK = re.compile(r"https?://[^\s\"'<>]*[/=][\w-]{40,}[^\s\"'<>]*")
"""An address that ends in a secret. By its form, so that nobody has to remember to list a new kind of letter."""
WAY_IN = re.compile(rf'\shref="{LINK.pattern}"')


def masked(text: str, addressee: str) -> str:
    """The text or HTML of a letter as anybody but its addressee may read it."""
    note = f"(The link was for {addressee} only and is not shown here.)"
    return LINK.sub(lambda found: note, WAY_IN.sub("", text))


def has_a_secret(text: str) -> bool:
    """Whether there is such a link in it."""
    return bool(LINK.search(text))
