"""N3, N4: the letters about engagements, whole; text and HTML say the same."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from django.urls import reverse

from entitlements import notices
from entitlements.actions.contract_states import terminate
from entitlements.actions.engagements import (
    PlannedSession,
    cancel_engagement,
    decline_engagement,
    hold_session,
    schedule_engagement,
)
from entitlements.actions.moves import move_request, move_sessions
from entitlements.actions.no_shows import count_no_show, note_no_show
from entitlements.links import link
from entitlements.models import Letter
from entitlements.reminders import remind_of_session
from tests import factories as make
from tests.shared import shared

pytestmark = pytest.mark.django_db

NOW, DAY = make.NOW, make.DAY

FOOT = """
Open the engagement:
https://support.example.com/sessions/engagements/{reference}/

PagerDuty Customer Success

--{space}
Reference: {reference}
You can answer this letter; a person reads support@example.com.
This letter belongs to your contract, so it cannot be switched off.
"""


@shared
def contract():
    customer = make.customer(name="Acme & Sons")
    make.member(customer=customer, name="Olivia Owner", email="olivia@acme.example")
    return make.contract(customer=customer, level="silver")


@shared
def olivia(contract):
    return make.one_of(contract.customer)


def sent(kind):
    while notices.send_due(clock=lambda: NOW):
        pass
    return Letter.objects.get(kind=kind)


def whole(letter):
    return f"Subject: {letter.subject}\n\n{letter.text}"


def expected(text, reference):
    return text.replace("REF", reference) + FOOT.format(reference=reference, space=" ")


class Words(HTMLParser):
    """The words of the HTML, without those that only it has: its head, its heading, its button."""

    def __init__(self, html):
        super().__init__()
        self.words, self.skipped = "", 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.skipped += tag in ("head", "h1") or ("class", "from") in attrs
        self.words += " "

    def handle_endtag(self, tag):
        self.skipped -= self.skipped and tag in ("head", "h1", "p")

    def handle_data(self, data):
        if not self.skipped:
            self.words += data


def same_words(letter):
    """Every sentence of the text is in the HTML."""
    html = " ".join(Words(letter.html).words.split()).replace(" .", ".").replace(" ,", ",")
    lines = [" ".join(line.split()).rstrip(":") for line in letter.text.splitlines()]
    return [line for line in lines if line and line != "--" and line not in html]


@pytest.mark.parametrize(
    ("name", "args"),
    [("engagement", ["ENG-7K2M"]), ("engagement", ["ENG 7é"]), ("year_card", []), ("admin:customer_people", [7])],
)
def test_a_link_is_what_the_routes_say(name, args):
    """Also when they are not asked any more."""
    assert [link(name, *args), link(name, *args)] == ["https://support.example.com" + reverse(name, args=args)] * 2


def test_a_booking_of_one_session(contract, olivia):
    """N3, E5, E11, E12"""
    engagement = make.request(contract=contract, by=olivia)
    make.scheduled(engagement=engagement, engineer=make.engineer(name="Eve Engineer"))
    letter = sent("session_booked")

    assert letter.addressee == "olivia@acme.example"
    assert whole(letter) == expected(
        """\
Subject: [REF] Integration Consultation – Wed Jun 24, 2026, 10:00 a.m. EDT

Booked: Wednesday, June 24, 2026, 10:00 a.m. Eastern Time (EDT, UTC−4): Integration Consultation, part 1 of 1, 30 min, with Eve Engineer.

Your request is accepted and booked. Each session comes with a calendar file; it replaces an earlier one.

It takes place 1 of 4 in the contract year January 1, 2026 – December 31, 2026. Places do not roll over.

What you bring: You know what the integration is for, and the technical environment around it.
Good to have: Its APIs, how it authenticates, and the product functions involved.

You accepted: We take this as advice and carry it out ourselves.

