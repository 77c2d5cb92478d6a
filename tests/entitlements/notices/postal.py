"""What tests of letters share: to write one, to send what is due, and to read how it stands."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.template import engines
from django.template.loaders.locmem import Loader

from entitlements import notices
from entitlements.models import Letter
from tests import factories as make
from tests.factories import NOW


def write(*people, now=NOW, matter="X-1", **changes):
    letter = {"context": {"what": "world", "when": NOW}} | changes
    with transaction.atomic():
        notices.write("hello", matter=matter, to=people or [make.person()], now=now, **letter)
    return Letter.objects.filter(matter=matter).last()


def send(now=NOW, **how):
    return notices.send_due(clock=lambda: now, **how)


def states():
    return list(Letter.objects.order_by("id").values_list("state", flat=True))


def course(letter):
    """What happened to it, in order."""
    return list(letter.events.order_by("id").values_list("kind", flat=True))


def only_templates(monkeypatch: Any, texts: dict[str, str]) -> None:
    """These are all the templates there are, by name, as they stand when one is asked for. The engine stays: another one begins slowly."""
    engine = engines["django"].engine
    monkeypatch.setattr(engine, "template_loaders", [Loader(engine, texts)])
