from sla.admin import site  # isort: skip  -- the site first: the lists register themselves on it
from sla.admin import (
    claims,
    elections,
    entries,
    findings,
    ledger,
    maintenance,
    outages,
    reconciliations,
    second_people,
    standstills,
    terms,
)

__all__ = [
    "claims",
    "elections",
    "entries",
    "findings",
    "ledger",
    "maintenance",
    "outages",
    "reconciliations",
    "second_people",
    "site",
    "standstills",
    "terms",
]
