"""P26, P33, V25: every address there is, and who may open it. A new one that is not in the matrix fails the first test.

The matrix is typed by hand, beside what the views declare for themselves; the walk then opens every address as every visitor.
"""

from __future__ import annotations

import logging
import re
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest
from django.apps import apps
from django.contrib import auth
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from django.views.defaults import page_not_found

from config.errors import permission_denied
from config.sessions import SessionStore
from entitlements.access import Who, is_one_of
from entitlements.actions.engineers import renew_feed
from entitlements.actions.quarantine import put_in_quarantine
from entitlements.clock import database_now
from entitlements.models import Customer, Event, PolicyEdition, Role, Standstill
from entitlements.optional_letters import token_of
from sla.actions.late_choices import enter_late_choice
from sla.actions.terms_corrections import propose_terms_correction
from sla.models import ListPrice, PrepaidPeriod, TermsEdition
from sla.sweep import sweep
from tests import accounts
from tests import credit_factories as ledger
from tests import election_factories as elect
from tests import factories as make
from tests import finding_factories as find
from tests import maintenance_factories as work
from tests import outcome_factories as told
from tests.desk import at
from tests.entitlements.imports.files import imported
from tests.question_factories import entered
from tests.shared import shared
from tests.sla.alerts import files as alert_files
from tests.sla.evidence.logs import microseconds_of, one_on_record

pytestmark = pytest.mark.django_db

ANYONE, SIGNED_IN, CUSTOMERS = Who.ANYONE, Who.SIGNED_IN, Who.CUSTOMERS
BOOKERS, CLAIMANTS, OWNERS, MANAGERS = Who.BOOKERS, Who.CLAIMANTS, Who.OWNERS, Who.MANAGERS
SIGNATORIES = Who.SIGNATORIES

THE_SAME_FOR_ALL = ("policy", "policy_text", "calendar_feed")
EDITION_ACTS = ("compare", "draft", "edit", "propose", "return", "publish", "discard")
OF_AN_ENGINEER = (
    "admin:engineer",
    "admin:change_engineer",
    "admin:set_working_hours",
    "admin:enter_leave",
    "admin:take_back_leave",
    "admin:leave_the_firm",
    "admin:pass_session_on",
    "admin:renew_feed",
    "admin:end_feed",
)

OF_A_LETTER = ("letter", "letter_as_html", "letter_pdf", "letter_raw", "open_letter")
OF_A_LETTER += ("admin:send_letter_again", "admin:letter_pdf", "admin:letter_as_html", "admin:letter_raw")

OF_A_FINDING = ("admin:finding", "admin:correct_finding", "admin:withdraw_finding", "admin:finding_document")
OF_A_POSTING = ("admin:posting", "admin:approve_posting", "admin:return_posting")
OF_AN_INTERVAL = ("admin:interval", "admin:correct_interval", "admin:withdraw_interval", "admin:interval_working")

OF_A_WITHDRAWAL = ("new_withdrawal", "withdrawal", "take_out_of_withdrawal", "withdrawal_act")
OF_AN_ELECTION = (
    "election",
    "election_vendor_choice",
    "election_in_writing",
    "election_notice_again",
    "tell_of_outcome",
)
OF_AN_ELECTION += ("election_document", "list_prices", "end_price", "prepaid", "correct_prepaid", "election_memo")
OF_A_LATE_CHOICE = ("confirm_late_election", "return_late_election", "late_election_document")
OF_A_TERMS_CORRECTION = ("admin:terms_correction", "admin:approve_terms_correction", "admin:return_terms_correction")
OF_A_TERMS_CORRECTION += ("admin:tell_of_terms_correction",)

