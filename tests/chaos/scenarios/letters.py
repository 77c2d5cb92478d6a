"""No mail server for three days (P17)."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connections

from config import embedded
from tests.chaos import state
from tests.chaos.report import Told, scenario
from tests.chaos.stage import Stage, pointed_at

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
NOW = datetime(2026, 6, 10, 14, tzinfo=UTC)
"""When the mail server goes. The clock is handed in, so any day will do."""

GONE = 3 * DAY
EACH = 6 * HOUR
WINDOWS = 6
OF_WINDOWS = ("claim_reminder", "draft_reminder")
OVERTAKEN = (*OF_WINDOWS, "election_reminder")


@scenario("no-post", promises=["P17", "P16"], short=True, small=True)
def no_post(stage: Stage) -> Told:
    """The mail server is gone for three days of the business clock, in which windows end, reminders fall due and elections run"""
    told = Told()
    with _ground(stage) as ground:
        usual, gone = _Played(stage, ground, broken=False), _Played(stage, ground, broken=True)
        twin = _Played(stage, ground, broken=True, asked=False)
    expected, found = usual.end, gone.end
    told.differences += state.differences(_without_letters(expected), _without_letters(found))
    told.differences += gone.wrong
    told.differences += _letters_wrong(usual, gone)
    if not twin.stale:
        told.differences.append("the twin: nobody was reminded of a time that had passed, so this shows nothing")
    told.recovery = gone.recovery
    told.done = [
        f"three days without mail, a turn of the clock each {EACH.seconds // 3600} hours: {WINDOWS} windows ended with the days before and after, of "
        f"each a draft, a complete draft and a report; {gone.waiting} letters waited at the end, then they went",
        f"one election whose notice had been accepted before, one that was released on the first day; {gone.asked_for} tries of the mail server "
        "in the three days, none of a letter",
    ]  # fmt: skip
    told.compared = [
        "claims, reports, ledgers and what the clock did to them: as with mail, to the microsecond; the election that ran was decided at its "
        "deadline, the one whose notice could not arrive had none until it arrived, and then all of its seven days",
        f"the letters that waited went in the order of their deadlines; of {len(usual.accepted)} letters that go with mail {len(gone.overtaken)} reminders did not, "
        "each because a later letter of its matter tells more; the desk has each of them on its list of reminders that were missed",
        f"the twin, which does not ask whether a letter is true: {len(twin.stale)} reminders of a time that had passed",
    ]  # fmt: skip
    return told


@dataclass(frozen=True)
class _Ground:
    """A database with windows that end with the days around, an election that runs, and a withdrawal that waits to be released."""

    database: str
    running: Any
    to_release: Any
    approver: Any


@contextmanager
def _ground(stage: Stage) -> Iterator[_Ground]:
    from tests import election_factories as elections
    from tests import factories as make

    early, opened = NOW - 40 * DAY, NOW - 4.5 * DAY
    with _alone(stage, "chaos_post_ground", embedded.DATABASE) as database:
        contract = make.contract(now=early)
        for n in range(1, WINDOWS + 1):
            noon = (NOW + n * DAY - 16 * DAY).replace(hour=16)
            for which in range(3):
                began = noon + which * MINUTE
                report = make.failure(contract=contract, began=began, minutes=75, logged=False, now=began + 2 * HOUR)
                if which < 2:
                    make.draft(failure=report, complete=which == 1, now=began + 3 * HOUR)
        _turn(opened - HOUR)
        running = elections.election(now=opened, contracts=[elections.ready(contract=make.contract(now=early))])
        for at in (opened + MINUTE, opened + 10 * MINUTE, opened + 2 * DAY, opened + 4 * DAY):
            _turn(at)
        running = elections.fresh(running)
        assert running.deadline
        assert NOW < running.deadline < NOW + GONE, running.deadline
        to_release = elections.proposed(now=NOW, contracts=[elections.ready(contract=make.contract(now=early))])
        yield _Ground(database, running, to_release, make.approver())


class _Played:
    """One run over the three days, with or without a mail server, on a copy of the ground."""

    def __init__(self, stage: Stage, ground: _Ground, *, broken: bool, asked: bool = True) -> None:
        from entitlements.notices import sending

        self.stage, self.ground, self.broken = stage, ground, broken
        self.wrong: list[str] = []
        questions = list(sending._questions)
        connections.close_all()
        with _alone(stage, "chaos_post", ground.database):
            if not asked:
                sending._questions.clear()
            try:
                self._play()
            finally:
                sending._questions[:] = questions

    def _play(self) -> None:
        from entitlements.models import Letter, MailOutage
        from sla.actions.withdrawals import release_withdrawal

        back = NOW + GONE
        if self.broken:
            self.stage.smtp.set("refuse")
        _turn(NOW)
        withdrawal = release_withdrawal(withdrawal=self.ground.to_release, by=self.ground.approver, now=NOW + HOUR)
        released = withdrawal.elections.get()
        for n in range(1, GONE // EACH + 1):
            _turn(NOW + n * EACH)
            self._say_what_should_wait(NOW + n * EACH, released)
        self.asked_for = sum(MailOutage.objects.values_list("tries", flat=True))
        waiting = Letter.objects.filter(state="queued").order_by(*_in_turn()).values_list("message_id", flat=True)
        in_turn = list(waiting)
        self.waiting = len(in_turn)
        self.stage.smtp.set("pass")
        self.stage.post.taken.clear()
        begun = time.monotonic()
        for n in range(1, 4):
            _turn(back + n * 10 * MINUTE)
        self.recovery = time.monotonic() - begun
        went = [one.message_id for one in self.stage.post.taken]
        if [one for one in in_turn if one in went] != [one for one in went if one in in_turn]:
            self.wrong.append("the letters that had waited did not go in the order of their deadlines")
        if MailOutage.objects.filter(ended_at=None).exists():
            self.wrong.append("the outage has not ended")
        for n in range(1, 10):
            _turn(back + n * DAY)
        self._elections(released, back)
        self._keep()

    def _say_what_should_wait(self, at: datetime, released: Any) -> None:
        """In the three days: nothing is tried; the outage is known; what has not arrived does not begin."""
        from entitlements.models import Letter
        from entitlements.notices import outages
        from tests import election_factories as elections

        if not self.broken:
            return
        if self.stage.post.taken or Letter.objects.filter(state="queued", attempts__gt=0).exists():
            self.wrong.append(f"{at}: a letter was tried")
        if elections.fresh(released).deadline or elections.fresh(released).state != "sent":
            self.wrong.append(f"{at}: an election began though its notice had not arrived")
        sign = outages.sign(outages.OUTAGE.one(at), at)
        if not (sign and sign.alarm):
            self.wrong.append(f"{at}: nobody is told that the mail server takes no letters")

    def _elections(self, released: Any, back: datetime) -> None:
        from entitlements.models import Letter
        from tests import election_factories as elections

        ran, waited = elections.fresh(self.ground.running), elections.fresh(released)
        if (ran.state, ran.settled_at, ran.deadline) != ("decided", ran.deadline, self.ground.running.deadline):
            self.wrong.append(f"the election that ran: {ran.state}, settled {ran.settled_at}, deadline {ran.deadline}")
        arrived = min(
            at
            for at in Letter.objects.filter(kind="election_notice", matter=waited.reference).values_list(
                "accepted_at", flat=True
            )
            if at
        )
        if self.broken and arrived < back:
            self.wrong.append(f"a notice counts as arrived at {arrived}, when there was no mail server")
        if waited.reached_at != arrived or waited.deadline < arrived + 7 * DAY:
            self.wrong.append(f"the other: reached {waited.reached_at}, accepted {arrived}, deadline {waited.deadline}")

    def _keep(self) -> None:
        from entitlements import missed
        from entitlements.models import Letter

        self.end = state.end_state(NOW + 1000 * DAY)
        letters = list(Letter.objects.order_by("pk"))
        self.accepted = Counter(_key(one) for one in letters if one.state == "accepted")
        self.overtaken = [one for one in letters if one.kind in OVERTAKEN and one.state == "no_longer_true"]
        self.stale = [
            one for one in letters if one.kind in OVERTAKEN and one.accepted_at and one.deadline <= one.accepted_at
        ]
        self.others = Counter(one.state for one in letters if one.state not in ("accepted", "no_longer_true"))
        later = Counter((one.matter, one.addressee) for one in letters if one.state == "accepted")
        self.untold = [one for one in self.overtaken if not later[(one.matter, one.addressee)]]
        each = missed.of_each({n: [one.matter] for n, one in enumerate(self.overtaken)}, NOW + 30 * DAY)
        on_the_list = {(one.matter, one.point) for of_one in each.values() for one in of_one}
        self.unlisted = [one for one in self.overtaken if (one.matter, one.point) not in on_the_list]
        copies = self.stage.post.copies()
        self.twice = [key for key, n in copies.items() if n > 1]


def _key(letter: Any) -> tuple[Any, ...]:
    """What a letter is, in whichever run; the deadlines of the election that waited differ."""
    return (letter.kind, letter.matter, letter.deadline if letter.kind in OF_WINDOWS else None, letter.point, letter.addressee)  # fmt: skip


def _letters_wrong(usual: _Played, gone: _Played) -> Iterator[str]:
    missing = usual.accepted - gone.accepted
    replaced = Counter(_key(one) for one in gone.overtaken)
    yield from (f"it did not go, and nothing says why: {one}" for one in missing - replaced)
    yield from (f"it went, and does not with mail: {one}" for one in gone.accepted - usual.accepted)
    for what, found in {
        "reminded of a time that had passed": gone.stale,
        "not told by a later letter": gone.untold,
        "not on the list of missed reminders": gone.unlisted,
        "neither gone nor overtaken": gone.others,
        "gone twice": gone.twice,
    }.items():
        if found:
            yield f"{what}: {len(found)}, such as {next(iter(found))}"
    if not gone.overtaken:
        yield "no reminder was overtaken: this shows nothing"


def _without_letters(end: state.State) -> state.State:
    """What is about matters and not about how people were told of them."""
    tables = {
        name: rows for name, rows in end.items() if name not in ("letters", "changes in the log", "acts in the log")
    }
    acts = Counter(
        {row: n for row, n in end["acts in the log"].items() if str(row[0]).startswith(("claim.", "failure."))}
    )
    return {**tables, "acts in the log": acts}


def _in_turn() -> tuple[Any, ...]:
    from entitlements.models.letters import IN_TURN

    return IN_TURN


@contextmanager
def _alone(stage: Stage, name: str, of: str) -> Iterator[str]:
    """A database copied from another, and the stage's mail server."""
    from django.test import override_settings

    mail = {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": stage.smtp.port,
    }
    stage.post.taken.clear()
    with stage.bench.copy(name, of=of), pointed_at(stage.bench, name), override_settings(**mail):
        yield name


def _turn(at: datetime) -> None:
    """The clock as of that moment, then the letters, then the clock once more for what arrived."""
    from entitlements import notices
    from sla.sweep import sweep

    for _ in range(2):
        run = sweep(now=at, application_now=at)
        assert not run.alarm, run.alarm
        notices.send_all(clock=lambda: at)
