"""References that people read out on the telephone: `CLM-7K4Q-2M9X`.

No 0/O/1/I/L, not sequential, and a last sign that catches a mistyped one (X5).
"""

from __future__ import annotations

import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_LENGTH = 8


def new_reference(prefix: str) -> str:
    """A new reference, `PREFIX-XXXX-XXXX`. Unique by the database's constraint, not by this function."""
    number, body = secrets.randbelow(len(ALPHABET) ** (_LENGTH - 1)), ""
    for _ in range(_LENGTH - 1):
        number, sign = divmod(number, len(ALPHABET))
        body += ALPHABET[sign]
    return _written(prefix, body + check_sign(body))


def check_sign(body: str) -> str:
    """The sign that makes the weighted sum come out even: one wrong sign or two swapped neighbours change it."""
    return ALPHABET[sum(place * ALPHABET.index(sign) for place, sign in enumerate(body, start=2)) % len(ALPHABET)]


def normalised(typed: str) -> str | None:
    """What somebody typed (any case, with or without hyphens and spaces) as the reference; None if it cannot be one."""
    signs = "".join(typed.upper().split()).replace("-", "")
    prefix, body = signs[:-_LENGTH], signs[-_LENGTH:]
    if not prefix.isalpha() or set(body) - set(ALPHABET) or len(body) != _LENGTH or check_sign(body[:-1]) != body[-1]:
        return None
    return _written(prefix, body)


def _written(prefix: str, body: str) -> str:
    return f"{prefix}-{body[:4]}-{body[4:]}"
