"""T3, P19: the clock works in batches, goes on where its time was up, and sets aside what it cannot do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from django.conf import settings
from django.db import IntegrityError, OperationalError, connection, transaction
from django.urls import reverse

from entitlements.actions.quarantine import (
    FIRST_PAUSE,
    LONGEST_PAUSE,
    pause_after,
    put_in_quarantine,
    release_from_quarantine,
)
from entitlements.actions.refused import Refused
from entitlements.models import Contract, Customer, Event, Letter, Quarantine
from entitlements.notices.answers import OTHERS_TOLD
from sla import batches
from sla import sweep as clockwork
from sla.models import Claim
from sla.sweep import BUDGET, MARGIN, sweep
from tests import factories as make
from tests.factories import DAY, HOUR, NOW
from tests.shared import shared

pytestmark = pytest.mark.django_db

CLOSES = datetime(2026, 6, 25, 4, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LAPSES = CLOSES + MARGIN


def rings(now, **how):
    return sweep(now=now, application_now=now, **how)


def standing():
    return [(one.matter, one.job, one.tries) for one in Quarantine.objects.standing()]


def states():
    return sorted(Claim.objects.values_list("state", flat=True))


@shared
def unfit(complete_draft):
    """A draft that no receipt fits: its own moment lies behind its window, and the database refuses such a receipt."""
    Claim.objects.filter(pk=complete_draft.pk).update(sends_itself_at=complete_draft.closes_at + HOUR)
    return complete_draft


@shared
def drafts(gold):
    """Three, of failures on as many days."""
    return [make.draft(failure=make.failure(contract=gold, began=NOW - n * DAY)) for n in (1, 2, 3)]


class TestItsTime:
    """T3: a turn ends by itself, says what it has left, and the next one goes on."""

    def test_it_is_well_below_celerys(self):
        assert timedelta(seconds=settings.CELERY_TASK_SOFT_TIME_LIMIT) >= BUDGET + MINUTE

    @pytest.mark.usefixtures("drafts")
    def test_what_is_left_is_done_at_the_next_ring(self, monkeypatch):
        monkeypatch.setattr(clockwork, "BATCH", 1)
        with monkeypatch.context() as slow:
            slow.setattr(clockwork, "monotonic", count().__next__)
            first = rings(LAPSES, budget=timedelta(seconds=3))

        assert first.done == {"drafts lapsed": 2}
        assert first.left["drafts lapsed"] == 1
        second = rings(LAPSES + MINUTE)

        assert (second.done["drafts lapsed"], second.left) == (1, {})
        assert states() == ["lapsed"] * 3

    @pytest.mark.usefixtures("draft")
    def test_with_no_time_at_all_everything_is_left(self, gold):
        make.failure(contract=gold, began=NOW - 2 * DAY)

        run = rings(LAPSES, budget=timedelta())

        assert run.done == {}
        assert (run.left["drafts lapsed"], run.left["windows ended"]) == (1, 1)


class TestWhatIsPoisoned:
    """P19: it is halved out of its batch and stands aside, while the rest is done."""

    def test_a_zone_that_is_none(self, gold):
        poisoned = make.failure()
        good = [make.failure(contract=gold, began=NOW - n * DAY) for n in (1, 2, 3)]
        Contract.objects.filter(pk=poisoned.contract_id).update(zone="Mars/Olympus")
        poisoned.contract.zones.update(zone="Mars/Olympus")

        run = rings(CLOSES - 6 * DAY)

        assert (poisoned.reference, "reminders of reports", 1) in standing()
        assert {matter for matter, *_ in standing()} == {poisoned.reference, poisoned.contract.order_form}
        assert "Mars/Olympus" in run.alarm
        told = Letter.objects.filter(kind="claim_reminder").values_list("matter", flat=True)
        assert sorted(told) == sorted(one.reference for one in good)

    def test_a_constraint_that_refuses(self, unfit):
        make.draft(failure=make.failure(contract=unfit.contract, began=NOW - 2 * DAY), complete=True)

        run = rings(CLOSES + 2 * HOUR)

        assert (unfit.reference, "sent themselves", 1) in standing()
        assert "a_claim_is_received_before_its_window_ends" in run.alarm
        assert run.done["sent themselves"] == 1
        noted = [
            run.alarm,
            *Quarantine.objects.values_list("error", flat=True),
            *Event.objects.values_list("note", flat=True),
        ]
        assert not any(unfit.contact_email in one for one in noted), "the database quotes the whole row"

    def test_a_name_of_two_lines_is_no_poison(self, draft):
        Customer.objects.filter(pk=draft.contract.customer_id).update(name="Ours\r\nBcc: everybody@x.example")

        run = rings(LAPSES)

        assert (run.done["drafts lapsed"], run.alarm) == (1, "")
        assert Letter.objects.filter(kind="window_ended").count() == 1

    @pytest.mark.usefixtures("draft")
    def test_the_database_that_is_busy_sets_nothing_aside(self, monkeypatch, gold):
        make.failure(contract=gold, began=NOW - 2 * DAY)

        def busy(rows, now):
            raise OperationalError("deadlock detected")

        monkeypatch.setattr(clockwork, "lapse_drafts", busy)
        run = rings(LAPSES)

        assert "drafts lapsed: interrupted" in run.alarm
        assert run.done["windows ended"] == 1
        assert standing() == []
        monkeypatch.undo()
        assert rings(LAPSES).done["drafts lapsed"] == 1

    def test_a_job_that_always_fails_is_left_after_a_while(self, monkeypatch, drafts):
        monkeypatch.setattr(batches, "MOST_POISONED", 2)
        monkeypatch.setattr(clockwork, "lapse_drafts", lambda *given: 1 / 0)

        run = rings(LAPSES)

        assert (len(standing()), run.left["drafts lapsed"]) == (2, 1)
        assert len(drafts) == Claim.objects.filter(state="draft").count()


@shared
def poisoned(unfit):
    """It stands in quarantine."""
    rings(CLOSES + 2 * HOUR)
    return unfit


class TestQuarantine:
    """P19: left alone for a growing pause, or until somebody releases it; over when it is done, or due no more."""

    def of(self, job="sent themselves"):
        return Quarantine.objects.get(job=job)

    def mend(self, claim):
        Claim.objects.filter(pk=claim.pk).update(sends_itself_at=claim.closes_at - HOUR)

    def test_the_pause_grows_to_a_day(self):
        pauses = [pause_after(tries) for tries in range(1, 60)]

        assert pauses[:3] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
        assert pauses == sorted(pauses)
        assert pauses[-1] == LONGEST_PAUSE

    def test_it_is_not_tried_before(self, poisoned):
        before = self.of().try_again_at
        assert before == CLOSES + 2 * HOUR + FIRST_PAUSE

        run = rings(before - MINUTE)

        assert self.of().tries == 1
        assert "2 matters from before in quarantine" in run.alarm
        rings(before)
        assert (self.of().tries, self.of().try_again_at) == (2, before + 2 * FIRST_PAUSE)

    def test_once_mended_it_is_over_and_the_alarm_with_it(self, poisoned):
        self.mend(poisoned)

        run = rings(CLOSES + 3 * HOUR)

        poisoned.refresh_from_db()
        assert poisoned.received_at == CLOSES - HOUR
        assert (standing(), run.alarm) == ([], "")
        assert self.of().ended_at == CLOSES + 3 * HOUR

    def test_a_manager_can_end_the_pause(self, poisoned):
        self.mend(poisoned)
        at, by = CLOSES + 2 * HOUR + MINUTE, make.manager()
        rings(at)
        assert Claim.objects.get(pk=poisoned.pk).received_at is None

        release_from_quarantine(entry=self.of(), reason="The date was corrected.", by=by, now=at)
        rings(at + MINUTE)

        poisoned.refresh_from_db()
        entry = self.of()
        assert poisoned.received_at == CLOSES - HOUR
        assert (entry.released_by, entry.released_at, entry.ended_at) == (by, at, at + MINUTE)
        assert Event.objects.filter(matter=poisoned.reference, verb="quarantine.released", actor=by).exists()

    def test_what_is_settled_by_hand_is_over_before_its_pause_is(self, poisoned):
        Claim.objects.filter(pk=poisoned.pk).update(sends_itself_at=None)

        run = rings(CLOSES + 2 * HOUR + MINUTE)

        assert self.of().ended_at == CLOSES + 2 * HOUR + MINUTE
        assert poisoned.reference not in {matter for matter, *_ in standing()}
        assert poisoned.reference not in run.alarm

    def test_the_log_says_where_and_not_what_the_database_quotes(self, poisoned, caplog):
        caplog.clear()
        rings(self.of().try_again_at)

        said = [one.getMessage() for one in caplog.records if "sweep_failed" in one.getMessage()]
        assert said
        assert all("/actions/" in one for one in said)
        assert poisoned.contact_email not in caplog.text

    def test_nothing_stands_in_it_twice(self, poisoned):
        entry = self.of()
        entry.pk = None

        with pytest.raises(IntegrityError, match="nothing_is_in_quarantine_twice"), transaction.atomic():
            entry.save()

    def test_what_is_over_cannot_be_released(self, poisoned):
        self.mend(poisoned)
        rings(CLOSES + 3 * HOUR)

        with pytest.raises(Refused, match="done meanwhile"):
            release_from_quarantine(entry=self.of(), reason="…", by=make.manager(), now=CLOSES + 4 * HOUR)


class TestOnTheDesk:
    """P19: a manager sees what stands aside, and why, and has it tried again with a reason."""

    def test_from_the_first_page_to_the_release(self, client, poisoned):
        by = make.manager()
        entry = Quarantine.objects.get(job="sent themselves")
        page = reverse("admin:quarantined", args=[entry.pk])
        client.force_login(by)

        listed = client.get(reverse("admin:entitlements_quarantine_changelist", query={"work": "aside"}))
        shown = client.get(page)
        without = client.post(page, {"reason": ""})
        released = client.post(page, {"reason": "The date was corrected."}, follow=True)

        assert poisoned.reference in listed.content.decode()
        assert "a_claim_is_received_before_its_window_ends" in shown.content.decode()
        assert without.context["form"].errors
        assert "is tried again at the next turn" in released.content.decode()
        entry.refresh_from_db()
        assert (entry.released_by, entry.release_reason) == (by, "The date was corrected.")

    def test_what_is_over_has_no_button(self, client):
        entry = put_in_quarantine(job="drafts lapsed", row=0, matter="CLM-1", error="…", by=None, now=NOW)
        rings(NOW + DAY)
        client.force_login(make.manager())

        page = client.get(reverse("admin:quarantined", args=[entry.pk])).content.decode()

        assert ("Over since" in page, "Try it again" in page) == (True, False)


class TestTheIndexes:
    """T3: what each job asks is answered by a partial index on its deadline, in the order of it."""

    USED = {
        "sent themselves": "drafts_that_send_themselves",
        "drafts lapsed": "drafts_running",
        "complete drafts settled": "drafts_running",
        "windows ended": "claim_windows_running",
        "customers told of outages": "openings_waiting",
        "reminders of reports": "failures_to_remind_of",
        "reminders of drafts": "drafts_to_remind_of",
        "requests unanswered": "requests_to_be_answered",
        "reminders of requests": "requests_to_remind_of",
        "reminders of sessions": "sessions_to_be_told_of",
        "sessions begun untold": "sessions_to_be_told_of",
        "requests lapsed": "years_not_closed",
        "years ended": "years_not_closed",
        "reminders of unused": "years_to_look_at",
        "accounts ended": "engineers_who_leave",
        "notices arrived": "elections_on_their_way",
        "elections void": "elections_whose_contract_ends",
        "elections decided": "elections_to_decide",
        "reminders of elections": "elections_to_remind_of",
    }

    def test_each_job_has_its_own(self):
        with connection.cursor() as cursor:
            for setting in ("enable_seqscan", "enable_bitmapscan", "enable_sort"):
                cursor.execute(f"SET LOCAL {setting} = off")
        plans = {job.name: batches.due_of(job, NOW)[: job.at_once].explain() for job in clockwork._jobs(NOW)}

        plans.pop(OTHERS_TOLD)  # asks for what stands in quarantine, which is little
        assert plans.keys() == self.USED.keys()
        assert [name for name, plan in plans.items() if f"Index Scan using {self.USED[name]} " not in plan] == []
        assert [name for name, plan in plans.items() if "Incremental Sort" in plan or "->  Sort" in plan] == []

    def test_what_is_asked_is_what_is_due(self):
        """Each question, put into words for another moment, is the one of this moment to the letter."""
        told = {one.job: (one.words, one.at(LAPSES)) for one in clockwork._questions()}

        asked = {job.name: batches.question_of(job, LAPSES) for job in clockwork._jobs(LAPSES)}

        assert told == {name: (one.words, list(one.values)) for name, one in asked.items()}
        assert all(LAPSES in values or LAPSES - MARGIN in values for _, values in told.values())