MATRIX = {
    **dict.fromkeys([f"admin:{name}" for name in (*OF_A_WITHDRAWAL, *OF_AN_ELECTION, *OF_A_LATE_CHOICE)], Who.MANAGERS),
    # the customer's portal
    "home": SIGNED_IN,
    "maintenance_list": CUSTOMERS,
    "election_list": CUSTOMERS,
    "election": CUSTOMERS,
    "open_election": SIGNATORIES,
    "choose": SIGNATORIES,
    "election_paper": CUSTOMERS,
    "election_memo": CUSTOMERS,
    "failure_list": CUSTOMERS,
    "report_failure": CLAIMANTS,
    "failure": CUSTOMERS,
    "failure_calendar": CUSTOMERS,
    "start_claim": CLAIMANTS,
    "claim_list": CUSTOMERS,
    "claim": CUSTOMERS,
    "claim_what_happened": CUSTOMERS,
    "claim_transactions": CUSTOMERS,
    "remove_transaction": CLAIMANTS,
    "claim_rates": CUSTOMERS,
    "claim_by_transactions": CLAIMANTS,
    "claim_expenses": CUSTOMERS,
    "bring_transactions": CLAIMANTS,
    "transaction_file": CLAIMANTS,
    "take_out_transactions": CLAIMANTS,
    "claim_evidence": CUSTOMERS,
    "evidence": SIGNED_IN,  # the reviewer opens a sent claim's documents by the same address
    "remove_evidence": CLAIMANTS,
    "claim_contact": CUSTOMERS,
    "claim_check": CUSTOMERS,
    "claim_declare": CLAIMANTS,
    "claim_receipt": CUSTOMERS,
    "claim_receipt_pdf": CUSTOMERS,
    "claim_decision_pdf": CUSTOMERS,
    "withdraw_claim": CLAIMANTS,
    "credit_list": CUSTOMERS,
    "credit": CUSTOMERS,
    "credit_memo": CUSTOMERS,
    "credit_memo_page": CUSTOMERS,
    "answer_information": CUSTOMERS,
    "ask_for_second_look": CUSTOMERS,
    "audit": SIGNED_IN,  # its auditor's alone, while it is open
    "year_card": CUSTOMERS,
    "contract_year": CUSTOMERS,
    "contract_year_ledger": CUSTOMERS,
    "policy": SIGNED_IN,  # what is published is for everyone, managers too
    "policy_text": SIGNED_IN,
    "engagement_list": CUSTOMERS,
    "request_engagement": BOOKERS,
    "request_professional_services": BOOKERS,
    "move_engagement": BOOKERS,
    "engagement": CUSTOMERS,
    "withdraw_engagement": BOOKERS,
    "cancel_engagement": BOOKERS,
    "engagement_calendar": CUSTOMERS,
    "recommendation_list": CUSTOMERS,
    "recommendation": CUSTOMERS,
    "engagement_outcome": CUSTOMERS,
    "engagement_outcome_version": CUSTOMERS,
    "engagement_feedback": BOOKERS,
    "year_statement": CUSTOMERS,
    "year_statement_pdf": CUSTOMERS,
    "calendar_feed": ANYONE,  # whoever has its address; a wrong one is 404
    "letter_list": CUSTOMERS,
    "letter": CUSTOMERS,
    "letter_as_html": CUSTOMERS,
    "letter_pdf": CUSTOMERS,
    "letter_raw": CUSTOMERS,
    "open_letter": CUSTOMERS,
    "mail_events": ANYONE,  # whoever signs as the provider; 404 where none is set
    "people": CUSTOMERS,
    "invite_person": OWNERS,
    "change_roles": OWNERS,
    "remove_person": OWNERS,
    "leave_customer": CUSTOMERS,
    "send_invitation_again": OWNERS,
    "withdraw_invitation": OWNERS,
    "add_legal_contact": OWNERS,
    "send_contact_link_again": OWNERS,
    "remove_legal_contact": OWNERS,
    "confirm_legal_contact": ANYONE,
    "confirm_address": ANYONE,
    "account": SIGNED_IN,
    "step_up": SIGNED_IN,
    "own_address": SIGNED_IN,
    "display_settings": SIGNED_IN,
    "letter_settings": CUSTOMERS,
    "letters_reach_me": SIGNED_IN,
    "reminder_settings": SIGNED_IN,
    "switch_off_letters": ANYONE,
    "sign_ins": SIGNED_IN,
    "end_sign_in": SIGNED_IN,
    "stay_signed_in": SIGNED_IN,
    "what_is_kept": SIGNED_IN,
    "export": OWNERS,
    "invitation": ANYONE,
    "ask_for_invitation": ANYONE,
    # the manager's desk
    "admin:login": ANYONE,
    **dict.fromkeys(
        [
            "admin:index",
            *OF_AN_ENGINEER,
            "admin:records",
            "admin:find",
            "admin:on_call",
            "admin:usage",
            "admin:customer",
            "admin:see_as_customer",
            "admin:stop_seeing_as",
            "admin:lapsing_sessions",
            "admin:offer_sessions",
            "admin:offer_many",
            "admin:forecast_unused",
            "admin:over_and_exhausted",
            "admin:who_is_away",
            "admin:engagement",
            "admin:schedule_engagement",
            "admin:engagement_act",
            "admin:outcome",
            "admin:outcome_preview",
            "admin:give_outcome",
            "admin:move_recommendation",
            "admin:engagement_board",
            "admin:engagement_calendar",
            "admin:reschedule",
            "admin:new_engagement",
            "admin:statement",
            "admin:statement_pdf",
            "admin:year_ledger",
            "admin:usage_behind",
            "admin:claim",
            "admin:take_claim",
            "admin:assign_outage",
            "admin:claim_lines",
            "admin:review_queue",
            "admin:put_aside",
            "admin:take_up_again",
            "admin:name_cause",
            "admin:cover_claim",
            "admin:open_audit",
            "admin:close_audit",
            "admin:propose_waiver",
            "admin:approve_waiver",
            "admin:return_waiver",
            "admin:record_cap",
            "admin:strike_line",
            "admin:keep_line",
            "admin:propose_approval",
            "admin:propose_denial",
            "admin:ask_for_information",
            "admin:take_back_request",
            "admin:reopen_claim",
            "admin:decline_second_look",
            "admin:new_entry",
            "admin:entry",
            "admin:confirm_entry",
            "admin:return_entry",
            "admin:entry_document",
            "admin:proposal",
            "admin:approve_proposal",  # who may approve is decided by the action, and told on the page (S19)
            "admin:return_proposal",
            "admin:credit",
            "admin:credits_against_caps",
            "admin:credit_memo",
            "admin:credit_memo_page",
            "admin:propose_posting",
            *OF_A_TERMS_CORRECTION,  # as of proposals
            *OF_A_POSTING,  # who may approve is decided by the action, as of proposals
            "admin:send_letter_again",
            "admin:quarantined",
            "admin:standstill",
            "admin:leave_windows",
            "admin:letter_pdf",
            "admin:letter_as_html",
            "admin:letter_raw",
            "admin:customer_people",
            "admin:take_out_person",
            "admin:plan_maintenance",
            "admin:maintenance_guard",
            "admin:record_maintenance",
            "admin:maintenance",
            "admin:maintenance_act",
            "admin:accept_maintenance_notice",
            "admin:maintenance_hours",
            "admin:end_normal_hours",
            "admin:check_calendar",
            "admin:maintenance_month",
            "admin:record_outage",
            "admin:outage_working",
            *OF_AN_INTERVAL,
            *OF_A_FINDING,
            "admin:record_finding",
            "admin:examine_exclusion",
            "admin:outage",
            "admin:end_outage",
            "admin:outage_stands",
            "admin:publish_outage",
            "admin:outage_customer",
            "admin:cause",
            "admin:fix_cause",
            "admin:merge_causes",
            "admin:alert_imports",
            "admin:alert_import",
            "admin:check_alerts",
            "admin:confirm_alerts",
            "admin:leave_alerts",
            "admin:undo_alerts",
            "admin:refused_alerts",
            "admin:import_start",
            "admin:import_columns",
            "admin:import_template",
            "admin:import_file",
            "admin:import_file_refused",
            "admin:import_run",
            "admin:import_run_refused",
            "admin:contract",
            "admin:change_contract",
            *(f"admin:{act}_{stem}" for act in EDITION_ACTS for stem in ("policy", "terms")),
            "admin:policy_edition",
            "admin:terms_edition",
            "admin:deadlines",
            "admin:deadlines_ahead",
            "admin:delay_of_letters",
            "admin:claims_by_age",
            "admin:alerts_of_day",
            "admin:alerts_of_customer",
            "admin:alert",
            "admin:find_otherwise",
            "admin:presume_again",
            "admin:letter_preview",
            "admin:letter_preview_html",
            "admin:new_contract",
            "admin:logout",
            "admin:password_change",
            "admin:password_change_done",
            "admin:autocomplete",
            "admin:jsi18n",
            "admin:view_on_site",
            "admin:app_list",
        ],
        MANAGERS,
    ),
    # signing in
    **dict.fromkeys(
        [
            "account_login",
            "account_inactive",
            "account_signup",
            "account_signup_not_offered",
            "account_email",
            "account_email_not_offered",
            "account_email_verification_sent",
            "account_reset_password",
            "account_reset_password_done",
            "account_reset_password_from_key",
            "account_reset_password_from_key_done",
            "account_confirm_login_code",
            "account_request_login_code",
            "account_logout",
            "usersessions_list",
            "usersessions_not_offered",
            "mfa_authenticate",
            "mfa_login_webauthn",
        ],
        ANYONE,
    ),
    **dict.fromkeys(
        [
            "account_reauthenticate",
            "account_change_password",
            "account_set_password",
            "mfa_index",
            "mfa_reauthenticate",
            "mfa_activate_totp",
            "mfa_deactivate_totp",
            "mfa_view_recovery_codes",
            "mfa_generate_recovery_codes",
            "mfa_download_recovery_codes",
            "mfa_list_webauthn",
            "mfa_add_webauthn",
            "mfa_reauthenticate_webauthn",
            "mfa_remove_webauthn",
            "mfa_edit_webauthn",
        ],
        SIGNED_IN,
    ),
}
ADMIN_LIST = re.compile(r"admin:(entitlements|sla)_([a-z]+)_(changelist|add|change|history|delete)$")
THE_LISTS_OLD_ADDRESS = re.compile(r"admin:admin/(entitlements|sla)/[a-z]+/<path:object_id>/$")
"""Without a name: it leads on to the page of the record."""
CAN_BE_ADDED = ("customer", "user", "engineer")
"""Everything else comes by an action, and nothing is ever deleted: a manager gets 403 for all other add and delete pages."""

