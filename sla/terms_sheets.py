"""An edition of the Enterprise terms as people read it, alone or beside another; and what publishing it would judge otherwise (S1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings

from entitlements import wording
from entitlements.policy_sheets import Cell, Changed
from entitlements.rules.days import local_day
from entitlements.rules.drafts import differences
from entitlements.rules.edition_changes import is_governed_anew
from sla.models import Failure, FailureState, TermsEdition, TermsPeriod
from sla.rules.claim_window import closes_at
from sla.sweep import MARGIN


class Words(NamedTuple):
    """A figure in words: its label, its clause, and what it decides."""

    label: str
    clause: str
    help: str


FIGURES = {
    "outage_minutes": Words("Availability Outage, minutes", "S2", "From this length on a downtime is an outage."),
    "outage_deduction_minutes": Words(
        "Taken off an outage, minutes", "S8", "Its remedy period begins this much later."
    ),
    "delivery_limit_minutes": Words("Delivery of an alert, minutes", "S5", "An alert that takes longer is late."),
    "maintenance_minutes_a_month": Words(
        "Maintenance a month, minutes", "S3", "So much cuts an outage in a month (UTC)."
    ),
    "emergency_reason_hours": Words("Reason of an emergency, hours", "S3", "Within so many its reason is on record."),
    "notice_business_days": Words(
        "Notice of maintenance, business days", "S15", "Ahead of its day, in the vendor’s zone."
    ),
    "volume_multiple": Words(
        "Volume, times the median", "S7", "More than this excludes. 1000 % above it are 11 times."
    ),
    "volume_months": Words("Volume, months", "S7", "How far back the median looks."),
    "volume_quarter_minutes": Words(
        "Volume, minutes of a period", "S7", "The length of the periods that are compared."
    ),
    "rate_months": Words("Rate of transactions, months", "S10", "How far back the rate looks."),
    "fee_months": Words("Fees, months", "S11", "The months that the annual fee is worked out from."),
    "fee_multiple": Words("Bound by fees, times", "S11", "So many times the annual fee bind a credit."),
    "credit_cap": Words("Cap of a credit", "S11", "The sum that binds a credit."),
    "credit_cap_currency": Words("Currency of the cap", "S11", "Three letters, such as USD."),
    "credit_cap_scope": Words("What the cap is for", "S11", "Such as: per credit."),
    "report_flag_hours": Words("Report, hours", "S13", "A later report is flagged, never refused."),
    "claim_days": Words("Claim, days", "S13", "Counted from the local day of the occurrence."),
    "election_days": Words("Election, days", "S16", "Counted from the local day on which the notice arrives."),
    "stay_reduction_percent": Words("Reduction for staying, percent", "S17", "Taken off the fee."),
}
CHANNELS = {"phone": "Phone", "push": "Push", "sms": "SMS", "email": "E-mail"}
LOG_HELP = "The entry that ends the delivery of an alert by this channel."


class Row(NamedTuple):
    label: str
    clause: str
    help: str
    cell: Cell


@dataclass(frozen=True)
class Sheet:
    """The figures of an edition; with `beside`, each that differs says what it was there."""

    edition: TermsEdition
    beside: TermsEdition | None = None

    @property
    def rows(self) -> Iterator[Row]:
        for name, (label, clause, help_text) in FIGURES.items():
            yield Row(label, clause, help_text, self._cell(lambda edition, name=name: edition.figures[name]))
        for channel, label in CHANNELS.items():
            cell = self._cell(lambda edition, channel=channel: edition.deciding_logs.get(channel, "–"))
            yield Row(f"Deciding log: {label}", "S4", LOG_HELP, cell)

    @property
    def elsewhere(self) -> list[Row]:
        """What the deadlines also stand on and no edition says."""
        days = "Within n days: until the end of the nth local day after the day of the event, in the contract’s zone."
        return [
            Row("Counting of days", "S13", "The same for all editions.", Cell(days)),
            Row("The vendor’s zone", "S15", "Set for the installation.", Cell(settings.VENDOR_ZONE)),
            Row(
                "Margin of the clock",
                "T4",
                "The sweep acts so much after a deadline.",
                Cell(wording.duration_in_words(MARGIN)),
            ),
        ]

    @cached_property
    def changed(self) -> list[Changed]:
        """Every place at which it differs from the edition beside it."""
        found = differences(self.beside.figures, self.edition.figures) if self.beside else ()
        return [Changed(place_in_words(place), _in_words(was), _in_words(becomes)) for place, was, becomes in found]

    def _cell(self, read: Any) -> Cell:
        now, was = _in_words(read(self.edition)), _in_words(read(self.beside)) if self.beside else None
        return Cell(now, was if was != now else None)


def place_in_words(place: str) -> str:
    """The label of a figure by its name; what is no figure of an edition stays as it is."""
    named = {"valid_from": "Valid from", "deciding_logs": "Deciding logs"}
    return FIGURES[place].label if place in FIGURES else named.get(place, place)


class Judged(NamedTuple):
    """An open failure that would come under the edition: its deadline as it was told, and by the edition's figures."""

    failure: Failure
    by_its_figures: datetime


@dataclass(frozen=True)
class Effects:
    contracts: int
    failures: list[Judged]


def effects_of(edition: TermsEdition, now: datetime) -> Effects:
    """S1: what an edition would judge otherwise, were it published now: by the instant of occurrence. Three queries."""
    new, published = edition.facts(), [one.facts() for one in TermsEdition.objects.published()]
    ahead = TermsPeriod.objects.filter(terms=TermsPeriod.Kind.ENTERPRISE, days__endswith__gt=edition.valid_from)
    still_open = Failure.objects.filter(state__in=(FailureState.REPORTED, FailureState.CLAIMED))
    judged = [
        Judged(failure, closes_at(failure.occurred_at, failure.contract.tz, new))
        for failure in still_open.select_related("contract__customer").order_by("occurred_at")
        if is_governed_anew(_day(failure), published, new)
    ]
    return Effects(ahead.values("contract").distinct().count(), judged)


def _in_words(figure: Any) -> str:
    if isinstance(figure, dict):
        return ", ".join(f"{CHANNELS.get(channel, channel)}: {log}" for channel, log in figure.items())
    return wording.figure_in_words(figure.normalize() if isinstance(figure, Decimal) else figure, ZoneInfo("UTC"))


def _day(failure: Failure) -> date:
    """The day by which `assess` finds the edition of a failure: that of its occurrence."""
    return local_day(failure.occurred_at, failure.contract.tz)
