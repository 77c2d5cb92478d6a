"""S4, S5, S7, S8 on the desk: one alert down to its line, a customer's alerts, and a day of all customers (PL6, PL7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from entitlements.rules.days import first_instant
from entitlements.rules.spans import Span
from sla.admin.alert_page import address_of
from sla.evidence import lists, questions
from sla.evidence.circumstances import circumstances_of
from sla.evidence.wording import log_in_words
from sla.models import Notification
from tests import factories as make
from tests.desk import at, signed_in
from tests.factories import DAY, NOW
from tests.shared import shared
from tests.sla.evidence.logs import MINUTE, SECOND, Line, log_file, tables
from tests.sla.rules.given import alert

pytestmark = pytest.mark.django_db

CALLED = "provider_api_call"


def told(received, minutes, **facts):
    """An alert by phone that was called in so many minutes after its trigger; None: never."""
    logs = () if minutes is None else ((CALLED, received + minutes * MINUTE),)
    return replace(alert(logged=None), received=received, logs=logs, **facts)


@shared
def logs():
    """Two customers: of the first a failure, one in an outage, one excluded by volume, one in time, one out of scope, one open."""
    manager = make.manager()
    contract, other = make.contract(), make.contract()
    first = contract.customer
    source = log_file(NOW, manager)
    yesterday = NOW - DAY
    make.outage(customer=first, start=yesterday + timedelta(hours=2), minutes=45)
    calm = [told(yesterday - timedelta(days=40 + n), 1) for n in range(3)]
    burst = [told(yesterday + timedelta(hours=6) + n * SECOND, 1) for n in range(12)]
    of_first = [
        told(yesterday, 20),
        told(yesterday + timedelta(hours=2, minutes=10), 30),
        told(yesterday + timedelta(hours=6, minutes=1), 9),
        told(yesterday + timedelta(hours=1), 5),
        told(yesterday + timedelta(hours=1, minutes=20), 50, located="MX", initial=False),
        told(NOW - 2 * MINUTE, None),
        *burst,
        *calm,
    ]
    lines = [Line(n, first.pk, f"INC-{n}", one, source.pk) for n, one in enumerate(of_first, start=2)]
    lines.append(Line(99, other.customer_id, "INC-99", told(yesterday, 1), source.pk))
    tables(lines)
    return {"manager": manager, "customer": first, "other": other.customer}


@pytest.fixture
def desk(monkeypatch, logs):
    at(monkeypatch, NOW)
    return signed_in(logs["manager"])


def page_of(desk, line):
    return desk.get(address_of(Notification.objects.get(line=line)))


@pytest.mark.parametrize(
    ("line", "verdict", "words"),
    [
        (2, "failure", "its delivery period is 20 min, and 5 min are allowed"),
        (3, "in_outage", "an outage is presumed its cause"),
        (4, "excluded_by_volume", "own volume excludes it"),
        (5, "in_time", "its delivery period is 5 min, and 5 min are allowed"),
        (6, "out_of_scope", "not in the US or Canada, not the initial alert"),
        (7, "open", "2 min after it was due nothing was attempted"),
    ],
)
def test_an_alert_says_why_it_is_a_failure_or_not(desk, line, verdict, words):
    page = page_of(desk, line)

    text = page.content.decode()
    assert page.context["examined"].verdict == verdict
    assert words in text
    assert f"Line {line} of alerts-june.csv" in text
    assert 'href="/admin/imports/alerts/LOG-TEST-0001/"' in text
    assert ('data-plot="PL7"' in text) is (verdict in ("failure", "in_outage", "excluded_by_volume"))


@pytest.mark.parametrize(
    ("kind", "words"), [("sms_sent", "SMS: report that it was sent"), ("fax_sent", "Log: fax sent")]
)
def test_an_entry_of_the_log_is_named_in_words(kind, words):
    assert log_in_words(kind) == words


def test_the_volume_test_stands_with_its_figures_and_its_reading(desk):
    """PL7: thirteen triggers against a median of one."""
    page = page_of(desk, 4)

    text = page.content.decode()
    assert (
        "This quarter hour had 13 triggers; the median of 6 quarter hours with an incident is 1, and the limit 11"
        in text
    )
    assert "exactly 11 times does not exclude" in text
    assert '<dt>Counted</dt><dd><ul class="figures"><li><span class="fig">1 · 6</span></li></ul></dd>' in text
    (own,) = (bar for bar in page.context["plot"].bars if bar.own)
    assert (own.volume, own.incidents) == (13, 13)
    assert page.context["plot"].limit_y > own.y


def test_the_page_and_the_list_say_the_same(desk, logs):
    """The pure rules speak on the page, the SQL in the list."""
    listed = desk.get(f"/admin/alerts/{logs['customer'].pk}/?places=all&since=2026-06-09&until=2026-06-10").context[
        "found"
    ]

    pages = {one.line: page_of(desk, one.line).context["examined"] for one, *_ in listed[:8]}

    assert len(listed) == 18
    for one, *_ in listed[:8]:
        assert pages[one.line].verdict == one.verdict
        assert pages[one.line].delivery.period == one.period


def test_a_day_of_all_customers_opens_the_lists_of_its_figures(desk, logs):
    page = desk.get("/admin/alerts/?day=2026-06-09")

    first, second = page.context["lines"]
    assert first[0] == logs["customer"].name
    assert [first[1].notifications, first[1].in_scope, first[1].late, first[1].excluded, first[1].failures] == [
        17,
        16,
        3,
        1,
        2,
    ]
    assert (first[1].in_outage, first[1].remedy) == (1, 15 * MINUTE)
    assert second[1].notifications == 1
    for group, count in [("", 17), ("in_scope", 16), ("late", 3), ("excluded", 1), ("failures", 2), ("in_outage", 1)]:
        href = first[2] + (f"&group={group}" if group else "")
        assert f'href="{href.replace("&", "&amp;")}"' in page.content.decode()
        assert len(desk.get(href).context["found"]) == count


def test_a_day_of_ours_has_the_same_alerts_in_the_list_of_a_customer_of_another_zone(monkeypatch):
    """M1.2: every number opens the list with that count."""
    at(monkeypatch, NOW)
    manager, contract = make.manager(), make.contract(zone="Asia/Kolkata")
    last_minute = first_instant(date(2026, 6, 10), ZoneInfo("America/Los_Angeles")) - MINUTE
    tables([Line(2, contract.customer_id, "INC-2", told(last_minute, 20), log_file(NOW, manager).pk)])
    desk = signed_in(manager)

    ((_, figures, list_of),) = desk.get("/admin/alerts/?day=2026-06-09").context["lines"]
    listed = desk.get(list_of)

    assert figures.failures == len(listed.context["found"]) == 1
    assert "Ours: Pacific Time" in listed.content.decode()
    assert not desk.get(list_of.replace("zone=ours", "zone=")).context["found"]


def test_a_list_is_narrowed_searched_paged_and_had_as_a_file(desk, logs, monkeypatch):
    monkeypatch.setattr("sla.admin.alert_lists.PAGE", 10)
    path = f"/admin/alerts/{logs['customer'].pk}/?since=2026-06-09&until=2026-06-10&places=all"

    first = desk.get(path)
    second = desk.get(f"{path}&after={first.context['more']}")
    found = desk.get(f"{path}&q=inc-2")
    file = b"".join(desk.get(f"{path}&group=failures&format=csv")).decode().splitlines()

    lines = [one.line for page in (first, second) for one, *_ in page.context["found"]]
    assert len(lines) == len(set(lines)) == 18
    assert second.context["more"] is None
    assert "18 notifications" in first.content.decode()
    assert {one.incident for one, *_ in found.context["found"]} == {"INC-2"}
    assert [line.split(",")[0] for line in file] == ["incident", "INC-3", "INC-2"]
    assert desk.get(f"{path}&after=nonsense").context["first_page"]


@pytest.mark.parametrize("text", ["inc-", "-1"])
def test_a_text_is_looked_for_once_and_then_found_by_its_instants(desk, logs, monkeypatch, text):
    path = f"/admin/alerts/{logs['customer'].pk}/?since=2026-06-09&until=2026-06-10&places=all&group=in_time&q={text}"
    monkeypatch.setattr(lists, "FEW", 0)
    without = [one for one, *_ in desk.get(path).context["found"]]
    monkeypatch.undo()

    with CaptureQueriesContext(connection) as asked:
        found = [one for one, *_ in desk.get(path).context["found"]]

    scans = [one["sql"] for one in asked if f"'%{text}%'" in one["sql"] and "received_at = ANY" not in one["sql"]]
    assert found == without
    assert {text in one.incident.lower() for one in found} == {True}
    assert len(scans) == 1


def test_a_file_of_the_list_asks_the_logs_once(desk, logs, monkeypatch):
    """However many rows there are: what is judged is not judged again for each portion."""
    monkeypatch.setattr(questions, "AT_ONCE", 3)
    path = f"/admin/alerts/{logs['customer'].pk}/?since=2026-06-09&until=2026-06-10&places=all&format=csv&group=in_time"

    with CaptureQueriesContext(connection) as asked:
        file = b"".join(desk.get(path)).decode().splitlines()

    assert len(file) == 1 + 13
    assert sum("sla_notification" in one["sql"] for one in asked) == 1


def test_the_delivery_periods_are_drawn_by_channel(desk, logs):
    """PL6: what is excluded stands apart; the United States and Canada at first, everywhere if asked."""
    path = f"/admin/alerts/{logs['customer'].pk}/?since=2026-06-09&until=2026-06-10"

    summary = desk.get(path).context["summary"]

    (curve,) = summary.plot.curves
    below = dict(zip(summary.plot.edges, curve.counts, strict=True))
    assert (curve.channel, curve.total, below[5 * MINUTE], below[30 * MINUTE]) == ("Phone call", 15, 13, 15)
    assert [one[:3] for one in summary.shut_out] == [("Phone call", "Late, excluded by volume", 1)]
    assert dict(summary.reasons)["not in the US or Canada"] == 1
    assert "US and Canada" in desk.get(path).content.decode()


@pytest.mark.parametrize("looked_at", [3, 2_000])
def test_a_list_of_each_verdict_has_what_judging_all_of_them_tells(desk, logs, monkeypatch, looked_at):
    """However few of the newest are judged first, and by whichever index late and open ones are found."""
    monkeypatch.setattr(lists, "LOOKED_AT", looked_at)
    customer, during = logs["customer"].pk, Span(NOW - 60 * DAY, NOW)
    known = circumstances_of([customer], during, NOW)
    everything = lists.page_of(known, lists.Narrowed(customer=customer, during=during), 50)

    found = {
        group: lists.page_of(known, lists.Narrowed(customer=customer, during=during, group=group), 3)
        for group in lists.GROUPS
    }

    assert found == {
        group: [one for one in everything if one.verdict in verdicts][:3] for group, verdicts in lists.GROUPS.items()
    }
    assert [one.verdict for one in found["open"]] == ["open"]
    assert {group: how_many(known, group) for group in lists.GROUPS} == {
        group: sum(one.verdict in verdicts for one in everything) for group, verdicts in lists.GROUPS.items()
    }


def how_many(known, group):
    (ground,) = {(one.customer, one.during) for one in known.ground}
    return lists.how_many(known, lists.Narrowed(customer=ground[0], during=ground[1], group=group))


def test_what_volume_excludes_is_listed_with_its_median(desk, logs):
    listed = desk.get(f"/admin/alerts/{logs['customer'].pk}/?since=2026-06-09&until=2026-06-10&group=excluded")

    assert "Late, excluded by volume: the median is 1</td>" in listed.content.decode()
    assert len(listed.context["found"]) == 1
    assert listed.context["rows"] == "1 notification"


def test_more_than_a_page_can_sum_up_is_summed_up_on_demand(desk, logs, monkeypatch):
    """What is late is told at once, however many notifications the days have; all of them only if somebody asks."""
    path = f"/admin/alerts/{logs['customer'].pk}/?since=2026-06-09&until=2026-06-10"
    summary = desk.get(path).context["summary"]
    monkeypatch.setattr(lists, "MOST_SUMMED", 17)

    long, whole = desk.get(path), desk.get(f"{path}&whole=1")

    assert "more than 17 notifications" in long.content.decode()
    assert f"{summary.late} alerts in scope came late" in long.content.decode()
    assert "summary" not in long.context
    assert len(long.context["found"]) == 17
    assert whole.context["summary"] == summary


def test_what_is_not_there_says_why(desk, logs):
    empty = desk.get("/admin/alerts/?day=2020-01-01").content.decode()
    nobody = desk.get(f"/admin/alerts/{logs['customer'].pk}/?since=2020-01-01&until=2020-01-02").content.decode()
    wrong = desk.get(f"/admin/alerts/{logs['customer'].pk}/?since=2026-06-10&until=2026-06-01").content.decode()

    assert "No alert on this day" in empty
    assert "No alert in these days" in nobody
    assert "The last day lies before the first." in wrong
    assert desk.get(f"/admin/alerts/{logs['customer'].pk}/{10**17}/1/1/").status_code == 404
    assert desk.get(f"/admin/alerts/{logs['customer'].pk}/{10**30}/1/1/").status_code == 404


def test_a_reported_incident_is_found_and_leads_to_its_alerts(desk, logs):
    contract = logs["customer"].contracts.get()
    make.failure(contract=contract, kind="B", began=NOW - DAY, minutes=20, incident="INC-2", channel="phone")

    ((report, alerts),) = desk.get("/admin/find/?q=inc-2").context["reported"]
    (first,) = (one for one, *_ in desk.get(alerts).context["found"])

    assert (report.incident, first.incident, first.verdict) == ("INC-2", "INC-2", "failure")
