"""T3: elections, sessions, questions and contract years are compared like windows: what came of them, and each point of their ladders."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from entitlements.models import Contract, ContractYear, Engagement, Letter, MissedReminder
from sla.models import Election, ElectionChoice, LateChoice
from sla.reconciliation import compare
from sla.sweep import sweep
from tests import election_factories as elect
from tests import factories as make
from tests.factories import DAY, HOUR, NOW
from tests.question_factories import asked
from tests.shared import shared

pytestmark = pytest.mark.django_db
SOON, LATER = NOW + 20 * DAY, NOW + 72 * DAY
ON_TIME = (
    HOUR,
    5 * DAY,
    7 * DAY,
    7 * DAY + 12 * HOUR,
    9 * DAY,
    10 * DAY + HOUR,
    11 * DAY - 2 * HOUR,
    13 * DAY + HOUR,
    15 * DAY,
    20 * DAY,
    25 * DAY,
    45 * DAY,
    72 * DAY,
)
LATE = (HOUR, 19 * DAY, 72 * DAY)


def matters():
    """An election and a question that nobody answers, a session in two weeks, and a contract year that ends in ten."""
    elect.accepted(elect.election(), at=NOW + HOUR)
    asked()
    make.scheduled(now=NOW)
    make.contract(first=date(2025, 8, 19), last=date(2027, 8, 18))


def turns(*after: timedelta):
    for span in after:
        sweep(now=NOW + span, application_now=NOW + span)


@shared
def world():
    matters()
    turns(*ON_TIME)


def differences(now):
    return compare(now).differences


KINDS = ("elections that took effect", "ladders of elections", "reminders of sessions", "ladders of requests")


def test_a_clock_that_is_on_time_differs_in_nothing(world):
    soon, later = compare(SOON), compare(LATER)

    assert (soon.differences, later.differences) == ([], [])
    assert [soon.counts[kind] for kind in KINDS] == [1, 1, 1, 1]
    assert later.counts["ladders of contract years"] == 1
    assert not MissedReminder.objects.exists()


def test_nor_does_one_that_is_weeks_late_and_puts_on_record_what_it_missed():
    matters()
    turns(*LATE[:2])
    assert compare(SOON).differences == []
    assert set(MissedReminder.objects.values_list("point", flat=True)) == {"3d", "1d", "4h"}

    turns(LATE[2])

    assert compare(LATER).differences == []


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"choice": "shift", "credit": 1}, "By what was received in time it is: stay, by the vendor."),
        ({"settled_at": NOW}, "not on record as of its deadline"),
    ],
)
def test_an_election_that_came_to_something_else(world, changed, says):
    election = Election.objects.get()
    opens_the_guard(election)
    Election.objects.update(**changed)

    assert any(says in what for _, what in differences(SOON))


def test_an_election_that_nobody_was_told_of_or_is_still_open(world):
    Letter.objects.filter(kind="election_decided").update(kind="x")
    assert differences(SOON)[0][1] == "Nobody was told of its end."
    elect.accepted(elect.election(), at=NOW)
    Election.objects.filter(state="sent").update(
        state="open", reached_at=NOW, deadline=NOW + 7 * DAY, contract_ends_at=LATER
    )

    assert "Its deadline has passed, and it is open." in [what for _, what in differences(SOON)]


def test_a_missed_point_of_one_question_says_nothing_of_the_one_before_it(monkeypatch):
    first = asked()
    with monkeypatch.context() as silent:
        silent.setattr("sla.information.missed.note", lambda rows: None)
        turns(20 * DAY)
    assert not MissedReminder.objects.exists()

    asked(claim=first.claim, answer_by=NOW + 31 * DAY, now=NOW + 20 * DAY)
    turns(40 * DAY)

    assert {*MissedReminder.objects.values_list("deadline", "point")} == {
        (NOW + 31 * DAY, point) for point in ("3d", "1d", "4h")
    }
    assert differences(NOW + 40 * DAY) == [
        (first.claim.reference, "Neither looked at nor on record as missed: the reminders 3d, 1d, 4h.")
    ]


def opens_the_guard(election):
    """What came of an election stays, but for a choice in writing; one that came too late changes nothing of it."""
    file = {"original_name": "a.pdf", "stored_as": "a.pdf", "file_kind": "pdf", "size": 1, "sha256": "0" * 64}
    written = {"election": election, "choice": "shift", "received_at": election.deadline, "signer": "Jo", **file}
    late = LateChoice.objects.create(**written, proposed_at=LATER, proposed_by=make.manager())
    LateChoice.objects.filter(pk=late.pk).update(approved_at=LATER, approved_by=make.approver())
    ElectionChoice.objects.create(**written, late=late, entered_by=late.proposed_by)


def test_an_election_of_which_nobody_was_reminded(world):
    silent = elect.election()
    elect.accepted(silent, at=NOW)
    rows, ends = Election.objects.filter(pk=silent.pk), NOW + 8 * DAY
    rows.update(state="open", reached_at=NOW, deadline=ends)
    rows.update(state="decided", choice="stay", decided_by="vendor", settled_at=ends, effect_day=ends.date(), new_fee=1)

    assert any("3d" in what for matter, what in differences(SOON) if matter == silent.reference)


@pytest.mark.parametrize(
    ("model", "renamed", "now", "point"),
    [
        (Engagement, "reference", SOON, "1d"),
        (Contract, "order_form", LATER, "60d"),
    ],
)
def test_a_point_of_a_ladder_that_left_no_trace(world, model, renamed, now, point):
    key = {Contract: ContractYear.objects.filter(closed_at__isnull=False).values("contract")}.get(model)
    rows = model.objects.filter(pk__in=key) if key is not None else model.objects.all()
    rows.update(**{renamed: "X-1"})

    assert any(point in what for matter, what in differences(now) if matter == "X-1")