OTHERS_PACKAGES = ("account_", "mfa_", "usersessions_")
"""Of allauth: it has no declarations of ours, and its own rules for sessions, codes and second factors."""


OF_A_MEMBERSHIP = ("change_roles", "remove_person", "admin:take_out_person")
ONES_OWN = ("audit", "leave_customer", "letter_settings")
"""Nobody leaves for somebody else, or chooses their letters."""
BY_A_LINK = ("invitation", "ask_for_invitation", "confirm_legal_contact", "confirm_address", "switch_off_letters")
"""Open to whoever holds the secret in the letter, signed in or not."""


@dataclass(frozen=True)
class Address:
    name: str
    route: str
    parameters: tuple[str, ...]
    view: Any

    @property
    def who(self) -> Who | None:
        of_a_list = ADMIN_LIST.match(self.name) or THE_LISTS_OLD_ADDRESS.match(self.name)
        return MANAGERS if of_a_list else MATRIX.get(self.name)

    @property
    def is_ours(self) -> bool:
        return not self.name.startswith(OTHERS_PACKAGES)


def addresses(patterns=None, namespace="", before="", parameters=()):
    for one in get_resolver().url_patterns if patterns is None else patterns:
        route, asked = before + str(one.pattern), (*parameters, *one.pattern.regex.groupindex)
        if isinstance(one, URLResolver):
            below = f"{namespace}{one.namespace}:" if one.namespace else namespace
            yield from addresses(one.url_patterns, below, route, asked)
        else:
            name = one.name or route
            yield Address(namespace + name, route, asked, one.callback)


