"""P2, the short form of `make chaos`: whoever dies at a named place leaves nothing half-done, and whoever goes on does it once.

Here a process does not die: its connection is gone at that moment, and nothing after it runs. In `make chaos` processes do.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from email import message_from_bytes

import pytest
from django.db import Error, connection, connections, transaction

from entitlements import failpoints, notices
from entitlements.models import Event, Letter
from entitlements.notices import sending
from entitlements.notices.notes import Noted
from sla.actions.claims import submit_claim
from sla.models import Claim
from sla.sweep import sweep
from tests import factories as make
from tests.chaos import state
from tests.chaos.report import Outcome, Scenario, Told, written
from tests.config.test_settings import EXAMPLE, start_with
from tests.factories import DAY, NOW
from tests.repository import CODE

LATE = NOW + 40 * DAY
LEASE_OVER = timedelta(minutes=6)


class Dead(BaseException):
    """Nothing of the product catches it, as nothing catches SIGKILL."""


@pytest.fixture
def dies_at(settings, monkeypatch):
    there = connections["default"]

    def die(code):
        there.connection.close()
        monkeypatch.setattr(there, "connect", gone)
        raise Dead

    def gone():
        raise Dead

    def arm(name):
        failpoints._reached.clear()
        settings.FAILPOINT = name
        monkeypatch.setattr(there, "connect", type(there).connect.__get__(there))

    monkeypatch.setattr(failpoints.os, "_exit", die)
    return arm


@pytest.fixture
def day(committed_db, mailoutbox):
    """Two drafts, of which one is sent in time and the other lapses, and all letters go: at a moment, as often as it is called."""
    sent = make.draft(complete=True, sends_itself=False)
    make.draft()
    notices.send_all(clock=lambda: NOW)
    mailoutbox.clear()

    def live(later=timedelta()):
        submit_claim(claim=sent, by=sent.opened_by, received_at=NOW + DAY)
        sweep(now=LATE, application_now=LATE)
        notices.send_all(clock=lambda: LATE + later)

    return live


def dies_in(day, arm, point):
    arm(point)
    with pytest.raises((Dead, Error)):
        day()
    assert connection.connection is None or connection.connection.closed
    connection.close()
    arm("")


def went(mailoutbox):
    return Counter(str(message_from_bytes(one.message().as_bytes())["Message-ID"]) for one in mailoutbox)


def marked():
    return set(Letter.objects.filter(may_have_gone_twice=True).values_list("message_id", flat=True))


class TestDeathAtANamedPlace:
    @pytest.mark.parametrize(
        "point", ["claim.received", "sweep.claimed", "sweep.lapsed", "sweep.committed", "letter.going", "letter.sent"]
    )
    def test_leaves_nothing_half_done_and_nothing_is_done_twice(self, day, dies_at, mailoutbox, point):
        dies_in(day, dies_at, point)
        day(LEASE_OVER)

        assert sorted(Claim.objects.values_list("state", flat=True)) == ["lapsed", "submitted"]
        assert Counter(Event.objects.values_list("verb", flat=True))["claim.lapsed"] == 1
        assert Counter(Event.objects.values_list("verb", flat=True))["claim.sent"] == 1
        assert Counter(Letter.objects.values_list("state", flat=True)) == {"accepted": Letter.objects.count()}
        twice = {key for key, n in went(mailoutbox).items() if n > 1}
        assert len(twice) == (point == "letter.sent")
        assert twice <= marked()

    def test_without_the_note_before_it_goes_nobody_would_know_that_it_went_twice(
        self, day, dies_at, mailoutbox, monkeypatch
    ):
        """P16, the twin."""
        note = sending.note
        monkeypatch.setattr(
            sending, "note", lambda one, going, host: note(one, None, host) if one else Noted(True, None)
        )
        dies_in(day, dies_at, "letter.sent")
        monkeypatch.setattr(sending, "note", note)
        day(LEASE_OVER)

        assert max(went(mailoutbox).values()) == 2
        assert marked() == set()

    def test_without_one_transaction_a_draft_would_lapse_and_nobody_be_told(self, day, dies_at, monkeypatch):
        """The twin: what was done up to there is there for good, and the next turn finds nothing to do."""
        failpoint = failpoints._die_if_named

        def commit_first(name):
            if name == "sweep.lapsed":
                connection.connection.commit()
            failpoint(name)

        monkeypatch.setattr(failpoints, "_die_if_named", commit_first)
        dies_in(day, dies_at, "sweep.lapsed")
        monkeypatch.setattr(failpoints, "_die_if_named", failpoint)
        day(LEASE_OVER)

        assert Claim.objects.filter(state="lapsed").count() == 1
        assert not Letter.objects.filter(kind="window_ended").exists()


class TestFailPoints:
    def test_each_place_is_in_the_list_and_each_of_the_list_is_a_place(self):
        placed = Counter(name for path in CODE for name in re.findall(r'\bfailpoint\("([\w.]+)"\)', path.read_text()))

        assert placed.keys() == failpoints.POINTS.keys()
        assert set(placed.values()) == {1}

    def test_a_production_does_not_start_with_one(self):
        production = dict(re.findall(r"^([A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE))

        said = start_with(**production, FAILPOINT="letter.sent")

        assert "INSTALLATION says that this is production" in said.stderr

    def test_it_is_the_nth_time_that_counts(self, dies_at, monkeypatch):
        monkeypatch.setattr(failpoints.os, "_exit", lambda code: (_ for _ in ()).throw(Dead))
        dies_at("letter.made:2")
        failpoints.failpoint("letter.made")
        failpoints.failpoint("letter.sent")

        with pytest.raises(Dead):
            failpoints.failpoint("letter.made")


class TestTheComparison:
    """What `make chaos` calls the same end."""

    @pytest.mark.django_db
    def test_sees_a_letter_too_many_a_lapse_too_late_and_a_line_missing_from_the_log(self):
        draft, base = make.draft(), LATE + DAY
        state.know_the_ground()
        expected = state.end_state(base)
        with transaction.atomic():
            notices.write("hello", matter=draft.reference, to=[make.person()], context={}, now=NOW)

        found = state.differences(expected, state.end_state(base))

        assert [one.split(":")[0] for one in found if "letters: 1 too many" in one] == ["letters"]
        assert state.differences(expected, expected) == []
        assert state.differences(state.end_state(base), expected)[0].startswith("letters: missing 1")

    def test_of_what_a_run_made_neither_moment_nor_reference_counts(self):
        state.known.add("CLM-7K4Q-2M9X")
        moments = [state._value(LATE + timedelta(seconds=n), LATE) for n in (1, 500)]

        assert moments == ["during the run", "during the run"]
        assert state._value(NOW, LATE) == NOW.isoformat()
        assert state._value("CLM-7K4Q-2M9X and CR-2222-2222", LATE) == "CLM-7K4Q-2M9X and CR-…"

    def test_a_twin_of_which_nothing_is_seen_makes_it_red(self):
        seen, unseen = Told(), Told()
        seen.twin("without a lock", ["CLM-1 lapsed twice", "CLM-2 lapsed twice"])
        unseen.twin("without a lock", [])

        assert seen.compared == ["the twin without a lock: seen to be wrong, 2 times (CLM-1 lapsed twice …)"]
        assert (seen.differences, len(unseen.differences)) == ([], 1)

    def test_a_difference_makes_the_report_red(self):
        one = Scenario("kill", "A kill", ["P3"], False, False, lambda stage: Told())
        outcomes = [Outcome(one, Told(done=["all"], recovery=1.5, differences=["letters: missing 1"]), 2.0)]

        report = written(outcomes, seed=1, seconds=3, ground="The ground.")

        assert "**Verdict: NOT as it has to be: kill.**" in report
        assert "| kill | P3 | 1.5 s | RED |" in report
        assert "- **Wrong:** letters: missing 1" in report
