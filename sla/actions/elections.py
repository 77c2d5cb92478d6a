"""The verbs of an election (S16): the notice is opened, reaches the customer or comes back; the customer chooses until the deadline.

`now` is the database's clock in UTC, read as the first act of the request: a choice counts by its receipt, and stands if it commits.
Choice and clock take the lock of the election.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction

from entitlements import missed
from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.models import Letter, User
from entitlements.rules.refusals import Refusal
from entitlements.rules.reminders import ReminderAnswer, due_reminder
from sla import election_letters as letters
from sla.actions.second_people import refuse_the_customers_own
from sla.actions.telling import refuse_unless_it_can_be_told
from sla.elections import NOTICE, comes_too_late, contract_ends, effect_of, ends_first, paid_ahead, standing_of
from sla.models import RUNNING, Election, ElectionChoice, ElectionState
from sla.rules import elections as rules
from sla.uploads import CheckedFile, keep

State = ElectionState
OVER = Refusal("S16", "over", "The time to choose has ended.", "The page shows what holds now.")
NOT_REACHED = Refusal(
    "S16",
    "not_reached",
    "The notice has not arrived yet, so the seven days have not begun.",
    "They begin when a mail server takes it, or when somebody with the right to sign opens it in the portal.",
)
ENDED_BEFORE = Refusal(
    "S16",
    "ended_before",
    "The contract was ended before the time to choose had passed, so no choice of its plan counts any more.",
    "Leave it, or give back what was entered; the contract's page shows its last day.",
)
LOWEST = Refusal(
    "S16", "lowest", "The contract is on the lowest plan, so there is none to shift to.", "To stay can be chosen."
)


@transaction.atomic
def open_notice(*, election: Election, by: User, now: datetime) -> Election:
    """S16: one of the customer's people has the notice before them in the portal; the seven days begin with it, unless a mail server
    took it earlier. A second time nothing. Raises Refused when it does not run."""
    current = _running(election)
    if contract_ends(current) <= now:
        raise Refused(OVER)
    if current.opened_at is None:
        record("election.opened", matter=current.reference, by=by, now=now)
        _note_opening(current, by, now)
    take_over(current, now)
    return current


def _note_opening(election: Election, by: User, now: datetime) -> None:
    if election.opened_at is None:
        election.opened_at, election.opened_by = now, by
        election.save()


@transaction.atomic
def choose(*, election: Election, choice: str, by: User, now: datetime) -> ElectionChoice:
    """S16: a person with the right to sign chooses (shift, stay), or takes back what was chosen (empty). The last one counts.

    The same again is one, under the same notice, also where the first came on paper. Who chooses here has the notice before them: from
    then on a return of it stops nothing.
    Raises Refused before the notice has reached the customer, at and after the deadline, and for a shift from the lowest plan.
    """
    current = _running(election)
    take_over(current, now)
    _refuse_out_of_time(current, choice, now)
    last = current.choices.filter(received_at__gte=current.reached_at).last()
    if last is not None and last.choice == choice:
        if current.opened_at is None:
            record("election.opened", matter=current.reference, by=by, now=now)
            _note_opening(current, by, now)
        return last
    if last is None and not choice:
        raise Refused(Refusal("S16", "nothing", "Nothing was chosen yet.", "Choose one of the two, or leave it."))
    record(f"election.{'chosen' if choice else 'taken_back'}", matter=current.reference, by=by, now=now, note=choice)
    _note_opening(current, by, now)
    made = ElectionChoice.objects.create(election=current, choice=choice, received_at=now, signer=by.name, chosen_by=by)
    letters.chosen(current, made, now=now)
    return made


@transaction.atomic
def enter_written_choice(
    *, election: Election, choice: str, signer: str, received_at: datetime, file: CheckedFile, by: User, now: datetime
) -> ElectionChoice:
    """S16: one of the staff enters what a customer chose in writing, with the document; it counts by its recorded arrival.

    Raises Refused for an arrival ahead, before the notice or at and after the deadline, once it took effect, and for one of the
    customer's own people, of today or before. One that is entered after the effect: `late_choices`.
    """
    current = _running(election)
    record("election.entered_in_writing", matter=current.reference, by=by, now=now, note=f"{choice}, {signer}")
    refuse_the_customers_own(current.contract, by)
    take_over(current, now)
    refuse_in_writing(current, choice=choice, received_at=received_at, now=now)
    if entered := current.choices.filter(received_at=received_at, choice=choice, sha256=file.sha256).first():
        return entered
    made = ElectionChoice.objects.create(
        election=current,
        choice=choice,
        received_at=received_at,
        signer=signer,
        entered_by=by,
        original_name=file.name,
        stored_as=keep(file),
        file_kind=file.kind,
        size=file.size,
        sha256=file.sha256,
    )
    letters.chosen(current, made, now=now)
    return made


def refuse_in_writing(current: Election, *, choice: str, received_at: datetime, now: datetime) -> None:
    """Under the election's lock, whether or not it took effect meanwhile: raises Refused as `enter_written_choice` does, and where it took
    effect and the contract was ended before it since."""
    if received_at > now:
        raise Refused(Refusal("S16", "ahead", "It cannot have arrived after now.", "Check the day and the time."))
    if current.state == State.DECIDED and not answer_counts(current):
        raise Refused(ENDED_BEFORE)
    _refuse_out_of_time(current, choice, received_at)


@transaction.atomic
def send_notice_again(*, election: Election, by: User, now: datetime) -> Election:
    """S16: another notice, to whoever is a confirmed contact now, since the last one did not reach the customer. Its figures are those
    of the release, priced from today. Raises Refused while one stands, when nobody can get it, and where the contract would end first."""
    current = _running(election)
    take_over(current, now)
    if comes_too_late(current, now):
        sentence = "The contract ends before the seven days of another notice would."
        raise Refused(Refusal("S16", "ends_first", sentence, "The election is void with the contract's end."))
    if current.state != State.SENT:
        raise Refused(Refusal("S16", "stands", "A notice stands, and its seven days run.", "Wait for its end."))
    if not current.contract.customer.legal_contacts.reachable().exists():
        sentence = "No confirmed contact for legal notices takes letters."
        raise Refused(Refusal("S16", "no_contact", sentence, "Have the customer name one that confirms."))
    record("election.notice_sent_again", matter=current.reference, by=by, now=now)
    current.notice, current.noticed_at = current.notice + 1, now
    current.save()
    letters.notice(current, now=now)
    return current


@transaction.atomic
def tell_of_outcome(*, election: Election, by: User, now: datetime) -> None:
    """N21: the customer is told of the outcome now, since nobody read for it when it took effect, or when a choice confirmed late changed
    it. Raises Refused where it is told or has not taken effect, and as long as nobody reads for it."""
    current = _locked(election)
    refuse_unless_it_can_be_told(current.contract.customer, untold=letters.untold().filter(pk=current.pk).exists())
    record("election.outcome_told", matter=current.reference, by=by, now=now)
    letters.decided(current, now=now, point=letters.outcome_of_late_choice(current))


@transaction.atomic
def note_arrival(*, election: Election, now: datetime) -> bool:
    """S16, T1: the notice has reached the customer: note since when, and confirm the deadline. False if it has not."""
    return take_over(_running(election), now)


@transaction.atomic
def remind_of_election(*, election: Election, now: datetime) -> bool:
    """N19: write the one reminder that is due, to nobody who has chosen, and note when to look again."""
    current = (
        Election.objects.open()
        .select_for_update(of=("self",), no_key=True)
        .select_related(*_RELATED)
        .filter(pk=election.pk)
    )
    found = current.filter(remind_at__lte=now).first()
    if found is None:
        return False
    standing = standing_of(found, now)
    if standing.state == rules.ElectionState.VOID:
        return void(found)
    answer = answer_of(found, now)
    undecided = standing.choice is None and answer_counts(found)
    point = answer.send if undecided else None
    record("election.reminder", matter=found.reference, by=None, now=now, note=point or "none due")
    if point:
        letters.reminder(found, point=point, now=now)
    if undecided:
        since, customer = found.remind_at, found.contract.customer
        missed.note(missed.rows_of(answer, since=since, matter=found.reference, customer=customer, now=now))
    found.remind_at = answer.next_at
    found.save()
    return point is not None


@transaction.atomic
def end_with_contract(*, election: Election, now: datetime) -> bool:
    """S16: the contract has ended before its election: it is void with it, as of then. Of one that goes on it is noted when it ends."""
    current = _locked(election)
    if current.state not in RUNNING:
        return False
    take_over(current, now)
    if standing_of(current, now).state == rules.ElectionState.VOID:
        return not void(current)
    if current.contract_ends_at != (ends := contract_ends(current)):
        record("election.contract_ended", matter=current.reference, by=None, now=now)
        current.contract_ends_at = ends
        current.save()
    return False


def answer_counts(election: Election) -> bool:
    """S16: whether the contract lasts beyond the time to choose; else its election is void with it, and nobody is asked."""
    return election.deadline is not None and not ends_first(election, election.deadline)


def void(election: Election) -> bool:
    """S16: under its lock: an election whose contract ends first is void with it, as of then. False: nothing was written to anybody."""
    ended = contract_ends(election)
    record("election.contract_ended", matter=election.reference, by=None, now=ended)
    election.state, election.settled_at, election.remind_at = State.VOID, ended, None
    election.contract_ends_at = ended
    election.save()
    return False


@contextmanager
def notice_came_back(letter: Letter, now: datetime) -> Iterator[None]:
    """S16: around the return of a letter. Where no other acceptance and no opening stands, the period stops, its deadline is gone, and the
    list says so; after the period a return undoes nothing."""
    if letter.kind != NOTICE:
        yield
        return
    current = _locked(Election.objects.get(reference=letter.matter))
    take_over(current, now)
    record("election.notice_came_back", matter=current.reference, by=None, now=now, note=letter.addressee)
    yield
    stop_if_nothing_stands(current, now)


def stop_if_nothing_stands(election: Election, now: datetime) -> bool:
    """S16: under the election's lock: the notice came back within the period, and nothing else stands of it."""
    if election.state != State.OPEN or standing_of(election, now).state != rules.ElectionState.STOPPED:
        return False
    record("election.stopped", matter=election.reference, by=None, now=now)
    election.state, election.reached_at, election.deadline, election.remind_at = State.SENT, None, None, None
    election.save()
    return True


