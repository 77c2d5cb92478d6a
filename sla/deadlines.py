"""Every deadline that would follow from an occurrence, each with its working: for the panel on which a manager tries the rules (M11.4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from entitlements.models import Contract, PolicyEdition
from entitlements.rules.days import local_day
from entitlements.rules.editions import edition_for
from entitlements.rules.working import Step
from sla.assessment import standing_of
from sla.models import TermsEdition
from sla.rules.claim_window import claim_window, report_flagged_after, submits_itself_at
from sla.rules.elections import election_closes_at
from sla.rules.exclusions import Side
from sla.rules.maintenance import reason_recorded_by
from sla.rules.maintenance_notice import SATURDAY_AND_SUNDAY, notice_deadline
from sla.rules.stated import Stated
from sla.rules.terms import EnterpriseTerms


@dataclass(frozen=True)
class Tried:
    """An instant of a contract: the editions that judge it, and what follows from each clause. Nothing is stored."""

    contract: Contract
    occurrence: datetime
    terms: TermsEdition
    vendor_zone: ZoneInfo

    @property
    def steps(self) -> Iterator[Step]:
        """Each deadline with the way to it, in the order of the clauses."""
        facts, zone = self.terms.facts(), self.contract.tz
        yield from self._contract_year()
        yield standing_of(self.contract, self.occurrence).working
        window = claim_window(self.occurrence, zone, facts)
        yield window.working
        yield _after("complete draft sends itself", "S13", submits_itself_at(window.deadline), self.occurrence)
        flagged = report_flagged_after(self.occurrence, facts)
        yield _after("report flagged as late after", "S13", flagged, self.occurrence)
        down, late = (Stated(side=side, began=self.occurrence, ended=None) for side in Side)
        yield _after("outage counts from", "S2", down.occurrence(facts), self.occurrence)
        yield _after("remedy period begins", "S8", down.remedy_begins(facts), self.occurrence)
        yield _after("alert late from", "S5", late.occurrence(facts), self.occurrence)
        recorded_by = reason_recorded_by(self.occurrence, facts)
        yield _after("reason of an emergency", "S3", recorded_by, self.occurrence)
        yield self._notice(facts)
        elected = election_closes_at(self.occurrence, zone, facts)
        yield Step("election, if a notice arrives now", "S16", elected, (("election_days", facts.election_days),))

    def _contract_year(self) -> Iterator[Step]:
        day = local_day(self.occurrence, self.contract.tz)
        year = self.contract.facts().year_of(day)
        if year:
            edition = edition_for(PolicyEdition.objects.facts(), year.first)
            inputs = (("contract year", year.n), ("first day", year.first), ("governed by", edition.name))
            yield Step("places and requests end", "E3", year.ends_at(self.contract.tz), inputs)

    def _notice(self, facts: EnterpriseTerms) -> Step:
        """S15: were it the start of planned maintenance. The vendor's holidays are not on record yet."""
        return notice_deadline(self.occurrence, self.vendor_zone, (), SATURDAY_AND_SUNDAY, facts).working


def tried(contract: Contract, occurrence: datetime, vendor_zone: ZoneInfo) -> Tried:
    """S1: the instant judged by the edition of its local day."""
    edition = TermsEdition.objects.in_force_on(local_day(occurrence, contract.tz))
    return Tried(contract, occurrence, edition, vendor_zone)


def _after(name: str, clause: str, result: datetime, occurrence: datetime) -> Step:
    elapsed: timedelta = result - occurrence
    return Step(name, clause, result, (("occurrence", occurrence), ("elapsed", elapsed)))
