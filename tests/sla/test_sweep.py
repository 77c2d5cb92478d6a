"""T3, T4: one turn of the clock. Late, twice or missed: the outcome and the dates on it are those of a turn on time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import StringIO
from itertools import count

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from entitlements import notices
from entitlements.dossiers import dossier_of
from entitlements.letter_paper import paper_of
from entitlements.models import Contract, Engagement, Event, Letter, MissedReminder, SweepRun, UsageEntry
from entitlements.notices.answers import OTHERS_TOLD
from sla import sweep as clockwork
from sla.actions.claims import save_contact, withdraw_claim
from sla.models import Claim, Failure
from sla.sweep import MARGIN, MOST_APART, sweep
from sla.tasks import sweep as task
from tests import factories as make
from tests.factories import DAY, HOUR, NOW
from tests.shared import shared

pytestmark = pytest.mark.django_db

CLOSES = datetime(2026, 6, 25, 4, tzinfo=UTC)
TICK, SECOND = timedelta(microseconds=1), timedelta(seconds=1)
JOBS = [
    "sent themselves",
    "drafts lapsed",
    "complete drafts settled",
    "windows ended",
    "customers told of outages",
    "reminders of reports",
    "reminders of drafts",
    "requests unanswered",
    "reminders of requests",
    "reminders of sessions",
    "sessions begun untold",
    "requests lapsed",
    "years ended",
    "reminders of unused",
    OTHERS_TOLD,
    "notices arrived",
    "elections void",
    "elections decided",
    "reminders of elections",
    "accounts ended",
]


def rings(now, **how):
    return sweep(now=now, application_now=now, **how)


@shared
def a_world() -> None:
    """One of everything that the clock acts on, and of everything that it must leave alone."""
    year_ends = make.contract(first=date(2025, 6, 20), last=date(2027, 6, 19))
    make.request(contract=year_ends, day=date(2026, 6, 15))
    make.scheduled(contract=year_ends, start=NOW + 3 * DAY)
    make.failure()
    make.draft()
    make.draft(complete=True)
    make.draft(complete=True, sends_itself=False)
    make.draft(failure=make.failure(contract=make.contract(zone="Pacific/Auckland")), complete=True)
    make.sent_claim()
    withdrawn = make.draft()
    withdraw_claim(claim=withdrawn, by=withdrawn.opened_by, now=NOW + HOUR)


def outcome():
    """Everything that the clock decides, with its dates; which reminders went, and which were missed, is another matter."""
    claims = Claim.objects.order_by("pk").values_list("pk", "state", "received_at", "closed_at", "submitted_by")
    failures = Failure.objects.order_by("pk").values_list("pk", "state", "closed_at")
    engagements = Engagement.objects.order_by("pk").values_list("pk", "state")
    ledger = UsageEntry.objects.values_list("engagement", "kind", "places", "happened_at").order_by("engagement", "pk")
    log = Event.objects.filter(part_of=None, actor=None, table="").exclude(verb__contains="reminder")
    letters = Letter.objects.exclude(kind__endswith="reminder")
    said = letters.values_list("kind", "matter", "deadline", "addressee", "message_id", "context")
    return {
        "claims": list(claims),
        "failures": list(failures),
        "engagements": list(engagements),
        "ledger": list(ledger),
        "log": sorted(log.values_list("verb", "matter", "happened_at")),
        "letters": sorted(repr((*facts, {**context["of"], "missed": ""})) for *facts, context in said),
    }


def after(*moments, at_each=1):
    """The outcome when the clock rings at these moments; nothing of it stays."""
    with transaction.atomic():
        for now in moments:
            for _ in range(at_each):
                rings(now)
        found = outcome()
        transaction.set_rollback(True)
    return found


class TestARun:
    """T3: each is on record: what it did, how late it was, and whether the clocks agreed."""

    @pytest.mark.usefixtures("reported")
    def test_it_is_on_record(self, monkeypatch):
        monkeypatch.setattr(clockwork, "monotonic", count(100, 3).__next__)

        run = rings(CLOSES + HOUR)

        assert (run.started_at, run.as_of) == (CLOSES + HOUR,) * 2
        readings = int((run.ended_at - run.started_at) / timedelta(seconds=3))
        assert run.ended_at == run.started_at + timedelta(seconds=3 * readings) > run.started_at
        assert (run.done, run.latest_by_seconds, run.alarm) == ({"windows ended": 1}, 3600, "")

    def test_it_says_who_rang(self):
        rings(NOW)
        task()
        call_command("sweep", stdout=StringIO())

        assert list(SweepRun.objects.order_by("pk").values_list("rung_by", flat=True)) == ["command", "beat", "command"]

    @pytest.mark.usefixtures("reported")
    def test_the_letters_go_whatever_goes_wrong_with_what_managers_are_told(self, monkeypatch):
        for name in ("sweep.alarms.watch", "sweep.write_digests"):
            monkeypatch.setattr(f"sla.management.commands.{name}", lambda **given: 1 / 0)
        sent = []
        monkeypatch.setattr(notices, "send_all", lambda **given: sent.append(given) or 0)

        with pytest.raises(CommandError, match=r"ZeroDivisionError.*ZeroDivisionError"):
            call_command("sweep", stdout=StringIO())

        assert sent

    def test_a_dry_one_says_what_is_due_and_does_nothing(self, draft):
        """P24: what a restored database would have the clock do."""
        said = StringIO()

        call_command("sweep", "--dry-run", stdout=said)

        draft.refresh_from_db()
        assert "drafts lapsed: 1 due" in said.getvalue()
        assert (draft.state, SweepRun.objects.count()) == ("draft", 0)

    def test_one_that_breaks_off_says_so(self, monkeypatch):
        monkeypatch.setattr(clockwork, "_turn", lambda *given: 1 / 0)

        with pytest.raises(ZeroDivisionError):
            rings(NOW)

        run = SweepRun.objects.get()
        assert run.ended_at
        assert "broke off: ZeroDivisionError" in run.alarm

    @pytest.mark.usefixtures("a_world")
    def test_with_nothing_due_it_does_nothing(self):
        before = outcome()

        run = rings(NOW + DAY)

        assert (run.done, outcome()) == ({"reminders of unused": 1}, before)

    def test_in_the_demo_it_acts_for_a_later_instant(self, draft):
        run = rings(NOW, as_of=CLOSES + MARGIN)

        draft.refresh_from_db()
        assert (run.started_at, run.as_of) == (NOW, CLOSES + MARGIN)
        assert draft.state == "lapsed"

    def test_the_task_reads_both_clocks(self):
        task()

        run = SweepRun.objects.get()
        assert abs(run.clock_offset_ms) < 5_000
        assert run.ended_at

    @pytest.mark.parametrize(
        ("apart", "acts"),
        [
            (timedelta(), True),
            (MOST_APART, True),
            (-MOST_APART, True),
            (MOST_APART + TICK, False),
            (-MOST_APART - TICK, False),
            (HOUR, False),
            (-DAY, False),
        ],
    )
    def test_clocks_that_are_more_than_five_seconds_apart_stop_it_with_an_alarm(self, apart, acts, draft):
        """P11"""
        now = CLOSES + MARGIN

        run = sweep(now=now, application_now=now + apart)

        draft.refresh_from_db()
        assert (draft.state == "lapsed") == acts
        assert bool(run.alarm) != acts
        assert run.ended_at >= now
        assert run.clock_offset_ms == round(apart / timedelta(milliseconds=1))


class TestTheMargin:
    """S13: it acts five minutes after a deadline, longer than the longest request; what happened, happened at the deadline."""

    @pytest.mark.parametrize(
        ("after_the_deadline", "done"), [(timedelta(), False), (MARGIN - TICK, False), (MARGIN, True)]
    )
    def test_nothing_lapses_within_it(self, after_the_deadline, done, draft):
        failure = make.failure()

        rings(CLOSES + after_the_deadline)

        draft.refresh_from_db()
        failure.refresh_from_db()
        assert (draft.state, failure.state) == (("lapsed", "closed") if done else ("draft", "reported"))
        assert draft.closed_at == failure.closed_at == (CLOSES if done else None)

    def test_it_is_longer_than_the_longest_request(self):
        assert timedelta(minutes=5) == MARGIN

    def test_a_draft_sends_itself_as_of_its_moment(self, complete_draft):
        rings(CLOSES - HOUR + MARGIN - TICK)
        complete_draft.refresh_from_db()
        assert complete_draft.received_at is None
        rings(CLOSES - HOUR + MARGIN)

        complete_draft.refresh_from_db()
        assert complete_draft.received_at == CLOSES - HOUR

    def test_what_was_switched_off_a_second_before_its_moment_does_not_send_itself(self, complete_draft):
        """S13: the request was received in time, however long it takes."""
        rings(CLOSES - HOUR + SECOND)
        save_contact(
            claim=complete_draft,
            name="Clara",
            email="clara@customer.example",
            phone="",
            audit_consent=False,
            sends_itself=False,
            by=complete_draft.opened_by,
            now=CLOSES - HOUR - SECOND,
        )
        rings(CLOSES - HOUR + MARGIN)

        complete_draft.refresh_from_db()
        assert complete_draft.received_at is None


class TestTheClockIsLate:
    """T3, P8, P9: states and dates are those of a clock that rang every few hours."""

    @pytest.mark.usefixtures("a_world")
    def test_by_a_month_or_twice_at_each_ring_it_comes_to_the_same(self):
        end = NOW + 20 * DAY

        on_time = after(*(NOW + n * 12 * HOUR for n in range(20 * 2)))
        in_one_go, a_month_late, twice = after(end), after(end + 30 * DAY), after(end, end + DAY, at_each=2)

        assert on_time["claims"] != outcome()["claims"]
        assert in_one_go == a_month_late == twice == on_time
        assert len(on_time["letters"]) > 10

    def test_a_letter_that_goes_late_says_when_it_was_due(self, draft):
        """T3: a month late it says what it would have said on time, with the same deadline; only how long ago that was differs."""
        failure = make.failure()

        told = [self.told_at(CLOSES + MARGIN), self.told_at(CLOSES + 30 * DAY)]

        on_time, late = told
        assert set(on_time) == set(late) == {draft.reference, failure.reference}
        for matter, text in on_time.items():
            assert "Wednesday, June 24, 2026, 11:59 p.m. Eastern Time" in text
            assert text.replace("closed 5 minutes ago", "closed 30 days ago") == late[matter]

    def told_at(self, now):
        """By matter, the letter as it goes when the clock rings at this moment; nothing of it stays."""
        with transaction.atomic():
            rings(now)
            letters = list(Letter.objects.filter(kind="window_ended"))
            for letter in letters:
                notices.render(letter)
            transaction.set_rollback(True)
        return {letter.matter: letter.text for letter in letters}

    def test_what_was_received_in_between_stands(self):
        claim = make.draft(complete=True, sends_itself=False)

        rings(CLOSES)
        make.sent_claim(draft=claim, received_at=CLOSES - TICK)
        rings(CLOSES + 30 * DAY)

        claim.refresh_from_db()
        assert (claim.state, claim.received_at) == ("submitted", CLOSES - TICK)

    def test_a_session_that_a_suspension_holds_is_not_reminded_of(self):
        """E14, T1: neither while it is ahead nor, once its time has gone by, as a reminder that was missed."""
        session = make.scheduled(start=NOW + 3 * DAY).sessions.first()
        Contract.objects.update(status="suspended")

        rings(NOW + 3 * DAY - HOUR)
        rings(NOW + 4 * DAY)

        session.refresh_from_db()
        assert session.remind_at is None
        assert not Letter.objects.filter(kind="session_reminder").exists()
        assert not MissedReminder.objects.exists()

    def test_a_request_lapses_with_its_year(self):
        contract = make.contract(first=date(2025, 6, 20), last=date(2027, 6, 19))
        engagement = make.request(contract=contract, day=date(2026, 6, 15))
        ends_at = contract.years.get(n=1).ends_at

        rings(ends_at + MARGIN - TICK)
        engagement.refresh_from_db()
        assert engagement.state == "requested"
        rings(ends_at + 40 * DAY)

        engagement.refresh_from_db()
        assert (engagement.state, engagement.usage.last().happened_at) == ("lapsed", ends_at)


class TestAPoisonedRow:
    """P19: it is noted with an alarm, tried again at the next ring, and does not stop the rest."""

    def test_one_that_the_database_refuses_does_not_stop_the_others(self, gold, monkeypatch):
        poisoned, *others = [make.draft(failure=make.failure(contract=gold, began=NOW - n * DAY)) for n in range(1, 4)]
        lapse = clockwork.lapse_drafts

        def lapse_with_bad_luck(claims, now):
            done = lapse(claims, now)
            if poisoned in claims:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT 1 / 0")
            return done

        monkeypatch.setattr(clockwork, "lapse_drafts", lapse_with_bad_luck)
        run = rings(CLOSES + MARGIN)

        assert {Claim.objects.get(pk=one.pk).state for one in others} == {"lapsed"}
        assert Claim.objects.get(pk=poisoned.pk).state == "draft"
        assert poisoned.reference in run.alarm
        assert (run.done["drafts lapsed"], run.done["failed"]) == (2, 1)

    @pytest.mark.parametrize(("poisoned", "more"), [(5, ""), (7, "and 2 more")])
    def test_the_alarm_names_the_first_five_and_counts_the_rest(self, gold, monkeypatch, poisoned, more):
        failures = [make.failure(contract=gold, began=NOW - n * DAY) for n in range(poisoned, 0, -1)]
        monkeypatch.setattr(clockwork, "close_reports", lambda *given: 1 / 0)

        run = rings(CLOSES + MARGIN)

        assert [failure.reference in run.alarm for failure in failures] == [n < 5 for n in range(poisoned)]
        assert ("more" in run.alarm, more in run.alarm) == (bool(more), True)
        assert run.done["failed"] == poisoned

    @pytest.mark.usefixtures("draft")
    def test_the_end_of_its_time_is_no_poisoned_row(self, monkeypatch):
        def out_of_time(*given):
            raise SoftTimeLimitExceeded

        monkeypatch.setattr(clockwork, "lapse_drafts", out_of_time)

        with pytest.raises(SoftTimeLimitExceeded):
            rings(CLOSES + MARGIN)

    def test_a_zone_that_is_none_does_not_stop_the_others(self, reported):
        good = make.failure()
        Contract.objects.filter(pk=reported.contract_id).update(zone="Mars/Olympus")
        reported.contract.zones.update(zone="Mars/Olympus")

        run = rings(CLOSES - 6 * DAY)

        assert "Mars/Olympus" in run.alarm
        assert list(Letter.objects.filter(kind="claim_reminder").values_list("matter", flat=True)) == [good.reference]

    def test_a_zone_that_is_none_stops_no_lapse(self, draft):
        """T3: noting which reminders were missed must not hinder it; and the last letter's own page opens."""
        poisoned, good = make.failure(), make.failure()
        for one in (poisoned, draft):
            Contract.objects.filter(pk=one.contract_id).update(zone="Mars/Olympus")
            one.contract.zones.update(zone="Mars/Olympus")

        run = rings(CLOSES + MARGIN)

        assert (run.done["windows ended"], run.done["drafts lapsed"]) == (2, 1)
        assert Failure.objects.get(pk=poisoned.pk).closed_at == CLOSES
        assert set(MissedReminder.objects.values_list("matter", flat=True)) == {good.reference}
        letter = Letter.objects.get(kind="window_ended", matter=poisoned.reference)
        assert dossier_of(letter, for_customer=True).zone.key == "UTC"
        assert paper_of(dossier_of(letter, for_customer=False))

    def test_what_was_poisoned_is_made_good_when_it_is_mended(self, monkeypatch, draft):
        with monkeypatch.context() as broken:
            broken.setattr(clockwork, "lapse_drafts", lambda *given: 1 / 0)
            rings(CLOSES + MARGIN)

        rings(CLOSES + 9 * DAY)

        draft.refresh_from_db()
        assert (draft.state, draft.closed_at) == ("lapsed", CLOSES)

    def test_a_complete_draft_whose_sending_fails_does_not_lapse(self, monkeypatch, complete_draft):
        monkeypatch.setattr(clockwork, "send_by_themselves", lambda claims, now: 1 / 0)

        rings(CLOSES + MARGIN)

        complete_draft.refresh_from_db()
        assert (complete_draft.state, complete_draft.received_at) == ("submitted", CLOSES - HOUR)


class TestTheOrder:
    def test_each_job_is_done_in_order_of_its_deadline(self, monkeypatch):
        later, sooner = (make.draft(failure=make.failure(began=NOW - n * DAY)) for n in (1, 3))
        seen = []
        monkeypatch.setattr(clockwork, "lapse_drafts", lambda claims, now: seen.extend(claims) or claims)

        rings(CLOSES + 9 * DAY)

        assert seen == [sooner, later]

    def test_what_sends_itself_is_sent_before_anything_lapses(self):
        assert [job.name for job in clockwork._jobs(NOW)] == JOBS