You can move or cancel it on the page below until it begins; cancelled, its place comes back to you. If you do not come, the place comes back too, unless our manager counts it, with a reason. The page asks you first; opening it changes nothing.
""",
        engagement.reference,
    )
    assert same_words(letter) == []


def test_a_booking_of_two_sessions_has_both_and_a_calendar_file_for_each(contract, olivia):
    """N3, E10"""
    engagement = make.request(contract=contract, activity="incident_lifecycle", by=olivia)
    make.scheduled(engagement=engagement, engineer=make.engineer(name="Eve Engineer"))
    letter = sent("session_booked")

    assert letter.text.splitlines()[:2] == [
        "Booked: Wednesday, June 24, 2026, 10:00 a.m. Eastern Time (EDT, UTC−4): "
        "Incident Lifecycle Assessment, part 1 of 2, 1 h, with Eve Engineer.",
        "Booked: Wednesday, July 8, 2026, 10:00 a.m. Eastern Time (EDT, UTC−4): "
        "Incident Lifecycle Assessment, part 2 of 2, 30 min, with Eve Engineer.",
    ]
    assert [name for name, _, _ in letter.attachments] == [f"{engagement.reference}-{n}.ics" for n in (1, 2)]
    assert same_words(letter) == []


def test_where_people_meet_stands_in_the_letters_and_the_calendar(contract, olivia):
    """N3, N4, N5: given when it is scheduled, kept when it moves, and said anew when it alone changes."""
    engagement, eve = make.request(contract=contract, by=olivia), make.engineer(name="Eve Engineer")
    start, manager = make.NOW + 14 * DAY, make.manager()
    call, other = "https://meet.vendor.example/acme", "https://meet.vendor.example/other"
    schedule_engagement(engagement=engagement, sessions=[PlannedSession(start, eve, call)], by=manager, now=NOW)
    move_sessions(engagement=engagement, sessions=[PlannedSession(start + DAY, eve)], by=manager, now=NOW)
    booked, moved = sent("session_booked"), sent("session_moved")
    move_sessions(engagement=engagement, sessions=[PlannedSession(start + DAY, eve, other)], by=manager, now=NOW)
    notices.send_due(clock=lambda: NOW)
    changed = Letter.objects.filter(kind="session_moved").latest("pk")
    remind_of_session(bookedsession=engagement.sessions.get(released_at=None), now=start)
    notices.send_due(clock=lambda: start)
    reminder = Letter.objects.get(kind="session_reminder")

    for letter, where, sequence in ((booked, call, 0), (moved, call, 1), (changed, other, 2), (reminder, other, 2)):
        file = letter.attachments[0][2].replace("\r\n ", "")
        assert f"Where to meet: {where}\n" in letter.text
        assert f"LOCATION:{where}" in file
        assert f"SEQUENCE:{sequence}\r\n" in file
        assert same_words(letter) == []
    assert "It was: Wednesday, June 24, 2026, 10:00 a.m." in moved.text
    assert "changed it." in changed.text
    assert "It was:" not in changed.text


def test_a_booking_without_limit_names_no_cap(contract, olivia):
    """N3, E8"""
    make.override(contract=contract, activity="integration", unlimited=True)
    make.scheduled(engagement=make.request(contract=contract, by=olivia))

    assert "It takes place 1 in the contract year" in sent("session_booked").text


def test_a_declined_request(contract, olivia):
    """N4, E5"""
    engagement = make.request(contract=contract, by=olivia)
    decline_engagement(engagement=engagement, reason="Nobody is free in June.", by=make.manager(), now=NOW)
    letter = sent("request_declined")

    assert whole(letter) == expected(
        """\
Subject: [REF] Integration Consultation – not accepted for June 24, 2026

We cannot do your Integration Consultation wished for June 24, 2026.
Your place is back: it counts again in the contract year January 1, 2026 – December 31, 2026.

Why: Nobody is free in June.

