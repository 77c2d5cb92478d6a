"""One story in which a letter of every kind is written: for comparing each whole with its file beside this one.

`make letters` writes the files anew; what changed in them is then read as a reader would, and committed with its cause.
"""

from __future__ import annotations

import html
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from entitlements import notices
from entitlements.actions.accounts import ask_address_change, tell_of_change
from entitlements.actions.engagements import (
    PlannedSession,
    cancel_engagement,
    decline_engagement,
    withdraw_engagement,
)
from entitlements.actions.invitations import ask_for_invitation, invite
from entitlements.actions.legal_contacts import add_legal_contact, confirm_legal_contact
from entitlements.actions.moves import move_request, move_sessions
from entitlements.actions.no_shows import note_no_show
from entitlements.actions.offers import offer_sessions
from entitlements.alarms import watch
from entitlements.models import Contract, Customer, Engagement, Invitation, Letter, Role, Standstill, SweepRun, User
from entitlements.offer_letters import OfferedLine
from entitlements.one_use import masked
from entitlements.reminders import remind_of_session, remind_of_year
from entitlements.rules.days import local_day
from entitlements.rules.spans import Span
from entitlements.undelivered import pass_on
from sla.actions.audits import Auditor, open_audit
from sla.actions.causes import merge_causes
from sla.actions.claims import lapse_claim
from sla.actions.corrections import correct_downtime
from sla.actions.election_effects import decide_election
from sla.actions.elections import choose, note_arrival, remind_of_election
from sla.actions.extensions import extend_windows
from sla.actions.maintenance import cancel_maintenance, change_window
from sla.actions.publishing import open_the_way, publish_outage
from sla.actions.scans import note_scan
from sla.actions.second_looks import reopen_claim
from sla.actions.withdrawals import cancel_withdrawal
from sla.digest import write_digests
from sla.information import remind_of_request
from sla.models import Evidence
from sla.reminders import remind_of_draft, remind_of_failure
from tests import credit_factories as ledger
from tests import election_factories as elect
from tests import factories as make
from tests import maintenance_factories as work
from tests import outcome_factories as told
from tests import question_factories as questions
from tests.factories import DAY, HOUR, NOW
from tests.sla.alerts import files as alert_files

FOLDER = Path(__file__).parent
NUMBER = re.compile(r"(?:(?<=/proposals/)|(?<=/postings/))[0-9]+")
REFERENCE = re.compile(r"\b([A-Z]{2,5})-[0-9A-Z]{4}-[0-9A-Z]{4}\b|\b(?<=ALARM)-[0-9]+\b")


def every_letter() -> dict[str, Letter]:
    """The first letter of each kind, written out; one kind is written for claims and for elections."""
    _about_the_desk()
    customer = make.customer(name="Acme & Sons")
    olivia = make.member(
        customer=customer,
        name="Olivia Owner",
        email="olivia@acme.example",
        roles=[Role.OWNER, Role.BOOKINGS, Role.CLAIMS],
    )
    contract = make.contract(customer=customer, level="silver", first=date(2025, 8, 10), last=date(2027, 8, 9))
    Contract.objects.filter(pk=contract.pk).update(order_form="OF-2025-17")
    contract.refresh_from_db()
    _about_people(olivia)
    _about_sessions(contract, olivia)
    _about_unused_places(contract)
    _about_claims(contract)
    _about_maintenance(customer)
    _about_alert_logs(customer)
    _about_an_election(contract, olivia)
    _about_one_that_came_back(olivia)
    found: dict[str, Letter] = {}
    for letter in Letter.objects.select_related("person").order_by("pk"):
        name = f"{letter.kind}_election" if letter.context["of"].get("election") else letter.kind
        if name not in found:
            notices.render(letter)
            found[name] = letter
    return found


def _about_the_desk() -> None:
    """A clock that has never turned, until it does; and the morning after."""
    make.request()
    User.objects.filter(is_staff=True).update(joined_at=NOW - DAY)
    watch(now=NOW)
    write_digests(now=NOW + DAY)
    SweepRun.objects.create(started_at=NOW + DAY, ended_at=NOW + DAY, as_of=NOW, clock_offset_ms=0)
    watch(now=NOW + DAY)


def as_read(letter: Letter) -> str:
    """Subject and text as its file has them: without what is drawn by lot, and without blanks at line ends."""
    whole = NUMBER.sub("1", f"Subject: {letter.subject}\n\n{masked(letter.text, letter.addressee)}")
    return "".join(
        f"{line.rstrip()}\n" for line in REFERENCE.sub(lambda found: f"{found[1] or ''}-REF", whole).splitlines()
    )


