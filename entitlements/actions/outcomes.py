"""The verbs of an outcome (E13): write a draft, give it to the customer, amend what was given; move a recommendation on; and what
the customer says of the engagement.

Each is one transaction. `now` is an instant in UTC by the database's clock, `by` the person who acts. What may not be done raises
`Refused` and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from entitlements import letters, outcomes
from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.models import (
    CustomerFeedback,
    Engagement,
    Outcome,
    OutcomeVersion,
    Recommendation,
    RecommendationState,
    User,
)
from entitlements.rules import outcomes as rules
from entitlements.rules.days import local_day
from entitlements.rules.outcomes import Advice, Content
from entitlements.rules.refusals import Refusal

NOT_HELD = Refusal("E13", "not_held", "None of its sessions was held yet.", "Write the outcome once one was.")
NOT_OVER = Refusal("E10", "not_over", "Its sessions are not over yet.", "Give the outcome once the last one was held.")
GIVEN_ALREADY = Refusal("E13", "given_already", "It was given to the customer already.", "Amend it, and say why.")
NOT_GIVEN = Refusal("E13", "not_given", "It was not given to the customer yet.", "Give it first.")
SAVED_SINCE = Refusal("E13", "saved_since", "Somebody saved this outcome after you opened it.", "Look at theirs first.")
NO_REASON = Refusal("E13", "no_reason", "What was given is amended with a reason.", "Say why; the customer reads it.")
FEEDBACK_CLOSED = Refusal(
    "E13",
    "feedback_closed",
    f"Feedback can be changed for {rules.FEEDBACK_DAYS} days after it was given.",
    "Write to us; a person reads it.",
)


@transaction.atomic
def draft_outcome(
    *, engagement: Engagement, kind: str, content: Content, by: User, now: datetime, turn: int = 0
) -> Outcome:
    """E13: write the outcome of an engagement, or write it anew, while only the desk sees it. It may still lack parts.

    `turn`: the outcome's when it was opened; Refused if it was saved since, is given already, or no session was held.
    """
    engagement, outcome = _locked(engagement)
    if engagement.first_session_held_at is None:
        raise Refused(NOT_HELD)
    if outcome and outcome.is_given:
        raise Refused(GIVEN_ALREADY)
    _check(engagement, outcome, kind, content, turn)
    record("outcome.drafted", matter=engagement.reference, by=by, now=now)
    outcome = outcome or Outcome(engagement=engagement, drafted_at=now, drafted_by=by)
    outcome.kind = kind
    return _write(outcome, content)


@transaction.atomic
def give_outcome(*, outcome: Outcome, by: User, now: datetime) -> Outcome:
    """E13: give the outcome to the customer as it stands, as its first version; they get a letter (N6). Refused while it lacks parts."""
    engagement, current = _locked(outcome.engagement)
    if current is None or current.is_given:
        raise Refused(GIVEN_ALREADY)
    if not rules.can_be_given(engagement.state, first_session_held=engagement.first_session_held_at is not None):
        raise Refused(NOT_OVER)
    _check_complete(current.kind, current.content())
    record("outcome.given", matter=engagement.reference, by=by, now=now)
    current.given_at, current.given_by = now, by
    current.save()
    _freeze(current, reason="", by=by, now=now)
    return current


@transaction.atomic
def amend_outcome(*, outcome: Outcome, content: Content, reason: str, turn: int, by: User, now: datetime) -> Outcome:
    """E13: change what was given: a new version beside the earlier ones, with who and why; the customer gets a letter.

    The kind stays. Refused without a reason, if it would lack parts, or if it would take away a recommendation that was moved on.
    """
    engagement, current = _locked(outcome.engagement)
    if current is None or not current.is_given:
        raise Refused(NOT_GIVEN)
    if not reason.strip():
        raise Refused(NO_REASON)
    _check(engagement, current, current.kind, content, turn)
    _check_complete(current.kind, content)
    record("outcome.amended", matter=engagement.reference, by=by, now=now, note=reason)
    _freeze(_write(current, content), reason=reason, by=by, now=now)
    return current


@transaction.atomic
def move_recommendation(
    *, recommendation: Recommendation, state: str, by: User, now: datetime, reason: str = ""
) -> Recommendation:
    """E11, E13: note how a recommendation stands. The customer may also decline it, with a reason. Said twice, it is noted once."""
    current = Recommendation.objects.select_for_update(of=("self",), no_key=True).get(pk=recommendation.pk)
    engagement, reason = current.outcome.engagement, reason.strip()
    kept = reason if state == RecommendationState.DECLINED else ""
    if not current.outcome.is_given:
        raise Refused(NOT_GIVEN)
    if (state, kept) == (current.state, current.decline_reason):
        return current
    of_customer = by.memberships.filter(customer=engagement.contract.customer_id, left_at__isnull=True).exists()
    if refusal := rules.refused_move(current.state, state, by_customer=of_customer, reason=reason):
        raise Refused(refusal)
    note = f"No. {current.number}: {RecommendationState(state).label}. {reason}".strip()
    record("recommendation.moved", matter=engagement.reference, by=by, now=now, note=note)
    current.state, current.decline_reason = state, kept
    current.moved_at, current.moved_by = now, by
    current.save()
    return current


@transaction.atomic
def give_feedback(*, engagement: Engagement, rating: int, words: str, by: User, now: datetime) -> CustomerFeedback:
    """E13: what the customer thought of an engagement, said once; for some days it can be changed. Said twice, it is noted once."""
    engagement, _ = _locked(engagement)
    if engagement.first_session_held_at is None:
        raise Refused(NOT_HELD)
    said = CustomerFeedback.objects.filter(engagement=engagement).first()
    if said and (said.rating, said.words) == (rating, words):
        return said
    zone = engagement.contract.tz
    if said and not rules.feedback_open(local_day(said.given_at, zone), local_day(now, zone)):
        raise Refused(FEEDBACK_CLOSED)
    record("feedback.changed" if said else "feedback.given", matter=engagement.reference, by=by, now=now)
    if said is None:
        return CustomerFeedback.objects.create(
            engagement=engagement, rating=rating, words=words, given_at=now, given_by=by
        )
    said.rating, said.words, said.changed_at, said.changed_by = rating, words, now, by
    said.save()
    return said


def _locked(engagement: Engagement) -> tuple[Engagement, Outcome | None]:
    """The engagement under a lock, under which its outcome is written, and the outcome if there is one."""
    current = (
        Engagement.objects.select_for_update(of=("self",), no_key=True)
        .select_related("contract__customer", "activity", "year")
        .get(pk=engagement.pk)
    )
    return current, outcomes.outcome_of(current)


def _check(engagement: Engagement, outcome: Outcome | None, kind: str, content: Content, turn: int) -> None:
    """E13: what is to be written was read as it stands, has a kind that it can have, and owners who can own it."""
    if outcome and outcome.turn != turn:
        raise Refused(SAVED_SINCE)
    if kind not in outcomes.possible_kinds(engagement) and not (outcome and outcome.kind == kind):
        sentence = "By the products of the contract on its day, this engagement has another kind of outcome."
        raise Refused(Refusal("E13", "other_kind", sentence, "Choose one of those offered."))
    before = {one.pk: one for one in outcome.recommendations.all()} if outcome else {}
    _check_owners(engagement, before, content)
    gone = [one for pk, one in before.items() if pk not in {advice.id for advice in content.advice}]
    if moved := [one for one in gone if one.moved_at]:
        sentence = f"Recommendation {moved[0].number} was moved on by {moved[0].moved_by}, so it stays."
        raise Refused(Refusal("E13", "moved_on", sentence, "Change its words, or leave it as it is."))


def _check_owners(engagement: Engagement, before: Mapping[int, Recommendation], content: Content) -> None:
    kept = {one.owner_id for one in before.values()}
    new = {one.owner for one in content.advice} - kept
    known = set(outcomes.possible_owners(engagement.contract.customer).filter(pk__in=new).values_list("pk", flat=True))
    if new - known:
        sentence = "A recommendation is owned by one of the customer's people or of ours."
        raise Refused(Refusal("E13", "no_such_owner", sentence, "Choose an owner from the list."))


def _check_complete(kind: str, content: Content) -> None:
    if lacking := rules.missing(kind, content):
        raise Refused(*(Refusal("E13", "incomplete", sentence) for sentence in lacking))


def _write(outcome: Outcome, content: Content) -> Outcome:
    """Put the content into the rows; the log tells of each that changes."""
    outcome.summary = content.summary
    outcome.turn += 1
    outcome.save()
    _write_advice(outcome, content.advice)
    _write_rows(outcome.lines, "position", {n: {"text": text} for n, text in enumerate(content.lines, 1)})
    _write_rows(
        outcome.scores,
        "dimension",
        {key: {"level": one.level, "note": one.note} for key, one in content.scores.items()},
    )
    figures = enumerate(content.figures, 1)
    _write_rows(
        outcome.figures, "position", {n: {"what": f.what, "amount": f.amount, "unit": f.unit} for n, f in figures}
    )
    return outcome


def _write_rows(rows: Any, key: str, wanted: Mapping[Any, dict[str, Any]]) -> None:
    rows.exclude(**{f"{key}__in": list(wanted)}).delete()
    for value, fields in wanted.items():
        rows.update_or_create(**{key: value}, defaults=fields)


def _write_advice(outcome: Outcome, advice: tuple[Advice, ...]) -> None:
    number = outcome.recommendations.aggregate(last=Max("number", default=0))["last"]
    outcome.recommendations.exclude(pk__in=[one.id for one in advice if one.id]).delete()
    for one in advice:
        fields = {"text": one.text, "owner_id": one.owner, "due": one.due, "horizon": one.horizon}
        if one.id:
            outcome.recommendations.filter(pk=one.id).update(**fields)
        else:
            number += 1
            outcome.recommendations.create(number=number, **fields)


def _freeze(outcome: Outcome, *, reason: str, by: User, now: datetime) -> None:
    """Keep what the customer is given as it is, and tell them (N6)."""
    current = Outcome.objects.with_everything().select_related("engagement__contract__customer").get(pk=outcome.pk)
    version = OutcomeVersion.objects.create(
        outcome=current,
        n=current.versions.count() + 1,
        content=outcomes.in_words(current),
        reason=reason,
        written_at=now,
        written_by=by,
    )
    letters.outcome_given(version, now=now)
