"""C12.4, RFC 8058: what a person may do without, and that nothing else can be switched off."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from entitlements import notices
from entitlements.models import Event, Letter
from entitlements.notices import sending
from entitlements.optional_letters import OPTIONAL, is_kept_back, may_be_switched_off, meant_by, off_switch, token_of
from tests import factories as make
from tests.entitlements.notices.postal import only_templates
from tests.entitlements.portal import page, words
from tests.factories import DAY, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client, clock):
    person = make.member(name="Olivia Owner", email="olivia@acme.example")
    client.force_login(person)
    return person


@pytest.fixture
def templates(monkeypatch):
    """Short ones of the kinds that are sent here."""
    monkeypatch.setattr(sending, "_questions", [])
    kinds = ("session_reminder", "claim_reminder", "claim_received")
    texts = {f"emails/{kind}.{ending}": "Hello" for kind in kinds for ending in ("subject.txt", "txt", "html")}
    only_templates(monkeypatch, texts)


def sent(kind, to, point=""):
    with transaction.atomic():
        notices.write(kind, matter="X-1", to=[to], now=NOW, deadline=NOW + DAY, point=point, context={})
    notices.send_due(clock=lambda: NOW)
    return Letter.objects.latest("pk")


class TestWhichAreOptional:
    @pytest.mark.parametrize(
        ("kind", "point", "optional"),
        [
            ("session_reminder", "1d", True),
            ("unused_reminder", "30d", True),
            ("claim_reminder", "7d", True),
            ("claim_reminder", "3d", True),
            ("claim_reminder", "1d", False),
            ("claim_reminder", "4h", False),
            ("draft_reminder", "7d", False),
            ("claim_received", "", False),
            ("account_changed", "", False),
        ],
    )
    def test_only_those_of_the_table(self, kind, point, optional):
        assert may_be_switched_off(Letter(kind=kind, point=point)) is optional


class TestTheHeader:
    def test_optional_letters_have_it_and_no_others(self, templates, smtp_backend, reader):
        optional, last, contractual = (
            sent("session_reminder", reader),
            sent("claim_reminder", reader, "1d"),
            sent("claim_received", reader),
        )

        first, *others = smtp_backend.messages
        assert first["List-Unsubscribe"].strip() == f"<{off_switch(optional)}>"
        assert first["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert [mail["List-Unsubscribe"] for mail in others] == [None, None]
        assert {last.state, contractual.state} == {"accepted"}


class TestSwitchedOff:
    @pytest.mark.parametrize("mark", ["switched such letters off", "come back"])
    def test_it_is_kept_back_and_its_course_says_why(self, templates, smtp_backend, reader, mark):
        if mark == "switched such letters off":
            reader.switched_off = list(OPTIONAL)
        else:
            reader.bounced_at = NOW
        reader.save()

        optional, last, contractual = (
            sent("session_reminder", reader),
            sent("claim_reminder", reader, "4h"),
            sent("claim_received", reader),
        )

        assert [one.state for one in (optional, last, contractual)] == ["not_wanted", "accepted", "accepted"]
        assert mark in optional.events.get().reply
        assert len(smtp_backend.messages) == 2


class TestOneClick:
    def test_following_the_link_asks_and_the_post_does_it(self, reader):
        address = reverse("switch_off_letters", args=[token_of(reader.pk, "session_reminder")])
        stranger = Client(enforce_csrf_checks=True)

        asked = stranger.get(address).content.decode()
        reader.refresh_from_db()
        assert ("Switch these reminders off?" in asked, reader.switched_off) == (True, [])

        answer = stranger.post(address, {"List-Unsubscribe": "One-Click"})

        reader.refresh_from_db()
        assert (answer.status_code, reader.switched_off) == (200, ["session_reminder"])
        assert Event.objects.filter(verb="person.reminders_chosen").exists()

    @pytest.mark.parametrize(
        "change", [lambda t: t[:-1] + "z", lambda t: "9" + t, lambda t: "x", lambda t: t.replace("session", "claim")]
    )
    def test_a_token_that_is_not_ours_means_nobody(self, reader, change):
        token = change(token_of(reader.pk, "session_reminder"))

        assert meant_by(token) is None
        assert Client().post(reverse("switch_off_letters", args=[token])).status_code == 404

    def test_no_letter_of_the_contract_can_be_meant(self, reader):
        assert meant_by(token_of(reader.pk, "claim_received")) is None


class TestTheAccount:
    def test_it_takes_and_gives_back(self, client, reader):
        for wanted in ([], ["session_reminder", "unused_reminder"], list(OPTIONAL)):
            client.post(reverse("reminder_settings"), {"wanted": wanted})

            reader.refresh_from_db()
            assert reader.switched_off == [kind for kind in OPTIONAL if kind not in wanted]

    def test_whoever_works_at_the_desk_can_do_without_the_letter_of_the_morning(self, client, clock):
        """N26 is optional, and nothing else of theirs."""
        manager = make.manager()
        client.force_login(manager)

        client.post(reverse("reminder_settings"), {"wanted": []})

        manager.refresh_from_db()
        assert manager.switched_off == ["morning"]
        assert is_kept_back(Letter(kind="morning", person=manager))
        assert not is_kept_back(Letter(kind="alarm", person=manager))
        assert "At eight in the morning" in words(page(client, "reminder_settings"))

    def test_what_belongs_to_the_contract_cannot_be_named(self, client, reader):
        client.post(reverse("reminder_settings"), {"wanted": ["claim_received"]})

        reader.refresh_from_db()
        assert reader.switched_off == []
        assert "Everything else that we write belongs to your contract" in words(page(client, "reminder_settings"))
