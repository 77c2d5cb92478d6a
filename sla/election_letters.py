"""The letters of an election (N18–N21): to every confirmed contact for legal notices, and to the owners and those who sign."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields.json import KT

from entitlements import access, missed, notices
from entitlements.links import page
from entitlements.models import Customer, LegalContact, Letter, Role, many
from entitlements.notices import Addressee, LetterRow
from entitlements.rules.reminders import due_reminder
from sla.elections import (
    NOTICE,
    agreed_since,
    comes_too_late,
    contract_ends,
    effect_of,
    fee_until_then,
    offer_of,
    standing_of,
    words_of,
)
from sla.models import Election, ElectionChoice, ElectionState
from sla.rules.elections import notice_effect_day
from sla.withdrawals import released_day

CONFIRMED, REMINDER = "election_confirmed", "election_reminder"
CHOSEN, DECIDED, CANCELLED = "election_chosen", "election_decided", "election_cancelled"
ASKS = ("election_notice", CONFIRMED, REMINDER)
TO_BE_TRUE = (*ASKS, CHOSEN)


def readers_of(customer: Customer) -> list[Addressee]:
    """The contacts as bare addresses, whose acceptance begins the period; then owners and those who sign, by other addresses."""
    return readers_of_each([customer.pk])[customer.pk]


def readers_of_each(customers: Collection[int]) -> dict[int, list[Addressee]]:
    """As `readers_of`, of many customers by their keys; two questions, however many."""
    found: dict[int, dict[str, Addressee]] = {customer: {} for customer in customers}
    contacts = LegalContact.objects.confirmed().filter(customer__in=many.keys(customers)).order_by("pk")
    for customer, email in contacts.values_list("customer", "email"):
        found[customer].setdefault(email.lower(), Addressee(None, email.lower()))
    for customer, person, email, is_asked in access.people_of_each(customers, Role.OWNER, Role.SIGNATORY):
        if is_asked:
            found[customer].setdefault(email.lower(), Addressee(person, email))
    return {customer: list(readers.values()) for customer, readers in found.items()}


def notice(election: Election, *, now: datetime) -> None:
    """N18: both options priced as if it arrived today, and what silence means. Its own deadline begins with its acceptance."""
    give_notice([election], now=now)


def give_notice(elections: Sequence[Election], *, now: datetime) -> None:
    """N18: the notices of many elections, by one statement."""
    readers = readers_of_each({one.contract.customer_id for one in elections})
    notices.write_rows(
        [
            row
            for one in elections
            for row in _rows(NOTICE, one, readers[one.contract.customer_id], now=now, urgent=True, **_noticed(one, now))
        ]
    )


def _noticed(election: Election, now: datetime) -> dict[str, Any]:
    assert election.terms
    day = released_day(election, now)
    effect = notice_effect_day(day, election.terms.facts())
    return {
        "point": election.point,
        "effect": effect,
        "priced_for": day,
        **words_of(offer_of(election, effect)),
    }


def confirmed(election: Election, *, now: datetime) -> None:
    """N18: it has arrived: the deadline, and both options for the day of effect."""
    _final(CONFIRMED, election, now=now, reached_at=election.reached_at)


def reminder(election: Election, *, point: str, now: datetime) -> None:
    """N19: nobody has chosen yet, and by when."""
    _final(REMINDER, election, now=now, point=point)


def chosen(election: Election, made: ElectionChoice, *, now: datetime) -> None:
    """N20: what was chosen, changed or taken back, by whom, received when; and what counts, where a later one does."""
    last = election.choices.filter(received_at__gte=election.reached_at).last()
    standing = standing_of(election, now).choice
    _final(
        CHOSEN,
        election,
        now=now,
        point=point_of(made),
        choice=made.choice,
        signer=made.signer,
        received_at=made.received_at,
        in_writing=bool(made.entered_by_id),
        overtaken=last != made,
        stands=standing.value if standing else "",
    )


def decided(election: Election, *, now: datetime, point: str = "") -> None:
    """N21: the outcome, and whose choice it was; with the paper. By another `point` once more."""
    owed = missed.of([election.reference], now)
    told = "; ".join(f"{one.point_in_words}: {one.why}" for one in owed)
    _final(DECIDED, election, now=now, point=point, choice=election.choice, decided_by=election.decided_by, missed=told)


def untold() -> QuerySet[Election]:
    """S16: those that took effect, and nobody was written to, since nobody read for the customer any more: when they did, or when a choice
    that was confirmed late changed what the last letter says."""
    letters = Letter.objects.filter(kind=DECIDED, matter=OuterRef("reference"))
    late = ElectionChoice.objects.filter(election=OuterRef("pk"), late__isnull=False)
    last = letters.order_by("-pk")
    said = {name: Subquery(last.values_list(KT(f"context__of__{name}"))[:1]) for name in ("choice", "decided_by")}
    return Election.objects.filter(~Exists(letters) | Exists(late) & ~Q(**said), state=ElectionState.DECIDED)


def outcome_of_late_choice(election: Election) -> str:
    """The point of the letter about an outcome that a choice confirmed late changed after the first was told; empty where none was told."""
    told = Letter.objects.filter(kind=DECIDED, matter=election.reference).exists()
    late = election.choices.filter(late__isnull=False).order_by("pk").last() if told else None
    return point_of(late) if late else ""


def point_of(choice: ElectionChoice) -> str:
    """By which a letter says of which choice it is."""
    return f"choice {choice.pk}"


def cancelled(election: Election, *, reason: str, now: datetime) -> None:
    """Loss-based credits do not end after all: everybody who was told is told, whoever reads for the customer by now."""
    readers = readers_of(election.contract.customer)
    known = {one.email.lower() for one in readers}
    told = Letter.objects.filter(kind=NOTICE, matter=election.reference, person__isnull=True)
    gone = set(told.values_list("addressee", flat=True)) - known
    to = [*readers, *(Addressee(None, email) for email in sorted(gone))]
    notices.write_rows(_rows(CANCELLED, election, to, now=now, point="cancelled", reason=reason))


def no_longer_true(waiting: Sequence[Letter], now: datetime) -> set[int]:
    """T1, T2, asked at the moment of sending: a notice while it is the last one and still on its way or running; a confirmation, a
    reminder and what was chosen while their deadline stands ahead, a reminder until the next point, what was chosen until the next
    choice. The keys of those that are true no more."""
    ours = [one for one in waiting if one.kind in TO_BE_TRUE]
    if not ours:
        return set()
    found = Election.objects.running().filter(reference__in={one.matter for one in ours})
    elections = {one.reference: one for one in found.select_related("contract", "terms")}
    last = dict(
        ElectionChoice.objects.filter(election__in=elections.values())
        .values_list("election__reference")
        .annotate(Max("pk"))
    )
    return {
        one.pk
        for one in ours
        if not _is_true(one, elections.get(one.matter), now)
        or (one.kind == CHOSEN and one.point != f"choice {last[one.matter]}")
    }


def _is_true(letter: Letter, election: Election | None, now: datetime) -> bool:
    if election is None or contract_ends(election) <= now:
        return False
    if letter.kind == NOTICE:
        ends_first = election.deadline is None and comes_too_late(election, now)
        return letter.point == election.point and not election.is_over(now) and not ends_first
    runs = election.deadline == letter.deadline and not election.is_over(now)
    return runs and (letter.kind != REMINDER or _point(election, now) == letter.point)


def _point(election: Election, now: datetime) -> str | None:
    if election.state != ElectionState.OPEN or election.deadline is None or election.reached_at is None:
        return None
    return due_reminder("election", election.deadline, election.tz, now, election.reached_at, ["at_once"]).send


def _final(kind: str, election: Election, *, now: datetime, point: str = "", **context: Any) -> None:
    """With the deadline, and the figures for the day of effect that follows from it."""
    assert election.deadline
    effect = effect_of(election, election.deadline)
    options = words_of(offer_of(election, effect))
    told = {"deadline": election.deadline, "point": point, "effect": effect, **options, **context}
    notices.write_rows(_rows(kind, election, readers_of(election.contract.customer), now=now, **told))


def _rows(
    kind: str,
    election: Election,
    to: Sequence[Addressee],
    *,
    now: datetime,
    deadline: datetime | None = None,
    point: str = "",
    urgent: bool = False,
    **context: Any,
) -> list[LetterRow]:
    contract, agreed = election.contract, agreed_since(election)
    return notices.rows_to(
        to,
        kind,
        matter=election.reference,
        now=now,
        customer_id=contract.customer_id,
        deadline=deadline,
        point=point,
        urgent=urgent or kind == REMINDER,
        context={
            "reference": election.reference,
            "customer": contract.customer.name,
            "order_form": contract.order_form,
            "zone": election.tz.key,
            "currency": contract.currency,
            "why": election.withdrawal.why,
            "plan": agreed.plan if agreed else election.plan,
            "agreed_since": agreed and agreed.percent,
            "to_plan": election.to_plan,
            "old_fee": fee_until_then(election),
            "billing": election.get_billing_period_display(),
            "silence": election.by_silence,
            "days": election.terms.election_days if election.terms else None,
            "percent": election.terms.stay_reduction_percent if election.terms else None,
            "action_url": page("election", election.reference),
            "action_label": "Choose" if kind in ASKS else "See the election",
            **context,
        },
    )
