from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse

from entitlements.actions.no_shows import note_no_show
from entitlements.admin.engagement_new import the_same_again
from entitlements.models import Engagement, Event
from tests import factories as make
from tests.desk import at, signed_in
from tests.shared import shared

pytestmark = pytest.mark.django_db
DAY = make.TODAY + timedelta(days=14)


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    at(monkeypatch, make.NOW)


def page_of(engagement):
    return reverse("admin:engagement", args=[engagement.reference])


def typed(engineer, *, day=DAY, time="10:00"):
    return {"day_1": day.isoformat(), "time_1": time, "engineer_1": engineer.pk}


@shared
def asked(gold):
    """An asked, of two sessions."""
    return make.request(contract=gold, activity="incident_lifecycle", day=DAY)


class TestScheduling:
    """E5, E9, E10, E15"""

    def test_books_the_session_in_the_zone_of_the_contract(self, requested, engineer):
        manager = make.manager()

        answer = signed_in(manager).post(page_of(requested) + "schedule/", typed(engineer))

        assert answer.status_code == 302
        requested.refresh_from_db()
        (session,) = requested.sessions.all()
        assert (requested.state, requested.decided_by) == ("scheduled", manager)
        assert session.during.lower.isoformat() == f"{DAY}T14:00:00+00:00"  # ten in the morning in New York
        assert session.during.upper - session.during.lower == timedelta(minutes=30)

    def test_says_which_engineer_is_taken_and_keeps_what_was_typed(self, requested, engineer):
        make.scheduled(start=make.NOW + timedelta(days=14), engineer=engineer)

        answer = signed_in(make.manager()).post(page_of(requested) + "schedule/", typed(engineer, time="10:15"))

        assert b"Lars Holm is already booked at that time." in answer.content
        assert b'data-clause="E15" data-code="engineer_taken"' in answer.content
        assert b'value="10:15"' in answer.content
        assert Engagement.objects.get(pk=requested.pk).state == "requested"

    def test_beyond_the_cap_it_leads_to_the_same_request_under_an_agreement(self):
        """E7: the level was lowered while the request waited; it is filled in, with who asks."""
        engagement, client = make.request(activity="roadmap", day=DAY), signed_in(make.manager())
        engagement.contract.levels.update(level="premium")

        page = client.get(page_of(engagement)).content.decode()

        (way,) = re.findall(r'href="([^"]+)">Enter it anew under a Professional Services agreement', page)
        form = client.get(way.replace("&amp;", "&")).content.decode()
        assert f'value="{DAY}"' in form
        assert f'<option value="{engagement.requested_by_id}" selected>' in form

    def test_offers_free_times_as_choices_and_takes_whoever_is_free(self, requested, colleague):
        """E15: nobody types what the page knows."""
        client = signed_in(make.manager())
        later = {"day": (DAY + timedelta(days=7)).isoformat()}

        slots = client.get(page_of(requested), later).context["schedule"].slots[1]
        missing = client.post(page_of(requested) + "schedule/", {"slot_1": ""})
        first, *_, last = slots
        client.post(page_of(requested) + f"schedule/?day={later['day']}", {"slot_1": last})

        assert len(slots) == 9
        assert first == f"{later['day']}T12:00:00+00:00"  # eight in the morning in New York
        assert "Choose one of the free times" in missing.content.decode()
        session = requested.sessions.get()
        assert (session.engineer, session.during.lower.isoformat()) == (colleague, last)

    @pytest.mark.parametrize("chosen", ["engineer", "colleague"])
    def test_names_the_engineer_who_was_chosen_for_a_free_time(self, requested, engineer, colleague, chosen):
        chosen = {"engineer": engineer, "colleague": colleague}[chosen]
        client = signed_in(make.manager())
        slot = next(iter(client.get(page_of(requested)).context["schedule"].slots[1]))

        client.post(page_of(requested) + "schedule/", {"slot_1": slot, "engineer_1": chosen.pk})

        assert requested.sessions.get().engineer == chosen

    def test_refuses_a_day_on_which_the_product_is_missing(self, requested, engineer):
        requested.contract.products.all().delete()

        answer = signed_in(make.manager()).post(page_of(requested) + "schedule/", typed(engineer))

        assert b'data-code="product_missing"' in answer.content

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"time_1": ""}, "Choose one of the free times, or give day, time and engineer below."),
            ({"day_1": "soon"}, "write the date as 2026-11-30."),
            ({"day_1": "2026-06-01"}, "That time is over. Choose a later one."),
            ({"day_1": "2027-03-14", "time_1": "02:30"}, "The clocks jump over this time on that day."),
        ],
    )
    def test_says_what_is_wrong_with_a_field(self, requested, engineer, wrong, said):
        answer = signed_in(make.manager()).post(page_of(requested) + "schedule/", typed(engineer) | wrong)

        assert said in answer.content.decode()
        assert "<title>Error: " in answer.content.decode()

    def test_asks_for_both_sessions_of_an_assessment_in_two_parts(self, asked, engineer):
        both = typed(engineer) | {"day_2": "2026-07-08", "time_2": "09:00", "engineer_2": engineer.pk}

        signed_in(make.manager()).post(page_of(asked) + "schedule/", both)

        lengths = [one.during.upper - one.during.lower for one in asked.sessions.all()]
        assert lengths == [timedelta(minutes=60), timedelta(minutes=30)]

    def test_may_leave_the_follow_up_open(self, asked, engineer):
        """E10: booked later than the discovery."""
        client = signed_in(make.manager())

        half = client.post(page_of(asked) + "schedule/", typed(engineer) | {"day_2": "2026-07-08"})
        client.post(page_of(asked) + "schedule/", typed(engineer))

        assert "or leave all three open" in half.content.decode()
        assert [one.part for one in asked.sessions.all()] == [1]
        assert "has no time yet" in client.get(page_of(asked)).content.decode()

    def test_whoever_comes_second_reads_who_was_first_and_when(self, requested, engineer):
        """M4.5: two managers with the same request open."""
        make.scheduled(engagement=requested, engineer=engineer, by=make.manager(name="Ada First"))

        answer = signed_in(make.manager()).post(page_of(requested) + "schedule/", typed(engineer))

        said = answer.content.decode()
        assert "It is scheduled by now." in said
        assert "The last act: scheduled, Ada First, Wed Jun 10, 2026, 7:00:00 a.m. PDT." in said

    def test_shows_what_the_engineers_have_booked_on_a_day(self, gold, requested, engineer):
        make.scheduled(contract=gold, start=make.NOW + timedelta(days=20), engineer=engineer)

        answer = signed_in(make.manager()).get(page_of(requested), {"day": "2026-06-30"})

        assert "Tue Jun 30, 2026, 10:00 a.m. EDT" in answer.content.decode()


