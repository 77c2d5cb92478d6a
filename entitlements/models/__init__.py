from entitlements.models.accounts import AddressChange, Invitation, InvitationEnd, LegalContact
from entitlements.models.alarms import Alarm
from entitlements.models.catalogue import Activity, Level, Product
from entitlements.models.contract_periods import ContractProduct, FeeMonth, PlanPeriod, Suspension, ZonePeriod
from entitlements.models.contracts import CapOverride, Contract, ContractYear, LevelPeriod
from entitlements.models.customers import Customer
from entitlements.models.engagements import (
    ENGAGEMENT_MOVES,
    BookedSession,
    Engagement,
    EngagementState,
)
from entitlements.models.engineers import CalendarFeed, Engineer, Leave, WorkingHours
from entitlements.models.events import Event, EventSeal
from entitlements.models.imports import ImportFile, ImportRun
from entitlements.models.letters import Letter, LetterEvent, LetterEventKind, LetterState, MailOutage
from entitlements.models.outcomes import (
    CustomerFeedback,
    Outcome,
    OutcomeFigure,
    OutcomeLine,
    OutcomeVersion,
    Recommendation,
    RecommendationState,
    ScorecardLevel,
)
from entitlements.models.people import DateStyle, Membership, Role, User
from entitlements.models.policy import (
    ActivityDescription,
    PolicyCell,
    PolicyEdition,
    PolicyPool,
    ProductRequirement,
    SessionLength,
)
from entitlements.models.reminders import MissedReminder
from entitlements.models.sweeps import Quarantine, Reconciliation, Standstill, SweepRun
from entitlements.models.usage import PlainRoom, UsageEntry

__all__ = [
    "ENGAGEMENT_MOVES",
    "Activity",
    "ActivityDescription",
    "AddressChange",
    "Alarm",
    "BookedSession",
    "CalendarFeed",
    "CapOverride",
    "Contract",
    "ContractProduct",
    "ContractYear",
    "Customer",
    "CustomerFeedback",
    "DateStyle",
    "Engagement",
    "EngagementState",
    "Engineer",
    "Event",
    "EventSeal",
    "FeeMonth",
    "ImportFile",
    "ImportRun",
    "Invitation",
    "InvitationEnd",
    "Leave",
    "LegalContact",
    "Letter",
    "LetterEvent",
    "LetterEventKind",
    "LetterState",
    "Level",
    "LevelPeriod",
    "MailOutage",
    "Membership",
    "MissedReminder",
    "Outcome",
    "OutcomeFigure",
    "OutcomeLine",
    "OutcomeVersion",
    "PlainRoom",
    "PlanPeriod",
    "PolicyCell",
    "PolicyEdition",
    "PolicyPool",
    "Product",
    "ProductRequirement",
    "Quarantine",
    "Recommendation",
    "RecommendationState",
    "Reconciliation",
    "Role",
    "ScorecardLevel",
    "SessionLength",
    "Standstill",
    "Suspension",
    "SweepRun",
    "UsageEntry",
    "User",
    "WorkingHours",
    "ZonePeriod",
]
