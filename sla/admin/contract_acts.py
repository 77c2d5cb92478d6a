"""What a manager can do with a contract: each change is typed, shown with what it would do, and confirmed (E1, E3, E8, E14)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404

from entitlements.access import Who, contracts_visible_to, open_to
from entitlements.actions import contract_states, fees, levels, overrides, plans, products, zones
from entitlements.actions.refused import Refused
from entitlements.admin.pages import DeskRequest, done, page, refusals_of
from entitlements.models import Contract
from entitlements.rules.days import zone_names
from entitlements.rules.refusals import Refusal
from sla.actions import contract_terms, terms_corrections
from sla.actions.recomputing import with_its_claims
from sla.admin import contract_forms as forms
from sla.admin import contract_previews as previews
from sla.admin import contract_term_forms as term_forms
from sla.admin import contract_term_previews as term_previews
from sla.admin.contract_previews import Preview
from sla.models import TermsPeriod

PAGE = "admin:contract"
ACTIVE, SUSPENDED, TERMINATED = Contract.Status.ACTIVE, Contract.Status.SUSPENDED, Contract.Status.TERMINATED


@dataclass(frozen=True)
class Act:
    """One change: its form, what shows its effect, the action that makes it, and on contracts of which states it is offered."""

    title: str
    clause: str
    form: type[forms.ContractForm]
    preview: Callable[[Contract, dict[str, Any], datetime], Preview]
    do: Callable[..., object]
    said: str
    states: tuple[str, ...] = (ACTIVE, SUSPENDED)
    final: bool = False
    because: str = ""
    """S19: of what changes the facts that claims rest on, as their pages say it."""


ACTS: Mapping[str, Act] = {
    "level": Act(
        "Change the level", "E6", forms.LevelForm, previews.level, levels.change_level, "The level is changed."
    ),
    "add-override": Act(
        "Add an override", "E8", forms.OverrideForm, previews.add_override, overrides.add_override,
        "The override is on record.",
    ),
    "end-override": Act(
        "End an override", "E8", forms.EndOverrideForm, previews.end_override, overrides.end_override,
        "The override is ended.",
    ),
    "add-product": Act(
        "Add a product", "E9", term_forms.AddProductForm, term_previews.add_product, products.add_product,
        "The product is on record.",
    ),
    "end-product": Act(
        "End a product", "E9", term_forms.EndProductForm, term_previews.end_product, products.end_product,
        "The product is ended.",
    ),
    "fees": Act(
        "Enter a month of fees", "S11", term_forms.MonthForm, term_previews.month, fees.enter_month,
        "The month is on record.", (ACTIVE, SUSPENDED, TERMINATED), because="a month of fees was entered",
    ),
    "plan": Act(
        "Change plan or discount", "S17", term_forms.PlanForm, term_previews.plan, plans.change_plan, "The plan is changed."
    ),
    "terms": Act(
        "Change the terms", "S1", term_forms.TermsForm, term_previews.terms, contract_terms.change_terms,
        "The terms are changed.", because="the contract's terms were changed",
    ),
    "standard-terms": Act(
        "Correct to Standard terms", "S16", term_forms.TermsCorrectionForm, term_previews.standard_terms,
        terms_corrections.propose_terms_correction, "It is proposed. Somebody else who may approve makes it.",
    ),
    "zone": Act(
        "Change the zone", "E3", term_forms.ZoneForm, term_previews.zone, zones.change_zone, "The zone is changed.",
        because="the contract's zone was changed",
    ),
    "first-day": Act(
        "Correct the first day", "E3", term_forms.StartForm, term_previews.start, contract_terms.change_start,
        "The first day is corrected.", because="the contract's first day was corrected",
    ),
    "suspend": Act(
        "Suspend", "E14", forms.ReasonForm, previews.suspend, contract_states.suspend, "The contract is suspended.",
        (ACTIVE,), because="the contract was suspended",
    ),
    "resume": Act(
        "Resume", "E14", forms.ReasonForm, previews.resume, contract_states.resume, "The contract goes on.", (SUSPENDED,),
        because="the suspension of the contract ended",
    ),
    "extend": Act(
        "Extend", "E3", forms.ExtendForm, previews.extend, contract_terms.extend, "The term is extended.",
        because="the contract's term was extended",
    ),
    "renew": Act(
        "Renew", "E3", term_forms.RenewForm, term_previews.renew, contract_terms.renew, "The new contract is on record.",
        (ACTIVE, SUSPENDED, TERMINATED),
    ),
    "terminate": Act(
        "Terminate", "E14", forms.TerminateForm, previews.terminate, contract_terms.terminate,
        "The contract is terminated.", final=True,
    ),
}  # fmt: skip


GROUPS = (
    ("Level and caps", ("level", "add-override", "end-override")),
    ("Products, plan and fees", ("add-product", "end-product", "plan", "fees", "terms", "standard-terms")),
    ("Term and days", ("extend", "renew", "first-day", "zone")),
    ("State", ("suspend", "resume", "terminate")),
)


def open_acts(contract: Contract) -> list[tuple[str, list[tuple[str, Act]]]]:
    """The changes that are offered on a contract in its state, by the words of their addresses, in groups.

    What ends something is offered where there is something to end.
    """
    last = [*contract.terms_periods.all()][-1:]
    enterprise = bool(last) and last[0].terms == TermsPeriod.Kind.ENTERPRISE
    nothing = {
        "end-override": not contract.overrides.all(),
        "end-product": not contract.products.all(),
        "terms": enterprise,
        "standard-terms": not enterprise,
    }
    groups = [
        (
            title,
            [(name, ACTS[name]) for name in names if contract.status in ACTS[name].states and not nothing.get(name)],
        )
        for title, names in GROUPS
    ]
    return [(title, acts) for title, acts in groups if acts]


@open_to(Who.MANAGERS)
def change(request: DeskRequest, *, pk: int, act: str) -> HttpResponse:
    """A change in three steps: the form, what it would do, and, confirmed, the deed. Only the last one writes."""
    if act not in ACTS:
        raise Http404(f"no such change: {act}")
    contract = get_object_or_404(_contracts(request), pk=pk)
    asked, step = ACTS[act], request.POST.get("step")
    if request.method != "POST":
        return _form(
            request, contract, asked, asked.form(contract=contract, now=request.now, initial=_asked_by(request))
        )
    form = asked.form(request.POST, contract=contract, now=request.now)
    if not form.is_valid():
        return _form(request, contract, asked, form)
    if step == "confirm":
        return _do(request, contract, asked, form)
    try:
        return _form(request, contract, asked, form, preview=asked.preview(contract, form.given(), request.now))
    except Refused as refused:
        return _form(request, contract, asked, form, refusals=refused.refusals)


def _do(request: DeskRequest, contract: Contract, act: Act, form: forms.ContractForm) -> HttpResponse:
    made: list[Any] = []
    try:
        refusals = refusals_of(lambda: made.append(_changed(request, contract, act, form.given())))
    except ValidationError as error:
        for message in error.messages:
            form.add_error(None, message)
        return _form(request, contract, act, form)
    if refusals:
        return _form(request, contract, act, form, refusals=refusals)
    (changed,) = made
    return done(request, act.said, PAGE, changed.pk if isinstance(changed, Contract) else contract.pk)


def _changed(request: DeskRequest, contract: Contract, act: Act, given: dict[str, Any]) -> Any:
    """What the act returns. Where claims rest on what it changes, they are computed again with it."""
    who: dict[str, Any] = {"by": request.user, "now": request.now}
    if not act.because:
        return act.do(**given, **who)
    return with_its_claims(contract=contract, because=act.because, **who, act=lambda: act.do(**given, **who))


def _contracts(request: DeskRequest) -> Any:
    facts = ("engagements", "overrides__activity", "products__product", "suspensions", "terms_periods")
    return contracts_visible_to(request.user).with_facts().prefetch_related(*facts)


def _asked_by(request: DeskRequest) -> dict[str, str]:
    """What a link to the form fills in: only that, nothing is done by it."""
    return {name: request.GET.get(name, "") for name in ("override", "holding", "month") if name in request.GET}


def _form(
    request: DeskRequest,
    contract: Contract,
    act: Act,
    form: forms.ContractForm,
    *,
    preview: Preview | None = None,
    refusals: tuple[Refusal, ...] = (),
) -> HttpResponse:
    return page(
        request,
        "admin/contract_change.html",
        title=f"{act.title}: {contract.order_form}",
        act=act,
        contract=contract,
        zone=contract.tz,
        form=form,
        preview=preview,
        refusals=refusals,
        hidden=[field.as_hidden() for field in form] if preview else [],
        zones=sorted(zone_names()) if "zone" in form.fields else [],
    )
