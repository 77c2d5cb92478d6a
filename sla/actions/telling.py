"""A customer is told of what was decided about it, by hand, once somebody reads for it (S16)."""

from __future__ import annotations

from entitlements.actions.refused import Refused
from entitlements.models import Customer
from entitlements.rules.refusals import Refusal
from sla.election_letters import readers_of

NOBODY_TO_TELL = Refusal(
    "S16",
    "nobody_to_tell",
    "Nobody reads for this customer, so nobody can be told.",
    "Invite an owner, or have a contact for legal notices confirmed. Then tell the customer here.",
)


def refuse_unless_it_can_be_told(customer: Customer, *, untold: bool) -> None:
    """Raises Refused where the customer is told already, or there is nothing to tell, and as long as nobody reads for it."""
    if not untold:
        raise Refused(Refusal("S16", "told", "There is nothing to tell of it any more.", "Its letters are on record."))
    if not readers_of(customer):
        raise Refused(NOBODY_TO_TELL)