You can ask for another day in the portal, or answer this letter.
""",
        engagement.reference,
    )
    assert same_words(letter) == []


def test_a_cancelled_session(contract, olivia):
    """N4, E5"""
    engagement = make.request(contract=contract, by=olivia)
    make.scheduled(engagement=engagement, engineer=make.engineer(name="Eve Engineer"))
    cancel_engagement(engagement=engagement, side="vendor", reason="Eve is ill.", by=make.manager(), now=NOW)
    letter = sent("session_cancelled")

    assert whole(letter) == expected(
        """\
Subject: [REF] Integration Consultation – cancelled: Wed Jun 24, 2026, 10:00 a.m. EDT

Cancelled: Wednesday, June 24, 2026, 10:00 a.m. Eastern Time (EDT, UTC−4), Integration Consultation, with Eve Engineer.
Its place is back: it no longer counts in the contract year January 1, 2026 – December 31, 2026.

PagerDuty cancelled it. Why: Eve is ill.

The calendar file with this letter takes the session out of your calendar again.
""",
        engagement.reference,
    )
    assert same_words(letter) == []
    assert "STATUS:CANCELLED" in letter.attachments[0][2]
    assert "SEQUENCE:1" in letter.attachments[0][2]


def test_a_cancelled_follow_up_says_that_the_engagement_still_counts(contract, olivia):
    """N4, E5, E10"""
    engagement = make.request(contract=contract, activity="incident_lifecycle", by=olivia)
    make.scheduled(engagement=engagement)
    hold_session(session=engagement.sessions.get(part=1), by=make.manager(), now=NOW + 15 * DAY)
    cancel_engagement(engagement=engagement, side="customer", reason="", by=olivia, now=NOW + 16 * DAY)
    notices.send_due(clock=lambda: NOW + 16 * DAY)
    letter = Letter.objects.get(kind="session_cancelled")

    assert "It still counts in the contract year" in letter.text
    assert "Olivia Owner cancelled it, on your side.\n" in letter.text
    assert len(letter.attachments) == 1
    assert same_words(letter) == []


@pytest.mark.parametrize(
    ("side", "came", "place"),
    [
        (
            "customer",
            "Nobody came to it on your side. The bridge stayed empty.",
            " Our manager may count it all the same, with a reason; you get a letter then.",
        ),
        ("vendor", "PagerDuty did not come to it. We are sorry. The bridge stayed empty.", ""),
    ],
)
def test_a_no_show_at_the_only_session(contract, olivia, side, came, place):
    """N4, E5: whether it still counts is said."""
    engagement = make.request(contract=contract, by=olivia)
    make.scheduled(engagement=engagement, engineer=make.engineer(name="Eve Engineer"))
    then, note = NOW + 15 * DAY, "The bridge stayed empty."
    note_no_show(engagement=engagement, side=side, note=note, by=make.manager(), now=then)
    notices.send_due(clock=lambda: then)
    letter = Letter.objects.get(kind="session_missed")

    assert whole(letter) == expected(
        f"""\
Subject: [REF] Integration Consultation – missed: Wed Jun 24, 2026, 10:00 a.m. EDT

Missed: Wednesday, June 24, 2026, 10:00 a.m. Eastern Time (EDT, UTC−4), Integration Consultation, with Eve Engineer.

{came}
Its place is back: it no longer counts in the contract year January 1, 2026 – December 31, 2026.{place}

If this is not how it was, answer this letter.
""",
        engagement.reference,
    )
    assert same_words(letter) == []


def test_a_no_show_that_a_manager_counts_all_the_same(contract, olivia):
    """N4, E5"""
    engagement, then = make.request(contract=contract, by=olivia), NOW + 15 * DAY
    make.scheduled(engagement=engagement)
    note_no_show(engagement=engagement, side="customer", by=make.manager(), now=then)
    count_no_show(engagement=engagement, reason="The third time.", by=make.manager(), now=then)
    notices.send_due(clock=lambda: then)
    letter = Letter.objects.get(kind="session_missed", point__startswith="counted")

    assert letter.subject.endswith("Integration Consultation – missed, and counted")
    assert "our manager counts it all the same. Why: The third time." in letter.text
    assert "It counts in the contract year January 1, 2026 – December 31, 2026.\n" in letter.text
    assert same_words(letter) == []


def test_a_request_that_a_manager_moves(contract, olivia):
    """N4, E5: what the customer moves by themselves they need not be told."""
    engagement = make.request(contract=contract, by=olivia)
    move_request(engagement=engagement, day=make.TODAY + 20 * DAY, by=olivia, now=NOW)
    move_request(engagement=engagement, day=make.TODAY + 21 * DAY, by=make.manager(), now=NOW)
    letter = sent("request_moved")

    assert whole(letter) == expected(
        """\
