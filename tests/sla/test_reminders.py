"""T1: the ladder of a claim window, for a report and then for its draft; and what is still true when a letter is sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from entitlements import notices
from entitlements.models import Letter
from sla.actions.claims import lapse_claim, start_claim, submit_claim, withdraw_claim
from sla.models import Claim, Failure
from sla.reminders import KINDS, no_longer_true
from sla.sweep import sweep
from tests import factories as make
from tests.factories import DAY, HOUR, NOW

pytestmark = pytest.mark.django_db

MINUTE, TICK = timedelta(minutes=1), timedelta(microseconds=1)

# A report of NOW in New York: occurred on June 9, to be claimed before June 25 begins there.
CLOSES = datetime(2026, 6, 25, 4, tzinfo=UTC)
AT_7D, AT_3D, AT_1D, AT_4H = (datetime(2026, 6, *point, tzinfo=UTC) for point in ((18, 4), (22, 4), (24, 4), (25, 0)))
ON_TIME = [AT_7D, AT_3D, AT_1D, AT_4H]


def rings(*moments):
    for now in moments:
        sweep(now=now, application_now=now)


def sent_so_far():
    return list(Letter.objects.filter(kind__in=KINDS).order_by("id").values_list("kind", "point"))


def the_sender_comes():
    Letter.objects.filter(kind__in=KINDS, state="queued").update(state="accepted", accepted_at=NOW)


def points():
    return [point for _, point in sent_so_far()]


def after(moments):
    """The points that were told of when the clock rang at these moments; nothing of it stays."""
    with transaction.atomic():
        rings(*moments)
        found = points()
        transaction.set_rollback(True)
    return found


TABLE = {
    # the clock rings at …: these points have been told of
    "never": ([], []),
    "the instant before the first point": ([AT_7D - TICK], []),
    "at the first point": ([AT_7D], ["7d"]),
    "twice in the same minute": ([AT_7D, AT_7D], ["7d"]),
    "all day": ([AT_7D + n * 4 * HOUR for n in range(6)], ["7d"]),
    "the instant before the second": ([AT_7D, AT_3D - TICK], ["7d"]),
    "on time": (ON_TIME, ["7d", "3d", "1d", "4h"]),
    "each day at noon": ([NOW + n * DAY for n in range(16)], ["7d", "3d", "1d"]),
    "late for the first, in time for the second": ([AT_7D + 3 * DAY, AT_3D], ["7d", "3d"]),
    "a missed run: only the latest, and the earlier never": ([AT_3D + HOUR, AT_1D], ["3d", "1d"]),
    "a long pause": ([AT_4H + HOUR], ["4h"]),
    "a pause after the first": ([AT_7D, AT_4H], ["7d", "4h"]),
    "out of order": ([AT_3D, AT_7D], ["3d"]),
    "at the deadline": ([CLOSES], []),
    "after it": ([CLOSES + 30 * DAY], []),
}


class TestTheLadder:
    """T1, T3: 7, 3, 1 days and 4 hours before the end; of the points reached only the latest."""

    @pytest.mark.parametrize("made", [make.failure, make.draft], ids=["a report", "a draft"])
    def test_the_letters_so_far(self, made):
        assert made().closes_at == CLOSES

        assert {case: after(moments) for case, (moments, _) in TABLE.items()} == {
            case: expected for case, (_, expected) in TABLE.items()
        }

    @pytest.mark.parametrize(
        ("reported", "expected"),
        [(AT_7D, ["7d", "3d", "1d", "4h"]), (AT_7D + TICK, ["3d", "1d", "4h"]), (AT_1D + MINUTE, ["4h"])],
        ids=["at the first point", "just after it", "after the third"],
    )
    def test_a_point_before_the_report_is_never_due(self, reported, expected):
        make.failure(now=reported)

        rings(reported + MINUTE, *(one for one in ON_TIME if one > reported))

        assert points() == expected

    @pytest.mark.usefixtures("reported")
    def test_the_letter_states_the_deadline(self):
        rings(AT_7D)

        letter = Letter.objects.get(kind="claim_reminder")
        assert letter.deadline == notices.thawed(letter.context)["closes_at"] == CLOSES
        assert letter.urgent

    def test_the_sweep_looks_again_only_when_something_can_be_due(self, reported):
        for moment, following in zip([NOW, *ON_TIME], [*ON_TIME, None], strict=True):
            rings(moment)
            reported.refresh_from_db()
            assert reported.remind_at == following


class TestAReportThatBecomesADraft:
    """T1: the reminders of the report go on in the draft, and no point is told of twice."""

    @pytest.mark.parametrize(
        ("begun", "kinds"),
        [
            (AT_7D - MINUTE, ["draft", "draft", "draft", "draft"]),
            (AT_7D + MINUTE, ["claim", "draft", "draft", "draft"]),
            (AT_1D + MINUTE, ["claim", "claim", "claim", "draft"]),
        ],
    )
    def test_each_point_is_told_once(self, begun, kinds, reported):
        rings(*(one for one in ON_TIME if one < begun))
        the_sender_comes()
        make.draft(failure=reported, now=begun)
        rings(begun + MINUTE, *(one for one in ON_TIME if one > begun))

        assert sent_so_far() == [
            (f"{kind}_reminder", point) for kind, point in zip(kinds, ["7d", "3d", "1d", "4h"], strict=True)
        ]

    def test_back_to_a_report_and_to_another_draft_no_point_is_told_twice(self, reported):
        first = make.draft(failure=reported, now=NOW + HOUR)
        rings(AT_7D)
        the_sender_comes()
        withdraw_claim(claim=first, by=first.opened_by, now=AT_7D + HOUR)
        rings(AT_7D + 2 * HOUR)
        start_claim(failure=reported, by=reported.reported_by, now=AT_7D + 3 * HOUR)

        rings(AT_7D + 4 * HOUR, AT_3D)

        assert points() == ["7d", "3d"]

    def test_a_reminder_that_was_missed_while_the_report_waited_goes_out_with_the_draft(self, reported):
        make.draft(failure=reported, now=AT_7D + HOUR)
        rings(AT_7D + 2 * HOUR)

        assert sent_so_far() == [("draft_reminder", "7d")]

    def test_one_that_waits_when_the_draft_is_begun_goes_with_the_draft_instead(self, reported):
        rings(AT_3D)
        make.draft(failure=reported, now=AT_3D + HOUR)

        rings(AT_3D + 2 * HOUR, AT_3D + 3 * HOUR)

        assert sent_so_far() == [("claim_reminder", "3d"), ("draft_reminder", "3d")]
        reminders = list(Letter.objects.filter(kind__in=KINDS).order_by("id"))
        assert no_longer_true(reminders, AT_3D + 3 * HOUR) == {reminders[0].pk}

    def test_and_back_with_the_report_once_the_draft_is_withdrawn(self, draft):
        rings(AT_3D)
        withdraw_claim(claim=draft, by=draft.opened_by, now=AT_3D + HOUR)

        rings(AT_3D + 2 * HOUR, AT_3D + 3 * HOUR)

        assert sent_so_far() == [("draft_reminder", "3d"), ("claim_reminder", "3d")]

    def test_a_sent_claim_is_not_reminded_of(self, sent_claim):
        rings(*ON_TIME)

        assert points() == []
        assert sent_claim.remind_at is None


class TestStillTrue:
    """T1: asked at the moment of sending: is the matter open, is it before the deadline, is no later point reached?"""

    def a_reminder(self, made):
        made()
        rings(AT_7D)
        return Letter.objects.get(kind__in=KINDS)

    @pytest.mark.parametrize("made", [make.failure, make.draft])
    def test_until_the_next_point_it_is(self, made):
        letter = self.a_reminder(made)

        for now in (AT_7D, AT_3D - TICK):
            assert no_longer_true([letter], now) == set()
        for now in (AT_3D, CLOSES - TICK, CLOSES + DAY):
            assert no_longer_true([letter], now) == {letter.pk}

    @pytest.mark.parametrize(
        ("made", "end"),
        [
            (make.failure, lambda: make.draft(failure=Failure.objects.get(), now=AT_7D)),
            (make.draft, lambda: withdraw_claim(claim=Claim.objects.get(), by=make.person(), now=AT_7D)),
            (make.draft, lambda: lapse_claim(claim=Claim.objects.get(), now=CLOSES)),
            (
                lambda: make.draft(complete=True),
                lambda: submit_claim(claim=Claim.objects.get(), by=make.person(), received_at=AT_7D),
            ),
        ],
        ids=["a claim begun", "withdrawn", "lapsed", "sent"],
    )
    def test_once_the_matter_has_moved_on_it_is_not(self, made, end):
        letter = self.a_reminder(made)

        end()

        assert no_longer_true([letter], AT_7D + MINUTE) == {letter.pk}

    @pytest.mark.usefixtures("decided_claim")
    def test_every_other_letter_says_what_happened_and_stays_true(self):
        assert no_longer_true(Letter.objects.exclude(kind__in=KINDS), CLOSES + 900 * DAY) == set()

    @pytest.mark.parametrize("matter", ["claim", "failure"])
    def test_a_window_did_not_end_unused_once_the_claim_was_received(self, matter, complete_draft):
        reference = complete_draft.reference if matter == "claim" else complete_draft.failures.get().reference
        letter = Letter(kind="window_ended", matter=reference)
        assert not no_longer_true([letter], CLOSES)

        claim = submit_claim(claim=complete_draft, by=complete_draft.opened_by, received_at=AT_7D)

        assert no_longer_true([letter], CLOSES)
        withdraw_claim(claim=claim, by=complete_draft.opened_by, now=AT_7D + MINUTE)
        assert not no_longer_true([letter], CLOSES)

    def test_the_worker_asks_it(self):
        letter = self.a_reminder(make.draft)
        Letter.objects.exclude(pk=letter.pk).update(due_at=CLOSES + DAY)
        withdraw_claim(claim=Claim.objects.get(), by=make.person(), now=AT_7D)

        notices.send_due(clock=lambda: AT_7D + MINUTE)

        letter.refresh_from_db()
        assert letter.state == "no_longer_true"

    def test_one_that_did_not_go_is_not_counted_as_told(self):
        letter = self.a_reminder(make.draft)
        Letter.objects.filter(pk=letter.pk).update(state="no_longer_true")

        rings(AT_3D)

        assert points() == ["7d", "3d"]
