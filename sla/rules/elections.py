"""S16: what became of the election between a lower plan (*shift*) and a lower fee (*stay*)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from entitlements.rules.days import deadline_within, local_day
from entitlements.rules.working import Figure, Step
from sla.rules.terms import EnterpriseTerms

_DAY = timedelta(days=1)


class Choice(StrEnum):
    """S16: (1) shift to the next lower plan, (2) stay with a reduced fee."""

    SHIFT = "shift"
    STAY = "stay"


class ElectionState(StrEnum):
    """S16: `stopped` asks for a new notice; `void`: the contract ended first."""

    NOT_STARTED = "not_started"
    OPEN = "open"
    STOPPED = "stopped"
    DECIDED = "decided"
    VOID = "void"


class Decider(StrEnum):
    CUSTOMER = "customer"
    VENDOR = "vendor"


ChoiceMade = tuple[datetime, Choice | None]
"""When the customer chose (the receipt, UTC), and what; None: it took its choice back."""


@dataclass(frozen=True, slots=True)
class NoticeDelivery:
    """What became of the notice to one confirmed legal contact: the acceptance by its mail server, the opening in the
    portal, the bounce. Instants in UTC, None where it did not happen."""

    accepted: datetime | None = None
    opened: datetime | None = None
    bounced: datetime | None = None

    def stands_at(self, now: datetime) -> bool:
        """Whether it counts as given: opened, or accepted without having bounced since."""
        accepted, opened, bounced = (at is not None and at <= now for at in (self.accepted, self.opened, self.bounced))
        return opened or (accepted and not (bounced and _after(self.bounced, self.accepted)))

    @property
    def reached(self) -> datetime | None:
        """The acceptance, or the opening if that is earlier."""
        return min((at for at in (self.accepted, self.opened) if at is not None), default=None)

    @property
    def figures(self) -> Figure:
        return (self.accepted, self.opened, self.bounced)


@dataclass(frozen=True, slots=True)
class Election:
    """S16: the state of an election at the moment asked. `deadline` is the first instant (UTC) that is too late, and the
    instant at which plan, fee and Standard terms change for everyone."""

    state: ElectionState
    deadline: datetime | None
    choice: Choice | None
    by: Decider | None
    notices: tuple[NoticeDelivery, ...]
    choices: tuple[ChoiceMade, ...]
    zone: str
    now: datetime
    vendor_choice: Choice | None
    lowest_plan: bool
    contract_ends: datetime | None
    terms: EnterpriseTerms

    @property
    def effect(self) -> datetime | None:
        """The first instant after the period, whoever chose and whenever; None where no period runs or the election is void."""
        return self.deadline if self.state in (ElectionState.OPEN, ElectionState.DECIDED) else None

    @property
    def working(self) -> Step:
        return Step(
            "election",
            "S16",
            self.choice and self.choice.value,
            inputs=(
                ("state", self.state.value),
                ("by", self.by and self.by.value),
                ("deadline", self.deadline),
                ("effect", self.effect),
                ("notices", tuple(notice.figures for notice in self.notices)),
                ("choices", tuple((at, choice and choice.value) for at, choice in self.choices)),
                ("zone", self.zone),
                ("now", self.now),
                ("vendor_choice", self.vendor_choice and self.vendor_choice.value),
                ("lowest_plan", self.lowest_plan),
                ("contract_ends", self.contract_ends),
                ("election_days", self.terms.election_days),
            ),
        )


def election(
    notices: Iterable[NoticeDelivery],
    zone: ZoneInfo,
    now: datetime,
    choices: Iterable[ChoiceMade],
    vendor_choice: Choice | None,
    terms: EnterpriseTerms,
    *,
    lowest_plan: bool = False,
    deadline: datetime | None = None,
    contract_ends: datetime | None = None,
) -> Election:
    """S16: where an election stands at `now` (UTC), in the contract's `zone`.

    `notices` are the deliveries to confirmed legal contacts; the first acceptance starts the seven days. `choices` are the
    customer's, `vendor_choice` the one recorded at release (None: stay). On the `lowest_plan` only (2) is possible. A
    stored `deadline` is taken as it stands. `contract_ends` is the first instant after the contract.
    """
    given, made = tuple(notices), tuple(sorted(choices, key=lambda one: one[0]))
    closes = deadline or election_closes_at(given, zone, now, terms)
    state = _state(given, closes, now, contract_ends)
    choice, by = _choice(state, closes, now, made, vendor_choice, lowest_plan)
    runs_until = None if state is ElectionState.STOPPED else closes
    return Election(
        state, runs_until, choice, by, given, made, zone.key, now, vendor_choice, lowest_plan, contract_ends, terms
    )


def election_closes_at(
    notices: Iterable[NoticeDelivery], zone: ZoneInfo, now: datetime, terms: EnterpriseTerms
) -> datetime | None:
    """S16: the first instant that is too late, from the first acceptance or opening by any contact until `now`; None before it.

    A later bounce of that one does not move it while another acceptance stands: a deadline that was stated is never recomputed.
    """
    reached = [at for notice in notices if (at := notice.reached) is not None and at <= now]
    return deadline_within(terms.election_days, local_day(min(reached), zone), zone) if reached else None


def notice_effect_day(released: date, terms: EnterpriseTerms) -> date:
    """S17: the day of effect that the notice prices: the eighth after the day of release, as if it were accepted that day."""
    return released + _DAY * (terms.election_days + 1)


def _after(later: datetime | None, earlier: datetime | None) -> bool:
    return later is not None and earlier is not None and later >= earlier


def _state(
    notices: tuple[NoticeDelivery, ...], closes: datetime | None, now: datetime, contract_ends: datetime | None
) -> ElectionState:
    """S16: a bounce stops the period only before its end and only where no acceptance stands; after it, it undoes nothing."""
    if contract_ends is not None and contract_ends <= now and (closes is None or contract_ends <= closes):
        return ElectionState.VOID
    asked = now if closes is None else min(now, closes - timedelta.resolution)
    if not any(notice.stands_at(asked) for notice in notices):
        bounced = any(notice.bounced is not None and notice.bounced <= asked for notice in notices)
        return ElectionState.STOPPED if bounced else ElectionState.NOT_STARTED
    return ElectionState.DECIDED if closes is not None and closes <= now else ElectionState.OPEN


def _choice(
    state: ElectionState,
    closes: datetime | None,
    now: datetime,
    made: tuple[ChoiceMade, ...],
    vendor_choice: Choice | None,
    lowest_plan: bool,
) -> tuple[Choice | None, Decider | None]:
    """S16: the customer's last state before the deadline; at the deadline, without one, the vendor's choice."""
    if state not in (ElectionState.OPEN, ElectionState.DECIDED) or closes is None:
        return None, None
    possible = [choice for at, choice in made if at <= now and at < closes and _is_offered(choice, lowest_plan)]
    if possible and (standing := possible[-1]) is not None:
        return standing, Decider.CUSTOMER
    if state is ElectionState.OPEN:
        return None, None
    return (vendor_choice if vendor_choice and _is_offered(vendor_choice, lowest_plan) else Choice.STAY), Decider.VENDOR


def _is_offered(choice: Choice | None, lowest_plan: bool) -> bool:
    return not (lowest_plan and choice is Choice.SHIFT)
