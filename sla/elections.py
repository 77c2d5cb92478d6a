"""Where an election stands, by its row, its letters and what was chosen (S16): asked live, whether or not the clock has run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Exists, OuterRef, Q

from entitlements.models import Contract, Letter, LetterEvent, LetterEventKind, LetterState
from entitlements.models.worded import Worded, rows_of
from entitlements.rules.days import first_instant, local_day
from entitlements.wording import number_in_words
from sla.models import RUNNING, Election, ElectionChoice, ElectionState
from sla.rules import elections as rules
from sla.rules.plans import Offer, Plan, Prepaid, offer
from sla.withdrawals import ends_at

NOTICE = "election_notice"
_DAY = timedelta(days=1)
_SURELY_BEYOND = timedelta(days=3)
"""Longer than from a deadline to the end of the day of effect, in whatever zones."""


def standing_of(election: Election, now: datetime) -> rules.Election:
    """S16: the state at `now` (UTC), with whose choice stands."""
    return standing_by(election, notices_of([election])[election.reference], list(election.choices.all()), now)


def standing_by(
    election: Election, notices: Sequence[Letter], choices: Iterable[ElectionChoice], now: datetime
) -> rules.Election:
    """As `standing_of`, by letters and choices that were read already."""
    assert election.terms is not None
    made = [(one.received_at, rules.Choice(one.choice) if one.choice else None) for one in choices]
    return rules.election(
        deliveries(election, notices),
        election.tz,
        now,
        made,
        rules.Choice(election.by_silence),
        election.terms.facts(),
        lowest_plan=not election.to_plan,
        deadline=election.deadline,
        contract_ends=contract_ends(election),
        no_day_left=election.deadline is not None and ends_first(election, election.deadline),
    )


def standings_of(elections: Iterable[Election], now: datetime) -> dict[str, rules.Election]:
    """As `standing_of`, of many that were released, by their references; their choices are read already. One question, none for none."""
    found = list(elections)
    notices = notices_of(found) if found else {}
    return {one.reference: standing_by(one, notices[one.reference], one.choices.all(), now) for one in found}


def shown_as(election: Election, standing: rules.Election | None, notices: Iterable[Letter]) -> str:
    """T3: its state in the words of lists and pages: of one that runs as letters, choices and time say, written down or not. M7.3: a notice
    that came back, or that nobody takes, is said to be not given."""
    if standing is None or election.state not in RUNNING:
        return election.standing
    shown = _WORDS[standing.state]
    return "notice_not_given" if shown == "notice_on_its_way" and not _may_arrive(election, notices) else shown


def _may_arrive(election: Election, notices: Iterable[Letter]) -> bool:
    contacts = [one for one in notices if is_to_a_contact(one) and one.point == election.point]
    return any(one.state in ("queued", "accepted") and not one.bounced_at for one in contacts)


_WORDS = {
    rules.ElectionState.NOT_STARTED: "notice_on_its_way",
    rules.ElectionState.STOPPED: "notice_not_given",
    rules.ElectionState.OPEN: "election_open",
    rules.ElectionState.DECIDED: "election_over",
    rules.ElectionState.VOID: "void",
}


def notices_of(elections: Iterable[Election]) -> dict[str, list[Letter]]:
    """The letters of the notices of each, by its reference, light; one query."""
    found: dict[str, list[Letter]] = defaultdict(list)
    letters = Letter.objects.filter(matter__in=[one.reference for one in elections], kind=NOTICE)
    letters = letters.annotate(is_opened_by_its_reader=opened_by_its_reader())
    for letter in letters.defer("context", "text", "html", "raw", "attachments").order_by("pk"):
        found[letter.matter].append(letter)
    return defaultdict(list, found)


def deliveries(election: Election, notices: Iterable[Letter]) -> list[rules.NoticeDelivery]:
    """S16: only a letter to a contact for legal notices begins the period by its acceptance; by being opened in the portal only one to
    somebody with the right to sign, who opens it: what others open begins nothing (**Reading**: doubt goes to the customer)."""
    found = [
        rules.NoticeDelivery(
            accepted=letter.accepted_at if is_to_a_contact(letter) else None,
            opened=letter.opened_at if letter.is_opened_by_its_reader else None,  # type: ignore[attr-defined]  # annotated
            bounced=letter.bounced_at if is_to_a_contact(letter) else None,
        )
        for letter in notices
    ]
    return [*found, rules.NoticeDelivery(opened=election.opened_at)] if election.opened_at else found


def is_to_a_contact(letter: Letter) -> bool:
    """To a confirmed contact for legal notices: they are addressed as such, not as people who sign in."""
    return letter.person_id is None


def may_have_reached() -> Q:
    """Of letters: taken by a mail server for a contact and not back since, or opened by its reader."""
    return Q(kind=NOTICE) & (is_taken() | Q(opened_at__isnull=False) & Q(opened_by_its_reader()))


def is_taken() -> Q:
    """Of letters: by a mail server, for a contact, and not back since."""
    return Q(person__isnull=True, state=LetterState.ACCEPTED, bounced_at__isnull=True)


def opened_by_its_reader() -> Exists:
    """Of letters: whether the person to whom it is addressed had it open; owners and those who sign get one of their own."""
    opened = LetterEvent.objects.filter(letter=OuterRef("pk"), kind=LetterEventKind.OPENED, by=OuterRef("person"))
    return Exists(opened)


def contract_ends(election: Election) -> datetime:
    """The first instant (UTC) after the contract, as its term is now."""
    return ends_at(election.contract)


def ends_first(election: Election, deadline: datetime) -> bool:
    """S16: whether the contract has no day left on which what is chosen could hold: it ends with the time to choose, or, where its zone
    is not the notice's any more, within the hours from there to the day of effect."""
    ends = contract_ends(election)
    if ends <= deadline or ends > deadline + _SURELY_BEYOND:
        return ends <= deadline
    return effect_of(election, deadline) >= election.contract.term.upper