class TestOneThatCameToNothing:
    """E5: it says what was booked, and leads to the same request once more."""

    def test_the_same_request_is_one_click_away_and_filled_in(self, scheduled):
        note_no_show(engagement=scheduled, side="vendor", by=make.manager(), now=scheduled.sessions.get().during.lower)
        client = signed_in(make.manager())

        page = client.get(page_of(scheduled)).content.decode()
        again = client.get(unescape(re.search(r'href="([^"]*/engagements/new/[^"]*)"', page)[1]))

        assert "<dt>Was booked</dt>" in page
        assert again.context["form"].initial["topic"] == scheduled.topic
        assert again.context["form"].initial["person"] == str(scheduled.advice_accepted_by_id)

    def test_also_under_the_same_agreement(self):
        """E7"""
        engagement = make.request(ps_reference="PS-1")

        again = signed_in(make.manager()).get(the_same_again(engagement))

        assert again.context["form"].initial["ps_reference"] == "PS-1"


class TestWhoMayAndWhatAGetDoes:
    """E5: whatever changes something is a POST of a manager."""

    ACTS = ("schedule/", "cancel/", "move-sessions/", "held/", "give-back/")

    @pytest.mark.parametrize("act", ["", *ACTS])
    def test_a_get_changes_nothing(self, act, scheduled):
        manager = make.manager()
        client = signed_in(manager)
        before = Event.objects.count()

        answer = client.get(page_of(scheduled) + act, follow=True)

        assert answer.status_code == 200
        assert Event.objects.count() == before

    @pytest.mark.parametrize("act", ["", *ACTS])
    def test_a_customer_is_not_let_in(self, act, requested):
        client = signed_in(requested.requested_by)

        assert client.post(page_of(requested) + act).status_code == 403

    def test_who_is_not_signed_in_is_asked_to(self, client, requested):
        answer = client.get(page_of(requested))

        assert answer.url.startswith(reverse("account_login"))