class TestEveryAddress:
    def test_it_is_in_the_matrix(self):
        assert [one.route for one in addresses() if one.who is None] == []

    def test_the_matrix_has_none_that_is_gone(self):
        assert set(MATRIX) - {one.name for one in addresses()} == set()

    def test_its_view_declares_the_same(self):
        declared = {one.name: getattr(one.view, "open_to", None) for one in addresses() if one.is_ours}

        assert declared == {one.name: one.who for one in addresses() if one.is_ours}


# --- The walk


class World:
    """One of everything, of one customer, and where each address finds its own."""

    def __init__(self):
        self.contract = make.contract()
        self.customer = self.contract.customer
        made = {"contract": self.contract}
        self.feed = renew_feed(engineer=make.engineer(), by=make.manager(), now=make.NOW)
        self.asked, self.booked = make.request(**made), make.scheduled(**made)
        self.advised = told.given(**made).engagement
        self.engineer = self.booked.sessions.get().engineer
        self.leave = make.leave(engineer=self.engineer, start=make.NOW + 90 * make.DAY)
        self.failure = make.failure(contract=self.contract, logged=False)
        self.draft = make.draft(complete=True, **made)
        self.transactions = make.transaction_file(claim=self.draft)
        self.sent = make.sent_claim(**made)
        self.proposal = make.proposal(claim=self.sent_days_ago(3))
        self.decided = make.decided(proposal=make.proposal(claim=self.sent_days_ago(5)))
        self.credit = self.decided.credits.get()
        self.posting = ledger.application(of=self.credit)
        self.entry = entered(contract=self.contract)
        self.invitation, self.token = accounts.invitation(customer=self.customer)
        self.contact, contact_token = accounts.contact(customer=self.customer)
        _, address_token = accounts.address_change()
        self.tokens = {"confirm_legal_contact": contact_token, "confirm_address": address_token}
        self.tokens["switch_off_letters"] = token_of(self.contact.added_by_id, "session_reminder")
        self.imported = imported()
        work.year()
        self.hours = work.normal_hours()
        self.check = work.check()
        self.maintenance = work.planned(start=make.NOW + 12 * make.DAY, customers=[self.customer])
        self.election = elect.election(contracts=[elect.ready(**made)])
        self.shifted = elect.shifted(contract=make.contract(customer=self.customer))
        arrived = {
            "choice": "stay",
            "signer": "J. Legal",
            "received_at": make.NOW + 2 * make.DAY,
            "file": elect.document(),
        }
        self.late = enter_late_choice(election=self.shifted, **arrived, by=make.manager(), now=make.NOW + 10 * make.DAY)
        wrong = {"reason": "Typed wrongly.", "document": "Order form", "by": make.manager(), "now": make.NOW}
        self.correction = propose_terms_correction(contract=make.contract(), first=make.TODAY, **wrong)
        self.alert = one_on_record(self.customer, make.manager())
        sweep(now=make.NOW, application_now=make.NOW)
        failed = {"job": "drafts lapsed", "row": 0, "matter": self.draft.reference, "error": "…"}
        self.aside = put_in_quarantine(**failed, by=None, now=make.NOW)
        then = make.NOW - 30 * make.DAY
        self.standstill = Standstill.objects.create(what="clock", began_at=then, ended_at=then + make.HOUR)
        self.paths = {address.name: self.path(address) for address in addresses()}

    def sent_days_ago(self, days):
        return make.sent_claim(failure=make.failure(contract=self.contract, began=make.NOW - days * make.DAY))

    def path(self, address):
        return reverse(address.name, kwargs=self.values(address)) if address.name[-1] != "/" else None

    def values(self, address):
        if not address.parameters:
            return {}
        if ADMIN_LIST.match(address.name):
            app, model = address.name.removeprefix("admin:").split("_")[:2]
            row = apps.get_model(app, model).objects.order_by("pk").first()
            return {"object_id": row.pk if row else 0}
        return {parameter: self.value(address.name, parameter) for parameter in address.parameters}

    def value(self, name, parameter):
        if parameter == "reference":
            return self.reference(name)
        known = self.known[parameter]
        return known.get(name, known["else"]) if isinstance(known, dict) else known

    @cached_property
    def known(self):
        evidence = self.draft.evidence.get()
        return {
            "contract": self.contract.pk,
            "customer": self.customer.pk,
            "token": {"calendar_feed": self.feed, **self.tokens, "else": self.token},
            "activity": "integration",
            "part": 1,
            "membership": self.customer.memberships.filter(left_at__isnull=True).first().pk,
            "line": 1,
            "leave": self.leave.pk,
            "session": self.booked.sessions.get().pk,
            "act": {"admin:propose_posting": "apply", "else": "level"},
            "what": "cancel",
            "n": 1,
            "number": 1,
            "app_label": "sla",
            "content_type_id": ContentType.objects.get_for_model(Customer).pk,
            "object_id": self.customer.pk,
            "at": microseconds_of(self.alert.alert.received),
            "source": self.alert.source,
            "uidb36": "1",
            "name": "everything.xlsx",
            "key": "set-password",
            "pk": {
                "contract_year": self.contract.years.get(n=1).pk,
                "admin:customer": self.customer.pk,
                "admin:alerts_of_customer": self.customer.pk,
                "admin:alert": self.customer.pk,
                "admin:find_otherwise": self.customer.pk,
                "admin:presume_again": self.customer.pk,
                "admin:see_as_customer": self.customer.pk,
                "admin:offer_sessions": self.contract.years.get(n=1).pk,
                "contract_year_ledger": self.contract.years.get(n=1).pk,
                "year_statement": self.contract.years.get(n=1).pk,
                "year_statement_pdf": self.contract.years.get(n=1).pk,
                "admin:year_ledger": self.contract.years.get(n=1).pk,
                "admin:statement": self.contract.years.get(n=1).pk,
                "admin:statement_pdf": self.contract.years.get(n=1).pk,
                **dict.fromkeys(OF_A_LETTER, self.customer.letters.first().pk),
                "evidence": evidence.pk,
                "remove_evidence": evidence.pk,
                **dict.fromkeys(("transaction_file", "take_out_transactions"), self.transactions.pk),
                **dict.fromkeys(["admin:import_file", "admin:import_file_refused"], self.imported.file_id),
                **dict.fromkeys(["admin:import_run", "admin:import_run_refused"], self.imported.pk),
                **dict.fromkeys(OF_AN_INTERVAL, self.decided.failures.get().outage.downtimes.get().pk),
                **dict.fromkeys(("admin:contract", "admin:new_entry"), self.contract.pk),
                "admin:end_normal_hours": self.hours.pk,
                "admin:check_calendar": self.check.pk,
                "admin:accept_maintenance_notice": self.maintenance.notices.get().pk,
                **dict.fromkeys(OF_A_POSTING, self.posting.pk),
                **dict.fromkeys(OF_A_TERMS_CORRECTION, self.correction.pk),
                **dict.fromkeys([f"admin:{name}" for name in OF_A_LATE_CHOICE], self.late.pk),
                "admin:quarantined": self.aside.pk,
                "admin:prepaid": self.contract.pk,
                "admin:correct_prepaid": PrepaidPeriod.objects.first().pk,
                "admin:end_price": ListPrice.objects.first().pk,
                **dict.fromkeys(("admin:standstill", "admin:leave_windows"), self.standstill.pk),
                "admin:change_contract": self.contract.pk,
                **self.editions(),
                **dict.fromkeys(("remove_legal_contact", "send_contact_link_again"), self.contact.pk),
                **dict.fromkeys(OF_A_MEMBERSHIP, self.invitation.invited_by.memberships.get().pk),
                **dict.fromkeys(OF_AN_ENGINEER, self.engineer.pk),
                "else": self.proposal.pk,
            },
        }

    @cached_property
    def alert_log(self):
        return alert_files.handed_in(alert_files.csv_of(alert_files.row()))

    @cached_property
    def finding(self):
        return find.finding(start=make.NOW - make.DAY, customers=[self.customer])

    def editions(self):
        pages = {"policy": ["policy", "policy_text"], "terms": []}
        editions = {"policy": PolicyEdition.objects.published().get(), "terms": TermsEdition.objects.published().get()}
        for stem, names in pages.items():
            names += [f"admin:{stem}_edition", *(f"admin:{act}_{stem}" for act in EDITION_ACTS)]
        return {name: editions[stem].pk for stem, names in pages.items() for name in names}

    def reference(self, name):
        if "entry" in name:
            return self.entry.reference
        if "credit" in name or "posting" in name:
            return self.credit.reference
        if name in OF_A_FINDING:
            return self.finding.reference
        if "withdrawal" in name:
            return self.election.withdrawal.reference
        if "election_memo" in name:
            return self.shifted.reference
        if "election" in name or name == "choose":
            return self.election.reference
        if "maintenance" in name:
            return self.maintenance.reference
        if "invitation" in name:
            return self.invitation.reference
        if "cause" in name and name != "admin:name_cause":
            return self.decided.cause.reference
        if name in (
            "admin:outage",
            "admin:end_outage",
            "admin:outage_stands",
            "admin:publish_outage",
            "admin:outage_customer",
        ):
            return self.decided.failures.get().outage.reference
        if "alert_import" in name or "_alerts" in name:
            return self.alert_log.reference
        if any(word in name for word in ("outcome", "recommendation", "feedback")):
            return self.advised.reference
        if "engagement" in name or "session" in name:
            waits = ("withdraw" in name, "schedule" in name, "decline" in name)
            return (self.asked if any(waits) else self.booked).reference
        if "failure" in name or name == "start_claim":
            return self.failure.reference
        if "decision" in name:
            return self.decided.reference
        return (self.sent if name.startswith("admin:") or "receipt" in name else self.draft).reference


