from sla.models.alert_effects import AlertEffect
from sla.models.alerts import (
    AlertImport,
    AlertImportState,
    AlertMapping,
    AlertMonth,
    AlertPart,
    AlertQuarter,
    AlertRefusal,
    AlertRestated,
)
from sla.models.audits import Audit
from sla.models.business_days import CalendarCheck, NormalHours, VendorHoliday, VendorYear
from sla.models.caps import RecordedCap
from sla.models.claims import (
    TO_DECIDE,
    Claim,
    ClaimFailure,
    ClaimState,
    Evidence,
    LostTransaction,
)
from sla.models.corrections import Correction, Recomputation
from sla.models.credits import Credit, CreditEntry, LedgerProof, Posting
from sla.models.decisions import Proposal
from sla.models.downtimes import Downtime
from sla.models.elections import (
    ELECTION_MOVES,
    RUNNING,
    Election,
    ElectionChoice,
    ElectionState,
)
from sla.models.entries import Entry
from sla.models.extensions import ExtendedWindow, Extension
from sla.models.failures import FAILURE_MOVES, Failure, FailureState
from sla.models.findings import (
    DETAILS,
    FOUND_KINDS,
    Examination,
    Finding,
    FindingCustomer,
    FindingDocument,
)
from sla.models.inputs import DecisionInputs
from sla.models.late_choices import LateChoice
from sla.models.maintenance import (
    MAINTENANCE_MOVES,
    AffectedCustomer,
    MaintenanceChange,
    MaintenanceNotice,
    MaintenancePeriod,
    MaintenanceState,
)
from sla.models.notifications import Notification
from sla.models.openings import Opening
from sla.models.outages import COMPONENTS, OUTAGE_MOVES, Cause, Outage, OutageState, OutageStep
from sla.models.presumptions import FoundOtherwise
from sla.models.prices import Billing, ListPrice, PrepaidPeriod
from sla.models.questions import InformationRequest, SecondLook
from sla.models.rates import RateBasis
from sla.models.receipts import Receipt
from sla.models.shift_memos import ShiftMemo
from sla.models.terms import TermsEdition, TermsPeriod
from sla.models.terms_corrections import TermsCorrection
from sla.models.transaction_files import TransactionFile
from sla.models.waivers import Waiver
from sla.models.withdrawals import WITHDRAWAL_MOVES, Withdrawal, WithdrawalState

__all__ = [
    "COMPONENTS",
    "DETAILS",
    "ELECTION_MOVES",
    "FAILURE_MOVES",
    "FOUND_KINDS",
    "MAINTENANCE_MOVES",
    "OUTAGE_MOVES",
    "RUNNING",
    "TO_DECIDE",
    "WITHDRAWAL_MOVES",
    "AffectedCustomer",
    "AlertEffect",
    "AlertImport",
    "AlertImportState",
    "AlertMapping",
    "AlertMonth",
    "AlertPart",
    "AlertQuarter",
    "AlertRefusal",
    "AlertRestated",
    "Audit",
    "Billing",
    "CalendarCheck",
    "Cause",
    "Claim",
    "ClaimFailure",
    "ClaimState",
    "Correction",
    "Credit",
    "CreditEntry",
    "DecisionInputs",
    "Downtime",
    "Election",
    "ElectionChoice",
    "ElectionState",
    "Entry",
    "Evidence",
    "Examination",
    "ExtendedWindow",
    "Extension",
    "Failure",
    "FailureState",
    "Finding",
    "FindingCustomer",
    "FindingDocument",
    "FoundOtherwise",
    "InformationRequest",
    "LateChoice",
    "LedgerProof",
    "ListPrice",
    "LostTransaction",
    "MaintenanceChange",
    "MaintenanceNotice",
    "MaintenancePeriod",
    "MaintenanceState",
    "NormalHours",
    "Notification",
    "Opening",
    "Outage",
    "OutageState",
    "OutageStep",
    "Posting",
    "PrepaidPeriod",
    "Proposal",
    "RateBasis",
    "Receipt",
    "Recomputation",
    "RecordedCap",
    "SecondLook",
    "ShiftMemo",
    "TermsCorrection",
    "TermsEdition",
    "TermsPeriod",
    "TransactionFile",
    "VendorHoliday",
    "VendorYear",
    "Waiver",
    "Withdrawal",
    "WithdrawalState",
]
