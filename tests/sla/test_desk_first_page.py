from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from entitlements.admin.queues import counts
from entitlements.alarms import watch
from entitlements.health import pulse, signs
from entitlements.models import LetterState, SweepRun
from entitlements.wording import counted
from sla.admin.first_page import ROWS
from sla.admin.records import SUBJECTS
from tests import factories as make
from tests.desk import at, signed_in
from tests.shared import shared

pytestmark = pytest.mark.django_db
INDEX = "/admin/"
LATER = make.NOW + 2 * make.DAY


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    at(monkeypatch, LATER)


def a_bit_of_everything(contract):
    make.request(contract=contract)
    for ahead in (make.HOUR, make.DAY, -make.HOUR, 5 * make.DAY):
        make.scheduled(contract=contract, start=LATER + ahead)
    sent, proposed, _ = (make.failure(contract=contract, began=make.NOW - n * make.DAY) for n in (1, 2, 3))
    make.sent_claim(failure=sent)
    make.proposal(claim=make.sent_claim(failure=proposed))
    closing = make.failure(contract=contract, began=LATER - 15 * make.DAY, now=LATER - 14 * make.DAY)
    make.draft(failure=closing, now=LATER)
    failed = contract.customer.letters.first()
    failed.state = LetterState.FAILED
    failed.save()


@shared
def one_of_each(gold):
    a_bit_of_everything(gold)


def groups(client):
    return [pair for _, counts in client.get(INDEX).context["groups"] for pair in counts]


class TestFirstPage:
    """S19, E5: it begins with the work, and each number opens the list that it counts (M1)."""

    def test_every_number_is_the_length_of_the_list_that_it_opens(self, one_of_each, django_assert_num_queries):
        client = signed_in(make.manager())

        counted = {queue.key + queue.model.__name__: count for queue, count in groups(client)}
        listed = {
            queue.key + queue.model.__name__: client.get(queue.url).context["cl"].result_count
            for queue, _ in groups(client)
        }

        assert counted == listed
        assert counted["waitingEngagement"] == counted["todayEngagement"] - 1 == 1
        assert counted["to_decideClaim"] == counted["to_approveProposal"] == 1
        assert counted["closing_24hClaim"] == counted["closing_7dClaim"] == 1
        assert counted["failedLetter"] == 1
        with django_assert_num_queries(1):
            assert len(counts([queue for _, found in ROWS for queue in found], LATER)) == len(counted)

    def test_the_claim_that_waits_longest_stands_first(self, gold):
        first, second = (make.failure(contract=gold, began=make.NOW - n * make.DAY) for n in (2, 1))
        younger = make.sent_claim(failure=first, received_at=make.NOW + 3 * make.HOUR)
        older = make.sent_claim(failure=second, received_at=make.NOW + make.HOUR)

        answer = signed_in(make.manager()).get(INDEX)

        assert answer.context["claims"] == [older, younger]
        assert "1 day, 23 hours" in answer.content.decode().replace("\xa0", " ")

    def test_says_so_when_there_is_nothing_to_do(self):
        answer = signed_in(make.manager()).get(INDEX).content

        assert b"No claim waits for a decision" in answer
        assert b"No request waits" in answer

    def test_asks_as_many_questions_for_two_of_each_matter_as_for_one(self, one_of_each):
        client = signed_in(make.manager())
        client.get(INDEX)
        with CaptureQueriesContext(connection) as one:
            client.get(INDEX)
        a_bit_of_everything(make.contract())
        with CaptureQueriesContext(connection) as two:
            client.get(INDEX)

        assert len(two) == len(one) < 20

    def test_the_lists_of_models_moved_to_records(self):
        answer = signed_in(make.manager()).get(reverse("admin:records")).content.decode()

        assert reverse("admin:sla_termsedition_changelist") in answer

    def test_each_list_of_records_stands_under_a_subject_with_what_it_is_for(self):
        listed = [model for lists in SUBJECTS.values() for model in lists]

        assert sorted(map(str, listed)) == sorted(map(str, admin.site._registry))
        assert all(what_for.endswith(".") for lists in SUBJECTS.values() for what_for in lists.values())


def test_what_is_printed_says_what_it_is_where_it_stands_and_as_of_when():
    """X15"""
    answer = signed_in(make.manager()).get(reverse("admin:usage")).content.decode()

    head = answer.partition('class="print-only print-head"')[2].partition("</div>")[0]
    assert "/admin/usage/</p>" in head
    assert "As of " in head


