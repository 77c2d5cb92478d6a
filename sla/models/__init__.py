from sla.models.alerts import (
    AlertImport,
    AlertImportState,
    AlertMapping,
    AlertMonth,
    AlertPart,
    AlertQuarter,
    AlertRefusal,
    Notification,
)
from sla.models.claims import (
    TO_DECIDE,
    Claim,
    ClaimFailure,
    ClaimState,
    Evidence,
    LostTransaction,
)
from sla.models.decisions import Credit, CreditEntry, Proposal
from sla.models.failures import FAILURE_MOVES, Failure, FailureState
from sla.models.outages import Cause, Downtime, Outage
from sla.models.terms import TermsEdition, TermsPeriod

__all__ = [
    "FAILURE_MOVES",
    "TO_DECIDE",
    "AlertImport",
    "AlertImportState",
    "AlertMapping",
    "AlertMonth",
    "AlertPart",
    "AlertQuarter",
    "AlertRefusal",
    "Cause",
    "Claim",
    "ClaimFailure",
    "ClaimState",
    "Credit",
    "CreditEntry",
    "Downtime",
    "Evidence",
    "Failure",
    "FailureState",
    "LostTransaction",
    "Notification",
    "Outage",
    "Proposal",
    "TermsEdition",
    "TermsPeriod",
]