@shared
def world():
    return World()


VISITORS = ["nobody", *Role.values, "the other customer", "a manager", "an approver"]
TRY_ALL = ("nobody", Role.OWNER, "a manager")
"""The desk's lists are many and guarded in one place, allauth's pages are the same for all: three visitors try each of them."""


def visitor(kind, world):
    match kind:
        case "nobody":
            return None
        case "the other customer":
            return make.member(customer=make.contract().customer, roles=[Role.OWNER])
        case "a manager":
            return make.manager()
        case "an approver":
            return make.approver()
    return make.member(customer=world.customer, roles=[kind])


def browser(user):
    client = Client(raise_request_exception=False)
    if user:
        client.force_login(user)
    return client


def everything():
    """What is on record, for before and after: the rows of every table and the end of the log; sessions, throttles and allauth's
    own copy of a person's address, made when they first look, aside."""
    passing = ("django_session", "cache", "account_emailaddress", "usersessions_usersession")
    tables = [table for table in connection.introspection.table_names() if table not in passing]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT '{table}', count(*) FROM {table}" for table in tables))
        found = dict(cursor.fetchall())
    return found | {"last event": Event.objects.order_by("-pk").values_list("pk", flat=True).first()}


def walk(world, kind, tries_all=TRY_ALL):
    """Each address with its path, as far as this visitor is to try it."""
    for address in addresses():
        path = None if "logout" in address.name else world.paths[address.name]
        if path and (kind in tries_all or (address.is_ours and not ADMIN_LIST.match(address.name))):
            yield address, path


