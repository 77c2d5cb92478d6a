"""Claims that are sent in the last seconds before their deadline and the first ones after it, while the clock lapses what is over (P13)."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from multiprocessing.synchronize import Barrier
from random import Random

from tests.chaos import clockwork, deeds, world
from tests.chaos.browser import Answer, Browser
from tests.chaos.day import Errand, together
from tests.chaos.report import Told, scenario
from tests.chaos.stage import Stage

SENT, SHORT, OF_THE_TWIN = 200, 24, 6
SWEEPS, AT_ONCE = 4, 24
AHEAD = timedelta(seconds=14)
BEFORE, AFTER = 9.0, 3.0
"""Seconds around the deadline in which they are sent: the nearer to it, the more."""

Answers = dict[str, Answer]


@scenario("last-second", promises=["P13"], short=True)
def last_second(stage: Stage) -> Told:
    """Two hundred claims are sent around their deadline, while four clocks turn that lapse whatever is over"""
    number = SHORT if stage.bench.short else SENT
    made = world.more_drafts(stage.world, seed=stage.bench.seed, n=number + 2 * OF_THE_TWIN)
    stage.served = "tests.chaos.served:application"
    stage.start("web")
    deadline, answers = _played(stage, made[:number])
    wrong = list(_wrong(made[:number], answers, deadline))
    in_time = {one for one in answers if _received(answers[one]) < deadline}
    overtaken = _lapsed_first(in_time)
    nearest = min(abs(_received(one) - deadline) for one in answers.values())
    told = Told(
        done=[
            f"{number} claims sent over HTTP by their people, {AT_ONCE} at once, most of them within two seconds of one deadline, while "
            f"{SWEEPS} processes turn the clock without a pause, and without its margin of five minutes: {len(in_time)} were received before "
            f"it and {number - len(in_time)} at or after it, the nearest {nearest / timedelta(milliseconds=1):,.1f} ms away; {overtaken} of the "
            "former were received while the clock had lapsed them already",
        ],
        compared=[
            "what the product read off its clock when each request came, with what the browser was told and with what is stored: all "
            "received before the deadline, and no other, is sent, at that very moment, with its failures claimed, one line in the log and its "
            "receipts; all else is lapsed as of the deadline, with one line and its letters; nothing is both",
        ],
        differences=wrong,
    )  # fmt: skip
    if not 0 < len(in_time) < number:
        told.differences.append("all were on one side of the deadline: this shows nothing")
    overtaken_all, of_the_twin = made[number:-OF_THE_TWIN], made[-OF_THE_TWIN:]
    deadline, answers = _played_otherwise(stage, "slow", overtaken_all)
    overtaken = _lapsed_first(set(overtaken_all))
    told.done.append(
        f"{OF_THE_TWIN} more, received before their deadline, wait for their lock until the clock has lapsed them: {overtaken} were overtaken"
    )
    told.differences += _wrong(overtaken_all, answers, deadline)
    told.differences += (
        [] if overtaken == OF_THE_TWIN else [f"{overtaken} of {OF_THE_TWIN} were overtaken by the clock"]
    )
    deadline, answers = _played_otherwise(stage, "no-lock", of_the_twin)
    told.twin("that reads a claim without its lock", list(_wrong(of_the_twin, answers, deadline)))
    return told


def _played_otherwise(stage: Stage, how: str, references: list[str]) -> tuple[datetime, Answers]:
    """All sent at once some seconds before their deadline, to a web that takes its time (`served.py`)."""
    stage.stop("web")
    stage.extra["LOCKS"] = how
    stage.start("web")
    return _played(stage, references, at_once=True)


def _played(stage: Stage, references: list[str], *, at_once: bool = False) -> tuple[datetime, Answers]:
    """Their deadline, a few seconds ahead when they begin to be sent, and what each browser was answered; all letters have gone."""
    from entitlements.clock import database_now
    from entitlements.models import User

    sent = {one.about: one for one in deeds.claims(references)}
    people = User.objects.in_bulk({one.by for one in sent.values()})
    browsers = {key: Browser(stage.port, person) for key, person in people.items()}
    deadline = database_now().replace(microsecond=0) + AHEAD
    _let_them_end(references, deadline)
    codes: list[int] = []

    def turn() -> None:
        codes.extend(together(_turning, stage.errand(), n=SWEEPS, references=references))

    clocks = threading.Thread(target=turn)
    clocks.start()
    begun, dice = time.monotonic() + (deadline - database_now()).total_seconds(), Random(stage.bench.seed)
    plan = [(begun - BEFORE if at_once else begun + _moment(dice), one) for one in references]
    answers, lock = Answers(), threading.Lock()
    plan.sort(reverse=True)

    def send() -> None:
        while True:
            with lock:
                if not plan:
                    return
                when, reference = plan.pop()
            time.sleep(max(0.0, when - time.monotonic()))
            deed = sent[reference]
            answers[reference] = browsers[deed.by].post(deed.path, **deed.form)

    threads = [threading.Thread(target=send, daemon=True) for _ in range(AT_ONCE)]
    for one in threads:
        one.start()
    for one in [*threads, clocks]:
        one.join()
    assert codes == [0] * SWEEPS, codes
    clockwork.to_its_end(stage)
    return deadline, answers


def _moment(dice: Random) -> float:
    """Seconds from the deadline: three of five before it."""
    return -BEFORE * dice.random() ** 3 if dice.random() < 0.6 else AFTER * dice.random() ** 2


def _let_them_end(references: list[str], deadline: datetime) -> None:
    """As the owner of the tables: by the product's own actions a window ends at a midnight."""
    from sla.models import Claim, Failure

    for model, rows in ((Claim, {"reference__in": references}), (Failure, {"claims__reference__in": references})):
        keys = list(model.objects.filter(**rows).values_list("pk", flat=True))
        assert model.objects.using("owner").filter(pk__in=keys).update(closes_at=deadline) == len(references)


