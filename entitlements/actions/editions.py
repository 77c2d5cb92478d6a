"""Editions of the usage policy (E2): drafted from another, changed, proposed, and published by a second person for good."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from entitlements.actions import publication
from entitlements.actions.log import record
from entitlements.actions.places import lock
from entitlements.actions.refused import Refused
from entitlements.models import (
    ActivityDescription,
    ContractYear,
    PolicyCell,
    PolicyEdition,
    PolicyPool,
    ProductRequirement,
    SessionLength,
    User,
)
from entitlements.models.editions import EditionState
from entitlements.rules.days import day_in_words, local_day
from entitlements.rules.drafts import differences
from entitlements.rules.edition_changes import begun_years_stay, is_governed_anew
from entitlements.rules.policy_texts import PolicyText, faults

CLAUSE = "E2"


@transaction.atomic
def draft_policy(*, of: PolicyEdition, name: str, valid_from: date, by: User, now: datetime) -> PolicyEdition:
    """E2: a new draft that says what another edition says, valid from another day. Refused if name or day are taken."""
    publication.check_name_and_day(PolicyEdition, name, valid_from, clause=CLAUSE)
    text = PolicyEdition.objects.with_text().get(pk=of.pk).text()
    record("policy.drafted", matter=name, by=by, now=now, note=f"From: {of.name}.")
    draft = PolicyEdition.objects.create(
        name=name, valid_from=valid_from, advice_wording=text.advice_wording, drafted_at=now, drafted_by=by
    )
    _write(draft, text)
    return draft


@transaction.atomic
def save_policy(*, edition: PolicyEdition, turn: int, text: PolicyText, by: User, now: datetime) -> PolicyEdition:
    """E2: what a draft says from now on; its name stays. `turn` is the draft's when it was read.

    Refused with every fault of the text, if its day is taken, or if somebody changed the draft meanwhile.
    """
    draft = publication.locked(edition, turn=turn, state=EditionState.DRAFT, clause=CLAUSE)
    publication.check_name_and_day(PolicyEdition, draft.name, text.valid_from, clause=CLAUSE, but=draft.pk)
    publication.refuse_faults(faults(text))
    before = PolicyEdition.objects.with_text().get(pk=draft.pk).text()
    record("policy.changed", matter=draft.name, by=by, now=now, note="\n".join(_lines(before, text)))
    draft.valid_from, draft.advice_wording = text.valid_from, text.advice_wording
    draft.save()
    _clear(draft)
    _write(draft, text)
    return draft


@transaction.atomic
def propose_policy(*, edition: PolicyEdition, turn: int, by: User, now: datetime) -> PolicyEdition:
    """E2: ask a second person to publish a draft; until it is taken back it stays as it is. Refused with its faults."""
    draft = publication.locked(edition, turn=turn, state=EditionState.DRAFT, clause=CLAUSE)
    _check(draft, now)
    record("policy.proposed", matter=draft.name, by=by, now=now)
    publication.propose(draft, by=by, now=now)
    return draft


@transaction.atomic
def return_policy(*, edition: PolicyEdition, turn: int, reason: str, by: User, now: datetime) -> PolicyEdition:
    """E2: back to a draft, with a reason; its proposer may also take it back."""
    draft = publication.locked(edition, turn=turn, state=EditionState.PROPOSED, clause=CLAUSE)
    record("policy.returned", matter=draft.name, by=by, now=now, note=reason)
    publication.take_back(draft)
    return draft


@transaction.atomic
def publish_policy(*, edition: PolicyEdition, turn: int, by: User, now: datetime) -> PolicyEdition:
    """E2, E6: publish for good, by a second person. What stands above a lowered cap by it stays, and is listed.

    The contract years that it governs are locked, and their turns raised: whoever read their caps before reads them again.
    Refused for its author, for whoever may not approve, and if it would govern a contract year that has begun.
    """
    draft = publication.locked(edition, turn=turn, state=EditionState.PROPOSED, clause=CLAUSE)
    publication.check_second_person(draft, by, clause=CLAUSE)
    _lock_governed_years(draft)
    _check(draft, now)
    record("policy.published", matter=draft.name, by=by, now=now, note=f"Valid from {day_in_words(draft.valid_from)}.")
    publication.publish(draft, by=by, now=now)
    return draft


@transaction.atomic
def discard_policy(*, edition: PolicyEdition, turn: int, by: User, now: datetime) -> None:
    """E2: take away a draft that nobody proposed. Its lines in the log stay."""
    draft = publication.locked(edition, turn=turn, state=EditionState.DRAFT, clause=CLAUSE)
    record("policy.discarded", matter=draft.name, by=by, now=now)
    _clear(draft)
    draft.delete()


def _check(draft: PolicyEdition, now: datetime) -> None:
    """E2: nothing is wrong with what it says, and no contract year that has begun would be counted anew."""
    written = PolicyEdition.objects.with_text().get(pk=draft.pk)
    publication.refuse_faults(faults(written.text()))
    years = ContractYear.objects.values_list("days", "contract__zone")
    begun = [days.lower for days, zone in years if days.lower <= local_day(now, ZoneInfo(zone))]
    if refusal := begun_years_stay(begun, PolicyEdition.objects.facts(), written.facts()):
        raise Refused(refusal)


def _lock_governed_years(draft: PolicyEdition) -> None:
    editions, new = PolicyEdition.objects.facts(), PolicyEdition.objects.with_everything().get(pk=draft.pk).facts()
    years = ContractYear.objects.values_list("pk", "days")
    governed = [key for key, days in years if is_governed_anew(days.lower, editions, new)]
    lock(ContractYear.objects.filter(pk__in=governed))


def _lines(before: PolicyText, after: PolicyText) -> Iterator[str]:
    for place, was, becomes in differences(before.figures, after.figures):
        yield f"{place}: {was} → {becomes}"


def _clear(draft: PolicyEdition) -> None:
    for rows in (draft.cells, draft.pools, draft.session_lengths, draft.requirements, draft.descriptions):
        rows.all().delete()


def _write(draft: PolicyEdition, text: PolicyText) -> None:
    pools = {
        (level, key): PolicyPool(edition=draft, key=key, level=level, name=pool.name, cap=pool.cap)
        for (level, key), pool in text.pools.items()
        if pool.cap is not None
    }
    PolicyPool.objects.bulk_create(pools.values())
    PolicyCell.objects.bulk_create(
        PolicyCell(
            edition=draft,
            level=level,
            activity_id=activity,
            cap=cap if isinstance(cap, int) else None,
            pool=pools[level, cap] if isinstance(cap, str) else None,
        )
        for (level, activity), cap in text.cells.items()
    )
    SessionLength.objects.bulk_create(
        SessionLength(edition=draft, activity_id=activity, part=part, **session._asdict())
        for activity, sessions in text.sessions.items()
        for part, session in enumerate(sessions, start=1)
    )
    ProductRequirement.objects.bulk_create(
        ProductRequirement(edition=draft, activity_id=activity, product_id=product, kind=kind)
        for (activity, product), kind in text.needs.items()
    )
    ActivityDescription.objects.bulk_create(
        ActivityDescription(edition=draft, activity_id=activity, **words._asdict())
        for activity, words in text.descriptions.items()
    )
