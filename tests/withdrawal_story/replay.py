"""Where everyone has to end: written from the register (S16, S17) alone. It shares no code with the product, and knows only what
happened in the world: what the mail server took, what came back, what was opened, what was chosen."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from tests.withdrawal_story.told import PRICES, Told

DAY = timedelta(days=1)


@dataclass
class World:
    """What happened to one contract, each with its instant (UTC), in the order in which it became known."""

    told: Told
    happened: list[tuple[str, datetime, str]] = field(default_factory=list)
    """(what, when, whose or which): *taken*, *came back*, *opened*, *chosen*, *written*."""


@dataclass(frozen=True)
class End:
    """As what a contract has to end."""

    state: str
    reached: datetime | None = None
    deadline: datetime | None = None
    choice: str = ""
    by: str = ""
    plan: str = ""
    new_fee: Decimal | None = None
    unused: Decimal | None = None
    credit: Decimal | None = None
    lasts_until: date | None = None


def end_of(world: World) -> End:
    """S16, S17: the period, the choice, the money."""
    told = world.told
    period = _period(world)
    contract_ends = midnight(told.last + DAY, told.zone)
    if period is None or contract_ends <= period[1]:
        return End("void")
    reached, deadline = period
    choice, by = _choice(world, reached, deadline)
    return End("decided", reached, deadline, choice, by, **_money(told, choice, deadline))


def midnight(day: date, zone: str) -> datetime:
    """The first instant (UTC) of a local day: of a midnight that comes twice the first, of one that does not exist the end of the gap."""
    place = ZoneInfo(zone)
    at = datetime.combine(day, time(0), place).astimezone(UTC)
    while at.astimezone(place).date() < day:
        at += timedelta(minutes=1)
    while (at - timedelta(minutes=1)).astimezone(place).date() >= day:
        at -= timedelta(minutes=1)
    return at


def seven_days_after(reached: datetime, zone: str) -> datetime:
    """S16: within seven days of the local day of arrival."""
    return midnight(reached.astimezone(ZoneInfo(zone)).date() + 8 * DAY, zone)


def _period(world: World) -> tuple[datetime, datetime] | None:
    """From the first arrival that stands to the deadline; a return stops it where nothing else stands, the next arrival begins anew."""
    standing: dict[str, datetime] = {}
    begun: tuple[datetime, datetime] | None = None
    chose: datetime | None = None
    for what, at, whose in world.happened:
        if begun and at >= begun[1]:
            continue  # after the period nothing changes it
        if what == "came back":
            standing.pop(whose, None)
            begun = begun if standing else None
        elif what in ("taken", "opened"):
            standing.setdefault(whose if what == "taken" else "portal", at)
            begun = begun or (at, seven_days_after(at, world.told.zone))
        elif begun and _can_be_chosen(world.told, whose, something_was=chose is not None and chose >= begun[0]):
            chose = at
            if what == "chosen":
                standing.setdefault("portal", at)  # who chooses there has the notice before them
    return begun


def _can_be_chosen(told: Told, choice: str, *, something_was: bool) -> bool:
    """Whether there is such a choice: no shift from the lowest plan, and nothing to take back where nothing was chosen. What is refused
    shows nothing of the notice."""
    return something_was if not choice else choice == "stay" or lower_plan(told) is not None


def _choice(world: World, reached: datetime, deadline: datetime) -> tuple[str, str]:
    """The customer's last state in the period; none: the contract's own, else the withdrawal's, else stay. On the lowest plan: stay."""
    lowest = lower_plan(world.told) is None
    states = [
        whose
        for what, at, whose in world.happened
        if what in ("chosen", "written") and reached <= at < deadline and not (lowest and whose == "shift")
    ]
    if states and states[-1]:
        return states[-1], "customer"
    silence = world.told.own_silence or world.told.wave.silence or "stay"
    return ("stay" if lowest else silence), "vendor"


def lower_plan(told: Told) -> str | None:
    lower = {price: plan for plan, price in PRICES.items() if price < PRICES[told.plan]}
    return lower[max(lower)] if lower else None


def _money(told: Told, choice: str, deadline: datetime) -> dict[str, Decimal | date | str | None]:
    first, last = told.paid
    effect = deadline.astimezone(ZoneInfo(told.zone)).date()
    left, whole = max((last - effect).days + 1, 0), (last - first).days + 1
    old, unused = Fraction(told.fee), Fraction(told.prepaid) * left / whole
    if choice == "shift":
        plan = lower_plan(told)
        assert plan
        new = Fraction(PRICES[plan]) * (100 - Fraction(told.discount)) / 100
        credit = max(unused * (1 - new / old), Fraction(0))
        return {"plan": plan, "new_fee": cents(new), "unused": cents(unused), "credit": cents(credit)}
    days = left * 5 // 4
    lasts = effect + (days - 1) * DAY if days else None
    return {"plan": told.plan, "new_fee": cents(old * 4 / 5), "unused": cents(unused), "lasts_until": lasts}


def cents(amount: Fraction) -> Decimal:
    """Half up, once."""
    whole = int(amount * 100 + Fraction(1, 2))
    return (Decimal(whole) / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
