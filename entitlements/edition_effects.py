"""What publishing an edition of the policy would do to the contracts on record (E2, E6): the rule's answer for all of them at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from entitlements.models import Contract, Engagement, PolicyEdition
from entitlements.rules.cap_values import as_figure
from entitlements.rules.edition_changes import YearChange, year_changes
from entitlements.rules.editions import ACTIVITIES
from entitlements.rules.level_changes import CapChange


@dataclass(frozen=True)
class Affected:
    """A contract year that the edition would govern, with the engagements that would stand above its caps."""

    contract: Contract
    change: YearChange
    over: list[Engagement]

    @property
    def gains(self) -> list[str]:
        return [_in_words(one) for one in self.change.gains]

    @property
    def loses(self) -> list[str]:
        return [_in_words(one) for one in self.change.loses]


@dataclass(frozen=True)
class Effects:
    """Every contract year that the edition would govern."""

    years: list[Affected]

    @cached_property
    def otherwise(self) -> list[Affected]:
        """Those whose caps differ, or in which something would stand above its cap."""
        return [one for one in self.years if one.change.caps or one.over]

    @property
    def contracts(self) -> int:
        return len({one.contract.pk for one in self.years})

    @property
    def gaining(self) -> int:
        return len({one.contract.pk for one in self.years if one.change.gains})

    @property
    def losing(self) -> int:
        return len({one.contract.pk for one in self.years if one.change.loses})

    @property
    def over(self) -> int:
        return sum(len(one.over) for one in self.years)


def effects_of(edition: PolicyEdition, now: datetime) -> Effects:
    """What an edition of `with_everything()` would change, were it published now; a constant number of queries."""
    running = Contract.objects.filter(term__endswith__gte=now.date() - timedelta(days=1))
    new, published = edition.facts(), PolicyEdition.objects.facts()
    years = []
    for contract in running.with_facts().prefetch_related("engagements__activity"):
        booked = {str(one.pk): one for one in contract.engagements.all()}
        for change in year_changes(contract.facts(), [one.facts() for one in booked.values()], published, new):
            years.append(Affected(contract, change, [booked[one.id] for one in change.newly_over]))
    return Effects(years)


def _in_words(change: CapChange) -> str:
    before, after = (
        f"{as_figure(line.cap)}{', pool' if line.is_pool else ''}" for line in (change.before, change.after)
    )
    return f"{ACTIVITIES.get(change.activity, change.activity)}: {before} → {after}"
