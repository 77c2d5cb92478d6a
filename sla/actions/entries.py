"""What came by letter, e-mail or telephone (S13): one of the staff enters it, another confirms it, or sends it back.

Until it is confirmed it is nothing. Then it counts as received at its recorded arrival, whatever the clock says by then (T4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from entitlements import access
from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.models import Contract, User
from entitlements.references import new_reference
from entitlements.rules.refusals import Refusal
from sla.actions.failures import report_failure
from sla.actions.written_claims import receive_in_writing
from sla.entries import line_as_json, rates_as_json
from sla.models import Entry, Failure
from sla.stated import StatedRates, TransactionLine
from sla.uploads import CheckedFile, keep

OF_AN_ALERT = ("incident", "channel", "responder_country", "configured_delay_minutes")
FACTS = ("kind", "began_at", "ended_at", "description", *OF_AN_ALERT)
"""S5: of a failure that is not on record yet."""


@dataclass(frozen=True, slots=True)
class Written:
    """What the document or the call says. `failure`: one that is on record; else its facts, of an alert with its details. A claim is by
    `lines` or by `rates` (S10). Instants in UTC."""

    what: str
    way: str
    sender: str
    arrived_at: datetime
    kind: str
    began_at: datetime
    ended_at: datetime | None = None
    description: str = ""
    incident: str = ""
    channel: str = ""
    responder_country: str = ""
    configured_delay_minutes: int = 0
    note: str = ""
    failure: Failure | None = None
    contact_name: str = ""
    contact_email: str = ""
    lines: Sequence[TransactionLine] = ()
    rates: StatedRates | None = None


@transaction.atomic
def enter(*, contract: Contract, written: Written, file: CheckedFile | None, by: User, now: datetime) -> Entry:
    """S13: enter what a customer wrote or said, with its document. It waits for a second person.

    Raises Refused for one of the customer's own people, for an arrival that lies ahead or before what it reports, for a claim
    without a document or a loss, or by both methods, for a call without a note, for a report of what is on record, and for what is
    entered already.
    """
    _refuse_the_customers_own(contract, by)
    if refusals := _reasons_against(written, file, now):
        raise Refused(*refusals)
    if earlier := _entered_before(contract, written, file):
        raise Refused(
            Refusal(
                "S13",
                "entered_already",
                f"This is entered already, as {earlier.reference}.",
                "If that one is wrong, have it sent back first.",
            )
        )
    reference = new_reference("ENT")
    record("entry.entered", matter=reference, by=by, now=now, note=written.what)
    kept = (
        {"original_name": file.name, "stored_as": keep(file), "file_kind": file.kind, "size": file.size} if file else {}
    )
    hashed = {"sha256": file.sha256, "flag": file.flag} if file else {}
    names = ("what", "way", "sender", "arrived_at", *FACTS, "note", "failure", "contact_name", "contact_email")
    return Entry.objects.create(
        reference=reference,
        contract=contract,
        **{name: getattr(written, name) for name in names},
        lines=[line_as_json(line) for line in written.lines],
        rates=rates_as_json(written.rates) if written.rates else None,
        **kept,
        **hashed,
        entered_at=now,
        entered_by=by,
    )


@transaction.atomic
def confirm_entry(*, entry: Entry, by: User, now: datetime) -> Entry:
    """S13: a second person confirms that it is what the document says. A report or a claim comes of it, received at its arrival.

    Raises Refused for whoever entered it, for one of the customer's own people, for one that was settled meanwhile, and for a claim
    that arrived too late, is out of scope, or is for a failure that is claimed already.
    """
    current = _waiting(entry)
    if by.pk == current.entered_by_id:
        raise Refused(
            Refusal("S13", "second_person", "You entered this, so somebody else confirms it.", "Ask a colleague.")
        )
    _refuse_the_customers_own(current.contract, by)
    record("entry.confirmed", matter=current.reference, by=by, now=now)
    failure = current.failure or _reported(current, now)
    current.confirmed_at, current.confirmed_by = now, by
    if current.what == Entry.What.CLAIM:
        current.made_claim = receive_in_writing(current, failure, by=by, now=now)
    else:
        current.made_failure = failure
    current.save()
    return current


@transaction.atomic
def return_entry(*, entry: Entry, reason: str, by: User, now: datetime) -> Entry:
    """S13: it is not what the document says. It stays on record with the reason; another can be entered."""
    current = _waiting(entry)
    record("entry.returned", matter=current.reference, by=by, now=now, note=reason)
    current.returned_at, current.returned_by, current.return_reason = now, by, reason
    current.save()
    return current


def _reported(entry: Entry, now: datetime) -> Failure:
    facts = {name: getattr(entry, name) for name in ("contract", "arrived_at", *FACTS)}
    return report_failure(**facts, by=entry.entered_by, now=now)


def _reasons_against(written: Written, file: CheckedFile | None, now: datetime) -> list[Refusal]:
    call, claim = written.way == Entry.Way.CALL, written.what == Entry.What.CLAIM
    reasons = {
        ("ahead", "It cannot have arrived after now.", "Check the day, the time and the zone."): written.arrived_at
        > now,
        ("before", "It arrived before what it reports began.", "Check both times."): written.began_at
        > written.arrived_at,
        ("by_call", "A claim is made in writing: a call can be a report.", "Ask for a letter or an e-mail."): call
        and claim,
        ("note", "A call has no document.", "Write down what was said."): call and not written.note,
        ("document", "The letter or e-mail itself is missing.", "Add it as a file."): not call and file is None,
        (
            "on_record",
            "This failure is on record already, and a report changes nothing of it.",
            "Enter the claim for it, once one is made.",
        ): written.failure is not None and not claim,
    }
    reasons |= _reasons_against_its_loss(written)
    return [Refusal("S13", *words) for words, holds in reasons.items() if holds]


def _reasons_against_its_loss(written: Written) -> dict[tuple[str, str, str], bool]:
    """S9, S10: what is lost, by one method."""
    by_rate, claim = written.rates is not None, written.what == Entry.What.CLAIM
    below = written.rates is not None and written.rates.below_nothing
    what = "Enter what the document names."
    return {
        ("lines", "A claim names at least one lost transaction, or rates.", what): claim
        and not (written.lines or by_rate),
        ("one_method", "A claim is by transactions or by the rate, not by both.", what): bool(written.lines)
        and by_rate,
        ("no_rates", "A report has no rates.", "Leave them empty."): by_rate and not claim,
        ("rates", "Expenses are higher than the revenue that they belong to.", "Check the sums."): below,
    }


def _entered_before(contract: Contract, written: Written, file: CheckedFile | None) -> Entry | None:
    """X9: the same document, or the same words of a call, about the same failure; what was sent back may be entered anew. Whoever
    enters for a contract waits for whoever does."""
    Contract.objects.select_for_update(of=("self",), no_key=True).get(pk=contract.pk)
    same = {"sha256": file.sha256} if file else {"sha256": "", "note": written.note, "arrived_at": written.arrived_at}
    about = {"what": written.what, "failure": written.failure, "began_at": written.began_at}
    stands = Entry.objects.filter(contract=contract, returned_at__isnull=True, **about)
    return stands.filter(**same).first()


def _refuse_the_customers_own(contract: Contract, by: User) -> None:
    if access.is_or_was_one_of(contract.customer_id, by):
        raise Refused(
            Refusal(
                "S13",
                "own_customer",
                "Whoever is or was one of the customer's people does not enter or confirm for it.",
                "Ask a colleague.",
            )
        )


def _waiting(entry: Entry) -> Entry:
    found = Entry.objects.select_for_update(of=("self",)).select_related("contract__customer", "failure", "entered_by")
    current = found.get(pk=entry.pk)
    if current.confirmed_at or current.returned_at:
        raise Refused(Refusal("S13", "settled", "This was settled meanwhile.", "Look at it again."))
    return current