def only_in_the_text(letter: Letter) -> list[str]:
    """The lines of the text whose words the HTML does not have, in their order."""
    seen = re.sub(r"<[^>]+>", " ", letter.html.partition("</head>")[2])
    told = _words(html.unescape(seen))
    return [line for line in letter.text.splitlines() if _words(line) not in told]


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text))


def file_of(kind: str) -> Path:
    return FOLDER / f"{kind}.txt"


def _about_people(olivia: User) -> None:
    customer = olivia.memberships.get().customer
    invite(customer=customer, email="ben@acme.example", name="Ben Booker", roles=[Role.BOOKINGS], by=olivia, now=NOW)
    ask_for_invitation(invitation=Invitation.objects.get(), by=None, now=NOW + 20 * DAY)
    add_legal_contact(customer=customer, name="Lea Legal", email="legal@acme.example", by=olivia, now=NOW)
    ask_address_change(email="olivia@new.example", by=olivia, now=NOW)
    tell_of_change(what="A second factor was added", by=olivia, now=NOW)


def _about_sessions(contract: Contract, olivia: User) -> None:
    eve = make.engineer(name="Eve Engineer")
    booked = make.scheduled(engagement=_asked(contract, olivia), engineer=eve)
    Engagement.objects.filter(pk=booked.pk).update(preparation={"Incident Management": "not_yet"})
    remind_of_session(bookedsession=booked.sessions.get(), now=NOW + 13 * DAY)
    moved = make.scheduled(engagement=_asked(contract, olivia), engineer=eve, start=NOW + 15 * DAY)
    move_sessions(
        engagement=moved,
        sessions=[PlannedSession(NOW + 20 * DAY, eve)],
        by=olivia,
        now=NOW,
        reason="We need a week more.",
    )
    cancel_engagement(engagement=moved, side="vendor", reason="Eve is ill.", by=make.manager(), now=NOW)
    declined = _asked(contract, olivia)
    decline_engagement(engagement=declined, reason="Nobody is free in June.", by=make.manager(), now=NOW)
    told.given(contract=contract, activity="integration")
    missed = make.scheduled(engagement=_asked(contract, olivia), engineer=eve, start=NOW + 9 * DAY)
    note_no_show(engagement=missed, side="customer", by=make.manager(), now=NOW + 10 * DAY)
    postponed = _asked(contract, olivia)
    move_request(engagement=postponed, day=postponed.day + 7 * DAY, by=make.manager(), now=NOW)
    withdraw_engagement(engagement=postponed, by=olivia, now=NOW)


def _about_maintenance(customer: Customer) -> None:
    by = make.manager()
    work.year(by=by)
    period = work.planned(start=NOW + 12 * DAY, minutes=90, customers=[customer], by=by)
    window = Span(NOW + 13 * DAY, NOW + 13 * DAY + HOUR)
    change_window(period=period, window=window, why="A part is late.", by=by, now=NOW)
    cancel_maintenance(period=period, why="The part is not needed.", by=by, now=NOW)


def _about_alert_logs(customer: Customer) -> None:
    alert_files.imported(alert_files.csv_of(alert_files.row(1, customer=customer.external_id)))


def _about_an_election(contract: Contract, olivia: User) -> None:
    """Chosen, and decided for a customer who did not; another is cancelled."""
    other = make.contract(customer=contract.customer)
    Contract.objects.filter(pk=other.pk).update(order_form="OF-2025-18")
    for made in (contract, other):
        elect.prepaid(contract=made)
    legal = contract.customer.legal_contacts.get()
    confirm_legal_contact(contact=legal, by=None, now=NOW)
    election = elect.election(contracts=[contract])
    elect.accepted(election, at=NOW + HOUR)
    note_arrival(election=election, now=NOW + HOUR)
    remind_of_election(election=election, now=NOW + 5 * DAY)
    choose(election=election, choice="shift", by=olivia, now=NOW + 6 * DAY)
    election.refresh_from_db()
    assert election.deadline
    _about_a_standstill(election.deadline, election.contract)
    decide_election(election=election, now=NOW + 13 * DAY)
    cancel_withdrawal(
        withdrawal=elect.released(contracts=[Contract.objects.get(pk=other.pk)]),
        reason="The insurance goes on.",
        by=make.manager(),
        now=NOW + 13 * DAY,
    )
    make.standard_terms(contract=other, first=date(2026, 6, 8))


