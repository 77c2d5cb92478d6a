"""What is asked for or booked and has lost a product since: flagged for the manager and the customer, never cancelled by it (E9)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, When

from entitlements.models import ContractProduct, Engagement, PolicyEdition, ProductRequirement
from entitlements.rules.editions import edition_for
from entitlements.rules.engagements import HELD
from entitlements.rules.products import ProductAnswer, product_check

Kind = ProductRequirement.Kind


def without_its_products(now: datetime) -> QuerySet[Engagement]:
    """E9: not begun, and on its day the contract does not include what the edition of its year requires (`rules.products`)."""
    return marked(Engagement.objects.all()).filter(lost=True)


def marked(engagements: QuerySet[Engagement]) -> QuerySet[Any]:
    """Each with `lost`: whether it misses a product."""
    held = ContractProduct.objects.filter(
        contract=OuterRef(OuterRef("contract")), days__contains=OuterRef(OuterRef("day")), product=OuterRef("product")
    )
    asked = ProductRequirement.objects.filter(edition=OuterRef("edition"), activity=OuterRef("activity"))
    lacks_required = Exists(asked.filter(~Exists(held), kind=Kind.REQUIRED))
    lacks_all = Exists(asked.filter(kind=Kind.ANY_OF)) & ~Exists(asked.filter(Exists(held), kind=Kind.ANY_OF))
    waits = Q(state__in=HELD, first_session_held_at__isnull=True)
    return engagements.alias(edition=_edition_of_its_year()).annotate(lost=waits & (lacks_required | lacks_all))


def lost_by(engagement: Engagement) -> ProductAnswer | None:
    """E9: what an engagement misses on its day, if it has not begun; None while it misses nothing."""
    if engagement.state not in HELD or engagement.first_session_held_at:
        return None
    held = engagement.contract.products.filter(days__contains=engagement.day).values_list("product", flat=True)
    edition = edition_for(PolicyEdition.objects.facts(), engagement.year.first_day)
    answer = product_check(engagement.activity_id, [*held], edition.requirements)
    return answer if answer.refused else None


def _edition_of_its_year() -> Subquery:
    """E2: the key of the edition in force on the first day of the engagement's year; before the first edition, the first."""
    by_then = Case(When(valid_from__lte=OuterRef("year__days__startswith"), then=F("valid_from")))
    published = PolicyEdition.objects.published().alias(by_then=by_then)
    return Subquery(published.order_by(F("by_then").desc(nulls_last=True), "valid_from").values("pk")[:1])