Subject: [REF] Integration Consultation – moved to July 1, 2026

Your request for Integration Consultation is now for July 1, 2026. It was: June 30, 2026.

PagerDuty moved it. It is not booked yet: you get another letter with the time.
It still counts once, in the contract year January 1, 2026 – December 31, 2026.

If the day does not suit you, move or withdraw it on the page below.
""",
        engagement.reference,
    )
    assert same_words(letter) == []


def test_a_follow_up_that_a_termination_cancels(contract, olivia):
    """N4, E14: the engagement stands, and nothing is said of a session that was not held."""
    engagement = make.request(contract=contract, activity="incident_lifecycle", by=olivia)
    make.scheduled(engagement=engagement, engineer=make.engineer(name="Eve Engineer"))
    last_day = make.TODAY + 20 * DAY
    terminate(contract=contract, last_day=last_day, reason="Notice given.", by=make.manager(), now=NOW)
    letter = sent("session_cancelled")

    assert whole(letter) == expected(
        """\
Subject: [REF] Incident Lifecycle Assessment – cancelled: Wed Jul 8, 2026, 10:00 a.m. EDT

Cancelled: Wednesday, July 8, 2026, 10:00 a.m. Eastern Time (EDT, UTC−4), Incident Lifecycle Assessment, part 2 of 2, with Eve Engineer.
Only this session is cancelled. The engagement stands and counts in the contract year January 1, 2026 – December 31, 2026.

PagerDuty cancelled it. Why: Notice given.

The calendar file with this letter takes the session out of your calendar again.
""",
        engagement.reference,
    )
    assert same_words(letter) == []


def test_subjects_say_what_and_when_and_all_letters_of_a_matter_are_one_thread(contract, olivia):
    engagement = make.request(contract=contract, by=olivia)
    make.scheduled(engagement=engagement)
    cancel_engagement(engagement=engagement, side="customer", reason="", by=olivia, now=NOW)
    while notices.send_due(clock=lambda: NOW):
        pass
    letters = Letter.objects.filter(matter=engagement.reference)

    assert len({letter.subject for letter in letters}) == letters.count() == 2
    assert all(one.subject.startswith(f"[{one.matter}] Integration Consultation – ") for one in letters)
    assert len({notices.message(letter).extra_headers["References"] for letter in letters}) == 1


def test_letters_under_professional_services_speak_of_no_place(contract, olivia):
    """E7"""
    engagement = make.request(contract=contract, by=olivia, ps_reference="PS-7")
    make.scheduled(engagement=engagement)
    cancel_engagement(engagement=engagement, side="vendor", reason="", by=make.manager(), now=NOW)
    booked, cancelled = sent("session_booked"), sent("session_cancelled")

    assert "place comes back" not in booked.text
    assert "the place comes back" not in booked.text
    assert "It ran under the Professional Services agreement PS-7 and took no place" in cancelled.text
    assert same_words(booked) == same_words(cancelled) == []


def test_whoever_has_left_the_customer_gets_none(contract, olivia):
    left = make.member(customer=contract.customer)
    engagement = make.request(contract=contract, by=left)
    left.memberships.update(left_at=NOW, left_by=left)

    decline_engagement(engagement=engagement, reason="Nobody is free.", by=make.manager(), now=NOW)

    assert list(Letter.objects.values_list("addressee", flat=True)) == [olivia.email]
