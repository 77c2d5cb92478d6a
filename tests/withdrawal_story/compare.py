"""Everyone as the register says, with the proof on file: what the product has on record, held against the replay."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from entitlements.models import Letter
from sla.admin.withdrawal_standing import rows_of
from sla.models import Election
from tests.withdrawal_story.play import Stage
from tests.withdrawal_story.replay import DAY, End, World, end_of


def disagreements(stage: Stage) -> list[str]:
    """One sentence each; none if all is as it has to be."""
    elections = Election.objects.filter(reference__in=stage.worlds)
    ordered = list(elections.select_related("contract__customer", "withdrawal", "terms").order_by("pk"))
    last = max(one.released for one in stage.waves) + 40 * DAY
    rows = {row.election.reference: row for row in rows_of(ordered, last)}
    found = [f"refused: {code}" for code in stage.refused - {"over", "not_reached", "lowest", "nothing", "before"}]
    for one in ordered:
        world = stage.worlds[one.reference]
        letters = list(Letter.objects.filter(matter=one.reference).order_by("pk"))
        wrong = [*_of_its_end(one, world), *_of_its_contract(one, world), *_of_its_proof(one, rows, letters, stage)]
        found += [f"{one.reference} ({world.told.zone}): {sentence}" for sentence in wrong]
    return found


def ended(one: Election) -> End:
    """As the product has it."""
    if one.state != "decided":
        return End(one.state)
    plan = one.to_plan if one.choice == "shift" else one.plan
    figures = (one.new_fee, one.unused, one.credit, one.lasts_until)
    return End(one.state, one.reached_at, one.deadline, one.choice, one.decided_by, plan, *figures)


def _of_its_end(one: Election, world: World) -> Iterator[str]:
    expected, found = end_of(world), ended(one)
    if found != expected:
        yield f"ended as {found}, and has to as {expected}"


def _of_its_contract(one: Election, world: World) -> Iterator[str]:
    """Plan, discount and terms by dated periods, all from the day of effect on; nothing of it where it is void."""
    expected, effect = end_of(world), one.effect_day
    terms = list(one.contract.terms_periods.order_by("days").values_list("terms", "days"))
    plans = list(one.contract.plans.order_by("days").values_list("plan", "days"))
    after = world.told.last + DAY
    if expected.state == "void":
        wanted = [("enterprise", (world.told.first, after))]
        plan = [(world.told.plan, (world.told.first, after))]
    else:
        assert isinstance(effect, date)
        wanted = [("enterprise", (world.told.first, effect)), ("standard", (effect, after))]
        plan = [(world.told.plan, (world.told.first, effect)), (expected.plan, (effect, after))]
    if _plain(terms) != wanted:
        yield f"terms {_plain(terms)}, not {wanted}"
    if _plain(plans) != plan:
        yield f"plans {_plain(plans)}, not {plan}"


def _plain(rows: list[tuple[str, object]]) -> list[tuple[str, tuple[date, date]]]:
    return [(what, (days.lower, days.upper)) for what, days in rows]  # type: ignore[attr-defined]


def _of_its_proof(one: Election, rows: dict[str, object], letters: list[Letter], stage: Stage) -> Iterator[str]:
    """What was said, when it arrived, what was chosen by whom: from the letters as the server has them, and the kept states."""
    for letter in letters:
        if letter.accepted_at and letter.sha256 != stage.post.bytes_of.get(letter.message_id):
            yield f"letter {letter.pk} is not kept as the server has it"
    if one.state != "decided":
        return
    if not rows[one.reference].proof:  # type: ignore[attr-defined]
        yield "nothing shows since when the customer has the notice"
    notices = [letter.accepted_at for letter in letters if letter.kind == "election_notice" and not letter.person_id]
    if one.reached_at not in (*notices, one.opened_at):
        yield f"reached at {one.reached_at}, of which there is no letter and no opening"
    for kind in ("election_confirmed", "election_decided"):
        told = [letter for letter in letters if letter.kind == kind]
        if not any(letter.deadline == one.deadline for letter in told):
            yield f"no {kind} states the deadline"
        if kind == "election_decided" and not any(letter.accepted_at and b".pdf" in letter.raw for letter in told):
            yield "no letter with the paper was taken"
    if (
        one.decided_by == "customer"
        and not one.choices.filter(choice=one.choice, received_at__lt=one.deadline).exists()
    ):
        yield "a choice of the customer's that is not kept"