def _about_one_that_came_back(olivia: User) -> None:
    cara = make.member(customer=olivia.memberships.get().customer, name="Cara Claims", email="cara@acme.example")
    letter = Letter.objects.filter(kind="session_booked", person=olivia).earliest("pk")
    notices.render(letter)
    with transaction.atomic():
        pass_on(Letter.objects.create(**_same(letter), person=cara, addressee=cara.email, message_id="<cara>"), now=NOW)


def _same(letter: Letter) -> dict[str, Any]:
    names = ("kind", "matter", "deadline", "customer", "context", "subject", "text", "written_at", "due_at")
    return {name: getattr(letter, name) for name in names}


def _asked(contract: Contract, olivia: User) -> Engagement:
    return make.request(contract=contract, by=olivia)


def _about_unused_places(contract: Contract) -> None:
    year = contract.years.order_by("n").first()
    lines = [OfferedLine("Integration Consultation", 2, (NOW + 5 * DAY, NOW + 6 * DAY))]
    offer_sessions(year=year, lines=lines, by=make.manager(), now=NOW)
    remind_of_year(contractyear=year, now=datetime.fromisoformat("2026-07-12T12:00Z"))


def _about_a_published_outage(contract: Contract) -> None:
    outage = make.outage(customer=contract.customer, start=NOW - 4 * DAY, minutes=40)
    publish_outage(outage=outage, by=make.manager(), now=NOW)
    open_the_way(opening=outage.openings.get(), now=NOW)
    log, start = outage.downtimes.get(), NOW - 4 * DAY
    correct_downtime(
        downtime=log, start=start, end=start + HOUR, reason="The other log.", by=make.manager(), now=NOW + HOUR
    )
    open_the_way(opening=outage.openings.get(), now=NOW + HOUR)


def _about_a_short_outage(contract: Contract) -> None:
    outage = make.outage(customer=contract.customer, start=NOW - 7 * DAY, minutes=12)
    publish_outage(outage=outage, by=make.manager(), now=NOW)
    open_the_way(opening=outage.openings.get(), now=NOW)


def _about_a_standstill(end: datetime, contract: Contract) -> None:
    still = Standstill.objects.create(what="clock", began_at=end - 2 * HOUR, ended_at=end + HOUR, windows_ended=1)
    day = local_day(end, contract.tz) + 3 * DAY
    extend_windows(standstill=still, last_day=day, reason="By our record.", by=make.manager(), now=end + 2 * HOUR)


def _about_claims(contract: Contract) -> None:
    reported = make.failure(contract=contract)
    remind_of_failure(failure=reported, now=reported.remind_at)
    begun = make.draft(failure=reported)
    remind_of_draft(claim=begun, now=begun.closes_at - 3 * DAY)
    lapse_claim(claim=begun, now=begun.closes_at + HOUR)
    _about_a_standstill(begun.closes_at, contract)
    sent = make.sent_claim(failure=make.failure(contract=contract, began=NOW - 2 * DAY))
    _about_a_published_outage(contract)
    _about_a_short_outage(contract)
    one, other = make.manager(name="Morgan Whitfield"), make.approver(name="Idris Oyelaran")
    credited = make.decided(proposal=make.proposal(claim=sent, by=one), by=other)
    applied = {"amount": "500.00", "invoice": "INV-2025-11", "by": one}
    ledger.posted(ledger.application(of=credited.credits.get(), **applied), by=other)
    asked = questions.asked(claim=make.sent_claim(failure=make.failure(contract=contract, began=NOW - 3 * DAY)))
    remind_of_request(informationrequest=asked, now=asked.answer_by - 3 * DAY)
    denied = questions.denied(claim=make.sent_claim(failure=make.failure(contract=contract, began=NOW - 5 * DAY)))
    Evidence.objects.filter(claim=denied).update(scan="waiting")
    note_scan(evidence=denied.evidence.get(), verdict="refused", by=None, now=NOW + 2 * DAY)
    reopen_claim(claim=denied, reason="The second ledger shows more.", by=make.manager(), now=NOW + 3 * DAY)
    open_audit(
        claim=make.sent_claim(failure=make.failure(contract=contract, began=NOW - 4 * DAY)),
        auditor=Auditor(side="independent", email="ada@ledgers.example", name="Ada Auditor", firm="Ledgers & Co"),
        scope="The orders of October against the bank's own list.",
        answer_by=NOW + 20 * DAY,
        by=make.manager(),
        now=NOW + DAY,
    )
    same = make.sent_claim(failure=make.failure(contract=contract, began=NOW - 6 * DAY))
    merge_causes(kept=sent.cause, merged=same.cause, reason="One switch.", by=make.manager(), now=NOW + 4 * DAY)
