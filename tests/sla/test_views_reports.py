from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from entitlements.models import Letter
from sla.actions.failures import report_failure
from sla.models import Failure
from tests.factories import DAY, NOW, contract, failure, one_of
from tests.shared import shared

REPORT = reverse("report_failure")


def answers(**changes: Any) -> dict[str, Any]:
    """A report of an outage of yesterday, 10:00 to 11:35 in New York."""
    given = {
        "form_key": str(uuid.uuid4()),
        "kind": "A",
        "began_day": "2026-06-09",
        "began_time": "10:00",
        "ended_day": "2026-06-09",
        "ended_time": "11:35",
        "description": "The shop could not alert anybody.",
        **changes,
    }
    return {name: value for name, value in given.items() if value is not None}


@shared
def lakeside(gold: Any) -> Any:
    return gold


@pytest.fixture
def browser(lakeside: Any, signed_in: Any) -> Any:
    return signed_in(one_of(lakeside.customer))


class TestAReport:
    """S13: a failure is reported in a minute, and received to the second."""

    def test_three_answers_are_enough(self, browser) -> None:
        response = browser.post(
            REPORT, {"kind": "A", "began_day": "2026-06-09", "began_time": "10:00", "form_key": str(uuid.uuid4())}
        )

        reported = Failure.objects.get()
        assert response.url == reverse("failure", args=[reported.reference])
        assert reported.began_at == datetime(2026, 6, 9, 14, tzinfo=UTC)
        assert reported.ended_at is None

    def test_its_receipt_is_the_clock_of_the_request_whatever_the_form_says(self, browser, clock) -> None:
        clock(NOW + timedelta(minutes=7, seconds=13))

        browser.post(REPORT, answers(reported_at="2020-01-01", closes_at="2030-01-01"))

        assert Failure.objects.get().reported_at == NOW + timedelta(minutes=7, seconds=13)

    def test_the_page_after_it_says_when_it_came_and_until_when_a_claim_can(self, browser) -> None:
        page = browser.post(REPORT, answers(), follow=True).content.decode()

        assert "Wednesday, June 10, 2026, 10:00:00 a.m. Eastern Time (EDT, UTC−4)" in page
        assert "1 day" in page
        assert "after it began" in page
        assert "Wednesday, June 24, 2026, 11:59 p.m. Eastern Time (EDT, UTC−4)" in page
        assert 'datetime="2026-06-25T04:00:00Z"' in page
        assert "Start the claim now" in page

    def test_a_late_report_is_taken_without_a_word_of_blame(self, browser) -> None:
        page = browser.post(
            REPORT, answers(began_day="2026-06-01", ended_day="2026-06-01"), follow=True
        ).content.decode()

        assert Failure.objects.get().reported_late
        assert "late report" not in page.lower()

    def test_times_are_read_in_the_contracts_zone(self, signed_in) -> None:
        berlin = contract(zone="Europe/Berlin")
        browser = signed_in(one_of(berlin.customer))

        browser.post(REPORT, answers())

        assert Failure.objects.get().began_at == datetime(2026, 6, 9, 8, tzinfo=UTC)
        assert "In Central European Time." in browser.get(REPORT).content.decode()

    def test_with_several_contracts_it_asks_which(self, lakeside, browser) -> None:
        second = contract(customer=lakeside.customer, zone="Europe/Berlin")

        refused = browser.post(REPORT, answers()).content.decode()
        browser.post(REPORT, answers(contract=second.pk))

        assert "Which contract was affected?" in refused
        assert Failure.objects.get().contract == second

    def test_with_one_contract_it_does_not_ask_and_takes_no_other(self, browser) -> None:
        others = contract()

        browser.post(REPORT, answers(contract=others.pk))

        assert Failure.objects.get().contract != others

    def test_the_answers_about_an_alert_are_kept_for_an_alert_only(self, browser) -> None:
        alert = {"incident": "Q1XYZ", "channel": "sms", "responder_country": "US", "configured_delay_minutes": "5"}

        browser.post(REPORT, answers(kind="B", ended_day=None, ended_time=None, **alert))
        browser.post(REPORT, answers(**alert))

        late, outage = Failure.objects.order_by("kind").reverse()
        assert (late.incident, late.channel, late.responder_country, late.configured_delay_minutes) == (
            "Q1XYZ",
            "sms",
            "US",
            5,
        )
        assert late.occurred_at == late.began_at + timedelta(minutes=10)
        assert (outage.incident, outage.channel, outage.configured_delay_minutes) == ("", "", 0)

    def test_the_letter_with_the_calendar_file_is_written_with_it(self, browser) -> None:
        browser.post(REPORT, answers())

        letter = Letter.objects.get(kind="failure_reported")
        assert letter.matter == Failure.objects.get().reference
        assert "BEGIN:VEVENT" in letter.attachments[0][2]


