"""S4, S5: a later log may say more of a notification on record: that counts from then on, and both stay as they were imported."""

from __future__ import annotations

import json

import pytest

from entitlements.actions.refused import Refused
from entitlements.rules.spans import Span
from sla.actions.presumptions import find_otherwise
from sla.alerts.columns import guessed
from sla.evidence import lists
from sla.evidence.circumstances import circumstances_of
from sla.models import AlertQuarter, Notification
from tests import factories as make
from tests.factories import DAY, NOW
from tests.shared import shared
from tests.sla.alerts.files import (
    HEADS,
    T0,
    check,
    checked,
    confirmed,
    counts,
    csv_of,
    imported,
    row,
    stamp,
    told,
    undone,
)
from tests.sla.evidence.logs import MINUTE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("customer")]

WAITING = {"sms_sent_at": "", "acknowledged_at": "", "provider_reference": ""}


@shared
def customer():
    one = make.contract().customer
    type(one).objects.filter(pk=one.pk).update(external_id="C-1")
    return one


def on_record(customer):
    """The notifications that count, as the rules judge them: import, line and verdict."""
    during = Span(T0 - DAY, T0 + DAY)
    known = circumstances_of([customer.pk], during, NOW)
    found = lists.page_of(known, lists.Narrowed(customer=customer.pk, during=during), 50)
    return sorted((one.source, one.line, one.verdict.value) for one in found)


@pytest.mark.parametrize("still_empty", [("provider_reference",), ()])
def test_an_open_alert_is_closed_by_a_later_log(customer, still_empty):
    """Its reference may come with the call to the provider, and is not what makes it another."""
    first = imported(csv_of(row(1, **WAITING)))
    assert on_record(customer) == [(first.pk, 2, "failure")]

    later = imported(csv_of(row(2), row(1, **dict.fromkeys(still_empty, ""))))

    assert counts(later) == (2, 2, 0, 0)
    assert on_record(customer) == [(later.pk, 2, "in_time"), (later.pk, 3, "in_time")]
    assert Notification.objects.count() == 3
    assert sum(AlertQuarter.objects.values_list("volume", flat=True)) == 2


def test_what_was_checked_counts_only_once_it_stands_and_what_is_undone_no_more(customer):
    first = imported(csv_of(row(1, **WAITING)))
    later = checked(csv_of(row(1)))
    assert on_record(customer) == [(first.pk, 2, "failure")]

    later = confirmed(later)
    with pytest.raises(Refused, match=later.reference):
        undone(first)
    undone(later)

    assert on_record(customer) == [(first.pk, 2, "failure")]


def test_a_log_that_says_less_brings_nothing_and_the_fullest_is_what_others_are_held_against(customer):
    imported(csv_of(row(1, **WAITING)))
    second = imported(csv_of(row(1, provider_reference="", resolved_at="")))
    third = imported(csv_of(row(1, resolved_at="2026-05-04T13:00:00.000Z")))

    again = checked(csv_of(row(1, **WAITING), row(1, provider_reference="SM1"), row(2)))

    assert on_record(customer) == [(third.pk, 2, "in_time")]
    assert (counts(again), again.left_out) == ((3, 1, 0, 2), {third.reference: 2})
    assert second in third.rests_on.all()


def test_what_was_found_of_an_alert_holds_for_the_later_line_of_it(customer):
    """S8: a reviewer found that the outage was not its cause; a log that tells when it was sent at last says nothing against that."""
    make.outage(customer=customer, start=T0 + MINUTE, minutes=45)
    first = imported(csv_of(row(1, **WAITING)))
    assert on_record(customer) == [(first.pk, 2, "in_outage")]
    find_otherwise(alert=Notification.objects.get(), reason="The phone was off.", by=first.uploaded_by, now=NOW)

    sent = {"sms_sent_at": stamp(1800), "acknowledged_at": ""}
    imported(csv_of(row(1, **sent)))
    last = imported(csv_of(row(1, **sent, resolved_at=stamp(1900))))

    assert on_record(customer) == [(last.pk, 2, "failure")]


CONTRARY = [
    {"sms_sent_at": "2026-05-04T12:01:04.000Z"},
    {"located": "CA"},
    {"occurred_at": ""},
    {"sms_sent_at": "", "resolved_at": "2026-05-04T13:00:00.000Z"},
]


@pytest.mark.parametrize("cells", CONTRARY)
def test_one_that_says_something_else_is_refused(customer, cells):
    """Also where it says more elsewhere: what was there when the trigger came does not come later."""
    first = imported(csv_of(row(1)))

    source = checked(csv_of(row(1, **cells)))

    assert told(source) == [(2, "", "other")]
    assert f"{first.reference}, line 2" in source.refusals.get().sentence


def test_of_two_that_differ_in_delay_or_reference_alone_none_is_lost(customer):
    """S4: one notification is of one configured delay."""
    rows = [row(1), row(1, delay="0"), row(1, provider_reference="SM-other")]

    assert counts(imported(csv_of(*rows))) == (3, 3, 0, 0)
    assert counts(checked(csv_of(*rows, row(2)))) == (4, 1, 0, 3)


def test_one_without_a_reference_beside_one_with_it_is_another(customer):
    first = imported(csv_of(row(1, provider_reference="")))

    later = imported(csv_of(row(1, provider_reference=""), row(1)))

    assert counts(later) == (2, 1, 0, 1)
    assert on_record(customer) == [(first.pk, 2, "in_time"), (later.pk, 3, "in_time")]


def test_entries_of_other_kinds_may_come_later_too(customer):
    naming, heads = {"columns": {**guessed(HEADS), "log:fax_sent": "fax"}}, [*HEADS, "fax"]
    imported(csv_of(row(1), heads=heads), **naming)

    more = imported(csv_of(row(1, fax="2026-05-04T12:00:30Z"), heads=heads), **naming)

    assert counts(more) == (1, 1, 0, 0)
    assert [line for _, line, _ in on_record(customer)] == [2]
    assert told(checked(csv_of(row(1, fax="2026-05-04T12:00:31Z"), heads=heads), **naming)) == [(2, "", "other")]


def test_what_came_between_check_and_import_is_held_against_the_fullest(customer):
    imported(csv_of(row(1, **WAITING)))
    waiting = checked(csv_of(row(1, provider_reference="")))
    between = imported(csv_of(row(1)))

    shown = confirmed(waiting)

    assert (shown.state, counts(shown)) == ("checked", (1, 0, 0, 1))
    assert on_record(customer) == [(between.pk, 2, "in_time")]


def test_a_head_that_comes_late_in_the_file_is_told_and_can_be_named(customer, monkeypatch):
    monkeypatch.setattr("sla.alerts.files.MOST_SAMPLED", 900)
    full = [{k: v for k, v in row(n).items() if v and (n > 4 or k != "provider_reference")} for n in range(1, 6)]
    named = {k: v for k, v in guessed(HEADS).items() if v in full[0]}
    source = checked("".join(json.dumps(one) + "\n" for one in full).encode(), name="a.jsonl", columns=named)
    assert (counts(source), source.later_heads) == ((5, 5, 0, 0), {"provider_reference": 5})

    again = check(source, {**named, "provider_reference": "provider_reference"})

    assert counts(again) == (5, 5, 0, 0)
