"""E5, S13: what lapses by the hundred lapses as each would alone: the same rows, the same lines in the log, the same letters."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from django.db import transaction

from entitlements import notices
from entitlements.actions.engagements import lapse_engagement
from entitlements.actions.lapses import lapse_requests
from entitlements.models import (
    Contract,
    ContractYear,
    Customer,
    Engagement,
    Event,
    Letter,
    LetterState,
    Membership,
    Role,
    UsageEntry,
    User,
)
from sla.actions.claims import lapse_claim
from sla.actions.failures import close_failure
from sla.actions.lapses import close_reports, lapse_drafts
from sla.models import Claim, ClaimFailure, Failure
from sla.sweep import sweep
from tests import factories as make
from tests.factories import DAY, NOW

pytestmark = pytest.mark.django_db

LATE = NOW + 900 * DAY
NAMES = ["Plain & Sons", "Two\r\nlines", "Ünïcode “quotes” \\ {}", "x" * 150]
ZONES = ["Pacific/Auckland", "America/New_York", "Asia/Kolkata"]


class World:
    """A few customers of all sorts: people of every role, with copies, gone or signed off; windows, reminders, requests."""

    def __init__(self, seed):
        self.dice = random.Random(seed)
        for _ in range(3):
            self.customer()

    def customer(self):
        customer = make.customer(name=self.dice.choice(NAMES))
        first = date(2025, 6, 20) + timedelta(days=self.dice.randrange(5))
        contract = make.contract(
            customer=customer, zone=self.dice.choice(ZONES), first=first, last=date(2027, 6, 19), fees=False
        )
        for _ in range(self.dice.randrange(4)):
            self.person(customer)
        self.windows(contract)
        for _ in range(2):
            agreement = self.dice.choice(["", "", "PS-7"])
            make.request(contract=contract, day=date(2026, 6, 15), ps_reference=agreement)

    def person(self, customer):
        role = self.dice.choice([Role.OWNER, Role.CLAIMS, Role.BOOKINGS, Role.READ_ONLY])
        member = make.member(customer=customer, roles=[role])
        copies = self.dice.choice([[], [Role.CLAIMS], [Role.BOOKINGS]])
        Membership.objects.filter(user=member).update(copies=copies)
        User.objects.filter(pk=member.pk).update(is_active=self.dice.random() < 0.8)

    def windows(self, contract):
        report = make.failure(contract=contract, kind="B", minutes=None)
        claim = make.draft(failure=make.failure(contract=contract, kind="B", minutes=None, began=NOW - 2 * DAY))
        if self.dice.random() < 0.5:
            other = make.failure(contract=contract, kind="B", minutes=None, began=NOW - 3 * DAY)
            Failure.objects.filter(pk=other.pk).update(state="claimed", remind_at=None)
            ClaimFailure.objects.create(claim=claim, failure=other)
        if self.dice.random() < 0.5:
            Membership.objects.filter(user=claim.opened_by).update(left_at=NOW, left_by=make.manager())
        for one in (report, claim):
            if self.dice.random() < 0.6:
                sweep(now=one.remind_at, application_now=one.remind_at)
                state = self.dice.choice([LetterState.FAILED, LetterState.QUEUED])
                Letter.objects.filter(matter=one.reference, kind__endswith="reminder").update(state=state)


def alone(matters, act, what):
    return [matter for matter in matters if act(**{what: matter}, now=LATE)]


def one_by_one():
    alone(Claim.objects.drafts().order_by("closes_at", "pk"), lapse_claim, "claim")
    alone(Failure.objects.open().order_by("closes_at", "pk"), close_failure, "failure")
    alone(Engagement.objects.waiting().filter(year__n=1).order_by("pk"), lapse_engagement, "engagement")


def together():
    lapse_drafts(list(Claim.objects.drafts().light().order_by("closes_at", "pk")), LATE)
    close_reports(list(Failure.objects.open().light().order_by("closes_at", "pk")), LATE)
    lapse_requests(list(ContractYear.objects.over(LATE).filter(n=1)), LATE)


def rows(model, *without):
    kept = [field.attname for field in model._meta.concrete_fields if field.name not in without]
    return sorted(map(repr, model.objects.order_by().values_list(*kept)))


def line(event):
    cause = (event.part_of.verb, event.part_of.matter) if event.part_of else None
    is_new = event.table in ("entitlements_letter", "entitlements_usageentry")
    changes = {name: change for name, change in (event.changes or {}).items() if not (is_new and name == "id")}
    where = (event.table, "" if is_new else event.row_id)
    return (
        event.happened_at,
        event.verb,
        event.matter,
        event.actor_id,
        event.note,
        where,
        cause,
        sorted(changes.items()),
    )


def all_that_follows(act):
    """Everything that the act wrote; nothing of it stays."""
    last = Event.objects.latest("id").pk
    with transaction.atomic():
        act()
        found = {
            "claims": rows(Claim),
            "failures": rows(Failure),
            "engagements": rows(Engagement),
            "letters": rows(Letter, "id"),
            "ledger": rows(UsageEntry, "id", "recorded_at"),
            "log": sorted(map(repr, map(line, Event.objects.filter(pk__gt=last).select_related("part_of")))),
        }
        transaction.set_rollback(True)
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_together_is_as_one_by_one(seed):
    World(seed)

    alone, at_once = all_that_follows(one_by_one), all_that_follows(together)

    assert at_once["log"] == alone["log"]
    assert at_once == alone
    assert len([one for one in alone["letters"] if "window_ended" in one]) > 3


def test_a_letter_to_the_many_is_written_out_like_any_other():
    claim = make.draft(contract=make.contract(customer=make.customer(name="Lakeside & Sons")))

    with transaction.atomic():
        lapse_drafts([Claim.objects.light().get(pk=claim.pk)], LATE)

    letter = Letter.objects.get(kind="window_ended")
    notices.render(letter)
    assert f"Your draft {claim.reference} was not sent." in letter.text


def test_what_moved_on_meanwhile_is_passed_by(complete_draft):
    sends_itself, closed = make.draft(complete=True), make.failure()
    make.sent_claim(draft=complete_draft)
    close_failure(failure=closed, now=LATE)
    matters = Claim.objects.light(), Failure.objects.light()

    assert lapse_drafts(list(matters[0]), LATE) == []
    assert close_reports(list(matters[1]), LATE) == []
    assert Letter.objects.filter(kind="window_ended").count() == 1
    assert set(Claim.objects.values_list("state", flat=True)) == {"submitted", "draft"}
    assert sends_itself.sends_itself_at


def test_how_many_there_are_makes_no_more_questions(django_assert_num_queries, gold):
    for n in range(3):
        make.draft(failure=make.failure(contract=gold, kind="B", minutes=None, began=NOW - n * DAY))
    drafts = list(Claim.objects.light())

    for some in (drafts[:1], drafts[1:]):
        with django_assert_num_queries(9):  # reminders were missed; and the letters, by a cursor of their own
            assert lapse_drafts(some, LATE) == some


def test_the_names_are_of_all_sorts():
    assert Customer._meta.get_field("name").max_length >= max(map(len, NAMES))
    assert Contract._meta.get_field("zone").max_length >= max(map(len, ZONES))