def take_over(election: Election, now: datetime) -> bool:
    """S16: under the election's lock: what its letters say becomes its clock. Whether it opened by it."""
    if stop_if_nothing_stands(election, now) or election.state != State.SENT:
        return False
    standing = standing_of(election, now)
    if standing.reached is None or standing.deadline is None or standing.state == rules.ElectionState.VOID:
        return False
    record("election.reached", matter=election.reference, by=None, now=standing.reached)
    election.state, election.reached_at, election.deadline = State.OPEN, standing.reached, standing.deadline
    paid = paid_ahead(election, effect_of(election, standing.deadline))
    election.fee, election.prepaid, election.prepaid_days = paid
    election.remind_at = next_look(election, now)
    election.save()
    if now < standing.deadline and not ends_first(election, standing.deadline):
        letters.confirmed(election, now=now)
    return True


def next_look(election: Election, now: datetime) -> datetime | None:
    """T1: also where the clock looks only after the end, so that what was missed is put on record."""
    answer = answer_of(election, now)
    return now if answer.send else answer.next_at or election.reached_at


def answer_of(election: Election, now: datetime) -> ReminderAnswer:
    """T1: of an open election; that it is confirmed at once is told by the confirmation."""
    assert election.deadline
    assert election.reached_at
    told = Letter.objects.filter(kind=letters.REMINDER, matter=election.reference, deadline=election.deadline)
    sent = ["at_once", *told.values_list("point", flat=True).distinct()]
    return due_reminder("election", election.deadline, election.tz, now, election.reached_at, sent)


def _refuse_out_of_time(election: Election, choice: str, at: datetime) -> None:
    if election.state not in (State.OPEN, State.DECIDED) or election.deadline is None or election.reached_at is None:
        raise Refused(NOT_REACHED)
    if at < election.reached_at:
        raise Refused(Refusal("S16", "before", "It arrived before the notice reached the customer.", "Check the time."))
    if at >= min(election.deadline, contract_ends(election)):
        raise Refused(OVER)
    if choice == "shift" and not election.to_plan:
        raise Refused(LOWEST)


_RELATED = ("contract__customer", "withdrawal", "terms")


def _locked(election: Election) -> Election:
    return Election.objects.select_for_update(of=("self",), no_key=True).select_related(*_RELATED).get(pk=election.pk)


def _running(election: Election) -> Election:
    current = _locked(election)
    if current.state not in RUNNING:
        raise Refused(OVER)
    return current