class TestWhatAReportRefuses:
    """X7, S13: a time that cannot be is refused at its field, with everything that was typed."""

    @pytest.mark.parametrize(
        ("changes", "field", "said"),
        [
            ({"began_day": "2026-06-10", "began_time": "10:01"}, "began_day", "cannot have begun in the future"),
            ({"ended_day": "2026-06-09", "ended_time": "10:00"}, "ended_day", "ended before it began"),
            ({"ended_day": "2026-06-09", "ended_time": "09:00"}, "ended_day", "ended before it began"),
            ({"ended_day": "2026-06-10", "ended_time": "10:01"}, "ended_day", "cannot have ended in the future"),
            ({"ended_time": None}, "ended_time", "Give both the day and the time"),
            ({"ended_day": None}, "ended_day", "Give both the day and the time"),
            ({"began_day": "yesterday"}, "began_day", "Write the day like 2026-11-21."),
            ({"began_day": "0001-01-01"}, "began_day", "too far away"),
            ({"began_day": "9999-12-31"}, "began_day", "too far away"),
            ({"began_time": "25:00"}, "began_time", "Write the time like 14:05"),
            ({"began_time": None}, "began_time", "Fill in: At what time did it begin?"),
            ({"kind": None}, "kind", "Choose an answer: What failed?"),
            ({"kind": "C"}, "kind", "Choose one of the answers that are offered: What failed?"),
            ({"kind": "B", "configured_delay_minutes": "-1"}, "configured_delay_minutes", "greater than or equal"),
            ({"kind": "B", "configured_delay_minutes": "5 min"}, "configured_delay_minutes", "whole number"),
            ({"description": "a\0b"}, "description", "Null characters"),
            ({"description": "x" * 4001}, "description", "write at most 4,000 characters. These are 4,001."),
        ],
    )
    def test_a_wrong_answer(self, browser, changes, field, said) -> None:
        page = browser.post(REPORT, answers(**changes))

        assert page.status_code == 200
        assert field in page.context["form"].errors
        text = page.content.decode()
        assert "<title>Error: Report a delivery failure" in text
        assert said in text
        assert Failure.objects.count() == 0

    def test_exactly_now_and_a_microsecond_of_length_are_taken(self, browser) -> None:
        browser.post(
            REPORT, answers(began_time="09:59", began_day="2026-06-10", ended_day="2026-06-10", ended_time="10:00")
        )

        assert Failure.objects.get().ended_at == NOW

    def test_what_was_typed_comes_back(self, browser) -> None:
        page = browser.post(REPORT, answers(began_time="soon", description="<b>down</b>")).content.decode()

        assert 'value="soon"' in page
        assert "&lt;b&gt;down&lt;/b&gt;" in page

    def test_fields_that_nobody_asked_for_are_dropped_and_logged(self, browser, caplog) -> None:
        """P36."""
        browser.post(
            REPORT, answers(state="claimed", customer="1", is_staff="on", amount="5", received_at="2020-01-01")
        )

        assert Failure.objects.get().state == "reported"
        assert "unknown_fields_dropped" in caplog.text


class TestASecondReport:
    """C5.9, X9: one of the same time is asked about; the same form twice is one report."""

    def test_one_that_overlaps_is_asked_about_first(self, lakeside, browser) -> None:
        first = failure(contract=lakeside)

        asked = browser.post(REPORT, answers(began_time="11:00", ended_time="12:00"))

        assert f"{first.reference} is on record for this time already." in asked.content.decode()
        assert Failure.objects.count() == 1

    def test_with_the_tick_it_is_taken(self, lakeside, browser) -> None:
        failure(contract=lakeside)

        browser.post(REPORT, answers(all_the_same="on"))

        assert Failure.objects.count() == 2

    @pytest.mark.parametrize(
        "changes",
        [
            {"began_time": "11:35", "ended_time": "11:50"},
            {"began_time": "09:00", "ended_time": "10:00"},
            {"kind": "B"},
        ],
    )
    def test_one_that_only_touches_or_is_of_another_kind_is_not_asked_about(self, lakeside, browser, changes) -> None:
        failure(contract=lakeside)

        browser.post(REPORT, answers(**changes))

        assert Failure.objects.count() == 2

    def test_another_customers_report_is_no_reason_to_ask(self, browser) -> None:
        failure()

        browser.post(REPORT, answers())

        assert Failure.objects.count() == 2

    def test_the_same_form_twice_is_one_report(self, browser) -> None:
        form = answers()

        first, second = browser.post(REPORT, form), browser.post(REPORT, form)

        assert first.url == second.url
        assert Failure.objects.count() == 1

    def test_the_same_form_at_the_same_moment_is_one_report(self, at_once) -> None:
        lakeside, key = contract(), uuid.uuid4()
        by = one_of(lakeside.customer)

        def report() -> Failure:
            return report_failure(
                contract=lakeside, kind="A", began_at=NOW - DAY, by=by, now=NOW, form_key=key, description="Twice"
            )

        first, second = at_once(report, report)

        assert first.reference == second.reference
        assert Failure.objects.count() == 1


class TestWhatIsKnown:
    """C5.5, C5.9, C5.10: what is on record is offered before anything is typed, and named again where a report is of the same."""

    def test_what_we_put_on_record_is_offered_until_it_cannot_be_claimed(self, browser, lakeside, clock) -> None:
        found = failure(contract=lakeside)
        theirs = failure()
        Failure.objects.update(found_by_us=True)

        page = browser.get(REPORT).content.decode()
        clock(found.closes_at)
        later = browser.get(REPORT).content.decode()

        assert f'href="{reverse("failure", args=[found.reference])}"' in page
        assert found.outage.reference in page
        assert "Wednesday, June 24, 2026, 11:59 p.m. Eastern Time" in page
        assert theirs.outage.reference not in page
        assert len(page.encode()) < 100_000
        assert "Is it one of these?" not in later

    def test_a_second_report_leads_to_the_first(self, browser, lakeside) -> None:
        first = failure(contract=lakeside)

        page = browser.post(REPORT, answers()).content.decode()

        assert f'This looks like <a href="{reverse("failure", args=[first.reference])}"' in page
        assert first.outage.title in page
