"""Product requirements (E9) and what follows from the products for the outcome (E13).

Which activity asks for what is data of the policy edition.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from entitlements.rules.refusals import Refusal
from entitlements.rules.working import Step

PRODUCTS: Mapping[str, str] = {
    "im": "Incident Management",
    "aiops": "AIOps",
    "cso": "Customer Service Ops",
    "rba": "Runbook Automation",
    "rba_sh": "Runbook Automation Self-Hosted",
    "wa": "Workflow Automation",
}
"""E9: the six products with their names."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """E9: what an activity asks for: each of `required`, at least one of `any_of` (if it names any), better also
    `recommended`; `optional` asks nothing.
    """

    required: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    recommended: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_products((*self.required, *self.any_of, *self.recommended, *self.optional))


@dataclass(frozen=True, slots=True)
class Holding:
    """E9: a product that a contract includes from a day on, until before another (None: open)."""

    product: str
    first: date
    until: date | None = None


def held_on(day: date, holdings: Iterable[Holding]) -> set[str]:
    """E9: the products that the contract includes on a day."""
    return {one.product for one in holdings if one.first <= day and (one.until is None or day < one.until)}


@dataclass(frozen=True)
class ProductAnswer:
    """E9: `missing` are the required products that are not there, or every product of an *any of* of which none is
    there; `recommended_missing` is shown and refuses nothing.
    """

    activity: str
    products: tuple[str, ...]
    requirement: Requirement
    missing: tuple[str, ...]
    recommended_missing: tuple[str, ...]

    @property
    def refused(self) -> bool:
        return bool(self.missing)

    @property
    def lacking(self) -> str:
        """What is missing, by name: 'Incident Management', 'AIOps or Runbook Automation'."""
        return (" and " if self._missing_required else " or ").join(PRODUCTS[key] for key in self.missing)

    @cached_property
    def refusal(self) -> Refusal | None:
        """E9: the refusal, which names what is missing; None if nothing is."""
        if not self.missing:
            return None
        lacking = [PRODUCTS[key] for key in self.missing]
        if len(lacking) > 1 and not self._missing_required:
            sentence = (
                f"The contract includes none of the products of which this activity needs one: {', '.join(lacking)}."
            )
        else:
            sentence = f"This activity needs {' and '.join(lacking)}, which the contract does not include on that day."
        return Refusal("E9", "product_missing", sentence, "Choose a day on which the contract includes it, or add it.")

    @property
    def working(self) -> Step:
        asked = self.requirement
        return Step(
            "product requirements",
            "E9",
            "refused" if self.refused else "met",
            inputs=(("activity", self.activity), ("products", self.products)),
            steps=(
                Step("required", "E9", self._missing_required, (("asked", asked.required),), note="what is missing"),
                Step(
                    "any of", "E9", self._missing_any, (("asked", asked.any_of),), note="all of them, if none is there"
                ),
                Step(
                    "recommended", "E9", self.recommended_missing, (("asked", asked.recommended),), note="not refused"
                ),
            ),
        )

    @property
    def _missing_required(self) -> tuple[str, ...]:
        return tuple(key for key in self.requirement.required if key in self.missing)

    @property
    def _missing_any(self) -> tuple[str, ...]:
        return tuple(key for key in self.requirement.any_of if key in self.missing)


def product_check(activity: str, products: Collection[str], requirements: Mapping[str, Requirement]) -> ProductAnswer:
    """E9: whether the products that the contract includes on a day meet the activity's requirements: asked at request,
    and again at scheduling for the session's day.

    ValueError for a product that is none of the six, or an activity for which the edition records no requirement.
    """
    check_products(products)
    if activity not in requirements:
        raise ValueError(f"the edition records no product requirement for {activity!r} (E9)")
    asked = requirements[activity]
    missing = [key for key in asked.required if key not in products]
    if asked.any_of and not any(key in products for key in asked.any_of):
        missing += [key for key in asked.any_of if key not in missing]
    return ProductAnswer(
        activity=activity,
        products=tuple(key for key in PRODUCTS if key in products),
        requirement=asked,
        missing=tuple(missing),
        recommended_missing=tuple(key for key in asked.recommended if key not in products),
    )


def maturity_forms(products: Collection[str]) -> tuple[str, ...]:
    """E13: the forms that a Maturity Assessment can take with these products; one is chosen for an assessment.

    Runbook Automation in either form opens the scorecard.
    """
    check_products(products)
    forms = {"configuration_review": ("im", "aiops", "cso"), "scorecard": ("rba", "rba_sh")}
    return tuple(form for form, needs in forms.items() if any(key in products for key in needs))


def check_products(products: Collection[str]) -> None:
    """E9: raises ValueError for what is none of the six products."""
    if unknown := [key for key in products if key not in PRODUCTS]:
        raise ValueError(f"no such product: {unknown}")