class TestHealthStrip:
    """T3: a clock that stands still is seen here, in words."""

    def signs(self):
        return {sign.name: sign for sign in signs(pulse(LATER), LATER)}

    def swept(self, ago, **fields):
        SweepRun.objects.create(
            started_at=LATER - ago, ended_at=LATER - ago, as_of=LATER, **{"clock_offset_ms": 3, **fields}
        )

    @pytest.mark.parametrize(("minutes", "alarm"), [(1, False), (2, True), (5, True)])
    def test_a_sweep_older_than_two_minutes_is_an_alarm(self, minutes, alarm):
        """M1.3, P10, P40: a scheduler that died is seen."""
        self.swept(timedelta(minutes=minutes))

        sign = self.signs()["Sweep"]
        assert sign.alarm is alarm
        assert f"{counted(minutes, 'minute')} ago" in sign.words

    def test_a_clock_that_never_turned_is_an_alarm(self):
        assert self.signs()["Sweep"].alarm
        assert self.signs()["Clocks"].alarm is False

    def test_what_the_sweep_complained_of_is_shown(self):
        self.swept(timedelta(minutes=1), alarm="DF-1 could not be done.")

        assert self.signs()["Sweep’s alarm"].words == "DF-1 could not be done."

    @pytest.mark.parametrize(("offset", "alarm"), [(-4999, False), (5001, True)])
    def test_clocks_that_differ_by_more_than_five_seconds_are_an_alarm(self, offset, alarm):
        self.swept(timedelta(minutes=1), clock_offset_ms=offset)

        assert self.signs()["Clocks"].alarm is alarm

    def test_a_letter_that_waits_too_long_is_an_alarm(self, gold):
        make.failure(contract=gold, now=LATER - timedelta(minutes=16), began=LATER - make.DAY)

        assert self.signs()["Letters"].alarm
        assert "16 minutes" in self.signs()["Letters"].words

    def test_each_says_what_is_late_since_when_and_what_to_do(self):
        self.swept(timedelta(minutes=12))

        said = " ".join(signed_in(make.manager()).get(INDEX).content.decode().split())

        assert "The last one was 12 minutes ago. No deadline is kept." in said
        assert "Fri Jun 12, 2026, 6:48 a.m. PDT" in said
        assert "Start worker and beat, or run manage.py sweep once" in said

    def test_what_no_row_dates_is_since_it_was_noticed(self, reported):
        """Letters that failed, Redis, the clocks: by the watch for alarms, which is rung every minute."""
        reported.contract.customer.letters.update(state=LetterState.FAILED)
        sign = self.signs()["Letters that failed"]
        assert (sign.alarm, sign.since) == (True, None)

        watch(now=LATER - 2 * make.HOUR)
        page = signed_in(make.manager()).get(INDEX)

        (sign,) = [one for one in page.context["signs"] if one.name == "Letters that failed"]
        assert sign.since == LATER - 2 * make.HOUR
        assert "Fri Jun 12, 2026, 5:00 a.m. PDT" in page.content.decode()


class TestWhichInstallation:
    """M1.6: production and test are told apart in words and in colour on every page of the desk."""

    @pytest.mark.parametrize(
        ("installation", "words"), [("production", b">Production<"), ("test", b">Test: nothing here counts")]
    )
    def test_is_said_at_the_head(self, settings, installation, words):
        settings.INSTALLATION = installation

        assert words in signed_in(make.manager()).get(reverse("admin:records")).content


class TestWhatComesFirst:
    """E2, E3, E15: what lapses, who is away, and which edition waits for a second person."""

    def test_is_counted_as_its_pages_show_it(self):
        make.contract(first=make.TODAY - 340 * make.DAY, last=make.TODAY + 700 * make.DAY)
        make.leave(engineer=make.engineer(), start=LATER + make.DAY)

        seen = signed_in(make.manager()).get(INDEX)

        assert (seen.context["lapsing"], seen.context["away"]) == ((1, False), 1)
        assert reverse("admin:lapsing_sessions") in seen.content.decode()


class TestTheListOfCustomers:
    @pytest.fixture(autouse=True)
    def nobody_yet(self, db):
        make.customer(name="Nobody Yet")

    def test_says_the_level_the_years_end_and_the_next_session(self, scheduled):
        client = signed_in(make.manager())

        text = client.get(reverse("admin:entitlements_customer_changelist")).content.decode()
        gold = client.get(reverse("admin:entitlements_customer_changelist"), {"level": "gold"})
        soon = client.get(reverse("admin:entitlements_customer_changelist"), {"year_ends": "30"})

        assert "Gold Services" in text
        assert "Dec 31, 2026" in text
        assert [one.pk for one in gold.context["cl"].result_list] == [scheduled.contract.customer_id]
        assert soon.context["cl"].result_count == 0

    def test_finds_those_whom_no_letter_reaches_yet(self):
        """C1: after an import nobody signs in until an owner is invited."""
        only_claims = make.member(customer=make.customer(name="No Owner"), roles=["claims"])
        make.member(customer=make.customer(name="Owned"), roles=["owner"])
        client, address = signed_in(make.manager()), reverse("admin:entitlements_customer_changelist")

        def found(which):
            return {one.name for one in client.get(address, {"people": which}).context["cl"].result_list}

        assert found("nobody") == {"Nobody Yet"}
        assert found("no_owner") == {"Nobody Yet", "No Owner"}
        assert "Invite an owner" in client.get(address).content.decode()
        assert only_claims.is_active

    @pytest.mark.usefixtures("scheduled")
    def test_as_a_file_has_days_to_sort_by_and_empty_cells(self):
        address = reverse("admin:entitlements_customer_changelist")

        text = b"".join(signed_in(make.manager()).get(address, {"format": "csv"}).streaming_content).decode()

        assert ",2026-12-31,2026-06-24T" in text
        assert "–" not in text
