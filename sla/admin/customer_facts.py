"""What the page of one customer shows of each half: usage, failures, claims, credits, people and letters (M2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum

from entitlements.card_words import cap_in_words
from entitlements.models import (
    Contract,
    Customer,
    Engagement,
    FeeMonth,
    Letter,
    LetterState,
    Membership,
)
from entitlements.models.letters import LONG
from entitlements.standings import Standing, names_of_lines, standings_of
from sla.models import Claim, CreditEntry, Evidence, Failure

SHOWN = 10


@dataclass(frozen=True)
class Running:
    """A contract with the year that runs today, for the strip that stays in sight."""

    standing: Standing
    seats: int | None
    names: dict[str, str]

    @property
    def contract(self) -> Contract:
        return self.standing.contract

    @property
    def day(self) -> int:
        """Today is this day of the contract year, from 1."""
        return (self.standing.today - self.standing.year.first_day).days + 1

    @property
    def days(self) -> int:
        return (self.standing.year.last_day - self.standing.year.first_day).days + 1

    @property
    def lines(self) -> list[dict[str, Any]]:
        """E2: the card's lines in words."""
        return [
            {
                "name": self.names[line.target],
                "line": line,
                "cap": cap_in_words(line.cap),
                "left": cap_in_words(line.left),
            }
            for line in self.standing.card
        ]


def running_contracts(customer: Customer, now: datetime) -> list[Running]:
    """The contracts of a customer that run at `now`, each with its year's card."""
    found = standings_of(customer, now)
    names = names_of_lines(found)
    month = FeeMonth.objects.filter(contract__in=[one.contract for one in found]).order_by("contract_id", "-month")
    paid = {fee.contract_id: fee.paid_seats for fee in month.distinct("contract_id")}
    return [Running(one, paid.get(one.contract.pk), names) for one in found]


def duties(customer: Customer) -> list[tuple[str, int]]:
    """What of this customer waits for somebody at the desk."""
    claims = Claim.objects.filter(contract__customer=customer)
    requests = Engagement.objects.waiting().filter(contract__customer=customer)
    failed = Letter.objects.filter(customer=customer, state=LetterState.FAILED)
    found = [
        ("to schedule", requests.count()),
        ("to decide", claims.filter(pk__in=Claim.objects.to_decide().values("pk")).count()),
        ("could not be sent", failed.count()),
    ]
    return [(what, count) for what, count in found if count]


def next_deadline(customer: Customer, now: datetime) -> Claim | Failure | None:
    """S13: of the customer's drafts and reports without a claim, that whose window ends first."""
    drafts = Claim.objects.drafts().filter(contract__customer=customer, closes_at__gt=now)
    reports = Failure.objects.open().filter(contract__customer=customer, closes_at__gt=now)
    found = [rows.select_related("contract").order_by("closes_at").first() for rows in (drafts, reports)]
    return min((one for one in found if one), key=lambda one: one.closes_at, default=None)


def engagements_of(customer: Customer) -> QuerySet[Engagement]:
    """The latest, those ahead first."""
    return (
        Engagement.objects.filter(contract__customer=customer)
        .select_related("activity")
        .order_by("-day", "-id")[:SHOWN]
    )


def failures_of(customer: Customer) -> QuerySet[Failure]:
    return (
        Failure.objects.filter(contract__customer=customer).select_related("contract").order_by("-reported_at")[:SHOWN]
    )


def claims_of(customer: Customer) -> QuerySet[Claim]:
    return Claim.objects.filter(contract__customer=customer).select_related("contract").order_by("-opened_at")[:SHOWN]


def credits_of(customer: Customer) -> tuple[list[CreditEntry], list[tuple[str, Decimal]]]:
    """S19: the entries, and what they come to in each currency."""
    entries = CreditEntry.objects.filter(customer=customer)
    sums = entries.values_list("currency").annotate(sum=Sum("amount")).order_by("currency")
    return list(entries.select_related("credit__claim").order_by("-id")[:SHOWN]), list(sums)


def files_of(customer: Customer) -> QuerySet[Evidence]:
    """The documents of claims that were received; those of a draft are the customer's own."""
    received = Q(claim__contract__customer=customer, claim__received_at__isnull=False, removed_at__isnull=True)
    return Evidence.objects.filter(received).select_related("claim").order_by("-uploaded_at")[:SHOWN]


def people_of(customer: Customer) -> QuerySet[Membership]:
    """M2.5: whoever belongs to the customer today, with when a letter last reached their server and when one could not."""
    letters = Letter.objects.filter(customer=customer, person=OuterRef("user")).order_by("-written_at")
    did_not_arrive = Q(state=LetterState.FAILED) | Q(bounced_at__isnull=False)
    return (
        Membership.objects.filter(customer=customer, left_at__isnull=True)
        .select_related("user")
        .annotate(
            last_accepted=Subquery(letters.filter(accepted_at__isnull=False).values("accepted_at")[:1]),
            last_failed=Subquery(letters.filter(did_not_arrive).values("written_at")[:1]),
        )
        .order_by("user__name")
    )


def letters_of(customer: Customer) -> QuerySet[Letter]:
    return Letter.objects.filter(customer=customer).defer(*LONG)[:SHOWN]
