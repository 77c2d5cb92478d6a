"""A month in which nothing ran, with all that fell due in it (P8, P17)."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from datetime import datetime
from random import Random
from typing import Any

import psycopg

from tests.chaos import clockwork, state, world
from tests.chaos.day import Errand, in_a_process
from tests.chaos.report import Told, scenario
from tests.chaos.stage import Stage, pointed_at
from tests.chaos.world import DAY, HOUR

MATTERS, SHORT = 10_000, 200
MADE = 20
"""Drafts that the product makes; the others are copies of these, row by row."""
REMINDED = 20
"""Of so many copies one has reminders ahead of it."""
FAR = 10_000_000
"""Keys of copies begin here."""

MONTH = 31 * DAY
AFTERWARDS = 3 * DAY + 2 * HOUR
"""By then the elections that the standstill hid have waited as long as they have to (T4)."""

TEN_MINUTES = 600.0


@scenario("month", promises=["P8"], short=True)
def month(stage: Stage) -> Told:
    """After a month of downtime one start does all that fell due in it, as of then, like a clock that turned every day"""
    from entitlements.models import Letter, MissedReminder, Standstill
    from sla.reconciliation import compare

    number, last_turn = SHORT if stage.bench.short else MATTERS, stage.world.base - MONTH
    elections, not_reminded = _month_of(stage, last_turn, number)
    expected, reminders = _as_if_it_had_turned(stage, last_turn)
    told = Told()
    due, late_before = _due(stage), _late_duties()
    told.differences += _not_listed(stage, number)
    stage.extra |= clockwork.CLOCK
    begun = time.monotonic()
    stage.start("worker", "worker-2", "beat")
    codes: list[int] = []
    hands = [threading.Thread(target=lambda: codes.append(stage.manage("sweep").returncode)) for _ in range(3)]
    for one in hands:
        one.start()
    stage.until(lambda: not _due(stage), "what was due is done", seconds=2 * TEN_MINUTES)
    told.recovery = time.monotonic() - begun
    for one in hands:
        one.join()
    stage.until(lambda: not clockwork.letters_queued(), "the letters have gone", seconds=2 * TEN_MINUTES)
    told.figures["Until the last letter had gone"] = (
        f"{time.monotonic() - begun:,.0f} s, {len(stage.post.taken):,} letters"
    )
    stage.stop("worker", "worker-2", "beat")
    told.differences += [] if codes == [0] * 3 else [f"`manage.py sweep` ended with {codes}"]
    left = {kind: n for kind, n in _late_duties().items() if n and kind != "elections"}
    told.differences += [f"still late when all was done: {left}"] if left else []
    told.differences += _of_the_standstill(list(Standstill.objects.all()), elections, last_turn)
    told.differences += _of_reminders(stage)
    noted = set(MissedReminder.objects.values_list("matter", "point"))
    assert in_a_process(_turn_at, stage.errand(), at=stage.world.base + AFTERWARDS) == 0
    found = _ends(stage.world.base)
    sent = _points(_reminders())
    noted |= set(MissedReminder.objects.values_list("matter", "point"))
    told.differences += [f"{one}: neither sent nor on record as missed" for one in sorted(reminders - sent - noted)]
    told.differences += [*state.differences(expected, found), *clockwork.doubles(stage)]
    compared = compare(stage.world.base + AFTERWARDS)
    told.differences += [f"{matter}: {said}" for matter, said in compared.differences if matter not in not_reminded]
    late = Letter.objects.filter(kind="window_ended", written_at__gte=stage.world.base).count()
    met = {
        "matters that were due": due >= number,
        "reminders of a clock on time": bool(reminders),
        "letters that a window ended": bool(late),
    }
    told.differences += [f"too few {what}, so this shows nothing" for what, so in met.items() if not so]
    told.done = [
        f"{due:,} matters fell due in the 31 days in which nothing ran, among them {len(elections)} elections; then two workers, beat and "
        f"three times `manage.py sweep` were started at once; the same month was played with a clock that turned every day",
        "three days later by the business clock, which was handed in, the elections took effect that waited for a manager (T4)",
    ]  # fmt: skip
    told.compared = [
        f"but for reminders, the word that a time to choose has begun, what the clock says of itself, and the columns that changed in the log, the same end ({state.rows(found):,} rows, with elections, plans and terms), each as of its deadline to the "
        f"microsecond; {late:,} letters say that a window ended; the product's own comparison of {sum(compared.counts.values()):,} matters "
        "finds nothing",
        f"no letter of a reminder whose deadline was over, and one at most of a matter; each of {len(reminders):,} that a clock on time "
        f"sends was sent or is on record as missed ({len(noted):,} are)",
        f"before the start the desk listed {sum(late_before.values()):,} legal duties as overdue, and after it none but elections that the "
        "standstill hid",
        "the standstill is on record once, with both ends; nothing of an election that it hid is decided before three days",
    ]  # fmt: skip
    if told.recovery > TEN_MINUTES:
        told.differences.append(f"it took {told.recovery:,.0f} s")
    return told


def _month_of(stage: Stage, last_turn: datetime, number: int) -> tuple[list[str], set[str]]:
    """What falls due from then on, and the clock's last turn. The references of the elections, and of the reports without reminders."""
    from entitlements.models import Contract
    from sla.models import Election, Failure
    from sla.sweep import sweep
    from tests import election_factories as elect
    from tests import factories as make
    from tests import question_factories as questions

    first = (last_turn - 100 * DAY).date().replace(day=1)
    with world.fast_and_quiet(stage.world.base):
        contracts = list(Contract.objects.filter(pk__in=stage.world.contracts).order_by("pk"))
        lot = world.Lot(Random(stage.bench.seed), contracts, stage.world.base)
        drafts = [_draft(last_turn - 4 * HOUR - n * DAY * 14 / MADE, first, last_turn) for n in range(MADE)]
        _copies(stage, drafts, number)
        for n in range(3):
            draft = lot.draft(9000 + n, last_turn - 9 * DAY - n * HOUR, complete=True)
            claim = make.sent_claim(draft=draft, received_at=last_turn - 8 * DAY)
            questions.asked(claim=claim, answer_by=last_turn + (4 + n) * DAY, now=last_turn - 2 * DAY)
        for n in range(2):
            ending = (last_turn + (10 + n) * DAY).date()
            year = make.contract(first=ending - 365 * DAY, last=ending + 365 * DAY, now=last_turn - 40 * DAY)
            make.request(contract=year, day=(last_turn + 5 * DAY).date(), now=last_turn - 5 * DAY)
        for n in range(3):
            released = last_turn - (4 - n) * DAY
            ready = [_on_notice(first, last_turn) for _ in range(2)]
            elect.released(now=released, contracts=ready)
            if n < 2:  # the third is taken by the mail server after the clock's last turn
                _sent(released + HOUR)
        sweep(now=last_turn, application_now=last_turn)
        _sent(last_turn + HOUR)
        chosen = list(Election.objects.filter(state="open").order_by("pk"))
        for one, choice in zip(chosen, ("shift", "stay"), strict=False):
            by = make.one_of(one.contract.customer, "signatory")
            elect.choose(election=one, choice=choice, by=by, now=last_turn + HOUR / 2)
        _sent(last_turn + HOUR)
    state.know_the_ground()
    without = Failure.objects.filter(pk__gte=FAR, claims__remind_at=None).values_list("reference", flat=True)
    return list(Election.objects.values_list("reference", flat=True)), set(without)