def expected(address, kind, user):
    """The answers that are right for this visitor at this address, when it is opened."""
    if not address.is_ours:
        return {200, 302, 401, 403, 404, 405} if user or address.who is ANYONE else {302, 401, 403, 405}
    if address.name == "admin:login":
        return {200, 302, 403}  # signed in already: to the desk, or the page for 403
    if address.name in ("admin:autocomplete", "admin:view_on_site") and user and user.is_staff:
        return {403, 404, 405}  # Django's own: no list of ours uses either
    if (list_of := ADMIN_LIST.match(address.name)) and user and user.is_staff:
        may = list_of[3] != "delete" and (list_of[3] != "add" or list_of[2] in CAN_BE_ADDED)
        return {200, 302} if may else {403}
    if address.name in BY_A_LINK:
        return {200, 405}
    if address.name in ONES_OWN and user and is_one_of(user, address.who):
        return {404}
    if address.who is ANYONE or (user and is_one_of(user, address.who)):
        foreign = kind == "the other customer" and address.parameters and address.name not in THE_SAME_FOR_ALL
        return {404, 405} if foreign else {200, 302, 405}
    return {403} if user else {302}


def is_right(response, right, user):
    sent_to_sign_in = response.status_code == 302 and "/login/" in response["Location"]
    return response.status_code in right and (user is not None or 200 in right or 302 not in right or sent_to_sign_in)


