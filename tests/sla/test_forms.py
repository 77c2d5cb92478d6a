"""V2, P36: each form of a customer's reports and claims, asked with nothing, with odd answers, and with what nobody asked for."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from entitlements.forms.base import OnlyWhatIsAskedFor
from sla.forms import claims, elections, failures, lists, losses, questions
from sla.models import Claim, ClaimState, LostTransaction
from sla.transaction_columns import columns_of
from tests.entitlements.test_forms import ODD
from tests.factories import NOW, contract, draft
from tests.shared import shared

NEW_YORK = ZoneInfo("America/New_York")
BUILD: dict[str, Any] = {
    "AnswerForm": questions.AnswerForm,
    "ChoiceForm": lambda data: elections.ChoiceForm(data or {}, lowest=False, checked=data is not None),
    "ContactForm": claims.ContactForm,
    "DeclarationForm": lambda data: claims.DeclarationForm(data, signs="I declare"),
    "EvidenceForm": claims.EvidenceForm,
    "ExpensesForm": losses.ExpensesForm,
    "ListForm": lambda data: lists.ListForm(data, states=ClaimState),
    "RateForm": lambda data: losses.RateForm(data, currency="USD", today=date(2026, 6, 10)),
    "SecondLookForm": questions.SecondLookForm,
    "TransactionFileForm": lambda data: claims.TransactionFileForm(data, kind=columns_of(NEW_YORK, "USD", NOW)),
    "TransactionForm": lambda data: claims.TransactionForm(data, zone=NEW_YORK, currency="USD", now=NOW),
}
"""How each is made; the report needs contracts and is beside them below."""

NOT_ASKED = {
    "amount": "999999",
    "claim": "1",
    "closes_at": "2030-01-01",
    "customer": "1",
    "declared_at": "2020-01-01",
    "is_staff": "on",
    "line": "7",
    "method": "rate",
    "received_at": "2020-01-01",
    "reported_at": "2020-01-01",
    "struck": "",
}
TAKES_ANYTHING = ("ListForm", "DeclarationForm", "AnswerForm", "SecondLookForm")
"""A filter narrows by nothing then, a tick is a tick, and words are words."""


def forms_of_customers(of: type = OnlyWhatIsAskedFor) -> set[str]:
    """Every form in `sla.forms`, wherever it stands."""
    found = {one.__name__ for one in of.__subclasses__() if one.__module__.startswith("sla.forms") and one.base_fields}
    return found.union(*(forms_of_customers(one) for one in of.__subclasses__()))


class TestTimesOfTheClocks:
    """S5, S8: nothing is guessed of a time that the clocks of the zone show twice, or never."""

    def form(self, day: str, clock: str, which: str = "") -> claims.TransactionForm:
        typed = {"attempted_day": day, "attempted_time": clock, "attempted_which": which, "what": "1", "revenue": "1"}
        return BUILD["TransactionForm"](typed)

    def test_of_two_it_is_asked_which(self) -> None:
        asked = self.form("2025-11-02", "01:30")

        assert set(asked.errors) == {"attempted_which"}
        for which, hour in (("first", 5), ("second", 6)):
            told = self.form("2025-11-02", "01:30", which)
            assert told.is_valid()
            assert told.line().attempted_at == datetime(2025, 11, 2, hour, 30, tzinfo=UTC)

    def test_one_that_never_was_is_refused(self) -> None:
        assert set(self.form("2026-03-08", "02:30").errors) == {"attempted_time"}

    def test_of_any_other_the_choice_says_nothing(self) -> None:
        told = self.form("2025-11-02", "03:30", "second")

        assert told.is_valid()
        assert told.line().attempted_at.hour == 8


@shared
def begun() -> Claim:
    return draft()


@pytest.fixture
def build(db: None) -> dict[str, Any]:
    one = contract()
    return {**BUILD, "ReportForm": lambda data: failures.ReportForm(data, contracts=[one], now=NOW)}


def test_none_is_left_out(build):
    assert forms_of_customers() == set(build)


def test_what_was_not_asked_for_is_dropped_and_logged(build, caplog):
    """P36."""
    for name, make in build.items():
        form = make(NOT_ASKED | {"state": "approved"})
        form.is_valid()

        asked = {"state"} & set(form.fields)
        assert not (set(NOT_ASKED) | ({"state"} - asked)) & set(form.cleaned_data), name
        assert "received_at" in caplog.text, name
        caplog.clear()


def test_nothing_odd_breaks_one_and_all_is_said_in_words(build):
    for name, make in build.items():
        names = make(None).fields
        for odd in ("", *ODD.values()):
            form = make(dict.fromkeys(names, odd))
            if odd and name not in TAKES_ANYTHING:
                assert not form.is_valid(), (name, odd[:20])
            assert all(message.strip() for messages in form.errors.values() for message in messages)


def test_no_page_of_a_draft_writes_what_its_form_did_not_ask_for(signed_in, begun):
    """P36: as a person could post it, page by page."""
    browser = signed_in(begun.opened_by)
    kept = ("state", "contract_id", "closes_at", "received_at", "declared_at", "method", "opened_at", "reference")
    before = Claim.objects.values(*kept).get()
    pages = {
        "claim_transactions": {"what": "x", "attempted_day": "2026-06-09", "attempted_time": "10:20", "revenue": "5"},
        "claim_contact": {"name": "Ana", "email": "ana@lakeside.example"},
        "claim_expenses": {"repair_costs": "no"},
    }

    for name, answers in pages.items():
        done = browser.post(reverse(name, args=[begun.reference]), NOT_ASKED | {"state": "approved"} | answers)
        assert done.status_code == 302, name

    assert Claim.objects.values(*kept).get() == before
    assert LostTransaction.objects.values_list("line", "struck", "claim__reference").get() == (1, "", begun.reference)