def _draft(began: datetime, first: Any, last_turn: datetime) -> int:
    """The key of a draft, of a customer of its own with a single reader: what is copied from it has one letter each."""
    from tests import factories as make

    contract = make.contract(first=first, last=first + 700 * DAY, now=last_turn - 60 * DAY)
    owner = make.one_of(contract.customer)
    failure = make.failure(contract=contract, began=began, minutes=75, logged=False, by=owner, now=began + 2 * HOUR)
    return make.draft(failure=failure, by=owner, now=began + 3 * HOUR).pk


def _on_notice(first: Any, last_turn: datetime) -> Any:
    from tests import election_factories as elect
    from tests import factories as make

    made = elect.ready(paid=False, first=first, last=first + 700 * DAY, now=last_turn - 60 * DAY)
    end = first.replace(year=first.year + 1) - DAY
    elect.prepaid(contract=made, first=first, last=end, by=make.manager())
    return made


def _sent(at: datetime) -> None:
    from entitlements import notices

    while notices.send_all(clock=lambda: at):
        pass


def _copies(stage: Stage, drafts: Sequence[int], number: int) -> None:
    """So many more like these, each with its report: as they stand, with keys and references of their own, past all triggers."""
    from sla.models import Claim, ClaimFailure, Failure

    rank = f"FROM {{table}} AS row JOIN unnest('{{{{{','.join(map(str, drafts))}}}}}'::bigint[]) WITH ORDINALITY AS of (draft, place) ON {{on}}, generate_series(1, {number // len(drafts)}) AS n"
    offset = f"(n * {len(drafts)} + place)::bigint"
    reminded = f"CASE WHEN n % {REMINDED} = 0 THEN row.remind_at END"
    link = "(SELECT failure_id FROM sla_claimfailure WHERE claim_id = of.draft LIMIT 1)"
    made = [
        (Failure, f"row.id = {link}", {"id": f"{FAR} + {offset}", "reference": f"'DF' || {offset}", "form_key": "gen_random_uuid()", "remind_at": reminded}),
        (Claim, "row.id = of.draft", {"id": f"{FAR} + {offset}", "reference": f"'CL' || {offset}", "remind_at": reminded}),
        (ClaimFailure, "row.claim_id = of.draft", {"id": f"{FAR} + {offset}", "claim_id": f"{FAR} + {offset}", "failure_id": f"{FAR} + {offset}"}),
    ]  # fmt: skip
    with psycopg.connect(stage.bench.postgres.url("postgres", stage.database), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for model, on, changed in made:
            columns = [field.column for field in model._meta.concrete_fields]
            values = ", ".join(changed.get(one, f"row.{one}") for one in columns)
            table = model._meta.db_table
            source = rank.format(table=table, on=on)
            connection.execute(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} {source}")
        for model, _, _ in made:
            connection.execute(f"ANALYZE {model._meta.db_table}")


def _as_if_it_had_turned(stage: Stage, last_turn: datetime) -> tuple[state.State, set[tuple[str, str]]]:
    """The end of a copy in which the clock turned every day; and the reminders that it sent, by matter and point."""
    from django.db import connections

    connections.close_all()
    with stage.bench.copy(f"{stage.database}_daily", of=stage.database) as daily, pointed_at(stage.bench, daily):
        errand = Errand(daily, stage.smtp.port, stage.world, stage.bench.seed)
        assert in_a_process(_day_by_day, errand, last_turn=last_turn) == 0
        return _ends(stage.world.base), _points(_reminders().filter(state="accepted"))


def _day_by_day(errand: Errand, *, last_turn: datetime) -> None:
    """The clock every day, until it turns in the late run too; letters go nowhere, and are taken: those of copies by their rows."""
    from django.conf import settings

    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    at, end = last_turn + DAY, errand.world.base + AFTERWARDS
    while at < end:
        _turn_at(errand, at=at, take=True)
        at += DAY
    _turn_at(errand, at=end, take=True)


def _turn_at(errand: Errand, *, at: datetime, take: bool = False) -> None:
    from entitlements.models import Letter
    from sla.sweep import sweep

    sweep(now=at, application_now=at, budget=DAY)
    if take:
        told = Letter.objects.filter(matter__startswith="CL", kind="window_ended", state="queued")
        told.exclude(matter__startswith="CLM-").update(state="accepted", accepted_at=at, subject="…", text="…")
    _sent(at)


def _due(stage: Stage) -> int:
    from entitlements.clock import database_now
    from sla.sweep import what_is_due

    return sum(what_is_due(database_now()).values())


def _late_duties() -> dict[str, int]:
    """What the desk lists as overdue, by kind."""
    from entitlements.clock import database_now
    from sla.duties import LEGAL

    now = database_now()
    return {kind.key: kind.due(now, None).count() for kind in LEGAL}


def _not_listed(stage: Stage, number: int) -> list[str]:
    """P8: what is wrong with the desk's list of late duties, before the start."""
    from entitlements.clock import database_now
    from entitlements.models import User
    from sla.duties import listed
    from tests.desk import signed_in

    first, drafts = listed("overdue", database_now(), 1), _late_duties()["drafts"]
    page = (
        signed_in(User.objects.get(pk=stage.world.manager))
        .get("/admin/deadlines/ahead/?which=overdue", headers={"host": "localhost"})
        .content.decode()
    )
    wrong = [] if drafts >= number else [f"{drafts} of {number} drafts are late before the start"]
    return wrong + [
        f"the desk's list of late duties does not name {one['reference']}"
        for one in first
        if one["reference"] not in page
    ]


def _reminders() -> Any:
    from entitlements import missed
    from entitlements.models import Letter

    return Letter.objects.filter(kind__in=missed.KINDS)


def _points(letters: Any) -> set[tuple[str, str]]:
    """Matter and point of each; a point of a request for information names the request behind it."""
    return {(matter, point.partition("/")[0]) for matter, point in letters.values_list("matter", "point")}


def _ends(base: datetime) -> state.State:
    """Where all ended, but for reminders, and letters that confirm a time to choose, which are not written once it is over; with what
    elections came to."""
    from entitlements.models import PlanPeriod
    from sla.models import Election, TermsPeriod

    ends = state.without(state.end_state(base), *state.OF_THE_CLOCK, "reminder", "election_confirmed")
    del ends["changes in the log"]
    outcome = ("choice", "decided_by", "settled_at", "effect_day", "new_fee", "unused", "credit", "lasts_until")
    ends["elections"] = state.plain(
        Election.objects.values_list("reference", "state", "reached_at", "deadline", *outcome), base
    )
    ends["plans"] = state.plain(PlanPeriod.objects.values_list("contract", "plan", "discount_percent", "days"), base)
    ends["terms"] = state.plain(TermsPeriod.objects.values_list("contract", "terms", "days"), base)
    return ends


def _of_the_standstill(noted: list[Any], elections: list[str], last_turn: datetime) -> list[str]:
    """What is wrong with its record, and with elections that it hid."""
    from sla.models import Election

    wrong = [] if len(noted) == 1 else [f"the standstill is on record {len(noted)} times"]
    wrong += [f"it began {one.began_at}" for one in noted if not last_turn <= one.began_at <= last_turn + HOUR]
    decided = Election.objects.filter(reference__in=elections).exclude(state="open")
    return wrong + [f"{one.reference} is {one.state}, though nothing was decided of the standstill" for one in decided]


def _of_reminders(stage: Stage) -> list[str]:
    """P8: after the start one at most of each matter, and none that states a deadline which was over."""
    sent = _reminders().filter(written_at__gte=stage.world.base, state="accepted")
    points: dict[str, set[str]] = {}
    for matter, point in sent.values_list("matter", "point"):
        points.setdefault(matter, set()).add(point)
    wrong = [f"{matter}: reminders {sorted(found)}" for matter, found in points.items() if len(found) > 1]
    return wrong + [
        f"{one.matter}: a reminder of {one.deadline}" for one in sent.filter(deadline__lte=stage.world.base)
    ]
