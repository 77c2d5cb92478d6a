"""What tests stand on: keyword-only functions that make things through the product's own actions, where there are any.

Everything has a sensible default and happens at `NOW` or a little later; time is always handed in, no factory reads a clock. A
factory asked for one thing makes what it stands on: `sent_claim()` has a customer, a contract on Enterprise terms, an outage on
record, a report and a complete draft behind it. Names count up, so that two of a kind never clash.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from itertools import count, islice

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.backends.postgresql.psycopg_any import DateRange

from entitlements.actions.contracts import open_contract
from entitlements.actions.engagements import PlannedSession, request_engagement, schedule_engagement
from entitlements.actions.fees import record_fees
from entitlements.models import (
    Activity,
    CapOverride,
    Contract,
    Customer,
    Engagement,
    Engineer,
    Leave,
    Membership,
    Product,
    Role,
    User,
    WorkingHours,
)
from entitlements.rules.days import add_months, first_of_month, local_day
from sla import uploads
from sla.actions.claims import TransactionLine, add_evidence, add_transactions, declare, save_contact, start_claim
from sla.actions.claims import submit_claim as _submit_claim
from sla.actions.decisions import approve_proposal, propose_decision
from sla.actions.failures import report_failure
from sla.actions.outages import LoggedInterval, record_outage
from sla.actions.terms_corrections import approve_terms_correction, propose_terms_correction
from sla.actions.transaction_files import keep_transaction_file
from sla.models import (
    Claim,
    Downtime,
    Evidence,
    Failure,
    LostTransaction,
    Outage,
    Proposal,
    TermsCorrection,
    TermsPeriod,
    TransactionFile,
)

NOW = datetime(2026, 6, 10, 14, 0, tzinfo=UTC)
"""Wednesday, June 10, 2026: ten in the morning in New York. The first editions of both documents are in force."""

TODAY = NOW.date()
FIRST, LAST = date(2026, 1, 1), date(2027, 12, 31)
"""The default contract's term: two contract years, of which the first is running at NOW."""

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PASSWORD = "correct horse battery staple"
WORDING = "We take this as advice and carry it out ourselves."

ALWAYS, OFFICE = (range(7), 0, 24), (range(5), 9, 17)
"""Working hours: around the clock; nine to five from Monday to Friday."""

_numbers = count(1)


# --- People


def customer(*, name: str | None = None) -> Customer:
    n = next(_numbers)
    return Customer.objects.create(name=name or f"Customer {n}", external_id=f"C-{n:05}")


def person(*, name: str | None = None, email: str | None = None, **fields: object) -> User:
    n = next(_numbers)
    return User.objects.create_user(email or f"person{n}@customer.example", name=name or f"Person {n}", **fields)


def member(*, customer: Customer | None = None, roles: Sequence[str] = (Role.OWNER,), **fields: object) -> User:
    """A person among the customer's people, with these roles there."""
    user = person(**fields)
    Membership.objects.create(user=user, customer=customer or _customer(), roles=list(roles))
    return user


def manager(**fields: object) -> User:
    """Somebody at the desk, who proposes but does not approve. Signs in with PASSWORD."""
    n = next(_numbers)
    named = {"name": f"Manager {n}", "email": f"manager{n}@vendor.example", **fields}
    return person(password=PASSWORD, is_staff=True, is_superuser=True, **named)


def approver(**fields: object) -> User:
    """Somebody at the desk who may be the second person (S19). Signs in with PASSWORD."""
    n = next(_numbers)
    return manager(may_approve=True, **{"name": f"Approver {n}", **fields})


def one_of(customer: Customer, role: str = Role.OWNER) -> User:
    """Somebody of the customer with the role: whoever is there already, else somebody new."""
    theirs = customer.memberships.filter(left_at__isnull=True, roles__contains=[role])
    held = theirs.select_related("user").order_by("pk").first()
    return held.user if held else member(customer=customer, roles=[role])


# --- Contracts


