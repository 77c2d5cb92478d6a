"""The mail server is down, slow, refuses for now and for ever, and drops the line after it took the letter (P16)."""

from __future__ import annotations

import time
from datetime import timedelta

from tests.chaos import clockwork, state
from tests.chaos.clockwork import in_a_process, turn_later
from tests.chaos.report import Told, scenario
from tests.chaos.stage import Stage

STEP = timedelta(minutes=40)
"""Of the business clock: longer than any pause after a failure of a letter that states a deadline."""


@scenario("mail", promises=["P16"], short=True, small=True)
def mail(stage: Stage) -> Told:
    """The mail server is down, slow, refuses for now and for ever, and drops the line after it took a letter"""
    from entitlements.models import Letter, LetterEvent, MailOutage

    expected = clockwork.expected_of(stage, [])
    told, clock = Told(), _Clock(stage)

    stage.smtp.set("refuse")
    clock.turn()
    written = clockwork.letters_queued()
    told.done.append(f"down: the clock turned and wrote {written} letters, none of which was tried")
    _expect(told, "down", clockwork.undone(stage) == 0, "what was due is done")
    _expect(told, "down", MailOutage.objects.filter(ended_at=None).count() == 1, "one outage is on record")
    _expect(told, "down", not Letter.objects.filter(attempts__gt=0, state="queued").exists(), "no letter was tried")
    stage.smtp.set("pass")

    stage.post.set("4xx")
    clock.turn()
    busy = LetterEvent.objects.filter(kind="busy").count()
    told.done.append(f"refuses for now: {busy} letters put off, none given up")
    _expect(told, "4xx", busy > 0 and clockwork.letters_queued() == written, "all wait for another try")

    stage.post.set("5xx", only=2, then="4xx")
    clock.turn()
    failed = list(Letter.objects.filter(state="failed"))
    passed_on = LetterEvent.objects.filter(letter__in=failed, kind="passed_on", other__isnull=False).count()
    instead = Letter.objects.filter(in_place_of__in=failed).count()
    told.done.append(
        f"refuses two readers for ever: {len(failed)} letters failed at once, {passed_on} were passed on, {instead} to somebody who had none"
    )
    _expect(told, "5xx", len(failed) == 2, "both failed at once")
    _expect(told, "5xx", passed_on == 2, "each went to the next contact, or had gone there")
    _expect(told, "5xx", instead > 0, "it was written to one who had none")

    stage.post.set("drop", only=2)
    clock.turn()
    twice = set(Letter.objects.filter(may_have_gone_twice=True).values_list("message_id", flat=True))
    doubtful = set(Letter.objects.filter(events__kind="no_answer").values_list("message_id", flat=True))
    told.done.append(f"drops the line after it took {len(doubtful)} letters, without a word")
    begun = time.monotonic()
    stage.post.set("slow", only=2)
    clock.turn()
    clock.turn()
    told.recovery = time.monotonic() - begun
    twice |= set(Letter.objects.filter(may_have_gone_twice=True).values_list("message_id", flat=True))
    copies = stage.post.copies()
    sent_again = {key for key, n in copies.items() if n > 1}
    told.done.append("slow, a second a letter: all that waited went")
    _expect(
        told, "drop", sent_again == doubtful and bool(doubtful), "just these were sent again, under the same Message-ID"
    )
    _expect(told, "drop", sent_again <= twice, "each of them is marked as possibly gone twice")
    _expect(told, "slow", clockwork.letters_queued() == 0, "no letter waits")
    _expect(told, "slow", not MailOutage.objects.filter(ended_at=None).exists(), "the outage has ended")
    found = _without(state.end_state(stage.world.base), {one.kind for one in failed})
    told.compared.append(
        f"but for the letters that were refused for ever, and what was written instead, the same end ({state.rows(found)} rows)"
    )
    told.differences += state.differences(_without(expected, {one.kind for one in failed}), found)
    told.differences += clockwork.doubles(stage)
    return told


class _Clock:
    """Turns, a step of the business clock after the one before."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.at = stage, timedelta()

    def turn(self) -> None:
        assert in_a_process(turn_later, self.stage.errand(), later=self.at) == 0
        self.at += STEP


def _expect(told: Told, when: str, so: bool, what: str) -> None:
    if so:
        told.compared.append(f"{when}: {what}")
    else:
        told.differences.append(f"{when}: it is not so that {what}")


INSTEAD = {"letter_came_back"}
ABOUT_THE_POST = ("'letter.", "entitlements_letter", "bounced_at")


def _without(found: state.State, kinds: set[str]) -> state.State:
    """Without letters of these kinds, whoever they are for, and what follows when one of them failed."""
    tables = {name: type(rows)(rows) for name, rows in found.items()}
    for row in [row for row in tables["letters"] if row[0] in kinds | INSTEAD]:
        del tables["letters"][row]
    for name in ("acts in the log", "changes in the log"):
        for row in [row for row in tables[name] if any(one in str(row) for one in ABOUT_THE_POST)]:
            del tables[name][row]
    return tables
