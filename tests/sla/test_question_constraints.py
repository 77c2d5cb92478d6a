"""What the database refuses, whoever writes: each constraint by its name, on requests for information, second looks, what staff
entered for a customer, and scans."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from sla.models import Entry, Evidence, InformationRequest, SecondLook
from tests import factories as make
from tests.factories import DAY, HOUR, NOW
from tests.shared import shared


@shared
def there(sent_claim):
    claim, by = sent_claim, make.manager()
    failures = [make.failure(contract=claim.contract, began=NOW - n * DAY) for n in (2, 3)]
    other = make.sent_claim(failure=failures[0])
    denied = make.decided(proposal=make.proposal(claim=other, outcome="deny", grounds="S9: nothing."))
    asked = {"asked_for": "The ledger.", "answer_by": NOW + 9 * DAY, "asked_at": NOW, "asked_by": by}
    look = {"claim": denied, "decision": denied.proposals.get(), "reason": "See page 3.", "asked_at": NOW}
    written = {"what": "claim", "way": "email", "sender": "Ana", "arrived_at": NOW, "kind": "A", "began_at": NOW}
    kept = {"stored_as": "x.bin", "entered_at": NOW, "entered_by": by}
    return SimpleNamespace(
        claim=claim,
        by=by,
        other=make.manager(),
        asked=InformationRequest.objects.create(claim=claim, **asked),
        look=SecondLook.objects.create(**look, asked_by=denied.opened_by),
        entry=Entry.objects.create(reference="ENT-1", contract=claim.contract, **written, **kept),
        file=claim.evidence.get(),
        draft=make.draft(failure=failures[1], complete=True),
    )


def of(instance, **values):
    return type(instance).objects.filter(pk=instance.pk).update(**values)


def again(there, **changes):
    fields = {f.attname: getattr(there.entry, f.attname) for f in Entry._meta.concrete_fields if not f.primary_key}
    return Entry.objects.create(**fields | {"reference": "ENT-2"} | changes)


def asked_again(there, **changes):
    fields = {"asked_for": "More.", "answer_by": NOW + DAY, "asked_at": NOW, "asked_by": there.by}
    return InformationRequest.objects.create(claim=there.claim, **fields | changes)


def changed_copy(file, **changes):
    fields = {f.attname: getattr(file, f.attname) for f in Evidence._meta.concrete_fields if not f.primary_key}
    return Evidence.objects.create(**fields | {"stored_as": "other.bin"} | changes)


REFUSED = {
    "one_request_for_information_is_open_for_a_claim": asked_again,
    "there_is_time_to_answer_what_is_asked": lambda there: asked_again(there, answer_by=NOW),
    "an_answer_has_words_and_comes_in_time": lambda there: of(
        there.asked, answer="Here.", answered_at=there.asked.answer_by, answered_by=there.claim.opened_by
    ),
    "answered_or_ended_not_both": lambda there: of(
        there.asked, answer="x", answered_at=NOW, answered_by=there.by, ended_at=NOW, ended_by=there.by
    ),
    "the_clock_ends_a_request_at_its_deadline": lambda there: of(there.asked, ended_at=there.asked.answer_by - HOUR),
    "a_second_look_is_settled_with_a_reason": lambda there: of(
        there.look, settled_at=NOW, settled_by=there.by, reopened=True
    ),
    "who_confirms_is_never_who_entered": lambda there: of(
        there.entry, confirmed_at=NOW, confirmed_by=there.by, made_claim=there.claim
    ),
    "confirmed_or_returned_not_both": lambda there: of(
        there.entry,
        confirmed_at=NOW,
        confirmed_by=there.other,
        made_claim=there.claim,
        returned_at=NOW,
        returned_by=there.by,
    ),
    "it_arrived_before_it_is_entered": lambda there: again(there, arrived_at=NOW + HOUR),
    "an_entry_has_its_document_or_what_was_said": lambda there: again(there, stored_as=""),
    "an_entry_is_by_one_method": lambda there: again(there, what="report", rates={"reason": "x"}),
    "a_claim_is_made_in_writing": lambda there: again(there, way="call", note="She said it."),
    "what_is_confirmed_says_what_came_of_it": lambda there: of(there.entry, confirmed_at=NOW, confirmed_by=there.other),
    "a_scan_has_its_time": lambda there: of(there.file, scan="clean"),
    "what_was_asked_for_came_later": lambda there: changed_copy(there.draft.evidence.get(), asked_for=True),
}


class TestTheDatabase:
    """S13, S19: what it holds by itself."""

    @pytest.mark.parametrize("name", REFUSED)
    def test_it_refuses_by_name(self, name, there):
        with pytest.raises(IntegrityError, match=name):
            REFUSED[name](there)

    def test_a_decision_is_looked_at_again_once(self, there):
        with pytest.raises(IntegrityError, match="decision_id"):
            SecondLook.objects.create(
                claim=there.look.claim, decision=there.look.decision, reason="x", asked_at=NOW, asked_by=there.by
            )

    def test_what_was_asked_and_entered_stays_as_it_was(self, there):
        changes = [
            (there.asked, {"answer_by": NOW + 20 * DAY}),
            (there.asked, {"asked_for": "Less."}),
            (there.look, {"reason": "Other."}),
            (there.entry, {"arrived_at": NOW - DAY}),
            (there.entry, {"entered_by": there.other}),
        ]

        for row, change in changes:
            with pytest.raises(DatabaseError, match=r"the_others_stay|read-only|Cannot update"), transaction.atomic():
                of(row, **change)

    def test_what_is_over_never_changes(self, there):
        of(there.asked, ended_at=there.asked.answer_by)

        with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
            of(there.asked, ended_at=NOW, ended_by=there.by)

    def test_what_the_clock_ended_takes_an_answer_that_came_in_time(self, there):
        """T4: it waited for the lock while the request was ended."""
        of(there.asked, ended_at=there.asked.answer_by)
        given = {"answer": "Here.", "answered_at": there.asked.answer_by - HOUR, "answered_by": there.claim.opened_by}

        with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
            of(there.asked, **given)

        assert of(there.asked, ended_at=None, **given)

    def test_what_was_taken_back_takes_none(self, there):
        of(there.asked, ended_at=NOW, ended_by=there.by)

        with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
            of(there.asked, ended_at=None, ended_by=None, answer="x", answered_at=NOW, answered_by=there.by)

    def test_what_was_received_stays_as_it_was(self, there):
        """S13: no line and no document of a claim that was sent changes or goes."""
        line = there.claim.transactions.first()
        for row, changes in (
            (line, {"revenue": 9}),
            (there.file, {"sha256": "0" * 64}),
            (there.file, {"stored_as": "y"}),
        ):
            with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
                of(row, **changes)
        with pytest.raises(DatabaseError, match="what was received is kept"), transaction.atomic():
            line.delete()

    def test_a_file_that_waits_for_its_scan_has_no_time_of_one(self, there):
        of(there.file, scan="waiting")

        assert Evidence.objects.get(pk=there.file.pk).scanned_at is None
