"""S12, S13, S19: what the database keeps as it was received, decided and posted, whoever writes: each constraint by its name."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from sla.models import Cause, Entry, LostTransaction, RateBasis
from tests import credit_factories as ledger
from tests import factories as make
from tests import question_factories as ask
from tests.factories import DAY, HOUR, NOW
from tests.shared import shared


@shared
def there(decided_claim):
    contract = decided_claim.contract
    failures = [make.failure(contract=contract, began=NOW - n * DAY) for n in (2, 3)]
    credit, sent = ledger.credit(claim=decided_claim), make.sent_claim()
    returned = make.proposal(claim=make.sent_claim(failure=failures[0]))
    of(returned, returned_at=NOW + 2 * DAY, returned_by=make.manager(), return_reason="Look again.")
    lapsed = make.draft(failure=failures[1])
    of(lapsed, state="lapsed")
    told = {
        "entry": ask.entered(contract=contract),
        "approver": make.approver(),
        "before_its_end": lapsed.closes_at - HOUR,
    }
    return SimpleNamespace(credit=credit, sent=sent, returned=returned, lapsed=lapsed, **told)


def of(instance, **values):
    return type(instance).objects.filter(pk=instance.pk).update(**values)


def another_line(there):
    return LostTransaction.objects.create(
        claim=there.sent, line=99, attempted_at=NOW, what="Made up", revenue=999_999, expenses=0
    )


def another_document(there):
    had = there.sent.evidence.get()
    had.pk, had.stored_as = None, "made-up"
    had.save(force_insert=True)


def rates(there):
    told = {"reason": "None.", "revenue": 999_999, "expenses": 0, "saved_at": NOW, "saved_by": there.approver}
    return RateBasis.objects.create(claim=there.sent, **told)


@pytest.mark.parametrize(
    ("constraint", "write"),
    [
        ("what_was_received_stays", lambda it: of(it.sent, received_at=NOW - 5 * DAY)),
        ("what_was_received_stays", lambda it: of(it.sent, contract=it.credit.claim.contract)),
        ("what_was_received_stays", lambda it: of(it.sent, method="rate")),
        ("what_was_received_stays", lambda it: of(it.sent, declared_at=NOW + DAY, declared_by=it.approver)),
        ("what_was_received_stays", rates),
        ("what_was_received_is_complete", another_line),
        ("what was received is kept", lambda it: it.sent.claim_failures.all().delete()),
        ("what_came_later_says_so", another_document),
        ("a_claim_is_covered_by_a_credit", lambda it: of(it.sent, state="covered")),
        ("a_late_claim_has_two_people", lambda it: of(it.lapsed, state="submitted", received_at=it.before_its_end)),
        ("a_late_claim_has_two_people", lambda it: of(it.lapsed, state="draft", closes_at=NOW + 90 * DAY)),
        ("what_was_received_is_kept", lambda it: of(it.sent.evidence.get(), removed_at=NOW, removed_by=it.approver)),
        ("no second person has approved credit", lambda it: of(it.credit, cause=it.sent.cause or another_cause(it))),
        ("an_entry_is_confirmed_by_who_may", lambda it: confirmed(it, make.one_of(it.entry.contract.customer))),
        ("an_entry_is_confirmed_by_who_may", lambda it: confirmed(it, make.manager(is_active=False))),
        ("an_entry_is_confirmed_by_who_may", lambda it: comes_in_confirmed(it)),
    ],
)
def test_each_is_refused(there, constraint, write):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        write(there)


def test_what_a_second_person_returned_is_not_approved_by_another(there):
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        of(there.returned, returned_at=None, returned_by=None, approved_at=NOW + 3 * DAY, approved_by=there.approver)


def another_cause(there):
    return Cause.objects.exclude(pk=there.credit.cause_id).first() or make.failure().cause


def confirmed(there, by):
    return of(there.entry, confirmed_at=NOW + DAY, confirmed_by=by, made_claim=there.sent)


def comes_in_confirmed(there):
    fields = {f.attname: getattr(there.entry, f.attname) for f in Entry._meta.concrete_fields if not f.primary_key}
    confirmation = {"confirmed_at": NOW + DAY, "confirmed_by": there.approver, "made_claim": there.sent}
    return Entry.objects.create(**fields | {"reference": "ENT-2"} | confirmation)
