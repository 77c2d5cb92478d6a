"""S16: what became of the election between a lower plan (*shift*) and a lower fee (*stay*)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from entitlements.rules.days import deadline_within, local_day
from entitlements.rules.spans import Span, span_or_none, union
from entitlements.rules.working import Figure, Step
from sla.rules.terms import EnterpriseTerms

_DAY = timedelta(days=1)
_FOREVER = datetime.max.replace(tzinfo=UTC)


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
    """S16: whose choice it was."""

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

    @property
    def stands(self) -> tuple[Span, ...]:
        """While it counts as given: from the opening on; from the acceptance until that mail came back, if it did."""
        came_back = self.bounced is not None and self.accepted is not None and self.accepted <= self.bounced
        accepted = self.accepted and span_or_none(self.accepted, (came_back and self.bounced) or _FOREVER)
        opened = self.opened and Span(self.opened, _FOREVER)
        return tuple(span for span in (accepted, opened) if span)

    @property
    def figures(self) -> Figure:
        return (self.accepted, self.opened, self.bounced)


@dataclass(frozen=True, slots=True)
class Election:
    """S16: the state of an election at the moment asked. `reached` is when the notice that stands reached the customer, `deadline`
    the first instant (UTC) that is too late, and the instant at which plan, fee and Standard terms change for everyone."""

    state: ElectionState
    reached: datetime | None
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
                ("reached", self.reached),
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
    no_day_left: bool = False,
) -> Election:
    """S16: where an election stands at `now` (UTC), in the contract's `zone`.

    `notices` are the deliveries to confirmed legal contacts; the first acceptance starts the seven days. `choices` are the
    customer's, `vendor_choice` the one recorded at release (None: stay). On the `lowest_plan` only (2) is possible. A
    stored `deadline` is taken as it stands. `contract_ends` is the first instant after the contract; `no_day_left`: no day
    of it follows the deadline, though it ends a few hours later. It is void at its end; until then nothing is decided.
    """
    given, made = tuple(notices), tuple(sorted(choices, key=lambda one: one[0]))
    period = _period(given, zone, now, deadline, terms)
    reached, closes = period or (None, None)
    state = _state(given, closes, now, contract_ends, no_day_left=no_day_left)
    choice, by = _choice(state, period, now, made, vendor_choice, lowest_plan)
    return Election(
        state, reached, closes, choice, by, given, made, zone.key, now, vendor_choice, lowest_plan, contract_ends, terms
    )


def election_closes_at(reached: datetime, zone: ZoneInfo, terms: EnterpriseTerms) -> datetime:
    """S16: the first instant that is too late, seven days after the notice reached the customer, in the contract's zone."""
    return deadline_within(terms.election_days, local_day(reached, zone), zone)


def notice_effect_day(released: date, terms: EnterpriseTerms) -> date:
    """S17: the day of effect that the notice prices: the eighth after the day of release, as if it were accepted that day."""
    return released + _DAY * (terms.election_days + 1)


def _period(
    notices: tuple[NoticeDelivery, ...],
    zone: ZoneInfo,
    now: datetime,
    stored: datetime | None,
    terms: EnterpriseTerms,
) -> tuple[datetime, datetime] | None:
    """S16: the period of the notice that stands: from the first acceptance or opening by any contact to the deadline; None
    if none stands.

    A bounce stops the period only before its end and only where no other acceptance stands; the next acceptance then
    begins a new one. After the end a bounce undoes nothing.
    """
    for standing in union(span for notice in notices for span in notice.stands):
        closes = stored or election_closes_at(standing.start, zone, terms)
        if standing.start <= now and (now < standing.end or closes <= standing.end):
            return standing.start, closes
    return None


def _state(
    notices: tuple[NoticeDelivery, ...],
    closes: datetime | None,
    now: datetime,
    contract_ends: datetime | None,
    *,
    no_day_left: bool,
) -> ElectionState:
    is_before = no_day_left or closes is None or (contract_ends is not None and contract_ends <= closes)
    if contract_ends is not None and contract_ends <= now and is_before:
        return ElectionState.VOID
    if closes is None:
        came_back = any(notice.bounced is not None and notice.bounced <= now for notice in notices)
        return ElectionState.STOPPED if came_back else ElectionState.NOT_STARTED
    return ElectionState.DECIDED if closes <= now and not no_day_left else ElectionState.OPEN


def _choice(
    state: ElectionState,
    period: tuple[datetime, datetime] | None,
    now: datetime,
    made: tuple[ChoiceMade, ...],
    vendor_choice: Choice | None,
    lowest_plan: bool,
) -> tuple[Choice | None, Decider | None]:
    """S16: the customer's last state before the deadline; at the deadline, without one, the vendor's choice.

    **Reading**: the choice answers the notice that stands. One made before that notice reached the customer, or under an
    earlier notice that bounced, does not count: it was made on figures that no longer hold.
    """
    if state not in (ElectionState.OPEN, ElectionState.DECIDED) or period is None:
        return None, None
    starts, closes = period
    in_time = [choice for at, choice in made if starts <= at < closes and at <= now]
    possible = [choice for choice in in_time if _is_offered(choice, lowest_plan)]
    if possible and (standing := possible[-1]) is not None:
        return standing, Decider.CUSTOMER
    if state is ElectionState.OPEN:
        return None, None
    return (vendor_choice if vendor_choice and _is_offered(vendor_choice, lowest_plan) else Choice.STAY), Decider.VENDOR


def _is_offered(choice: Choice | None, lowest_plan: bool) -> bool:
    return not (lowest_plan and choice is Choice.SHIFT)
