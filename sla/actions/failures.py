"""The verbs of a reported failure (S1, S2, S5, S13). `now` is the database's clock in UTC: the receipt of the report."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import transaction

from entitlements.actions.log import record
from entitlements.actions.refused import OTHER_ANSWERS, Refused
from entitlements.models import Contract, User
from entitlements.references import new_reference
from entitlements.rules.refusals import Refusal
from sla import letters, reminders
from sla.actions.lapses import close_reports
from sla.actions.windows import last_window
from sla.models import Failure, Outage, TermsEdition
from sla.outage_logs import outage_presumed, outage_stated
from sla.rules.claim_window import closes_at, report_flagged
from sla.rules.terms import EnterpriseTerms

# What makes two reports of one form the same.
ANSWERS = ("reported_by_id", "contract_id", "kind", "began_at")


@transaction.atomic
def report_failure(
    *,
    contract: Contract,
    kind: str,
    began_at: datetime,
    by: User,
    now: datetime,
    ended_at: datetime | None = None,
    description: str = "",
    incident: str = "",
    channel: str = "",
    responder_country: str = "",
    configured_delay_minutes: int = 0,
    form_key: uuid.UUID | None = None,
    arrived_at: datetime | None = None,
) -> Failure:
    """S13: put a report on record with its receipt and the stored end of its claim window. The receipt is `now`; of what came outside
    the portal and was confirmed by two people, its recorded arrival (`arrived_at`).

    `began_at` and `ended_at` (None: still going on, or not known) are the customer's own, in UTC. Where our logs know an
    outage of this customer at that time, its occurrence counts (S5); an alert that was late then is of its cause (S8). A report
    is never refused for being late: it is flagged.
    A form sent twice (`form_key`) reports once. Raises Refused for a beginning that lies ahead, or an end before it, and for
    the same form with other answers.
    """
    report = Failure(
        reference=new_reference("DF"),
        contract=contract,
        kind=kind,
        began_at=began_at,
        ended_at=ended_at,
        description=description,
        incident=incident,
        channel=channel,
        responder_country=responder_country,
        configured_delay_minutes=configured_delay_minutes,
        reported_at=arrived_at or now,
        reported_by=by,
        form_key=form_key or uuid.uuid4(),
    )
    Contract.objects.select_for_update(no_key=True).get(pk=contract.pk)  # the same form at the same moment waits here
    if form_key and (reported := _reported_before(report)):
        return reported
    _check_times(began_at, ended_at, now)
    _date(report, now)
    record("failure.reported", matter=report.reference, by=by, now=now)
    report.save()
    letters.failure_reported(report, now=now)
    return report


@transaction.atomic
def close_failure(*, failure: Failure, now: datetime) -> bool:
    """S13: the window ended without a claim. The moment on record is its deadline, however late the clock runs.

    False if a claim was begun meanwhile.
    """
    ended = Failure.objects.window_ended(now).filter(pk=failure.pk).select_related("contract__customer")
    return bool(close_reports(list(ended.select_for_update(of=("self",), no_key=True)), now))


def _reported_before(report: Failure) -> Failure | None:
    """X9: what the same form has reported already. With other answers it is refused: a guess would lose one of the two."""
    reported = Failure.objects.filter(form_key=report.form_key).first()
    if reported and any(getattr(reported, name) != getattr(report, name) for name in ANSWERS):
        raise Refused(OTHER_ANSWERS)
    return reported


def _check_times(began_at: datetime, ended_at: datetime | None, now: datetime) -> None:
    if began_at > now:
        raise Refused(Refusal("S13", "not_yet", "It cannot have begun after now.", "Check the date and the time zone."))
    if ended_at and ended_at <= began_at:
        raise Refused(Refusal("S13", "ended_before", "It cannot have ended before it began.", "Check both times."))
    if ended_at and ended_at > now:
        raise Refused(
            Refusal("S13", "not_over", "It cannot have ended after now.", "Leave the end empty while it goes on.")
        )


def _presumed(report: Failure, terms: EnterpriseTerms, now: datetime) -> Outage | None:
    """S8, S12: the outage that a late alert is presumed to come from, by the times that the customer states."""
    due = report.began_at + timedelta(minutes=report.configured_delay_minutes)
    return outage_presumed(report.contract, due, report.ended_at or report.occurred_at, terms, now)


def _date(report: Failure, now: datetime) -> None:
    """S5, S13: when it occurred, what our logs know of it, and the stored end of its claim window.

    The edition in force when it began says what makes a failure; the one in force at its occurrence, how long the window is (S1).
    """
    contract, editions = report.contract, TermsEdition.objects.by_day()
    judged, known = editions.on(report.began_at, contract), None
    report.occurred_at = report.stated().occurrence(judged)
    if report.kind == Failure.Kind.OUTAGE:
        known = outage_stated(contract, report.began_at, report.ended_at, judged, now)
    if known:
        report.outage, report.cause, report.occurred_at = known.outage, known.outage.cause, known.nearest.occurrence
    elif report.kind == Failure.Kind.ALERT and (presumed := _presumed(report, judged, now)):
        report.cause = presumed.cause
    report.reported_late = report_flagged(report.occurred_at, report.reported_at, judged)
    terms = editions.on(report.occurred_at, contract)
    report.closes_at = closes_at(report.occurred_at, contract.tz_at(report.occurred_at), terms)
    read = known.pieces if known and terms == judged else None
    report.closes_at = last_window(report, terms, now, read)
    report.remind_at = reminders.next_look(contract, report.closes_at, report.reported_at, told_of=[], now=now)
