"""The board, the team's calendar, and many sessions moved at once."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from entitlements.actions.no_shows import note_no_show
from entitlements.actions.reschedules import Plan, reschedule
from entitlements.actions.sessions import PlannedSession
from entitlements.admin.engagement_calendar import slots_of
from entitlements.admin.engagement_slots import slots_of_many
from entitlements.models import BookedSession, Engagement, Event, Letter
from tests import factories as make
from tests.desk import at, signed_in
from tests.factories import DAY, HOUR, NOW, TODAY
from tests.shared import shared

pytestmark = pytest.mark.django_db
START = NOW + 14 * DAY
BOARD, CALENDAR, BULK = (
    f"/admin/{path}/" for path in ("engagements/board", "engagements/calendar", "engagements/reschedule")
)


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    at(monkeypatch, NOW)


def plain(page):
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def opened(path, client=None, **asked):
    return (client or signed_in(make.manager())).get(path, asked).content.decode()


def columns(page):
    """Which references stand in which column."""
    parts = re.split(r'data-column="(\w+)"', page)[1:]
    return {
        key: re.findall(r'<h3><a href="/admin/engagements/([\w-]+)/', text)
        for key, text in zip(parts[::2], parts[1::2], strict=True)
    }


class TestTheBoard:
    """M4.1, M4.2"""

    def test_each_stands_in_the_column_of_its_state(self, requested):
        booked = make.scheduled(start=START)
        gone = note_no_show(
            engagement=make.scheduled(start=NOW - HOUR, now=NOW - DAY), side="customer", by=make.manager(), now=NOW
        )

        found = columns(opened(BOARD))

        assert found == {
            "requested": [requested.reference],
            "scheduled": [booked.reference],
            "delivered": [],
            "closed": [],
            "ended": [gone.reference],
        }

    def test_a_card_says_which_session_of_how_many_and_when_in_the_contracts_zone(self, gold):
        booked = make.scheduled(contract=gold, activity="incident_lifecycle", start=START)

        page = plain(opened(BOARD))

        assert (
            f"{booked.contract.customer} Incident Lifecycle Assessment, session 1 of 2 Wed Jun 24, 2026, 10:00 a.m. EDT"
            in page
        )

    def test_every_move_is_a_link_to_the_page_that_asks_for_its_facts(self, requested):
        """M4.2: without a script, and nothing changes on the board."""
        page = opened(BOARD)

        moves = re.findall(rf'href="/admin/engagements/{requested.reference}/([\w#-]+)/?">', page.split("Move to…")[1])
        assert moves[:4] == ["#to-schedule", "move", "decline", "withdraw"]

    def test_it_is_narrowed_by_engineer_customer_level_activity_and_month(self, gold, silver, engineer):
        one = make.scheduled(contract=gold, start=START, engineer=engineer)
        two = make.request(contract=silver, activity="roadmap", day=date(2026, 8, 3))
        client = signed_in(make.manager())

        def found(**asked):
            return sorted(one for column in columns(opened(BOARD, client, **asked)).values() for one in column)

        assert found(engineer=engineer.pk) == found(level="gold") == found(activity="integration") == [one.reference]
        assert found(customer=silver.customer.name) == found(month="2026-08") == [two.reference]
        assert found(level="premium") == []
        assert len(found(month="soon")) == 2

    def test_it_asks_as_much_for_six_as_for_two(self, gold, engineer):
        client = signed_in(make.manager())

        def asked():
            with CaptureQueriesContext(connection) as queries:
                opened(BOARD, client)
            return len(queries)

        make.scheduled(contract=gold, start=START, engineer=engineer)
        make.request(contract=gold)
        few = asked()
        for n in range(2):
            make.scheduled(contract=make.contract(), activity="roadmap", start=START + n * DAY)
            make.request(contract=make.contract())

        assert asked() == few <= 14


class TestTheCalendar:
    """M4.3, E15"""

    def test_a_week_by_engineer_with_the_minutes_that_are_booked(self, gold, colleague):
        one = make.scheduled(contract=gold, start=NOW + DAY, engineer=colleague)
        make.scheduled(contract=gold, activity="roadmap", start=NOW + DAY + HOUR, engineer=colleague)

        page = plain(opened(CALENDAR))

        assert "June 8, 2026 – June 14, 2026" in page
        assert re.search(rf"Ines Prado.*7:00 a.m.–7:30 a.m\. {one.contract.customer} .* 60 10080 ", page)
        assert "The same as a list: 2 sessions" in page

    def test_a_month_week_by_week(self, gold, colleague):
        make.scheduled(contract=gold, start=NOW + DAY, engineer=colleague)

        page = plain(opened(CALENDAR, span="month"))

        assert "Ines Prado – 1 session, 30 min – – – 30 43200" in page

    def test_the_slots_of_a_month_are_its_weeks_cut_at_its_ends(self):
        slots = slots_of("month", date(2026, 6, 10))

        assert [(str(one.first), str(one.last)) for one in (slots[0], slots[-1])] == [
            ("2026-06-01", "2026-06-07"),
            ("2026-06-29", "2026-06-30"),
        ]

    def test_it_says_who_is_on_leave_and_how_long_everybody_works(self):
        """E15"""
        engineer = make.engineer(name="Ines Prado", zone="America/Los_Angeles", week=[make.OFFICE])
        make.leave(engineer=engineer, start=NOW + DAY, length=DAY)  # Thursday, from 7 in the morning on

        page = plain(opened(CALENDAR))

        assert re.search(r"Ines Prado – – – on leave – on leave – – – 0 1920", page)

    def test_an_empty_week_says_so(self):
        assert "Nothing is booked in these days" in opened(CALENDAR, day="2026-09-01")

    def test_it_asks_as_much_for_many_as_for_one(self, gold, engineer):
        client = signed_in(make.manager())

        def asked():
            with CaptureQueriesContext(connection) as queries:
                opened(CALENDAR, client)
            return len(queries)

        make.scheduled(contract=gold, start=NOW + HOUR, engineer=engineer)
        few = asked()
        for n in range(3):
            make.scheduled(contract=gold, start=NOW + (n + 2) * HOUR, engineer=make.engineer())

        assert asked() == few


@shared
def sessions(colleague, engineer):
    """Three of Ines Prado's, of a customer each, an hour apart; at the second of their times Lars Holm is booked too."""
    booked = [make.scheduled(start=START + n * HOUR, engineer=colleague) for n in range(3)]
    make.scheduled(start=START + HOUR, engineer=engineer)
    return [one.sessions.get() for one in booked]


