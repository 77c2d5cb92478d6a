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
from sla.models.business_days import NormalHours, VendorHoliday, VendorYear
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
from sla.models.maintenance import (
    MAINTENANCE_MOVES,
    AffectedCustomer,
    MaintenanceChange,
    MaintenanceNotice,
    MaintenancePeriod,
    MaintenanceState,
)
from sla.models.outages import Cause, Downtime, Outage
from sla.models.terms import TermsEdition, TermsPeriod

__all__ = [
    "FAILURE_MOVES",
    "MAINTENANCE_MOVES",
    "TO_DECIDE",
    "AffectedCustomer",
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
    "MaintenanceChange",
    "MaintenanceNotice",
    "MaintenancePeriod",
    "MaintenanceState",
    "NormalHours",
    "Notification",
    "Outage",
    "Proposal",
    "TermsEdition",
    "TermsPeriod",
    "VendorHoliday",
    "VendorYear",
]
