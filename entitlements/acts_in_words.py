"""What the event log says of an act, as people at the desk read it: its verb and its note in words, one table for every timeline."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date

from entitlements import wording
from entitlements.rules.days import day_in_words
from entitlements.rules.editions import LEVELS

VERBS: Mapping[str, str] = {
    "business_days.recorded": "Holidays and weekend of a year recorded",
    "alert.cause_found": "Cause of a late alert found to be no outage",
    "alert.finding_taken_back": "Finding on the cause of a late alert taken back",
    "alerts.checked": "Alert log checked",
    "alerts.columns_named": "Columns of the alert log named",
    "alerts.confirmed": "Import of the alert log confirmed",
    "alerts.failed": "Alert log could not be dealt with",
    "alerts.handed_in": "Alert log handed in",
    "alerts.imported": "Alert log imported",
    "alerts.left": "Alert log left",
    "alerts.month_dropped": "Alert logs of a month dropped",
    "alerts.undo_asked": "Undoing of the alert log asked for",
    "alerts.undone": "Import of the alert log undone",
    "cause.fixed": "Cause fixed",
    "cause.merged": "Causes merged into one",
    "claim.approved": "Claim approved",
    "claim.audit_closed": "Audit closed",
    "claim.audit_opened": "Audit opened",
    "claim.begun": "Claim begun",
    "claim.by_transactions": "Claimed by the list of transactions again",
    "claim.cap_recorded": "Cap recorded in the contract’s currency",
    "claim.cause_named": "Cause named",
    "claim.contact_saved": "Contact and consent saved",
    "claim.credited": "Credit posted",
    "claim.decision_proposed": "Decision proposed",
    "claim.declared": "Answers declared to be true",
    "claim.denied": "Claim denied",
    "claim.covered": "Covered by the credit of the same cause",
    "claim.failure_added": "Another failure of the same cause added",
    "claim.information_given": "Customer answered what was asked",
    "claim.information_requested": "Customer asked for more",
    "claim.lapsed": "Draft of the claim lapsed",
    "claim.exclusion_changed": "Exclusions changed: judged anew",
    "claim.exclusion_examined": "Exclusion examined, not found",
    "claim.not_answered": "Not answered in time: in review as it stands",
    "claim.reopened": "Claim reopened for a second look",
    "claim.request_reminder": "Reminder of what was asked looked at",
    "claim.request_taken_back": "What was asked is needed no longer",
    "claim.second_look_asked": "Customer asked for a second look",
    "claim.second_look_declined": "Second look declined: the decision stands",
    "claim.facts_changed_since": "Facts corrected after the decision, which stands",
    "claim.line_kept": "Line kept",
    "claim.lines_documented": "Document of lines named",
    "claim.lines_kept": "Lines kept",
    "claim.lines_struck": "Lines struck",
    "claim.line_struck": "Line struck",
    "claim.maintenance_changed": "Facts of maintenance changed: judged anew",
    "claim.outage_assigned": "Outage assigned to the claim",
    "claim.outage_found": "Cause known: our logs have the outage",
    "claim.lateness_waived": "Lateness waived by a second person",
    "claim.proposal_returned": "Proposal returned",
    "claim.came_in_writing": "The same claim came in writing, in place of this draft",
    "claim.came_too_late": "Claim that came in writing, after its time had ended, put on record",
    "claim.received_in_writing": "Claim that came in writing put on record",
    "claim.put_aside": "Put aside",
    "claim.recomputed": "Figures recomputed, since facts were corrected",
    "claim.reminder": "Reminder of the draft looked at",
    "claim.sent": "Claim sent and received",
    "claim.expenses_saved": "Questions about expenses answered",
    "claim.rates_saved": "Claimed by the rate of the months before",
    "claim.sent_itself": "Claim sent by itself and received",
    "claim.taken_up_again": "Taken up again",
    "claim.taken": "Review begun",
    "claim.transaction_removed": "Lost transaction removed",
    "claim.transaction_file_kept": "File of lost transactions handed in",
    "claim.transactions_added": "Lost transactions added",
    "claim.transactions_brought_in": "Lost transactions brought in by a file",
    "claim.transactions_taken_out": "Lost transactions of a file taken out",
    "claim.window_extended": "Time to claim made longer after a standstill of ours",
    "claim.waiver_proposed": "Waiver of lateness proposed",
    "claim.waiver_returned": "Waiver of lateness returned",
    "claim.window_widened": "Time to claim made longer by our logs",
    "claim.withdrawn": "Claim withdrawn",
    "clock.compared": "What the clock did compared with what it should have done",
    "clock.stood_still": "The clock stood still until then",
    "contract.amended": "Contract amended",
    "contract.extended": "Contract extended",
    "contract.fees_corrected": "Fees corrected",
    "contract.fees_recorded": "Fees recorded",
    "contract.level_changed": "Level changed",
    "contract.opened": "Contract opened",
    "contract.override_added": "Override added",
    "contract.override_ended": "Override ended",
    "contract.plan_changed": "Plan or discount changed",
    "contract.plan_is_not_the_notices": "Plan or discount is another than when the notice was released",
    "contract.product_added": "Product added",
    "contract.product_ended": "Product ended",
    "contract.reminder": "Reminder of unused sessions written",
    "contract.reminder_to_nobody": "Sessions unused, but no owner to remind of them",
    "contract.renewed": "Contract renewed",
    "contract.resumed": "Contract resumed",
    "contract.sessions_offered": "Sessions offered",
    "contract.start_changed": "First day corrected",
    "contract.suspended": "Contract suspended",
    "contract.terminated": "Contract terminated",
    "contract.election_took_effect": "Plan, fee and terms changed by an election",
    "contract.prepaid_corrected": "What was paid ahead corrected",
    "contract.prepaid_entered": "What was paid ahead entered",
    "election.cancelled": "Election cancelled",
    "election.chosen": "Customer chose",
    "election.contract_ended": "The contract ended first: void, or looked at again",
    "election.document_opened": "Document of a choice in writing opened",
    "election.entered_late": "Choice in writing, received in time, entered after the effect, for a second person",
    "election.late_choice_confirmed": "Choice in writing, entered after the effect, confirmed by a second person",
    "election.late_choice_returned": "Choice in writing, entered after the effect, given back",
    "election.entered_in_writing": "Choice in writing entered",
    "election.notice_came_back": "Notice came back",
    "election.notice_sent_again": "Another notice written",
    "election.opened": "Notice opened in the portal",
    "election.outcome_told": "Customer told of the outcome",
    "election.reached": "Notice reached the customer: the seven days began",
    "election.released": "Figures of the notice fixed",
    "election.reminder": "Reminder of the election looked at",
    "election.stopped": "No notice stands any more: the seven days stopped",
    "election.taken_back": "Customer took the choice back",
    "election.took_effect": "Election took effect",
    "election.vendor_choice": "Choice for silence recorded",
    "price.ended": "List price ended",
    "price.entered": "List price entered",
    "withdrawal.cancelled": "Withdrawal cancelled",
    "withdrawal.contracts_taken_out": "Contracts taken out",
    "withdrawal.prepared": "Withdrawal prepared",
    "withdrawal.proposal_taken_back": "Back in preparation",
    "withdrawal.proposed": "Proposed to a second person",
    "withdrawal.released": "Withdrawal released",
    "contract.terms_changed": "Terms changed",
    "contract.terms_corrected": "Enterprise terms, on record by mistake, corrected by two people",
    "contract.terms_correction_proposed": "Correction to Standard terms proposed",
    "contract.terms_correction_told": "Customer told of the correction to Standard terms",
    "contract.terms_correction_returned": "Correction to Standard terms given back",
    "contract.terms_extended": "Terms extended",
    "contract.terms_moved": "Terms moved with the first day",
    "contract.terms_recorded": "Terms recorded",
    "contract.year_ended": "Contract year ended",
    "contract.zone_changed": "Zone changed",
    "credit.application": "Credit applied to an invoice",
    "credit.correction": "Line of the ledger corrected",
    "credit.posting_proposed": "Line of the ledger proposed",
    "credit.posting_returned": "Proposed line of the ledger returned",
    "credit.reversal": "Line of the ledger reversed",
    "customer.added": "Customer added",
    "customer.changed": "Customer changed",
    "customer.exported": "Data of the customer exported",
    "customer.seen_as": "Portal looked at as the customer",
    "engagement.cancelled": "Engagement cancelled",
    "engagement.declined": "Request declined",
    "engagement.delivered": "Engagement delivered",
    "engagement.follow_up_booked": "Follow-up booked",
    "engagement.follow_up_cancelled": "Follow-up cancelled",
    "engagement.handed_on": "What is left of it handed on",
    "engagement.lapsed": "Request lapsed",
    "engagement.missed_reminder": "Reminder of the session missed",
    "engagement.not_reminded": "Not reminded of the session: the contract does not run",
    "engagement.moved": "Moved",
    "engagement.no_show": "No-show noted",
    "engagement.no_show_counted": "No-show counted",
    "engagement.passed_on": "Session passed on",
    "engagement.place_given_back": "Place given back",
    "engagement.reminder": "Reminder of the session written",
    "engagement.requested": "Engagement requested",
    "engagement.scheduled": "Engagement scheduled",
    "engagement.session_held": "Session held",
    "engagement.withdrawn": "Request withdrawn",
    "engineer.account_ended": "Account ended",
    "engineer.added": "CSE added",
    "engineer.changed": "CSE changed",
    "engineer.feed_ended": "Calendar address ended",
    "engineer.feed_made": "Calendar address made",
    "engineer.hours_set": "Working hours set",
    "engineer.leave_entered": "Leave entered",
    "engineer.leave_taken_back": "Leave taken back",
    "engineer.leaves_the_firm": "Leaves the firm",
    "entry.confirmed": "Confirmed by a second person",
    "entry.document_opened": "Letter or e-mail of an entry opened",
    "entry.entered": "Entered for a customer",
    "entry.returned": "Sent back",
    "evidence.added": "Document added",
    "evidence.opened": "Document opened",
    "evidence.removed": "Document removed",
    "evidence.scanned": "Document scanned",
    "failure.reminder": "Reminder of the claim looked at",
    "failure.found": "Put on record by us: the outage was published",
    "failure.matched": "Matched with our logs of a published outage",
    "failure.reported": "Failure reported",
    "failure.window_ended": "Time to claim ended",
    "election.window_extended": "Time to choose made longer after a standstill of ours",
    "failure.window_extended": "Time to claim made longer after a standstill of ours",
    "failure.window_widened": "Time to claim made longer by our logs",
    "feedback.changed": "Feedback changed",
    "feedback.given": "Feedback given",
    "finding.corrected": "Finding of cause recorded in place of another",
    "finding.document_kept": "Evidence of a finding handed in",
    "finding.document_opened": "Evidence of the finding opened",
    "finding.recorded": "Finding of cause recorded",
    "finding.withdrawn": "Finding of cause withdrawn",
    "import.applied": "Import applied",
    "import.file_kept": "File handed in for import",
    "invitation.accepted": "Invitation accepted",
    "invitation.asked_for_anew": "New invitation asked for",
    "invitation.sent": "Invitation sent",
    "invitation.withdrawn": "Invitation withdrawn",
    "legal_contact.added": "Legal contact added",
    "legal_contact.asked_again": "Legal contact asked again",
    "legal_contact.confirmed": "Legal contact confirmed",
    "legal_contact.removed": "Legal contact removed",
    "letter.bounced": "Letter came back",
    "letter.delayed": "Letter reported as delayed",
    "letter.delivered": "Letter reported as delivered",
    "letter.others_told": "Others told that the letter did not arrive",
    "letter.opened": "Letter opened in the portal",
    "letter.queued_again": "Letter sent again",
    "maintenance.cancelled": "Maintenance cancelled",
    "maintenance.changed": "Window changed",
    "maintenance.corrected": "What really ran corrected",
    "maintenance.ended": "Maintenance ended",
    "maintenance.notice_came_back": "Notice of maintenance came back: not given by that letter",
    "maintenance.notice_accepted": "Acceptance of the notice entered",
    "maintenance.planned": "Maintenance planned and announced",
    "maintenance.recorded": "Maintenance recorded",
    "maintenance.started": "Maintenance begun",
    "calendar.check_asked": "Check of the calendar asked for",
    "calendar.checked": "Calendar of a year checked",
    "normal_hours.ended": "Normal hours ended",
    "normal_hours.recorded": "Normal hours recorded",
    "outage.corrected": "Interval of the logs corrected",
    "outage.ended": "Outage ended",
    "outage.interval_withdrawn": "Interval of the logs withdrawn",
    "outage.opened": "Worked off for a customer: what can be claimed is opened",
    "outage.published": "Outage published",
    "outage.recorded": "Outage recorded",
    "outage.stands": "How it stands",
    "outcome.amended": "Outcome amended",
    "outcome.drafted": "Outcome drafted",
    "outcome.given": "Outcome given",
    "pages.answer": "The pages answer again",
    "pages.silent": "The pages do not answer",
    "person.address_change_asked": "Change of address asked for",
    "person.reminders_chosen": "Reminders chosen",
    "person.address_works": "Letters said to arrive again",
    "person.address_changed": "Address changed",
    "person.copies_chosen": "Copies of letters chosen",
    "person.display_chosen": "Zone and way of writing days chosen",
    "person.left": "Person left",
    "person.roles_changed": "Roles changed",
    "person.signed_out_elsewhere": "Signed out everywhere else",
    "person.taken_out": "Person taken out",
    "person.told_of_change": "Told of a change of the account",
    "policy.changed": "Draft changed",
    "policy.discarded": "Draft discarded",
    "policy.drafted": "Drafted",
    "policy.proposed": "Proposed",
    "policy.published": "Published",
    "policy.returned": "Returned",
    "quarantine.ended": "Out of quarantine",
    "quarantine.entered": "Could not be done by the clock",
    "quarantine.released": "Released from quarantine",
    "recommendation.moved": "Recommendation moved on",
    "staff.changed": "Staff changed",
    "staff.on_call": "On call, or no more",
    "terms.changed": "Draft changed",
    "terms.discarded": "Draft discarded",
    "terms.drafted": "Drafted",
    "terms.proposed": "Proposed",
    "terms.published": "Published",
    "terms.returned": "Returned",
    "windows.extended": "Windows made longer after a standstill of ours",
    "windows.left": "Windows left as they are after a standstill of ours",
}

SIDES = {"customer": "By the customer", "vendor": "By us"}
_UNITS = {"d": ("day", "days"), "h": ("hour", "hours")}
_OF_LINES = ("claim.line_kept", "claim.line_struck", "claim.transaction_removed")
_OF_LETTERS = tuple(verb for verb in VERBS if verb.startswith("letter."))
_SHA256 = re.compile(r"[0-9a-f]{64}")
_POINT = re.compile(r"(\d+)([dh])")
_LEVEL = re.compile(rf"({'|'.join(LEVELS)}) from (\d{{4}}-\d\d-\d\d)(.*)", re.DOTALL)
_DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b")


def act_in_words(verb: str) -> str:
    """'No-show counted' for `engagement.no_show_counted`; an act that the table does not have is read as it is written."""
    return VERBS.get(verb) or verb.replace(".", " ").replace("_", " ").capitalize()


def note_in_words(verb: str, note: str) -> str:
    """The note of an act without its codes: '60d' is '60 days before', 'customer: Nobody came.' 'By the customer: Nobody came.'"""
    read = _READERS.get(verb)
    return read(note) if read and note else note


def point_in_words(note: str) -> str:
    """'7 days before' for the point `7d` of a ladder (T1); also where it names the request that it is about, as `7d/12`."""
    if found := _POINT.fullmatch(note.partition("/")[0]):
        return f"{wording.counted(int(found[1]), *_UNITS[found[2]])} before"
    return {"at_once": "At once", "none due": "None was due"}.get(note, note)


def _side(note: str) -> str:
    side, colon, said = note.partition(":")
    return f"{SIDES[side]}{colon}{said}" if side in SIDES else note


def _level(note: str) -> str:
    found = _LEVEL.fullmatch(note)
    return f"{LEVELS[found[1]]} from {_in_days(found[2])}{found[3]}" if found else note


def _hash(note: str) -> str:
    return f"SHA-256 {note[:12]}…" if _SHA256.fullmatch(note) else note


def _letter(note: str) -> str:
    kind, to, addressee = note.partition(" to ")
    return f"{wording.label_in_words(kind)}{to}{addressee}"


def _in_days(note: str) -> str:
    return _DAY.sub(lambda found: day_in_words(date.fromisoformat(found[0])), note)


def _proposed(note: str) -> str:
    return f"To {note}"


_READERS: Mapping[str, Callable[[str], str]] = {
    **dict.fromkeys(
        (
            "contract.reminder",
            "contract.reminder_to_nobody",
            "claim.reminder",
            "claim.request_reminder",
            "election.reminder",
            "failure.reminder",
        ),
        point_in_words,
    ),
    **dict.fromkeys(("evidence.added", "evidence.opened", "evidence.removed"), _hash),
    **dict.fromkeys(("finding.document_opened", "entry.document_opened", "election.document_opened"), _hash),
    **dict.fromkeys(
        ("engagement.session_held", "engagement.follow_up_booked", *_OF_LINES),
        wording.label_in_words,
    ),
    **dict.fromkeys(
        ("contract.terminated", "contract.extended", "contract.terms_extended", "contract.terms_moved"), _in_days
    ),
    **dict.fromkeys(_OF_LETTERS, _letter),
    "claim.decision_proposed": _proposed,
    "contract.level_changed": _level,
    "engagement.no_show": _side,
}