def contract(
    *,
    customer: Customer | None = None,
    level: str = "gold",
    levels: Sequence[tuple[date, str]] | None = None,
    first: date = FIRST,
    last: date = LAST,
    zone: str = "America/New_York",
    products: Sequence[str] | None = None,
    plan: str = "Business",
    currency: str = "USD",
    enterprise: bool = True,
    fees: bool = True,
    by: User | None = None,
    now: datetime = NOW,
) -> Contract:
    """A contract with all six products, on Enterprise terms for its whole term, and 120 seats at 41.00 paid in every month.

    `levels` are (first day, level) where the level changes; `enterprise` False: on Standard terms; `fees` False: none on record.
    """
    n = next(_numbers)
    by = by or manager()
    made = open_contract(
        customer=customer or _customer(),
        order_form=f"OF-{n:05}",
        account=f"account-{n}",
        first=first,
        last=last,
        zone=zone,
        levels=levels or [(first, level)],
        products=list(Product.objects.values_list("pk", flat=True)) if products is None else products,
        plan=plan,
        currency=currency,
        by=by,
        now=now,
    )
    kind = TermsPeriod.Kind.ENTERPRISE if enterprise else TermsPeriod.Kind.STANDARD
    TermsPeriod.objects.create(contract=made, terms=kind, days=DateRange(first, last + DAY))
    if fees:
        record_fees(contract=made, months=_fees_of(first, last), by=by, now=now)
    return made


def standard_terms(*, contract: Contract, first: date = FIRST, now: datetime = NOW) -> TermsCorrection:
    """The contract is on Standard terms from a day on: its Enterprise terms were on record by mistake, and two people correct it."""
    told = {"reason": "Typed wrongly.", "document": "Order form, page 2"}
    proposed = propose_terms_correction(contract=contract, first=first, by=manager(), now=now, **told)
    return approve_terms_correction(correction=proposed, by=approver(), now=now)


def _fees_of(first: date, last: date) -> dict[date, tuple[Decimal, int]]:
    months = (add_months(first_of_month(first), n) for n in range(36))
    return {month: (Decimal("41.00"), 120) for month in months if month <= last}


def override(
    *,
    contract: Contract,
    activity: str | None = None,
    pool: str = "",
    cap: int | None = None,
    unlimited: bool = False,
    days: tuple[date, date] | None = None,
) -> CapOverride:
    """E8: the contract's own cap for an activity, or for a pool by its key; no number and not `unlimited` is N/A."""
    return CapOverride.objects.create(
        contract=contract,
        activity_id=activity,
        pool_key=pool,
        cap=cap,
        unlimited=unlimited,
        days=DateRange(days[0], days[1] + DAY) if days else None,
        document="Order form, section 4",
        reason="Agreed at signing.",
        agreed_at=NOW,
        agreed_by=manager(),
    )


# --- Engagements


def engineer(
    *,
    name: str | None = None,
    zone: str = "America/New_York",
    skills: Sequence[str] | None = None,
    week: Sequence[tuple[Sequence[int], int, int]] = (ALWAYS,),
) -> Engineer:
    """Somebody who can do everything (else `skills`) and works around the clock (else `week`: weekdays, from and to which hour)."""
    n = next(_numbers)
    user = person(name=name or f"Engineer {n}", email=f"engineer{n}@vendor.example")
    made = Engineer.objects.create(user=user, zone=zone)
    made.skills.set(Activity.objects.all() if skills is None else skills)
    WorkingHours.objects.bulk_create(
        WorkingHours(
            engineer=made, days=DateRange(date(2020, 1, 1), None), weekday=day, minutes=(begins * 60, ends * 60)
        )
        for weekdays, begins, ends in week
        for day in weekdays
    )
    return made


def leave(
    *,
    engineer: Engineer,
    start: datetime = NOW + DAY,
    length: timedelta = 7 * DAY,
    stand_in: Engineer | None = None,
    reason: str = "Annual leave",
    by: User | None = None,
    now: datetime = NOW,
) -> Leave:
    """A leave as it stands in the table, past all questions of an action."""
    return Leave.objects.create(
        engineer=engineer,
        during=(start, start + length),
        reason=reason,
        stand_in=stand_in,
        entered_at=now,
        entered_by=by or manager(),
    )


def activity(key: str) -> Activity:
    return Activity.objects.get(pk=key)


