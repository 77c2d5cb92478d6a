"""M9.6, S19: what an import changed: late alerts by customer, and the figures of claims; and what its undoing takes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sla.alerts import quarters
from sla.models import AlertEffect, Recomputation
from tests import factories as make
from tests.desk import at, signed_in
from tests.factories import DAY, NOW
from tests.shared import shared
from tests.sla.alerts.files import csv_of, imported, row, undone
from tests.sla.evidence.logs import MINUTE

pytestmark = pytest.mark.django_db
LATE = {"incident": "INC-7", "received_at": "2026-06-04T12:00:00Z", "occurred_at": "2026-06-04T12:00:00Z", "delay": "0"}
LATE |= {"sms_sent_at": "2026-06-04T12:30:00Z", "acknowledged_at": "2026-06-04T12:40:00Z"}


@shared
def claim():
    """Upon an alert that no log has yet."""
    contract = make.contract()
    type(contract.customer).objects.filter(pk=contract.customer_id).update(external_id="C-1")
    began = datetime(2026, 6, 4, 12, tzinfo=UTC)
    failure = make.failure(contract=contract, kind="B", began=began, minutes=40, incident="INC-7", logged=False)
    return make.sent_claim(draft=make.draft(failure=failure, complete=True))


def in_time(customer):
    """A line of another customer, in time, and one of this."""
    other = make.customer()
    type(other).objects.filter(pk=other.pk).update(external_id="C-2")
    prompt = {"sms_sent_at": "2026-06-04T12:00:30Z", "acknowledged_at": ""}
    return row(1, **LATE | prompt | {"customer": "C-2"}), row(2, **LATE)


def test_it_says_by_customer_what_it_changed_and_no_more(claim):
    source = imported(csv_of(*in_time(claim.contract.customer)))

    (effect,) = source.effects.all()
    assert effect.customer == claim.contract.customer
    assert (effect.late_before, effect.late_after) == (effect.failures_before, effect.failures_after) == (0, 1)
    assert (effect.remedy_before, effect.remedy_after) == (timedelta(), 25 * MINUTE)


def test_it_leads_to_the_late_alerts_of_its_days(claim, monkeypatch):
    """M9.6: the figure is of the file's days, and so is the list that it opens, however long ago they were."""
    at(monkeypatch, NOW + 60 * DAY)
    source = imported(csv_of(*in_time(claim.contract.customer)))
    desk = signed_in(make.manager())

    ((effect, late_of),) = desk.get(f"/admin/imports/alerts/{source.reference}/").context["effects"]
    found = desk.get(late_of).context["found"]

    assert effect.late_after == len(found) == 1
    assert found[0][0].incident == "INC-7"


def test_an_open_claim_is_computed_anew_and_again_when_it_is_undone(claim):
    source = imported(csv_of(row(2, **LATE)))
    undone(source)

    changed = Recomputation.objects.filter(claim=claim).order_by("pk")
    assert [(one.matter, one.because, one.remedy_before, one.remedy_after) for one in changed] == [
        (source.reference, f"{source.reference} was imported", timedelta(), 25 * MINUTE),
        (source.reference, f"{source.reference} was undone", 25 * MINUTE, timedelta()),
    ]


class TestWhileItLasts:
    """Minutes, for a large file: nobody waits for a claim, and what is done to one meanwhile is told for what it is."""

    @pytest.fixture
    def meanwhile(self, claim, monkeypatch):
        """Import it, and do something when its rows are about to count; what became of the claim by that."""
        really = quarters.count

        def do(what):
            monkeypatch.setattr(quarters, "count", lambda source: [what(claim), really(source)])
            source = imported(csv_of(row(2, **LATE)))
            return Recomputation.objects.get(claim=claim, matter=source.reference)

        return do

    def test_a_claim_is_locked_when_all_is_computed_and_not_before(self, claim):
        with CaptureQueriesContext(connection) as asked:
            imported(csv_of(row(2, **LATE)))

        to_decide, _decided = (n for n, one in enumerate(asked) if 'FOR UPDATE OF "sla_claim"' in one["sql"])
        attached = next(n for n, one in enumerate(asked) if "attach_alert_tables" in one["sql"])
        assert to_decide > attached

    def test_one_that_is_decided_meanwhile_stands(self, meanwhile):
        said = meanwhile(lambda claim: make.decided(proposal=make.proposal(claim=claim, outcome="deny")))

        assert (said.decided, said.remedy_before, said.remedy_after) == (True, timedelta(), 25 * MINUTE)

    def test_one_that_is_corrected_meanwhile_goes_on_from_there(self, meanwhile):
        def correct(claim):
            figures = {
                "assessed_before": 0,
                "assessed_after": 0,
                "remedy_before": timedelta(),
                "remedy_after": 5 * MINUTE,
            }
            by = {"recomputed_at": NOW, "recomputed_by": make.manager()}
            Recomputation.objects.create(claim=claim, matter="FND-1", because="-", decided=False, **figures, **by)

        said = meanwhile(correct)

        assert (said.remedy_before, said.remedy_after) == (5 * MINUTE, 25 * MINUTE)


def test_its_page_shows_both(claim):
    source = imported(csv_of(row(2, **LATE)))

    page = signed_in(make.manager()).get(reverse("admin:alert_import", args=[source.reference]))

    assert "0 → 1" in page.text
    assert [one.claim for one in page.context["recomputed"]] == [claim]


def test_its_page_shows_what_undoing_it_changed(claim):
    source = imported(csv_of(row(2, **LATE)))
    undone(source)

    page = signed_in(make.manager()).get(reverse("admin:alert_import", args=[source.reference]))

    assert f"{source.reference} was undone" in page.text
    assert reverse("admin:claim", args=[claim.reference]) in page.text


def test_the_command_says_it_too(claim, tmp_path, capsys):
    file = tmp_path / "june.csv"
    file.write_bytes(csv_of(row(2, **LATE)))

    call_command("import_alerts", str(file), by=make.manager().email)

    assert "It changed the late alerts of 1 customer and the figures of 1 claim." in capsys.readouterr().out


def test_what_it_changed_stays_as_it_was(claim):
    imported(csv_of(row(2, **LATE)))

    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        AlertEffect.objects.update(late_after=0)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("an_import_has_one_effect_on_a_customer", {}),
        ("an_effect_changes_something", {"late_after": 0, "failures_after": 0, "remedy_after": timedelta()}),
    ],
)
def test_the_database_refuses_by_name(claim, name, values):
    imported(csv_of(row(2, **LATE)))
    effect = AlertEffect.objects.get()
    effect.pk = None
    for field, value in values.items():
        setattr(effect, field, value)
    if values:
        effect.customer = make.customer()

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        effect.save(force_insert=True)
