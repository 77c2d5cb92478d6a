"""What the letter about a letter that came back says, and to whom (N25)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings

from entitlements import access
from entitlements.links import link
from entitlements.models import Letter, Role, User
from entitlements.notices.writing import write
from entitlements.people_letters import zone_of
from entitlements.wording import label_in_words


def letter_came_back(letter: Letter, instead: Letter | None, *, now: datetime) -> None:
    """N25: which letter did not reach whom, and what we did instead; to the customer's owners, and to the managers."""
    facts: dict[str, Any] = {
        "reference": letter.matter,
        "address": letter.addressee,
        "reader": letter.person.name if letter.person else "",
        "subject_of_it": letter.subject or label_in_words(letter.kind),
        "written_at": letter.written_at,
        "zone": zone_of(letter.customer) if letter.customer else settings.VENDOR_ZONE,
        "instead": _reader(instead) if instead else "",
    }
    if letter.customer:
        owners = access.people_of(letter.customer, Role.OWNER).exclude(email__iexact=letter.addressee)
        contacts = {"action_url": link("people") + "#contacts", "action_label": "Look at your contacts"}
        _write(letter, list(owners), now, {**facts, **contacts, "for_desk": False})
    dossier = {"action_url": link("admin:entitlements_letter_change", letter.pk), "action_label": "Open the letter"}
    _write(letter, managers(), now, {**facts, **dossier, "for_desk": True})


def _reader(letter: Letter) -> str:
    return f"{letter.person.name}, {letter.addressee}" if letter.person else letter.addressee


def managers() -> list[User]:
    """Whoever works at the desk."""
    return list(User.objects.filter(is_staff=True, is_active=True, engineer__isnull=True).order_by("pk"))


def _write(letter: Letter, to: list[User], now: datetime, context: dict[str, Any]) -> None:
    write(
        "letter_came_back",
        matter=letter.matter,
        to=to,
        now=now,
        customer=None if context["for_desk"] else letter.customer,
        point=f"letter {letter.pk}",
        context=context,
    )
