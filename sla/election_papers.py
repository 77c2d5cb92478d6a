"""The paper of an election: what the notice said, what was chosen by whom, and what came of it. The same election gives the same bytes."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from entitlements import pdf
from entitlements.links import link
from entitlements.pdf import Facts
from entitlements.rules.working import Step
from entitlements.wording import deadline_in_short, moment_in_words, money_in_words, number_in_words
from entitlements.wording import weekday_in_words as day_words
from sla.elections import agreed_since
from sla.models import Election, ElectionChoice
from sla.pdf import step_as_printed

OPTIONS = {"shift": "(1) Shift to the next lower plan", "stay": "(2) Stay at the reduced fee", "": "Taken back"}


def paper_of(election: Election) -> bytes:
    """As PDF, as of its last step."""
    choices = list(election.choices.select_related("chosen_by"))
    moments = [election.noticed_at, election.reached_at, election.settled_at, *(one.received_at for one in choices)]
    at = max(one for one in moments if one is not None)
    return pdf.paper(
        title=f"Election {election.reference}",
        reference=election.reference,
        address=link("election", election.reference),
        at=at,
        facts=_facts(election),
        sections=[
            pdf.section("Why", text=[election.withdrawal.why]),
            *_outcome(election),
            *([pdf.section("What was chosen", table=_choices(election, choices))] if choices else []),
            *_workings(election),
            pdf.section("What follows", text=[_FOLLOWS]),
        ],
    )


_FOLLOWS = (
    "From the day of effect on the Standard terms apply, which have no credits for losses. Failures before that day stay under the "
    "Enterprise terms, with the full time to claim."
)


def _facts(election: Election) -> Facts:
    zone = election.tz
    reached = moment_in_words(election.reached_at, zone) if election.reached_at else "not yet"
    ends = deadline_in_short(election.deadline, zone) if election.deadline else "seven days after it reaches you"
    return [
        ("Customer", election.contract.customer.name),
        ("Order form", election.contract.order_form),
        ("Plan at the notice", election.plan),
        ("Next lower plan", election.to_plan or "none: this is the lowest"),
        ("Notice reached the customer", reached),
        ("Time to choose ends", ends),
        ("If nobody chooses", OPTIONS[election.by_silence]),
    ]


def _outcome(election: Election) -> list[dict[str, Any]]:
    if not election.effect_day or election.terms is None:
        return []
    currency = election.contract.currency
    whose = (
        "the customer's choice" if election.decided_by == "customer" else "chosen by the vendor, since no choice came"
    )
    facts = [
        ("Decided", f"{OPTIONS[election.choice]}: {whose}"),
        ("Takes effect on", day_words(election.effect_day)),
        *_agreed(election),
        (f"New fee per user {election.get_billing_period_display()}", _new_fee(election)),
        ("Unused of what was paid ahead", money_in_words(election.unused or 0, currency)),
    ]
    if election.choice == "shift":
        facts.append(("Credited", money_in_words(election.credit or 0, currency)))
    else:
        lasts = day_words(election.lasts_until) if election.lasts_until else "nothing of it is left"
        facts.append(("It lasts through", lasts))
    return [pdf.section("Outcome", facts=facts)]


def _agreed(election: Election) -> Facts:
    agreed = agreed_since(election)
    return [("Agreed since the notice", f"{agreed.plan}, discount {agreed.percent} %")] if agreed else []


def _new_fee(election: Election) -> str:
    if election.new_fee is not None and election.fee_is_known:
        return money_in_words(election.new_fee, election.contract.currency)
    assert election.terms
    return f"what is paid for {election.held_plan}, less {number_in_words(Fraction(election.terms.stay_reduction_percent))} %"


def _choices(election: Election, choices: list[ElectionChoice]) -> dict[str, object]:
    rows = [
        [
            moment_in_words(one.received_at, election.tz),
            OPTIONS[one.choice],
            f"{one.signer}{', in writing' if one.entered_by_id else ''}",
        ]
        for one in choices
    ]
    return pdf.table(["Received", "What", "By whom"], rows, wide=2)


def _workings(election: Election) -> list[dict[str, Any]]:
    named = {
        "The working of the notice": election.notice_working,
        "The working for the day of effect": election.working,
    }
    currency = election.contract.currency
    return [
        pdf.section(f"{name}, sums in {currency}", working=step_as_printed(Step.from_json(kept), election.tz))
        for name, kept in named.items()
        if kept
    ]