def _turning(errand: Errand, *, meet: Barrier, references: list[str]) -> None:
    """Turn the clock, as one that has no margin would, until none of these is a draft any more."""
    from entitlements.clock import database_now
    from sla.models import Claim
    from sla.sweep import MARGIN, sweep

    meet.wait()
    while Claim.objects.filter(reference__in=references, state="draft").exists():
        now = database_now() + MARGIN
        sweep(now=now, application_now=now)


def _received(answer: Answer) -> datetime:
    return datetime.fromisoformat(answer.received)


def _wrong(references: list[str], answers: Answers, deadline: datetime) -> Iterator[str]:
    """A sentence for each claim that is not as it has to be, by the moment at which the product says that it got it."""
    from entitlements.models import Event, Letter
    from sla.models import Claim

    acts = Counter(Event.objects.filter(matter__in=references, table="").values_list("matter", "verb"))
    letters = Letter.objects.filter(matter__in=references, kind__in=("claim_received", "window_ended"))
    gone = Counter(letters.filter(state="accepted").values_list("matter", "kind"))
    for claim in Claim.objects.filter(reference__in=references).prefetch_related("failures"):
        one, answer = claim.reference, answers[claim.reference]
        if not answer.received:
            yield f"{one}: answered {answer.status}, {answer.text[:80]}"
            continue
        received = _received(answer)
        in_time = received < deadline
        told = answer.status == 302 and answer.where_to.endswith("/receipt/")
        found = (claim.state, claim.received_at, claim.closed_at, {each.state for each in claim.failures.all()})
        expected = ("submitted", received, None, {"claimed"}) if in_time else ("lapsed", None, deadline, {"closed"})
        if found != expected:
            yield f"{one}: received {received:%H:%M:%S.%f}, deadline {deadline:%H:%M:%S}, and is {found}"
        if told is not in_time:
            yield f"{one}: received {received:%H:%M:%S.%f}, and was answered {answer.status} {answer.where_to}"
        if acts[one, "claim.sent"] != in_time or acts[one, "claim.lapsed"] not in ((0, 1) if in_time else (1,)):
            yield f"{one}: sent {acts[one, 'claim.sent']} times and lapsed {acts[one, 'claim.lapsed']} times in the log"
        if bool(gone[one, "claim_received"]) is not in_time or bool(gone[one, "window_ended"]) is in_time:
            yield f"{one}: {gone[one, 'claim_received']} receipts and {gone[one, 'window_ended']} letters of an ended window went"


def _lapsed_first(in_time: set[str]) -> int:
    from entitlements.models import Event

    return Event.objects.filter(matter__in=in_time, verb="claim.lapsed").count()