def written_once(page):
    """A page for what goes wrong, which each visitor gets in full the first time: at a hundred addresses more it would be the same."""
    given = {}

    def answer(request, exception):
        reader, why = getattr(request, "user", None), getattr(exception, "who", None)
        key = (reader and reader.pk, why)
        if key not in given:
            given[key] = page(request, exception).status_code
        return HttpResponse(status=given[key])

    return answer


@pytest.fixture
def refusals_written_once(monkeypatch):
    monkeypatch.setattr("config.urls.handler403", written_once(permission_denied))
    monkeypatch.setattr("config.urls.handler404", written_once(page_not_found), raising=False)


@pytest.fixture
def visitors_read_once(monkeypatch):
    """A session, and who it is of, are asked at the first of its addresses: a walk changes neither the session nor the person."""
    read, load, people, sessions = auth.get_user, SessionStore.load, {}, {}

    def get_user(request):
        key = request.session.session_key
        if key not in people:
            people[key] = read(request)
        return copy(people[key])

    def loaded(session):
        key = session.session_key
        if key not in sessions:
            sessions[key] = load(session)
        return dict(sessions[key])

    monkeypatch.setattr(auth, "get_user", get_user)
    monkeypatch.setattr(SessionStore, "load", loaded)


@pytest.fixture
def at_one_moment(monkeypatch):
    """The clock is read once, and no request has its line in the log."""
    at(monkeypatch, database_now())
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.usefixtures("refusals_written_once", "visitors_read_once", "at_one_moment")
class TestTheWalk:
    """Each visitor opens what is theirs, and gets 404 for another customer's, 403 or the sign-in for the rest."""

    @pytest.mark.parametrize("kind", VISITORS)
    def test_every_address_opens_for_whom_it_should_and_no_get_writes(self, world, kind):
        wrong = []
        user = visitor(kind, world)
        client, before = browser(user), everything()

        for address, path in walk(world, kind):
            if kind == "an approver" and address.who is MANAGERS:
                continue  # asked by the same question as a manager, who tries them all
            response = client.get(path)
            if not is_right(response, expected(address, kind, user), user):
                wrong.append((address.name, path, response.status_code))

        wrong += [("wrote", name, count) for name, count in everything().items() if count != before.get(name)]
        assert wrong == []

    def test_what_is_not_theirs_takes_no_post_either(self, world):
        wrong = []

        for kind in ("nobody", Role.CLAIMS, Role.BOOKINGS, Role.READ_ONLY, "the other customer", "a manager"):
            user = visitor(kind, world)
            client, before = browser(user), everything()
            for address, path in walk(world, kind, tries_all=["nobody"]):
                right = expected(address, kind, user)
                right |= {405} if 404 in right else set()  # somebody else's, at an address that takes no post
                if address.is_ours and 200 not in right and not is_right(client.post(path), right, user):
                    wrong.append((kind, address.name, path))
            wrong += [(kind, "wrote", name, count) for name, count in everything().items() if count != before.get(name)]

        assert wrong == []

    def test_other_methods_are_not_taken(self, world):
        """V30"""
        wrong = []
        client = browser(make.member(customer=world.customer))

        for address, path in walk(world, "an owner"):
            if address.is_ours and address.who is not MANAGERS and address.name != "admin:login":
                answers = {getattr(client, method)(path).status_code for method in ("put", "patch", "delete", "trace")}
                wrong += [(address.name, answers)] if answers != {405} else []

        assert wrong == []


class TestWithoutAnAddress:
    @pytest.mark.parametrize("path", ["/healthz", "/readyz"])
    def test_machines_ask_about_health_without_signing_in(self, client, path):
        assert client.get(path).status_code in (200, 503)

    def test_what_is_not_there_is_404(self, client):
        client.force_login(make.member())

        assert client.get("/nowhere/").status_code == 404
