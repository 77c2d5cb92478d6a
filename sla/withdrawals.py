"""A contract's part of a withdrawal as it would be released now: both options priced (S17), and what stands in the way (S16)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.db.models import QuerySet

from entitlements.models import Contract, LegalContact
from entitlements.rules.days import day_in_words, first_instant, local_day
from entitlements.rules.refusals import Refusal
from sla.models import Election, ListPrice, PrepaidPeriod, TermsEdition, TermsPeriod
from sla.rules.elections import notice_effect_day
from sla.rules.plans import Offer, Plan, next_lower_plan, offer

TAKE_OUT = "Take the contract out of this withdrawal."


@dataclass(frozen=True, slots=True)
class Part:
    """One contract at the moment asked. `day` is its local day then, `effect` the day that the notice prices."""

    contract: Contract
    day: date
    effect: date
    terms: TermsEdition
    prepaid: PrepaidPeriod | None
    current: Plan | None
    to_plan: Plan | None
    offer: Offer | None
    problems: tuple[Refusal, ...]

    @property
    def is_lowest(self) -> bool:
        """S16: on the lowest plan only (2) is left."""
        return self.current is not None and self.to_plan is None

    @property
    def ends_at(self) -> datetime:
        """The first instant (UTC) after the contract."""
        return ends_at(self.contract)


def ends_at(contract: Contract) -> datetime:
    """The first instant (UTC) after the contract's term, in its zone."""
    return first_instant(contract.term.upper, contract.tz)


def parts_of(contracts: QuerySet[Contract] | Sequence[Contract], now: datetime) -> list[Part]:
    """S16, S17: each of these contracts, in their order; a constant number of queries."""
    found = _with_facts(contracts)
    records = _Records(found)
    return [records.part(contract, now) for contract in found]


def contracts_on_enterprise_terms(day: date) -> QuerySet[Contract]:
    """S1: the running contracts from which loss-based credits can be withdrawn, and which no withdrawal has yet; also those terminated
    for a later day, which have these credits until then."""
    kept = TermsPeriod.objects.filter(terms=TermsPeriod.Kind.ENTERPRISE, days__contains=day)
    free = Contract.objects.running_on(day).exclude(elections__state__in=["prepared", "sent", "open"])
    return free.filter(pk__in=kept.values("contract")).select_related("customer")


def _with_facts(contracts: QuerySet[Contract] | Sequence[Contract]) -> list[Contract]:
    keys = [contract.pk for contract in contracts]
    related = ("terms_periods", "zones", "prepaid_periods")
    found = Contract.objects.filter(pk__in=keys).select_related("customer").prefetch_related(*related).in_bulk()
    return [found[key] for key in keys]


@dataclass(frozen=True)
class _Records:
    """What is asked once for all of them."""

    contracts: Sequence[Contract]

    @cached_property
    def prices(self) -> Sequence[ListPrice]:
        return list(ListPrice.objects.all())

    @cached_property
    def reachable(self) -> frozenset[int]:
        """Customers (keys) with a confirmed contact for legal notices whose letters do not come back."""
        customers = {contract.customer_id for contract in self.contracts}
        contacts = LegalContact.objects.reachable().filter(customer__in=customers)
        return frozenset(contacts.values_list("customer", flat=True))

    @cached_property
    def editions(self) -> dict[date, TermsEdition]:
        return {}

    def edition(self, day: date) -> TermsEdition:
        if day not in self.editions:
            self.editions[day] = TermsEdition.objects.in_force_on(day)
        return self.editions[day]

    def part(self, contract: Contract, now: datetime) -> Part:
        day = local_day(now, contract.tz)
        terms = self.edition(day)
        facts = terms.facts()
        effect = notice_effect_day(day, facts)
        prepaid = _prepaid_on(contract.prepaid_periods.all(), effect)
        current = self._current(contract, prepaid, day) if prepaid else None
        to_plan = next_lower_plan((one.facts() for one in self.prices), current, day) if current else None
        priced = (
            offer(to_plan, contract.discount_percent, prepaid.fee, effect, prepaid.facts(), facts)
            if prepaid and current
            else None
        )
        problems = tuple(self._problems(contract, effect, prepaid, current))
        return Part(contract, day, effect, terms, prepaid, current, to_plan, priced, problems)

    def _current(self, contract: Contract, prepaid: PrepaidPeriod, day: date) -> Plan | None:
        """S17: the plan that the contract is on; one that is not sold any more at its last price."""
        wanted = (contract.plan, contract.currency, prepaid.billing_period)
        begun = (one for one in self.prices if one.days.lower is None or one.days.lower <= day)
        known = [one for one in begun if (one.plan, one.currency, one.billing_period) == wanted]
        known.sort(key=lambda one: (one.facts().on_sale(day), one.days.lower))
        return known[-1].facts() if known else None

    def _problems(
        self, contract: Contract, effect: date, prepaid: PrepaidPeriod | None, current: Plan | None
    ) -> Iterable[Refusal]:
        if contract.term.upper <= effect:
            sentence = f"The contract ends on {day_in_words(contract.last_day)}, before this could take effect."
            yield Refusal("S16", "ends_first", sentence, TAKE_OUT)
        elif not _on_enterprise_terms(contract, effect):
            yield Refusal("S1", "standard", "The contract is not on Enterprise terms then.", TAKE_OUT)
        if contract.customer_id not in self.reachable:
            sentence = "No confirmed contact for legal notices takes letters."
            yield Refusal("S16", "no_contact", sentence, "Have the customer confirm one, or take the contract out.")
        if prepaid is None:
            sentence = "What was paid ahead is not on record."
            yield Refusal("S17", "no_prepaid", sentence, "Enter it, zero if nothing was, or take the contract out.")
        elif current is None:
            sentence = f"The plan {contract.plan} has no list price {prepaid.get_billing_period_display()} in {contract.currency}."
            yield Refusal("S17", "no_price", sentence, "Enter the price, or take the contract out.")


def _on_enterprise_terms(contract: Contract, day: date) -> bool:
    kinds = {one.terms for one in contract.terms_periods.all() if one.days.lower <= day < one.days.upper}
    return TermsPeriod.Kind.ENTERPRISE in kinds


def _prepaid_on(periods: Iterable[PrepaidPeriod], effect: date) -> PrepaidPeriod | None:
    """S17: what was paid ahead for the day of effect; else the last before it, of which nothing is left."""
    begun = [one for one in periods if one.days.lower <= effect]
    return max(begun, key=lambda one: one.days.lower, default=None)


def totals_of(parts: Iterable[Part]) -> Mapping[str, int]:
    """How many there are of which kind, for the head of the preview."""
    parts = list(parts)
    return {
        "contracts": len(parts),
        "customers": len({part.contract.customer_id for part in parts}),
        "lowest": sum(part.is_lowest for part in parts),
        "problems": sum(bool(part.problems) for part in parts),
    }


def released_day(election: Election, now: datetime) -> date:
    """The local day on which a notice is written, by which it prices its options."""
    return local_day(now, election.tz)
