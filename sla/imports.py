"""S1: the terms of contracts that a list brings in or prolongs: what an import asks of this half (actions.imports.OtherHalf)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from entitlements.models import Contract
from sla.actions.contract_terms import change_terms, extend
from sla.models import TermsPeriod

__all__ = ["change_terms", "extend", "terms_of"]


def terms_of(contracts: Iterable[Contract]) -> Mapping[int, str]:
    """The last terms on record of each contract, by its key; without those that have none."""
    periods = TermsPeriod.objects.filter(contract__in=list(contracts)).order_by("days")
    return dict(periods.values_list("contract", "terms"))
