"""T2: what failed is put back by a manager, on the letter's page."""

from __future__ import annotations

import pytest
from django.urls import reverse

from entitlements.actions.letters import queue_again
from entitlements.actions.refused import Refused
from entitlements.models import Event, Letter
from tests import factories as make
from tests.desk import at, signed_in
from tests.entitlements.notices.postal import send, states, write
from tests.factories import DAY, NOW

pytestmark = pytest.mark.django_db


class TestSendAgain:
    """T2: what failed is put back by a manager, on the letter's page."""

    @pytest.fixture
    def failed(self, post):
        letter = write()
        post.at_rcpt[letter.addressee] = "550 Nobody here"
        send()
        post.at_rcpt.clear()
        letter.refresh_from_db()
        return letter

    def test_it_goes_and_who_did_it_is_on_record(self, failed, post):
        by = make.manager()

        queue_again(letter=failed, by=by, now=NOW + DAY)
        send(NOW + DAY)

        failed.refresh_from_db()
        assert (failed.state, failed.attempts, len(post.messages)) == ("accepted", 1, 1)
        event = Event.objects.get(verb="letter.queued_again")
        assert (event.matter, event.actor, event.happened_at) == (failed.matter, by, NOW + DAY)

    def test_only_what_failed_is_sent_again(self, post):
        with pytest.raises(Refused) as refused:
            queue_again(letter=write(), by=make.manager(), now=NOW)

        assert refused.value.refusals[0].code == "not_failed"
        assert not Event.objects.filter(verb="letter.queued_again").exists()


class TestSendAgainOnThePage:
    @pytest.fixture
    def desk(self, monkeypatch):
        at(monkeypatch, NOW)
        return signed_in(make.manager())

    def test_the_button_is_there_for_one_that_failed_and_queues_it(self, desk):
        letter = write()
        page, act = (
            reverse(f"admin:{name}", args=[letter.pk]) for name in ("entitlements_letter_change", "send_letter_again")
        )
        assert act.encode() not in desk.get(page).content
        Letter.objects.filter(pk=letter.pk).update(state="failed", attempts=3)

        assert f'action="{act}"'.encode() in desk.get(page).content
        assert desk.get(act).status_code == 302
        assert states() == ["failed"]
        assert b"is sent again" in desk.post(act, follow=True).content
        assert b"did not fail" in desk.post(act, follow=True).content
        assert states() == ["queued"]
