"""Which letters their reader may switch off (the last column of the letters' table), and the link that does it with one click (RFC 8058).

A kind that is not here belongs to the contract or to the account, and always goes (C12.4).
"""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from entitlements.models import Letter, User

OPTIONAL: dict[str, str] = {
    "session_reminder": "The day before a session",
    "unused_reminder": "60 and 30 days before unused sessions lapse",
    "claim_reminder": "7 and 3 days before the time to claim ends; the last two reminders always come",
    "outage_short": "Outages of yours that are too short to be claimed, while they last and when they are over",
}
"""Kind: what a person chooses by."""
AT_THE_DESK: dict[str, str] = {"morning": "At eight in the morning: what failed, what is overdue and what is due"}
"""The same, for whoever works at the desk."""
ALL = {**OPTIONAL, **AT_THE_DESK}
ONLY_AT = {"claim_reminder": ("7d", "3d")}
"""Of a ladder only these points are optional."""


def offered_to(person: User) -> dict[str, str]:
    """What the person may switch off: kind, and what it is chosen by."""
    return AT_THE_DESK if person.is_staff else OPTIONAL


def may_be_switched_off(letter: Letter) -> bool:
    """Whether its reader may do without it."""
    return letter.kind in ALL and letter.point in ONLY_AT.get(letter.kind, (letter.point,))


def is_kept_back(letter: Letter) -> str:
    """Why an optional letter is not sent, in a sentence; empty for one that goes."""
    if letter.person is None or not may_be_switched_off(letter):
        return ""
    if letter.kind in letter.person.switched_off:
        return "Its reader switched such letters off."
    return "Letters to the address come back." if letter.person.bounced_at else ""


def off_switch(letter: Letter) -> str:
    """The address that switches letters of this kind off for its reader, by a POST alone."""
    return settings.SITE_URL + reverse("switch_off_letters", args=[token_of(letter.person_id, letter.kind)])


def token_of(person: int | None, kind: str) -> str:
    """What the address ends in: it says whom and what, and is signed."""
    return f"{person}-{kind}-{salted_hmac('switch off letters', f'{person}-{kind}', algorithm='sha256').hexdigest()}"


def meant_by(token: str) -> tuple[User, str] | None:
    """The person and the kind of letter; None for a token that is not ours."""
    person, _, rest = token.partition("-")
    kind = rest.rpartition("-")[0]
    if kind not in ALL or not person.isdecimal() or not constant_time_compare(token, token_of(int(person), kind)):
        return None
    found = User.objects.filter(pk=int(person)).first()
    return (found, kind) if found else None
