"""S3: emergency maintenance read in both ways: an emergency with its reason cuts an outage, or it does not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from entitlements.rules.spans import total
from entitlements.rules.working import Step
from sla.rules.exclusions import Finding
from sla.rules.maintenance import Ground, Maintenance
from sla.rules.outages import AvailabilityOutage, Down, availability_outages
from sla.rules.terms import EnterpriseTerms


@dataclass(frozen=True, slots=True)
class EmergencyReading:
    """S3: the reading taken (an emergency with its reason cuts) beside the other one (it does not), with the remedy time of each."""

    taken: tuple[AvailabilityOutage, ...]
    other: tuple[AvailabilityOutage, ...]

    @property
    def remedy_time_taken(self) -> timedelta:
        return total(outage.remedy for outage in self.taken)

    @property
    def remedy_time_other(self) -> timedelta:
        return total(outage.remedy for outage in self.other)

    @property
    def matters(self) -> bool:
        return self.taken != self.other

    @property
    def working(self) -> Step:
        return Step(
            "emergency maintenance read the other way",
            "S3",
            self.remedy_time_other,
            inputs=(
                ("remedy_time_taken", self.remedy_time_taken),
                ("outages_taken", tuple(outage.span for outage in self.taken)),
                ("outages_other", tuple(outage.span for outage in self.other)),
            ),
        )


def emergency_reading(
    down: Iterable[Down],
    maintenance: Iterable[Maintenance],
    terms: EnterpriseTerms,
    now: datetime | None,
    findings: Iterable[Finding] = (),
) -> EmergencyReading:
    """S3: both readings of emergency maintenance, for whoever decides."""
    logs, periods, found = tuple(down), tuple(maintenance), tuple(findings)
    strict = [replace(one, ground=None) if one.ground is Ground.EMERGENCY else one for one in periods]
    return EmergencyReading(
        taken=availability_outages(logs, periods, terms, now, found),
        other=availability_outages(logs, strict, terms, now, found),
    )