class Paid(NamedTuple):
    """S17: the fee per user, what was paid ahead by it, and for which days."""

    fee: Decimal
    amount: Decimal
    days: DateRange


class AnotherPlan(NamedTuple):
    """S17: a plan and the discount on it, in percent."""

    plan: str
    discount: Decimal

    @property
    def percent(self) -> str:
        return number_in_words(Fraction(self.discount))


def agreed_since(election: Election) -> AnotherPlan | None:
    """S17: the plan and discount on which the customer stays, where they are not those of the notice: agreed on since then. What holds on
    the day of effect: of an election that took effect by its row, of one whose deadline is known by the contract's plans, whatever was
    agreed for a later day; before that what holds now, since no plan is put on record ahead."""
    if election.effect_day:
        if not election.held_another:
            return None
        assert election.held_discount_percent is not None
        return AnotherPlan(election.held_plan, election.held_discount_percent)
    if election.state not in RUNNING:
        return None
    holds = _holds_then(election)
    return None if holds == (election.plan, election.discount_percent) else holds


def _holds_then(election: Election) -> AnotherPlan:
    contract, plans = election.contract, []
    if election.deadline:
        effect = effect_of(election, election.deadline)
        plans = [one for one in rows_of(contract, "plans") if one.days.lower <= effect < one.days.upper]
    held = plans[0] if plans else contract
    return AnotherPlan(held.plan, held.discount_percent)


def fee_until_then(election: Election) -> Decimal | None:
    """S17: what is paid per user and billing period until the effect; None where another plan was agreed since the notice and what is paid
    for it is not on record, or not settled yet."""
    if election.effect_day:
        return election.held_fee
    return None if agreed_since(election) else election.fee


def paid_ahead(election: Election, effect: date) -> Paid:
    """S17: where the day of effect lies behind what the notice counted with, what is on record as paid ahead for that day counts, as of
    now. Where nothing is, nothing is left."""
    noticed = _noticed(election)
    if effect < noticed.days.upper:
        return noticed
    paid = election.contract.prepaid_periods.filter(days__contains=effect, billing_period=election.billing_period)
    later = paid.first()
    return Paid(later.fee, later.amount, later.days) if later else noticed


def _noticed(election: Election) -> Paid:
    assert election.fee is not None
    assert election.prepaid is not None
    assert election.prepaid_days
    return Paid(election.fee, election.prepaid, election.prepaid_days)


