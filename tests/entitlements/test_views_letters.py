"""The archive of letters (C11, T2)."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from entitlements import notices
from entitlements.actions.engagements import decline_engagement
from entitlements.models import Letter, Role
from tests import factories as make
from tests.desk import signed_in
from tests.entitlements.portal import page
from tests.shared import shared

pytestmark = pytest.mark.django_db

NOW = make.NOW


@shared
def owner(gold):
    """The customer's only owner, to whom every letter goes."""
    return make.member(customer=gold.customer, name="Olivia Owner", email="olivia@acme.example")


@shared
def booked(gold, owner):
    """A session; the letter about it waits."""
    return make.scheduled(contract=gold)


@shared
def sent(gold, booked):
    """The letter about the session and one about a request that was declined, both sent."""
    declined = make.request(contract=gold)
    decline_engagement(engagement=declined, reason="No engineer.", by=make.manager(), now=NOW)
    send()


@pytest.fixture
def reader(owner, client, clock):
    """The owner, signed in."""
    signed_in(owner, client)
    return owner


def send():
    while notices.send_due(clock=lambda: NOW):
        pass


class TestTheArchive:
    """T2"""

    def test_says_so_when_nothing_was_written(self, client, reader):
        assert "No letters yet" in page(client, "letter_list")

    def test_shows_number_subject_addressee_time_and_state(self, client, reader, booked):
        send()
        html = page(client, "letter_list")
        letter = Letter.objects.get(addressee=reader.email)

        assert f"[{booked.reference}] Integration Consultation – " in html
        assert "Session booked" in html
        assert "olivia@acme.example" in html
        assert "Wed Jun 10, 2026, 10:00 a.m. EDT" in html
        assert "Sent" in html
        assert f'<td class="num">{letter.pk}</td>' in html

    @pytest.mark.usefixtures("reader", "booked")
    def test_shows_what_still_waits_and_what_failed(self, client):
        waiting = page(client, "letter_list")
        Letter.objects.update(state="failed", last_error="550 no such box")
        failed = page(client, "letter_list")

        assert "Waiting" in waiting
        assert "Not sent" in failed

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({}, 2),
            ({"kind": "request_declined"}, 1),
            ({"q": "No engineer"}, 1),
            ({"q": "olivia@"}, 2),
            ({"q": "xyz"}, 0),
        ],
    )
    @pytest.mark.usefixtures("reader", "sent")
    def test_is_narrowed_by_kind_and_words(self, client, query, found):
        html = page(client, "letter_list", **query)

        assert html.count("olivia@acme.example</td>") == found
        assert ("Nothing matches" in html) == (not found)

    @pytest.mark.usefixtures("reader")
    def test_finds_all_letters_of_a_matter(self, client, gold, booked):
        make.scheduled(contract=gold, start=NOW + 20 * make.DAY)
        html = page(client, "letter_list", q=booked.reference.lower())

        assert html.count("olivia@acme.example</td>") == 1

    @pytest.mark.usefixtures("booked")
    def test_is_every_role_s_to_read_and_no_other_customer_s(self, client, reader, gold):
        letter = Letter.objects.get(addressee=reader.email)
        signed_in(make.member(customer=gold.customer, roles=[Role.READ_ONLY]), client)
        ours = page(client, "letter_list")
        signed_in(make.member(), client)
        theirs = page(client, "letter_list")

        assert "olivia@acme.example" in ours
        assert "No letters yet" in theirs
        assert client.get(reverse("letter", args=[letter.pk])).status_code == 404

    @pytest.mark.usefixtures("reader")
    def test_asks_the_database_eight_times_however_many_rows(self, client, gold):
        for day in range(3):
            make.scheduled(contract=gold, start=NOW + (day + 14) * make.DAY)
        with CaptureQueriesContext(connection) as queries:
            page(client, "letter_list")

        assert len(queries) <= 8, [one["sql"] for one in queries]


class TestALetter:
    """T2"""

    @pytest.mark.usefixtures("booked")
    def test_is_shown_as_it_was_sent(self, client, reader):
        send()
        letter = Letter.objects.get(addressee=reader.email)
        html = page(client, "letter", letter.pk)

        assert letter.text.splitlines()[0] in html
        assert "Wednesday, June 10, 2026, 10:00:00 a.m. Eastern Time (EDT, UTC−4)" in html
        assert letter.message_id.strip("<>") in html
        assert f"{letter.matter}-1.ics" in html

    @pytest.mark.usefixtures("booked")
    def test_is_not_marked_as_opened_by_reading_it(self, client, reader):
        letter = Letter.objects.get(addressee=reader.email)
        page(client, "letter", letter.pk)
        letter.refresh_from_db()

        assert letter.opened_at is None

    @pytest.mark.usefixtures("booked")
    def test_that_could_not_be_sent_says_so(self, client, reader):
        Letter.objects.update(state="failed", last_error="550 no such box")
        html = page(client, "letter", Letter.objects.get(addressee=reader.email).pk)

        assert "It could not be sent." in html
        assert "550" not in html
