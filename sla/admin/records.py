"""Everything on record, to be looked up: each list under its subject, with what it is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib import admin
from django.db.models import Model
from django.http import HttpResponse
from django.urls import reverse
from django.utils.text import capfirst

from entitlements import models as entitlements
from entitlements.access import Who, open_to
from entitlements.admin.pages import DeskRequest, page
from sla import models as sla

SUBJECTS: Mapping[str, Mapping[type[Model], str]] = {
    "Customers": {
        entitlements.Customer: "Who has contracts with us, at which level, and when their year ends.",
        entitlements.Contract: "Terms, levels, zones, plans and what is agreed beside the policy.",
        entitlements.User: "Who may sign in, who works at the desk, and who may give the second signature.",
        entitlements.ImportRun: "Files from other systems: what each row did, and which were refused.",
    },
    "Sessions": {
        entitlements.Engagement: "Every request and session, with filters for what is overdue.",
        entitlements.Engineer: "Our engineers: skills, working hours, leave, and how full their weeks are.",
        entitlements.PolicyEdition: "The published usage policy, edition by edition, and drafts of the next.",
    },
    "Service levels": {
        sla.Failure: "What customers reported, with the end of the time to claim.",
        sla.Claim: "Drafts, claims under review, and those that are decided.",
        sla.Entry: "What customers wrote or said outside the portal, entered by one of us and confirmed by another.",
        sla.Proposal: "Decisions that wait for a second person, and what became of them.",
        sla.Credit: "One credit for a customer and a cause.",
        sla.CreditEntry: "The ledger of credits, line by line, with each customer's balance.",
        sla.Posting: "Lines for the ledger that wait for a second person, and what became of them.",
        sla.LedgerProof: "Each day's proof that the ledger adds up, with the hash of all lines.",
        sla.Outage: "What our server logs say was not there, for whom and why.",
        sla.Downtime: "The intervals of the logs behind each outage.",
        sla.MaintenancePeriod: "What was announced, what really ran, and which notice was in time.",
        sla.CalendarCheck: "Once a year, what our holidays and normal hours were compared with, and by whom.",
        sla.Cause: "What caused outages and failures, and whether it is fixed.",
        sla.Finding: "Causes that exclude failures, with evidence, author and from–to; those that were withdrawn too.",
        sla.Withdrawal: "Where loss-based credits end: prepared, released by two, cancelled.",
        sla.Election: "Each contract's choice, its clock and its outcome; as a file, finance's table.",
        sla.LateChoice: "Choices in writing, entered after the effect, confirmed by a second person or given back.",
        sla.ShiftMemo: "What elections credited of what was paid ahead, with its number; as a file, finance's table.",
        sla.TermsCorrection: "Enterprise terms that were on record by mistake, corrected by two people.",
        sla.TermsEdition: "The figures of the Enterprise terms, edition by edition.",
    },
    "What was sent and done": {
        entitlements.Letter: "Every letter, to whom it went, and how it stands.",
        entitlements.MailOutage: "When the mail server was not there, and what waited.",
        entitlements.Event: "The log: who did what, when, and every row that changed by it.",
        entitlements.SweepRun: "Each turn of the clock, with what it did.",
        entitlements.Standstill: "When the product itself stood still, and what was decided about the windows of that time.",
        entitlements.Reconciliation: "Comparisons: once a day, what the clock did beside what it should have done.",
        entitlements.Quarantine: "What the clock could not do and has set aside.",
        entitlements.MissedReminder: "Which reminder nobody got, because the clock stood still.",
        entitlements.Alarm: "What was beyond its limit, since when, and when it was over.",
    },
}


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of records."""

    name: str
    url: str
    what_for: str


@open_to(Who.MANAGERS)
def records(request: DeskRequest) -> HttpResponse:
    """All lists, by subject."""
    subjects = {
        subject: [_listed(model, what_for) for model, what_for in lists.items() if admin.site.is_registered(model)]
        for subject, lists in SUBJECTS.items()
    }
    return page(request, "admin/records.html", title="Records", subjects=subjects)


def _listed(model: type[Model], what_for: str) -> Listed:
    options = model._meta
    address = reverse(f"admin:{options.app_label}_{options.model_name}_changelist")
    return Listed(capfirst(str(options.verbose_name_plural)), address, what_for)