class TestManyAtOnce:
    """M4.8: an engineer, Ines Prado, is ill; Lars Holm is not."""

    def typed(self, sessions, engineer, **more):
        lines = {"session": [one.pk for one in sessions], "reason": "Illness."}
        for one in sessions:
            local = one.during.lower.astimezone(one.engagement.contract.tz)
            lines |= {f"move_{one.pk}": "on", f"day_{one.pk}": str(local.date()), f"time_{one.pk}": f"{local:%H:%M}"}
            lines[f"engineer_{one.pk}"] = engineer.pk
        return lines | more

    def test_it_lists_what_the_engineer_has_in_the_span_with_the_stand_in_filled_in(
        self, sessions, colleague, engineer
    ):
        span = {"first": "2026-06-24", "last": "2026-06-24"}
        asked = {"engineer": colleague.pk, **span, "stand_in": engineer.pk, "days": "1"}

        page = opened(BULK, **asked)

        assert [int(one) for one in re.findall(r'name="session" value="(\d+)"', page)] == [one.pk for one in sessions]
        assert page.count('value="2026-06-25"') == 3
        assert page.count(f'<option value="{engineer.pk}" selected>') == 4

    def test_the_preview_names_every_customer_and_letter_and_leaves_nothing(self, sessions, engineer):
        client, before = signed_in(make.manager()), (Event.objects.count(), Letter.objects.count())

        page = plain(client.post(BULK, self.typed(sessions, engineer)).content.decode())

        assert "2 of 3 would move" in page
        for one in sessions:
            assert str(one.engagement.contract.customer) in page
        assert page.count(sessions[0].engagement.requested_by.email) == 1
        assert page.count("It was: Wednesday, June 24, 2026, 10:00 a.m. Eastern Time") == 1
        assert "moved it. Why: Illness." in page
        assert "Stays Lars Holm is already booked at that time." in page
        assert (Event.objects.count(), Letter.objects.count()) == before

    def test_done_each_has_its_own_result_and_nothing_else_is_lost(self, sessions, colleague, engineer):
        typed = self.typed(sessions, engineer, confirmed="1")

        page = plain(signed_in(make.manager()).post(BULK, typed).content.decode())

        assert "2 of 3 moved. The others stay where they are" in page
        live = BookedSession.objects.filter(released_at=None).order_by("during")
        with_whom = [one.engineer for one in live if one.engagement_id in {s.engagement_id for s in sessions}]
        assert with_whom == [engineer, colleague, engineer]
        assert Letter.objects.filter(kind="session_moved").count() == 2

    def test_each_line_offers_the_free_times_of_whoever_takes_it(self, sessions, colleague, engineer):
        """E15: a time that the stand-in has already is none of them, and the chosen one stands for day and time."""
        page = opened(BULK, engineer=colleague.pk, first="2026-06-24", last="2026-06-24", stand_in=engineer.pk)
        one = sessions[0]
        offered = page.split(f'name="slot_{one.pk}"')[1].split("</select>")[0]
        free = re.findall(r'<option value="(\d[^"]+)"', offered)
        taken = BookedSession.objects.get(engineer=engineer).during.lower.isoformat()
        assert len(free) == 9
        assert taken not in free

        chosen = self.typed([one], engineer, confirmed="1") | {f"slot_{one.pk}": free[-1], f"day_{one.pk}": ""}
        signed_in(make.manager()).post(BULK, chosen)

        moved = one.engagement.sessions.get(released_at=None)
        assert (moved.during.lower.isoformat(), moved.engineer) == (free[-1], engineer)

    def test_for_many_lines_it_asks_as_much_as_for_one(self, django_assert_num_queries, sessions, colleague):
        live = BookedSession.objects.select_related("engagement__contract")
        wanted = [(one, colleague.pk, NOW) for one in live.filter(pk__in=[one.pk for one in sessions])]

        for some in (wanted[:1], wanted):
            with django_assert_num_queries(5):
                assert len(slots_of_many(some)) == len(some)

    def test_nobody_chosen_means_the_same_engineer_and_says_so(self):
        shown = opened(BULK)

        stand_in = shown.split('name="stand_in"')[1].split("</select>")[0]
        assert "The same engineer" in stand_in
        assert "Choose an engineer" not in stand_in

    def test_sent_twice_it_moves_once(self, sessions, engineer):
        """X9, M4.5"""
        client = signed_in(make.manager(name="Ada First"))
        typed = self.typed(sessions[:1], engineer, confirmed="1")

        client.post(BULK, typed)
        page = plain(client.post(BULK, typed).content.decode())

        assert "0 of 1 moved" in page
        assert "This session was moved or ended by now. The last act: moved, Ada First" in page

    def test_one_that_waits_for_anothers_time_gets_it(self, gold, engineer):
        """A day later each: Wednesday's takes the time that Thursday's leaves."""
        booked = [make.scheduled(contract=gold, start=START + n * DAY, engineer=engineer) for n in range(2)]
        sessions = [one.sessions.get() for one in booked]
        plans = [Plan(one, PlannedSession(one.during.lower + DAY, engineer)) for one in sessions]

        results = reschedule(plans=plans, reason="", by=make.manager(), now=NOW)

        assert [one.moved for one in results] == [True, True]

    def test_what_is_chosen_and_not_filled_in_is_asked_for(self, sessions, engineer):
        typed = self.typed(sessions[:1], engineer) | {f"day_{sessions[0].pk}": ""}

        page = signed_in(make.manager()).post(BULK, typed).content.decode()

        assert "There is a problem" in page
        assert Engagement.objects.get(pk=sessions[0].engagement_id).day == TODAY + timedelta(days=14)


