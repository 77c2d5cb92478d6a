"""T1: a reminder that was owed and did not reach anybody is put on record, with why: for the manager, and in the last letter."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from entitlements import missed, notices
from entitlements.models import Letter, LetterState, MissedReminder
from sla.sweep import sweep
from tests import factories as make
from tests.desk import at, signed_in
from tests.factories import DAY, HOUR, NOW
from tests.shared import shared

pytestmark = pytest.mark.django_db
MARGIN = timedelta(minutes=6)


def turn(now):
    sweep(now=now, application_now=now)


def noted():
    return list(MissedReminder.objects.order_by("due_at").values_list("point", flat=True))


class TestWhileTheClockStoodStill:
    def test_points_that_a_later_one_overtook_are_noted_with_their_own_moments(self, reported):
        turn(reported.closes_at - 7 * DAY)

        turn(reported.closes_at - 12 * HOUR)
        turn(reported.closes_at - 11 * HOUR)

        assert list(Letter.objects.filter(kind="claim_reminder").order_by("pk").values_list("point", flat=True)) == [
            "7d",
            "1d",
        ]
        row = MissedReminder.objects.get()
        assert (row.point, row.due_at, row.noted_at) == (
            "3d",
            reported.closes_at - 3 * DAY,
            reported.closes_at - 12 * HOUR,
        )

    def test_all_of_a_window_that_ended_meanwhile_are_noted_and_told_in_its_last_letter(self):
        reported = make.failure(contract=make.contract(zone="America/Los_Angeles"))

        turn(reported.closes_at + 30 * DAY)

        assert noted() == ["7d", "3d", "1d", "4h"]
        told = Letter.objects.get(kind="window_ended").context["of"]["missed"]
        assert [one["of"]["point"] for one in told] == [
            "7 days before",
            "3 days before",
            "1 day before",
            "4 hours before",
        ]

    def test_a_clock_on_time_misses_nothing(self, reported):
        begun = make.draft(failure=make.failure(contract=reported.contract, began=NOW - 2 * DAY))
        make.scheduled(contract=reported.contract, start=NOW + 3 * DAY)
        ladder = (7 * DAY, 3 * DAY, DAY, 4 * HOUR, -MARGIN)

        for now in sorted([NOW + 2 * DAY, *(one.closes_at - before for one in (reported, begun) for before in ladder)]):
            turn(now)

        begun.refresh_from_db()
        assert begun.state == "lapsed"
        assert Letter.objects.filter(kind="window_ended").count() == 2
        assert noted() == []

    def test_what_was_sent_in_time_was_owed_no_more(self, reported):
        make.sent_claim(failure=reported)

        turn(reported.closes_at + DAY)

        assert noted() == []

    def test_a_session_that_began_untold_is_noted_once(self):
        engagement = make.scheduled(start=NOW + 3 * DAY)

        turn(NOW + 4 * DAY)
        turn(NOW + 5 * DAY)

        assert noted() == ["1d"]
        assert engagement.sessions.get().remind_at is None

    def test_unused_places_of_which_nobody_was_reminded(self):
        """E3: told only where places lapsed, and not of a time before the year was looked after at all."""
        ends = datetime(2026, 8, 10, 4, tzinfo=UTC)
        looked_after = make.contract(first=date(2025, 8, 10), last=date(2027, 8, 9))
        turn(NOW)
        make.contract(first=date(2024, 8, 10), last=date(2027, 8, 9), now=ends + DAY)

        turn(ends + 2 * DAY)

        assert [(row.customer, row.point) for row in MissedReminder.objects.order_by("due_at")] == [
            (looked_after.customer, "60d"),
            (looked_after.customer, "30d"),
        ]


@shared
def reminded(reported):
    """A report of whose deadline a first letter was written, which waits."""
    turn(reported.closes_at - 7 * DAY)
    return reported


class TestALetterThatDidNotArrive:
    def stands(self, state):
        Letter.objects.filter(kind="claim_reminder").update(state=state)

    def why(self, reported, now):
        return [(one.point_in_words, one.why) for one in missed.of([reported.reference], now)]

    def test_because_it_could_not_be_sent(self, reminded):
        self.stands(LetterState.FAILED)

        assert self.why(reminded, NOW) == [("7 days before", missed.REFUSED)]

    def test_because_it_waited_until_the_next_took_its_place(self, reminded):
        self.stands(LetterState.NO_LONGER_TRUE)
        assert self.why(reminded, NOW) == []  # settled, as far as anybody can tell

        turn(reminded.closes_at - 3 * DAY)

        assert self.why(reminded, NOW) == [("7 days before", missed.OVERTAKEN)]

    def test_because_it_waits_still_and_the_deadline_is_over(self, reminded):
        assert self.why(reminded, reminded.closes_at - HOUR) == []
        assert self.why(reminded, reminded.closes_at) == [("7 days before", missed.OVERTAKEN)]

    def test_because_it_waited_until_the_deadline_whatever_the_sender_found_then(self, reminded):
        before = self.why(reminded, reminded.closes_at)

        notices.send_due(clock=lambda: reminded.closes_at)

        assert Letter.objects.get(kind="claim_reminder").state == LetterState.NO_LONGER_TRUE
        assert self.why(reminded, reminded.closes_at) == before == [("7 days before", missed.OVERTAKEN)]


def test_a_reminder_is_missed_once(reported):
    """a_reminder_is_missed_once"""
    turn(reported.closes_at + DAY)
    row = MissedReminder.objects.first()

    with pytest.raises(IntegrityError, match="a_reminder_is_missed_once"), transaction.atomic():
        MissedReminder.objects.create(
            matter=row.matter,
            customer=row.customer,
            point=row.point,
            due_at=row.due_at,
            deadline=row.deadline,
            noted_at=NOW,
        )


class TestAtTheDesk:
    """Told to the manager, and printed on what it concerned, for the customer too."""

    def test_it_stands_on_the_pages_of_what_it_concerned(self, monkeypatch):
        first, last = date(2025, 6, 15), date(2027, 6, 14)
        contract = make.contract(first=first, last=last)
        turn(NOW - 90 * DAY)
        session = make.scheduled(contract=contract, start=NOW + 2 * DAY)
        claim = make.draft(failure=make.failure(contract=contract))
        failure = make.failure(contract=contract, began=NOW - 2 * DAY)
        now = claim.closes_at + DAY
        turn(now)
        at(monkeypatch, now)
        client = signed_in(make.manager())

        pages = [
            client.get(path).content.decode()
            for path in (
                reverse("admin:claim", args=[claim.reference]),
                reverse("admin:sla_failure_change", args=[failure.pk]),
                reverse("admin:engagement", args=[session.reference]),
                reverse("admin:contract", args=[contract.pk]),
            )
        ]
        owner = signed_in(make.member(customer=contract.customer))
        pages += [
            owner.get(path).content.decode()
            for path in (
                reverse("claim", args=[claim.reference]),
                reverse("failure", args=[failure.reference]),
                reverse("engagement", args=[session.reference]),
                reverse("contract_year", args=[contract.years.get(n=1).pk]),
            )
        ]
        queue = client.get("/admin/entitlements/missedreminder/?work=missed").content.decode()

        points = ("4 hours before", "4 hours before", "1 day before", "60 days before")
        for page, point in zip(pages, points * 2, strict=True):
            assert point in page
            assert missed.CLOCK in page
        assert claim.reference in queue
        assert f'href="/admin/find/?q={claim.reference}"' in queue
        year = reverse("admin:year_ledger", args=[contract.years.get(n=1).pk])
        assert f'<a href="{year}">Contract year</a>' in queue
