"""T3: what the clock did is worked out anew from the records, and what differs is named."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F
from django.urls import reverse

from entitlements.models import Event, Letter, MissedReminder, Reconciliation
from sla.actions.reconciling import reconcile, reconcile_once_a_day
from sla.models import Claim, Failure
from sla.reconciliation import compare
from sla.sweep import sweep
from tests import factories as make
from tests import question_factories as questions
from tests.desk import sign, signed_in
from tests.factories import DAY, HOUR, NOW
from tests.shared import shared

pytestmark = pytest.mark.django_db
LATER = NOW + 20 * DAY


@shared
def world():
    """A report and a draft that lapse, a complete one that sends itself, a question that goes unanswered; the clock came now and then."""
    report = make.failure()
    lapsed = make.draft(failure=make.failure(began=NOW - 2 * DAY))
    sent = make.draft(failure=make.failure(began=NOW - 3 * DAY), complete=True)
    questions.asked()
    for days in (0, 9, 13, 15, 20):
        sweep(now=NOW + days * DAY, application_now=NOW + days * DAY)
    return {"report": report.pk, "lapsed": lapsed.pk, "sent": sent.pk}


def differences(now=LATER):
    return compare(now).differences


class TestAClockThatDidItsWork:
    def test_differs_in_nothing_and_says_how_much_was_compared(self, world):
        found = compare(LATER)

        assert found.differences == []
        assert found.counts["drafts that lapsed"] == found.counts["drafts that sent themselves"] == 1
        assert found.counts["reports whose window ended"] == 1
        assert found.counts["ladders of reminders"] == 2


class TestWhatDiffers:
    """Each is seen by itself: the result that was changed, not the code that made it."""

    def test_a_draft_that_is_still_open(self, world):
        open_one = make.draft(failure=make.failure(now=NOW))

        assert differences() == [(open_one.reference, "Its deadline has passed, and it is open.")]

    @pytest.mark.parametrize(
        ("model", "key", "changed", "says"),
        [
            (Claim, "lapsed", {"closed_at": NOW}, "not on record as of its deadline"),
            (Failure, "report", {"closed_at": NOW}, "not on record as of its deadline"),
            (Failure, "report", {"closes_at": NOW + DAY, "closed_at": NOW + DAY}, "Its window ends before"),
        ],
    )
    def test_a_moment_that_is_not_the_deadline(self, world, model, key, changed, says):
        model.objects.filter(pk=world[key]).update(**changed)

        assert any(says in what for _, what in differences())

    def test_a_receipt_that_is_not_an_hour_before_an_end(self, world):
        sent = Claim.objects.filter(pk=world["sent"])
        Failure.objects.filter(claims__in=sent).update(closes_at=F("closes_at") + HOUR)
        sent.update(closes_at=F("closes_at") + HOUR)

        assert any("not received an hour before" in what for _, what in differences())

    def test_an_end_that_nobody_was_told_of(self, world):
        lapsed = Claim.objects.get(pk=world["lapsed"])
        Letter.objects.filter(matter=lapsed.reference, kind="window_ended").update(matter="x")

        assert differences() == [(lapsed.reference, "Nobody was told of its end.")]

    def test_a_point_of_a_ladder_that_left_no_trace(self, world):
        report = Failure.objects.get(pk=world["report"])
        assert MissedReminder.objects.filter(matter=report.reference).exists() or Event.objects.filter(
            matter=report.reference, verb="failure.reminder"
        )
        Failure.objects.filter(pk=report.pk).update(reference="DF-0000-0000")

        assert any("7d" in what for matter, what in differences() if matter == "DF-0000-0000")


class TestOnceADay:
    def test_it_is_kept_once_and_not_before_two_in_the_morning(self, world):
        morning = LATER.replace(hour=1)
        assert reconcile_once_a_day(now=morning) is None

        assert reconcile_once_a_day(now=morning + HOUR).differing == 0
        assert reconcile_once_a_day(now=morning + 2 * HOUR) is None
        assert Reconciliation.objects.get().day == LATER.date()

    def test_the_strip_says_what_was_found(self, world):
        assert sign("compared", LATER) is None
        reconcile(now=LATER)
        assert (sign("compared", LATER).alarm, "nothing differs" in sign("compared", LATER).words) == (False, True)
        assert sign("compared", LATER + 3 * DAY).trouble == "what the clock did is not compared"
        make.draft(failure=make.failure(now=NOW))

        reconcile(now=LATER + DAY)

        assert sign("compared", LATER + DAY).trouble == "what the clock did differs"
        made = Reconciliation.objects.first()
        page = signed_in(make.manager()).get(reverse("admin:entitlements_reconciliation_change", args=[made.pk])).text
        assert made.differences[0][0] in page


def test_a_month_that_the_clock_missed_differs_in_nothing():
    make.draft(failure=make.failure(), complete=True)
    make.draft(failure=make.failure(began=NOW - 2 * DAY))
    make.failure(began=NOW - 3 * DAY)
    late = NOW + 35 * DAY

    sweep(now=late, application_now=late)

    found = compare(late + timedelta(hours=2))
    assert found.differences == []
    assert found.counts["ladders of reminders"] == 2
