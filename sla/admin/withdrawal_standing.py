"""How the elections of a withdrawal stand (M7.2, PL11): the proof of each notice, when its time ends, what was chosen, what it cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Sum

from entitlements.models import Letter
from sla.elections import is_to_a_contact, notices_of, shown_as, standing_by
from sla.elections_listed import as_shown
from sla.models import Election, ElectionChoice, Withdrawal
from sla.rules import elections as rules
from sla.withdrawals import Part


@dataclass(frozen=True, slots=True)
class Row:
    """An election: as it would be released (`part`), or as it stands with its letters."""

    election: Election
    part: Part | None = None
    standing: rules.Election | None = None
    notices: tuple[Letter, ...] = ()
    signer: str = ""
    """Who made the customer's last choice under the notice that stands."""

    @property
    def state(self) -> str:
        return shown_as(self.election, self.standing, self.notices)

    @property
    def counts(self) -> bool:
        """Whether what the customer chooses, or has chosen, comes to something."""
        return self.election.state not in ("cancelled", "void")

    @property
    def deadline(self) -> datetime | None:
        """Until when the customer may choose, or could; also where no turn of the clock has noted it yet."""
        return (self.election.deadline or (self.standing.deadline if self.standing else None)) if self.counts else None

    @property
    def proof(self) -> str:
        """What shows since when the customer has the notice."""
        at = self.election.reached_at or (self.standing and self.standing.reached)
        if at is None:
            return ""
        taken = [one for one in self.notices if is_to_a_contact(one) and one.accepted_at == at]
        return f"accepted for {taken[0].addressee}" if taken else "opened in the portal"

    @property
    def reached(self) -> datetime | None:
        return self.election.reached_at or (self.standing.reached if self.standing else None)

    @property
    def came_back(self) -> list[str]:
        """From which readers of the last notice it came back."""
        return [one.addressee for one in self._last_notices if one.bounced_at]

    @property
    def not_delivered(self) -> list[str]:
        """To which readers the last notice could not be delivered: refused, or given up unsent."""
        return [one.addressee for one in self._last_notices if one.state == "failed" and not one.bounced_at]

    @property
    def _last_notices(self) -> list[Letter]:
        return [one for one in self.notices if one.point == self.election.point]

    @property
    def chosen(self) -> str:
        """What the customer's last choice is, as long as it is open."""
        return str(self.standing.choice) if self.standing and self.standing.choice and not self.election.choice else ""


def rows_of(elections: Sequence[Election], now: datetime) -> list[Row]:
    """Of these; two questions, however many."""
    notices = notices_of(elections)
    choices: dict[int, list[ElectionChoice]] = {}
    for one in ElectionChoice.objects.filter(election__in=[election.pk for election in elections]):
        choices.setdefault(one.election_id, []).append(one)
    return [_row(one, notices[one.reference], choices.get(one.pk, []), now) for one in elections]


def _row(election: Election, notices: list[Letter], choices: list[ElectionChoice], now: datetime) -> Row:
    standing = standing_by(election, notices, choices, now) if election.terms else None
    reached = standing and standing.reached
    signed = [one.signer for one in choices if reached and one.received_at >= reached and one.choice]
    return Row(election=election, standing=standing, notices=tuple(notices), signer=signed[-1] if signed else "")


def bars_of(withdrawal: Withdrawal, now: datetime) -> list[dict[str, Any]]:
    """PL11: chosen (1), chosen (2), not chosen, open, and what else became of them, each with its part of all."""
    kinds = as_shown(withdrawal.elections.all(), now).order_by().values("shown", "state", "choice", "decided_by")
    found: dict[str, int] = {}
    for one in kinds.annotate(count=Count("pk")):
        stored = Election(state=one["state"], choice=one["choice"], decided_by=one["decided_by"])
        key = one["shown"] or stored.standing
        found[key] = found.get(key, 0) + one["count"]
    whole = max(sum(found.values()), 1)
    return [{"state": key, "count": count, "width": round(600 * count / whole)} for key, count in sorted(found.items())]


def total_credit(withdrawal: Withdrawal) -> list[tuple[str, Decimal]]:
    """What the shifts of it credited so far, by currency."""
    shifted = withdrawal.elections.filter(choice="shift", state="decided")
    sums = shifted.values_list("contract__currency").annotate(total=Sum("credit")).order_by("contract__currency")
    return [(currency, total) for currency, total in sums]