def request(
    *,
    contract: Contract | None = None,
    activity: str = "integration",
    day: date = TODAY + 14 * DAY,
    topic: str = "Connect the ticket system.",
    by: User | None = None,
    now: datetime = NOW,
    ps_reference: str = "",
) -> Engagement:
    """An engagement asked for on a wished day, by somebody of the customer who may book."""
    contract = contract or _contract()
    return request_engagement(
        contract=contract,
        activity=_activity(activity),
        wished_day=day,
        advice_wording=WORDING,
        topic=topic,
        ps_reference=ps_reference,
        by=by or one_of(contract.customer, Role.BOOKINGS),
        now=now,
    )


def scheduled(
    *,
    engagement: Engagement | None = None,
    contract: Contract | None = None,
    activity: str = "integration",
    start: datetime = NOW + 14 * DAY,
    engineer: Engineer | None = None,
    by: User | None = None,
    now: datetime = NOW,
) -> Engagement:
    """A request that was accepted, with its sessions booked: the first at `start`, a second one (E10) two weeks later."""
    if engagement is None:
        contract = contract or _contract()
        engagement = request(contract=contract, activity=activity, day=local_day(start, contract.tz), now=now)
    engineer = engineer or _engineer()
    starts = [start, start + 14 * DAY] if engagement.activity_id == "incident_lifecycle" else [start]
    return schedule_engagement(
        engagement=engagement,
        sessions=[PlannedSession(start=one, engineer=engineer) for one in starts],
        by=by or manager(),
        now=now,
    )


# --- Outages, failures, claims


def outage(
    *,
    customer: Customer | None = None,
    customers: Sequence[Customer] = (),
    start: datetime = NOW - DAY,
    minutes: int | None = 95,
    by: User | None = None,
    now: datetime = NOW,
    **fields: object,
) -> Outage:
    """An outage in the vendor's records, for one customer or several; `minutes` None: still going on."""
    end = None if minutes is None else start + timedelta(minutes=minutes)
    hit = [*customers, *([customer] if customer else [])] or [_customer()]
    return record_outage(
        title="Alerts were not processed",
        intervals=[LoggedInterval(customer=one, start=start, end=end) for one in hit],
        source="availability.log, lines 10 to 20",
        by=by or manager(),
        now=now,
        **fields,
    )


def failure(
    *,
    contract: Contract | None = None,
    kind: str = "A",
    began: datetime = NOW - DAY,
    minutes: int | None = 95,
    logged: bool = True,
    by: User | None = None,
    now: datetime = NOW,
    **fields: object,
) -> Failure:
    """A failure that the customer reported. An outage (A) is also in our logs at the same times, unless `logged` is False."""
    contract = contract or _contract()
    ended = None if minutes is None else began + timedelta(minutes=minutes)
    if kind == "A" and logged and not Downtime.objects.of(contract.customer).touching(began, ended).exists():
        outage(customer=contract.customer, start=began, minutes=minutes, now=now)
    return report_failure(
        contract=contract,
        kind=kind,
        began_at=began,
        ended_at=ended,
        by=by or one_of(contract.customer, Role.CLAIMS),
        now=now,
        **fields,
    )


def draft(
    *,
    failure: Failure | None = None,
    contract: Contract | None = None,
    complete: bool = False,
    sends_itself: bool = True,
    by: User | None = None,
    now: datetime = NOW,
) -> Claim:
    """A claim begun from a report; `complete`: with two lost transactions of 1,000.00 each, a document that shows
    them, a contact, the consent to an audit and the declaration, so that it could be sent."""
    failure = failure or _failure(contract=contract, now=now)
    by = by or one_of(failure.contract.customer, Role.CLAIMS)
    claim = start_claim(failure=failure, by=by, now=now)
    if not complete:
        return claim
    add_transactions(claim=claim, lines=transactions(began=failure.began_at), by=by, now=now)
    document = evidence(claim=claim, by=by, now=now)
    save_contact(
        claim=claim,
        name=by.name,
        email=by.email,
        phone="+1 212 555 0100",
        audit_consent=True,
        sends_itself=sends_itself,
        by=by,
        now=now,
    )
    claim.transactions.update(document=document)  # as a reviewer names it, many at once
    return declare(claim=claim, by=by, now=now)


