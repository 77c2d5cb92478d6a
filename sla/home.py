"""What a customer's home shows: what to do by when, the sessions left, what happened last, and the next known date (C2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from entitlements.access import Visitor, contracts_visible_to, keys_of_customers
from entitlements.ahead import Ahead
from entitlements.cards import Card, cards_of, current_years, years_visible_to
from entitlements.models import Membership, Recommendation, Role
from entitlements.outcomes import recommendations_visible_to
from entitlements.rules.days import first_instant, local_day
from entitlements.rules.outcomes import TO_DO
from entitlements.wording import counted, moment_in_short
from sla.access import audits_open_to, claims_visible_to, failures_visible_to, maintenance_visible_to
from sla.claim_windows import to_send_by
from sla.elections import as_they_stand, elections_of
from sla.models import (
    Audit,
    Claim,
    ClaimState,
    Election,
    Failure,
    InformationRequest,
    MaintenancePeriod,
    MaintenanceState,
)

SOON = timedelta(days=1)
MOST_KNOWN = 5


@dataclass(frozen=True, slots=True)
class ToDo:
    """One thing to do: the act, by when (a stored deadline), and where.

    `others`: who of the reader's colleagues can do it, where the reader cannot. `was_due`: the last local day of what is overdue.
    """

    act: str
    what: str
    deadline: datetime
    zone: str
    url: str
    saved_at: datetime | None = None
    others: str = ""
    was_due: date | None = None


@dataclass(frozen=True, slots=True)
class NextDate:
    """The next date that is known when nothing is to be done; `day`: the last local day of what ends."""

    what: str
    at: datetime
    zone: str
    day: date | None = None


def things_to_do(reader: Visitor, now: datetime) -> list[ToDo]:
    """What was asked for, drafts and reported failures whose window runs, by their deadlines; then overdue recommendations.

    Everybody sees what their firm has to do; what is not the reader's to do names `others`.
    """
    asked = InformationRequest.objects.open().filter(claim=OuterRef("pk"), answer_by__gt=now)
    audited = Audit.objects.open().filter(claim=OuterRef("pk"), answer_by__gt=now)
    waiting = Q(state__in=[ClaimState.INFORMATION_REQUESTED, ClaimState.IN_AUDIT])
    by = Coalesce(Subquery(asked.values("answer_by")[:1]), Subquery(audited.values("answer_by")[:1]))
    # T3: one whose moment has come has sent itself, also where no turn of the clock has written it down yet.
    theirs = Q(state=ClaimState.DRAFT, closes_at__gt=now) & ~Q(sends_itself_at__lte=now) | waiting
    claims = claims_visible_to(reader).filter(theirs).annotate(answer_by=by)
    failures = failures_visible_to(reader).open().filter(closes_at__gt=now).select_related("contract")
    of_claims = [
        (one.contract, _of_claim(one, now))
        for one in claims.select_related("contract").prefetch_related("failures")
        if one.is_draft or one.answer_by
    ]
    windows = [*of_claims, *((one.contract, _claim(one)) for one in failures)]
    claimants = _claimants(reader) if windows else {}
    shown = [replace(todo, others=_others(claimants.get(of.customer_id, {}), reader)) for of, todo in windows]
    first = sorted([*shown, *_audits(reader)], key=lambda todo: todo.deadline)
    return [*elections_to_answer(reader, now), *first, *overdue_recommendations(reader, now)]


def elections_to_answer(reader: Visitor, now: datetime) -> list[ToDo]:
    """C2.3: open elections stand above everything else, with what happens if nothing is chosen."""
    running = elections_of(contracts_visible_to(reader)).running().order_by("pk").prefetch_related("choices")
    open_now = [one for one in as_they_stand(running, now) if one.deadline and now < one.deadline]
    found = sorted(open_now, key=lambda one: one.deadline)  # type: ignore[arg-type,return-value]  # they have one
    signers = _having(reader, Role.OWNER, Role.SIGNATORY) if found else {}
    return [replace(_choose(one), others=_others(signers.get(one.contract.customer_id, {}), reader)) for one in found]


def known_outages(reader: Visitor, now: datetime) -> list[Failure]:
    """C5.5: what we have put on record ourselves, from published outages, and can still be claimed: nobody need report it."""
    known = failures_visible_to(reader).filter(found_by_us=True, closes_at__gt=now, state__in=("reported", "claimed"))
    return list(known.select_related("contract", "outage").order_by("-began_at")[:MOST_KNOWN])


def maintenance_near(reader: Visitor, now: datetime) -> MaintenancePeriod | None:
    """C2.6: the maintenance that runs for the reader's customers, else the next that begins within a day; None otherwise."""
    soon = Q(state=MaintenanceState.PLANNED, announced__overlap=(now, now + SOON))
    near = maintenance_visible_to(reader).filter(Q(state=MaintenanceState.RUNNING) | soon)
    found: MaintenancePeriod | None = near.order_by("-state", "announced", "pk").first()
    return found


def overdue_recommendations(reader: Visitor, now: datetime) -> list[ToDo]:
    """E13: the outcomes of which recommendations are overdue that the customer's own people see to."""
    own = recommendations_visible_to(reader).filter(owner__is_staff=False, owner__engineer__isnull=True)
    late = own.filter(state__in=TO_DO, due__lte=now.date()).select_related(
        "outcome__engagement__activity", "outcome__engagement__contract", "owner"
    )
    found = [one for one in late.order_by("due", "outcome", "number") if _is_overdue(one, now)]
    by_outcome: dict[int, list[Recommendation]] = {}
    for one in found:
        by_outcome.setdefault(one.outcome_id, []).append(one)
    return [_see_to(of_one, reader) for of_one in by_outcome.values()]


