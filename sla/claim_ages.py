"""PL2: the claims that wait, by state and by how many days ago they were received."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q

from sla.models import TO_DECIDE, Claim, ClaimState


@dataclass(frozen=True, slots=True)
class Age:
    """So many whole days since the receipt, both included; `last` None: and more."""

    first: int
    last: int | None

    @property
    def key(self) -> str:
        return f"{self.first}-{self.last}" if self.last else f"{self.first}+"

    @property
    def title(self) -> str:
        return f"{self.first} to {self.last} days" if self.last else f"{self.first} days and more"

    def of(self, now: datetime) -> Q:
        """The claims of this age at `now` (UTC)."""
        younger = Q(received_at__lte=now - timedelta(days=self.first)) if self.first else Q(received_at__isnull=False)
        return younger if self.last is None else younger & Q(received_at__gt=now - timedelta(days=self.last + 1))


AGES = (Age(0, 2), Age(3, 7), Age(8, 14), Age(15, None))


def by_state_and_age(now: datetime) -> list[tuple[ClaimState, list[tuple[Age, int]]]]:
    """Every state in which a claim waits, with how many of each age; states without any too. One question."""
    each = {age.key: Count("pk", filter=age.of(now)) for age in AGES}
    rows: dict[str, Any] = {
        row["state"]: row for row in Claim.objects.to_decide().values("state").order_by().annotate(**each)
    }
    return [(ClaimState(state), [(age, rows.get(state, {}).get(age.key, 0)) for age in AGES]) for state in TO_DECIDE]