def restate(claim: Claim, *, only: int | None = None, **changes: object) -> None:
    """A draft's lines (or `only` one, by number) anew, with these changes: what is listed is never changed in place."""
    of_these = claim.transactions.all() if only is None else claim.transactions.filter(line=only)
    lines = list(of_these)
    of_these.delete()
    for line in lines:
        stated = {
            name: getattr(line, name) for name in ("line", "attempted_at", "what", "revenue", "expenses", "document")
        }
        LostTransaction.objects.create(claim=claim, **stated | changes)


def transactions(*, began: datetime, lines: int = 2, revenue: str = "1200.00", expenses: str = "200.00") -> list:
    """Lost transactions inside the remedy period of an outage that began then: from twenty minutes on, a minute apart."""
    return [
        TransactionLine(
            attempted_at=began + timedelta(minutes=20 + n),
            what=f"Order {n + 1}",
            revenue=Decimal(revenue),
            expenses=Decimal(expenses),
        )
        for n in range(lines)
    ]


def transaction_file(
    *, claim: Claim, content: bytes = b"", name: str = "orders.csv", by: User | None = None, now: datetime = NOW
) -> TransactionFile:
    """A file of lost transactions that was handed in, and of which nothing is in the list yet; without `content` of one row."""
    content = content or b"transaction,attempted,revenue,expenses\nOrder 4711,2026-06-09 10:20,1200.50,200.50\n"
    file = uploads.CheckedFile(name, name.rpartition(".")[2], content, sha256(content).hexdigest())
    return keep_transaction_file(claim=claim, file=file, by=by or claim.opened_by, now=now)


def document(*, name: str = "orders.csv", content: bytes = b"order,sum\n1,1200.00\n") -> uploads.CheckedFile:
    """A file as it stands after the checks of an upload."""
    return uploads.check(SimpleUploadedFile(name, content))


def evidence(
    *, claim: Claim, file: uploads.CheckedFile | None = None, by: User | None = None, now: datetime = NOW
) -> Evidence:
    return add_evidence(
        claim=claim, file=file or document(), label="List of lost orders", by=by or claim.opened_by, now=now
    )


def sent_claim(
    *,
    draft: Claim | None = None,
    failure: Failure | None = None,
    contract: Contract | None = None,
    by: User | None = None,
    received_at: datetime = NOW + HOUR,
) -> Claim:
    """A complete claim that was sent and received."""
    claim = draft or _draft(failure=failure, contract=contract, complete=True)
    return _submit_claim(claim=claim, by=by or claim.opened_by, received_at=received_at)


def alike(*, claim: Claim, how_many: int, **changes: object) -> list[Claim]:
    """So many claims as this one is, but for the changes, for lists of many: of no failure, and with nothing in them."""
    stated = {field.attname: getattr(claim, field.attname) for field in Claim._meta.concrete_fields}
    del stated["id"]
    numbers = islice(_numbers, how_many)
    return Claim.objects.bulk_create(Claim(**stated | {"reference": f"CLM-2222-{n:04}"} | changes) for n in numbers)


def proposal(
    *,
    claim: Claim | None = None,
    contract: Contract | None = None,
    outcome: str = "approve",
    grounds: str = "The outage is in our logs and the orders are documented (S2, S9).",
    by: User | None = None,
    now: datetime = NOW + DAY,
) -> Proposal:
    """A decision proposed by one person and waiting for another's approval."""
    claim = claim or sent_claim(contract=contract)
    return propose_decision(claim=claim, outcome=outcome, grounds=grounds, by=by or manager(), now=now)


def decided(*, proposal: Proposal | None = None, by: User | None = None, now: datetime = NOW + 2 * DAY) -> Claim:
    """A claim that was decided by two people: credited, unless the proposal denies it."""
    proposal = proposal or _proposal()
    approve_proposal(proposal=proposal, by=by or approver(), now=now)
    return Claim.objects.get(pk=proposal.claim_id)


# The same functions for where a parameter bears their name.
_customer, _contract, _engineer, _activity = customer, contract, engineer, activity
_failure, _draft, _proposal = failure, draft, proposal
