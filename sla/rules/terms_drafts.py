"""S1: the figures of a draft of the Enterprise terms, and everything for which it cannot be published as it is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from entitlements.rules.drafts import Fault
from entitlements.rules.refusals import Refusal
from entitlements.rules.working import Figure
from sla.rules.terms import WHOLE_PERCENT

AT_LEAST_ONE = (
    *("outage_minutes", "delivery_limit_minutes", "volume_multiple", "volume_months", "volume_quarter_minutes"),
    *("rate_months", "fee_months", "fee_multiple", "claim_days", "election_days", "credit_cap"),
)
"""Figures that mean nothing at zero: a window of no days, a cap of nothing."""

AN_HOUR = 60


def faults(figures: Mapping[str, Figure]) -> tuple[Fault, ...]:
    """S1: every figure that cannot be; an empty tuple means nothing. `figures` has all of an edition's, by name."""
    return (*_numbers(figures), *_together(figures))


def _numbers(figures: Mapping[str, Figure]) -> Iterator[Fault]:
    for name, figure in figures.items():
        if not isinstance(figure, int | Decimal):
            continue
        if figure < 0:
            yield _fault(name, "below_zero", f"A figure of the terms is not below zero: {figure}.")
        elif not figure and name in AT_LEAST_ONE:
            yield _fault(name, "nothing", "At zero this figure would promise nothing.", "Write 1 or more.")


def _together(figures: Mapping[str, Figure]) -> Iterator[Fault]:
    number = {name: figure for name, figure in figures.items() if isinstance(figure, int | Decimal)}
    if number["outage_deduction_minutes"] >= number["outage_minutes"]:
        sentence = "The shortest Availability Outage would have no remedy period left."
        yield _fault("outage_deduction_minutes", "no_remedy", sentence, "Take off fewer minutes than an outage takes.")
    if number["stay_reduction_percent"] >= WHOLE_PERCENT:
        sentence = "A reduction by the whole fee leaves no rate at which a balance could be used up."
        yield _fault("stay_reduction_percent", "whole_fee", sentence, "Write less than 100.")
    if number["volume_quarter_minutes"] and AN_HOUR % number["volume_quarter_minutes"]:
        sentence = "Periods of this length do not divide the hour."
        yield _fault("volume_quarter_minutes", "no_part_of_an_hour", sentence, "Write 5, 10, 15, 20, 30 or 60.")


def _fault(place: str, code: str, sentence: str, what_helps: str = "") -> Fault:
    return Fault(place, Refusal("S1", code, sentence, what_helps))
