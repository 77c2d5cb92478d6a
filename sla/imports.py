"""S1: the terms of contracts that a list brings in or prolongs: what an import asks of this half (actions.imports.OtherHalf)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime

from entitlements.models import Contract, User
from sla.actions.contract_terms import change_terms, extend
from sla.actions.recomputing import recomputed
from sla.models import Claim, TermsPeriod

__all__ = ["change_terms", "extend", "recomputing", "terms_of"]


def terms_of(contracts: Iterable[Contract]) -> Mapping[int, str]:
    """The last terms on record of each contract, by its key; without those that have none."""
    periods = TermsPeriod.objects.filter(contract__in=list(contracts)).order_by("days")
    return dict(periods.values_list("contract", "terms"))


def recomputing(order_forms: Iterable[str], *, file: str, by: User, now: datetime) -> AbstractContextManager[None]:
    """S11, S19: around what a list changes of these contracts (fees, terms, days): what that did to their claims is put on record."""
    theirs = Claim.objects.filter(contract__order_form__in=list(order_forms))
    because = f"the list {file} was imported"
    return recomputed(theirs, because=because[:120], matter="import", by=by, now=now)
