"""The checklist of exclusions beside a claim: each of the eight, for each of its failures (M5.5, S6)."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from entitlements.models.worded import rows_of
from sla.assessment import ClaimAssessment
from sla.checklists import Line, of_alert, of_outage
from sla.evidence.wording import channel_in_words
from sla.models import Claim, Failure
from sla.rules.remedy import Presumption


@dataclass(frozen=True, slots=True)
class Checklist:
    """Of one failure: what is said of each exclusion, and what a finding upon it begins with."""

    failure: Failure
    about: str
    lines: list[Line]
    record: str
    presumption: Presumption | None = None


def checklists_beside(claim: Claim, assessment: ClaimAssessment) -> list[Checklist]:
    """S6: of each outage of the claim by the logs, and of each late alert. What was looked at for the claim is said."""
    looked = rows_of(claim, "examinations", "examined_by")
    customer = claim.contract.customer.external_id
    outages = [
        Checklist(
            failure,
            f"{failure.reference}, {failure.outage}",
            of_outage(logs, looked),
            _asked(customers=customer, outage=failure.outage.reference if failure.outage else ""),
        )
        for failure, logs in assessment.logs
    ]
    alerts = [
        Checklist(
            matched.failure,
            f"{matched.failure.reference}, {channel_in_words(one.notification.channel).lower()} of {one.notification.incident}",
            of_alert(one, looked),
            _asked(customers=customer, incident=one.notification.incident, channel=one.notification.channel),
            one.presumption,
        )
        for matched in assessment.alerts
        for one in matched.found
        if one.is_late
    ]
    return [*outages, *alerts]


def _asked(**known: str) -> str:
    return urlencode({name: value for name, value in known.items() if value})