class TestOnACustomersBehalf:
    """E7, E11"""

    def page_for(self, contract, activity="integration", **more):
        return reverse("admin:new_engagement", query={"contract": contract.pk, "activity": activity, **more})

    def typed(self, person, **more):
        return {"person": person.pk, "wished_day": "2026-06-30", "preparation": "on", "advice": "on", **more}

    def test_the_contract_is_found_by_name(self):
        contract = make.contract(customer=make.customer(name="Tern Logistics"))

        page = opened(reverse("admin:new_engagement"), q="tern", activity="integration")

        assert f"?contract={contract.pk}&amp;activity=integration" in page

    def test_who_accepted_and_who_entered_it_are_two_people(self, gold):
        person, manager = make.one_of(gold.customer), make.manager()

        signed_in(manager).post(self.page_for(gold), self.typed(person, confirmed="1"))

        engagement = Engagement.objects.get()
        assert (engagement.requested_by, engagement.advice_accepted_by) == (manager, person)
        assert engagement.advice_wording.startswith("The engagement is advi") or engagement.advice_wording
        make.scheduled(engagement=engagement)
        assert person.email in Letter.objects.filter(kind="session_booked").values_list("addressee", flat=True)

    def test_nobody_of_another_customer_can_accept(self, gold):
        page = signed_in(make.manager()).post(self.page_for(gold), self.typed(make.member(), confirmed="1"))

        assert "There is a problem" in page.content.decode()
        assert not Engagement.objects.exists()

    def test_it_shows_what_it_takes_first(self, gold):
        page = signed_in(make.manager()).post(self.page_for(gold), self.typed(make.one_of(gold.customer)))

        assert "Held, one place taken in contract year 1" in plain(page.content.decode())
        assert not Engagement.objects.exists()

    def test_beyond_the_cap_the_refusal_leads_to_the_same_request_under_an_agreement(self):
        """E7: prefilled; with the reference it takes no place."""
        contract, client = make.contract(level="premium"), signed_in(make.manager())
        make.request(contract=contract, activity="maturity")
        person = make.one_of(contract.customer)
        typed = self.typed(person, topic="A second look.")

        refused = client.post(self.page_for(contract, "maturity"), typed).content.decode()
        (way,) = re.findall(r'href="([^"]+beyond=1[^"]*)"', refused)
        way = way.replace("&amp;", "&")
        asked = client.get(way).content.decode()
        without = client.post(way, typed | {"confirmed": "1"}).content.decode()
        client.post(way, typed | {"ps_reference": "PS-2207", "confirmed": "1"})

        assert 'value="2026-06-30"' in asked
        assert "A second look." in asked
        assert "Fill in: Professional Services agreement" in without
        beyond = Engagement.objects.get(ps_reference="PS-2207")
        assert (beyond.counts, list(beyond.usage.values_list("places", flat=True))) == (False, [0])