def current_cards(reader: Visitor, now: datetime) -> list[Card]:
    """The year card of each contract year that runs today."""
    return cards_of(current_years(years_visible_to(reader), now), reader, now)


def next_date(ahead: list[Ahead], cards: list[Card]) -> NextDate | None:
    """The next session that is booked, else the next end of a contract year."""
    if ahead:
        session = ahead[0].session
        return NextDate(f"{session.engagement.activity} begins", session.during.lower, ahead[0].zone)
    ends = [
        NextDate("your contract year ends with", card.year.ends_at, card.contract.zone, card.year.last_day)
        for card in cards
    ]
    return min(ends, key=lambda end: end.at, default=None)


def _audits(reader: Visitor) -> list[ToDo]:
    """S14: what somebody independent audits, who is none of a customer's people. The vendor's own do it at their desk."""
    if getattr(reader, "roles_today", None):
        return []
    open_ones = audits_open_to(reader).select_related("claim__contract__customer").order_by("answer_by")
    return [
        ToDo(
            act=f"Audit claim {one.claim.reference} of {one.claim.contract.customer}",
            what="Until then the customer gives you what you ask for.",
            deadline=one.answer_by,
            zone=one.claim.contract.zone,
            url=reverse("audit", args=[one.claim.reference]),
        )
        for one in open_ones
    ]


_READY = "Nothing is missing. If nobody sends it, it sends itself one hour before its deadline."


def _of_claim(claim: Claim, now: datetime) -> ToDo:
    zone = claim.contract.zone
    if claim.is_draft:
        return ToDo(
            act=f"Finish and send claim {claim.reference}",
            what=_READY if claim.sends_itself_at else "A draft is not a claim: it counts only once it is sent.",
            deadline=to_send_by(claim, now),
            zone=zone,
            url=reverse("claim", args=[claim.reference]),
            saved_at=claim.saved_at,
        )
    if claim.state == ClaimState.IN_AUDIT:
        return ToDo(
            act=f"Help with the audit of claim {claim.reference}",
            what="Our letter says what is looked at and by whom. A refusal is a ground for denial.",
            deadline=claim.answer_by,  # type: ignore[attr-defined]
            zone=zone,
            url=reverse("claim", args=[claim.reference]),
        )
    return ToDo(
        act=f"Answer our question about claim {claim.reference}",
        what="Without an answer we go on with the claim as it stands.",
        deadline=claim.answer_by,  # type: ignore[attr-defined]
        zone=zone,
        url=reverse("answer_information", args=[claim.reference]),
    )


def _claim(failure: Failure) -> ToDo:
    said = "We put it on record from our logs" if failure.found_by_us else "You reported it"
    began = moment_in_short(failure.began_at, failure.contract.tz)
    return ToDo(
        act=f"Claim for {failure.reference}",
        what=f"{failure.get_kind_display()}. It began {began}. {said} and you have not claimed.",
        deadline=failure.closes_at,
        zone=failure.contract.zone,
        url=reverse("failure", args=[failure.reference]),
    )


def _choose(election: Election) -> ToDo:
    silence = f"shift to {election.to_plan}" if election.by_silence == "shift" else f"stay on {election.plan}"
    last = election.last_choice
    chosen = f"You chose to {last}; it can be changed until then." if last else ""
    return ToDo(
        act=f"Choose for contract {election.contract.order_form}",
        what=chosen or f"Credits for losses end. If you choose nothing, we choose for you: {silence}.",
        deadline=election.deadline,  # type: ignore[arg-type]  # an open one has it
        zone=election.tz.key,
        url=reverse("election", args=[election.reference]),
    )


def _claimants(reader: Visitor) -> dict[int, dict[int, str]]:
    return _having(reader, Role.OWNER, Role.CLAIMS)


def _having(reader: Visitor, *roles: Role) -> dict[int, dict[int, str]]:
    """By each of the reader's customers (key): who has one of the roles there, by key and name. One query."""
    found: dict[int, dict[int, str]] = defaultdict(dict)
    belong = Membership.objects.filter(
        customer__in=keys_of_customers(reader), left_at__isnull=True, user__is_active=True
    )
    may = belong.filter(roles__overlap=list(roles)).order_by("user__name")
    for customer, person, name in may.values_list("customer", "user", "user__name"):
        found[customer][person] = name
    return found


def _others(people: Mapping[int, str], reader: Visitor) -> str:
    """Who does it, unless the reader is among them."""
    return "" if reader.pk in people else " or ".join(people.values()) or "an owner, once there is one"


def _see_to(late: list[Recommendation], reader: Visitor) -> ToDo:
    engagement = late[0].outcome.engagement
    owners = {one.owner_id: one.owner.name for one in late}
    return ToDo(
        act=f"See to {counted(len(late), 'overdue recommendation')} from {engagement.activity}",
        what="Say on its page how it stands.",
        deadline=_ends(late[0]),
        zone=engagement.contract.zone,
        url=reverse("engagement_outcome", args=[engagement.reference]),
        others="" if reader.pk in owners else " and ".join(owners.values()),
        was_due=late[0].due,
    )


def _is_overdue(one: Recommendation, now: datetime) -> bool:
    return one.is_overdue_on(local_day(now, one.outcome.engagement.contract.tz))


def _ends(one: Recommendation) -> datetime:
    """The first instant (UTC) after its last local day."""
    return first_instant(one.due + timedelta(days=1), one.outcome.engagement.contract.tz)