def offer_of(election: Election, effect: date) -> Offer:
    """S17: both options for a day of effect, by the figures of the notice; once it has arrived, by those that were confirmed. Who stays on
    another plan stays by its fee, if that is known, and by none else."""
    assert election.terms
    paid = _noticed(election) if election.reached_at else paid_ahead(election, effect)
    to_plan = None
    if election.to_plan and election.to_price is not None:
        to_plan = Plan(
            key=election.to_plan,
            list_price=election.to_price,
            rank=0,
            currency=election.contract.currency,
            billing_period=election.billing_period,
        )
    found = offer(
        to_plan,
        election.discount_percent or 0,  # type: ignore[arg-type]  # never empty once it is released
        paid.fee,
        effect,
        Prepaid(paid.amount, paid.days.lower, paid.days.upper - _DAY),
        election.terms.facts(),
    )
    if not agreed_since(election):
        return found
    return replace(found, stay=replace(found.stay, old_fee=fee_until_then(election)))


def comes_too_late(election: Election, now: datetime) -> bool:
    """S16: whether the contract ends before the seven days of a notice would that arrived now."""
    assert election.terms
    return ends_first(election, rules.election_closes_at(now, election.tz, election.terms.facts()))


def effect_of(election: Election, deadline: datetime) -> date:
    """S16: the first day at the new rate: the one that begins with the deadline, by the contract's zone of then. Where that is not the
    zone of the notice any more, the first that begins after it: what occurs before the deadline stays under Enterprise terms."""
    zone = election.contract.tz_at(deadline)
    day = local_day(deadline, zone)
    return day if first_instant(day, zone) >= deadline else day + _DAY


def words_of(found: Offer) -> dict[str, Any]:
    """Both options as figures for a page or a letter; `shift` is None on the lowest plan."""
    stay = found.stay
    return {
        "stay": {
            "fee": stay.new_fee,
            "unused": stay.unused,
            "days": stay.days,
            "lasts_until": stay.lasts_until,
            "a_day": stay.daily_difference,
            "working": stay.working.as_json(),
        },
        "shift": found.shift
        and {
            "plan": found.to_plan,
            "fee": found.shift.new_fee,
            "unused": found.shift.unused,
            "credit": found.shift.credit,
            "a_day": found.shift.daily_difference,
            "working": found.shift.working.as_json(),
        },
    }


def as_they_stand(elections: Iterable[Election], now: datetime) -> list[Election]:
    """T3: each with the clock that its notice has begun, also where no turn has written it down yet, and where it has run out since: in
    memory alone, not to be saved. One question where some are on their way, none else."""
    found = list(elections)
    waiting = [one for one in found if one.state == ElectionState.SENT]
    standings = standings_of(waiting, now)
    for one in waiting:
        standing = standings[one.reference]
        if standing.effect:
            one.state, one.reached_at, one.deadline = ElectionState.OPEN, standing.reached, standing.deadline
    return found


def elections_of(contracts: Any) -> Any:
    """What a customer sees of theirs: all that were released."""
    return Election.objects.filter(contract__in=contracts, noticed_at__isnull=False).select_related(
        "contract__customer", "withdrawal", "terms"
    )


def takes_effect_before(contract: Contract, occurrences: Iterable[datetime], now: datetime) -> Election | None:
    """S16, T3: an election of the contract whose time to choose has ended, before one of these instants, and whose effect the clock has
    not written yet; None if there is none. One that no day of the contract is left for has none: it goes void."""
    latest = max(occurrences, default=None)
    running = (
        Election.objects.running().filter(contract=contract).select_related("contract__customer", "withdrawal", "terms")
    )
    if latest is None:
        return None
    effects = ((one, standing_of(one, now).effect) for one in running)
    over = (one for one, effect in effects if effect and effect <= min(latest, now) and not ends_first(one, effect))
    return next(over, None)


def withdrawn_from(contract: Contract) -> Election | None:
    """S1: the election by which a contract came to Standard terms, for the pages that say which terms hold and why."""
    found: Election | None = _DECIDED.one(contract.pk)
    return found


_DECIDED = Worded(
    lambda contract: (
        Election.objects.filter(contract=contract, state="decided").order_by("-effect_day").select_related("withdrawal")
    )
)
