"""A person's address is what they sign in by; and where they are signed in now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session

from entitlements.models import User

BROWSERS = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def cut_off(user: User) -> None:
    """Ends the person's sessions and password, and what allauth knows of other addresses; in the caller's transaction.

    A session is bound to the password, also to an unusable one. The caller saves.
    """
    user.set_unusable_password()
    EmailAddress.objects.filter(user_id=user.pk).exclude(email=user.email).delete()


@dataclass(frozen=True, slots=True)
class SignIn:
    """Where somebody is signed in: since when, from which address of the net, with what."""

    pk: int
    since: datetime
    place: str
    device: str
    is_this_one: bool


def sign_ins_of(user: User, here: str, now: datetime) -> list[SignIn]:
    """The person's open sign-ins, the latest first; `here` is the key of the session that asks."""
    keys = Session.objects.filter(expire_date__gt=now).values("session_key")
    rows = UserSession.objects.filter(user_id=user.pk, session_key__in=keys).order_by("-created_at", "-pk")
    return [SignIn(row.pk, row.created_at, row.ip, device_of(row.user_agent), row.session_key == here) for row in rows]


def end_session(user: User, pk: int) -> bool:
    """Ends one of the person's sign-ins. False if it is not theirs, or over."""
    row = UserSession.objects.filter(user_id=user.pk, pk=pk).first()
    if row is not None:
        row.end()
    return row is not None


def keep_sign_in(before: str, after: str) -> None:
    """The same sign-in under a new session id."""
    UserSession.objects.filter(session_key=before).update(session_key=after)


def device_of(agent: str) -> str:
    """'Firefox on Windows', as far as a browser's own words tell."""
    browser = next((name for sign, name in BROWSERS if sign in agent), "A browser")
    system = next((name for sign, name in SYSTEMS if sign in agent), "")
    return f"{browser} on {system}" if system else browser
