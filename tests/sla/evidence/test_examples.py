"""The worked examples of S4, S5, S7 and S8 that speak of alerts, answered by the set-based SQL."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from entitlements.rules.spans import Span, total
from sla.evidence.circumstances import Circumstances
from sla.evidence.ground import Ground
from sla.evidence.questions import Verdict, assessed, late_by_customer
from sla.rules.outages import availability_outages
from sla.rules.volume import Quarter, quarters_of
from tests.sla.evidence.logs import MINUTE, Line, roll_up, tables, utc
from tests.worked_examples.paper_terms import PAPER_TERMS
from tests.worked_examples.readers import instant, written, zone
from tests.worked_examples.sla_words import alert, seconds, written_span
from tests.worked_examples.test_examples import EXAMPLES, contains

pytestmark = pytest.mark.django_db

ALWAYS = Span(utc("2024-01-01"), utc("2028-01-01"))
FAILS = {"channel": "phone", "logs": [["provider_api_call", "2027-12-31T00:00:00Z"]]}


def of(fn):
    return [pytest.param(one["input"], one["expected"], id=one["id"]) for one in EXAMPLES if one["fn"] == fn]


def known(tz="UTC", now=ALWAYS.end, outages=()):
    return Circumstances(
        ground=(Ground(1, ALWAYS, ZoneInfo(tz), PAPER_TERMS),), now=now, outages={1: tuple(outages)} if outages else {}
    )


def lines(*told):
    return [Line(n, 1, f"INC-{n}", one) for n, one in enumerate(told, start=2)]


@pytest.mark.parametrize(("given", "expected"), of("delivery"))
def test_a_delivery(given, expected):
    """S4, S5"""
    tables(lines(alert(given["alert"])))

    (found,) = assessed(known())

    answer = {
        "in_scope": not found.out_of_scope,
        "why": found.out_of_scope[0].value if found.out_of_scope else None,
        "period_seconds": seconds(found.period),
        "failure": found.verdict == Verdict.FAILURE,
        "attempted": found.attempted,
        "occurrence": written(found.occurrence),
        "remedy": written_span(found.remedy[0] if found.remedy else None),
        "open": found.open,
    }
    assert contains(answer, expected)


@pytest.mark.parametrize(("given", "expected"), of("volume_exclusion"))
def test_a_volume(given, expected):
    """S7: of an alert that failed, received then."""
    tables(lines(alert({"received": given["received"], **FAILS})))
    if "quarters" in given:
        roll_up(1, [Quarter(instant(at), volume, begun) for at, volume, begun in given["quarters"]])
    else:
        alerts, incidents = ([instant(at) for at in given[key]] for key in ("alerts", "incidents"))
        roll_up(1, quarters_of(alerts, incidents, PAPER_TERMS))

    (found,) = assessed(known(zone(given["zone"]).key))

    assert (found.verdict == Verdict.BY_VOLUME) is expected["excluded"]
    if found.median is not None and "median" in expected:
        assert str(found.median.normalize()) == expected["median"]


def test_a_late_alert_caused_by_an_outage_has_no_period_of_its_own():
    """S8-05: the outage of an hour has one, which counts in the claim."""
    tables(
        lines(
            alert(
                {"received": "2026-05-12T10:50:00Z", **FAILS, "logs": [["provider_api_call", "2026-05-12T11:10:00Z"]]}
            )
        )
    )
    down = availability_outages([(utc("2026-05-12 10:00"), utc("2026-05-12 11:00"))], (), PAPER_TERMS, None)

    independent, caused = (late_by_customer(known(outages=found))[1] for found in ((), down))

    assert (independent.failures, independent.remedy) == (1, 15 * MINUTE)
    assert (caused.failures, caused.in_outage, caused.remedy) == (1, 1, 0 * MINUTE)


def test_no_minute_is_paid_twice():
    """S13-43's two alerts, both in time here: 03:55 to 03:58 and 04:01 to 04:10; and one that lies within the second."""
    told = [("03:50", "03:58"), ("03:56", "04:10"), ("03:58", "04:09")]
    logged = [
        alert(
            {
                "received": f"2026-05-13T{begun}:00Z",
                "channel": "phone",
                "logs": [["provider_api_call", f"2026-05-13T{logged}:00Z"]],
            }
        )
        for begun, logged in told
    ]
    tables(lines(*logged))

    found = late_by_customer(known())[1]

    assert (found.failures, found.remedy) == (3, 12 * MINUTE)
    assert total(span for one in assessed(known()) for span in one.remedy) == 12 * MINUTE
