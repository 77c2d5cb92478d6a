"""M8.3, M8.4, M8.6, PL4: maintenance at the desk: the guard of its notice, its letters, its page, and the month's ten hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from entitlements.models import Customer, Letter
from sla.actions import business_days as actions
from sla.models import CalendarCheck, MaintenancePeriod, NormalHours, VendorHoliday, VendorYear
from tests import factories as make
from tests import maintenance_factories as work
from tests.desk import at, signed_in
from tests.factories import DAY, HOUR, NOW
from tests.shared import shared

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
PLAN, GUARD, MONTH = "/admin/maintenance/plan/", "/admin/maintenance/plan/notice/", "/admin/maintenance/month/"
RECORD, HOURS = "/admin/maintenance/record/", "/admin/maintenance/hours/"
START = datetime(2026, 6, 22, 8, 0, tzinfo=UTC)
"""Monday, one in the morning in San Francisco; the Friday before is a holiday."""


@shared
def acme() -> Customer:
    """A customer with one contact; the vendor's year is on record."""
    work.year()
    customer = make.contract(customer=make.customer(name="Acme")).customer
    make.member(customer=customer, email="olivia@acme.example")
    return customer


@shared
def planned(acme: Customer) -> MaintenancePeriod:
    return work.planned(start=START, minutes=120)


@pytest.fixture
def desk(acme: Customer, monkeypatch: Any) -> Client:
    at(monkeypatch, NOW)
    return signed_in(make.manager())


def typed(**more: str) -> dict[str, str]:
    return {
        "title": "Database upgrade",
        "effect": "",
        "zone": "America/Los_Angeles",
        "start_day": "2026-06-22",
        "start_time": "01:00",
        "end_day": "2026-06-22",
        "end_time": "03:00",
        "everybody": "on",
        "customers": "",
        "kind": "planned",
        "reason": "",
        **more,
    }


def words(response: Any) -> str:
    return " ".join(response.content.decode().split())


class TestTheGuard:
    """M8.3, S15: what is said while it is typed; nothing is kept."""

    def test_it_tells_the_last_moment_whom_it_reaches_and_what_it_costs(self, desk):
        seen = words(desk.post(GUARD, typed()))

        assert "Notice is in time until" in seen
        assert "Thursday, June 18, 2026, 1:00:00 a.m. Pacific Time (PDT, UTC−7)" in seen
        assert "June 19, 2026</time> (Juneteenth)" in seen
        assert seen.count("(weekend)") == 2
        assert "<b>1</b> contact of <b>1</b> customer" in seen
        assert '<b><span class="when">2 h</span></b> of it excuse no outage' in seen
        assert '<b><span class="when">2 h</span></b> of the month' in seen
        assert not MaintenancePeriod.objects.exists()

    def test_once_it_has_passed_it_says_so_and_asks_for_a_reason(self, desk, monkeypatch):
        at(monkeypatch, START - 4 * DAY + timedelta(seconds=1))

        seen = words(desk.post(GUARD, typed()))

        assert "The time for a notice has passed." in seen
        assert "Not properly noticed." in seen
        assert "call it an emergency and say why" in seen

    @pytest.mark.parametrize("too_late", [False, True])
    def test_of_an_emergency_it_does_not_say_that_nothing_is_excused(self, too_late, desk, monkeypatch):
        """S3: with its reason it excuses, whenever its notice comes; that it could come in time is asked about."""
        at(monkeypatch, START - 4 * DAY + timedelta(seconds=too_late))

        seen = words(desk.post(GUARD, typed(kind="emergency", reason="The disk fails.")))

        assert '<b><span class="when">2 h</span></b> of it excuse also where the notice comes later' in seen
        assert "excuse no outage" not in seen
        assert ("A notice can still be in time." in seen) is not too_late

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"end_time": "01:00"}, "It must end after it begins."),
            ({"start_day": "2026-03-08", "start_time": "02:30"}, "The clocks change over this time on that day."),
            ({"end_time": ""}, "As soon as both times are there"),
        ],
    )
    def test_it_says_why_two_times_are_no_window(self, wrong, said, desk):
        assert said in words(desk.post(GUARD, typed(**wrong)))

    def test_exactly_then_is_in_time(self, desk, monkeypatch):
        at(monkeypatch, START - 4 * DAY)

        assert "Notice is in time until" in words(desk.post(GUARD, typed()))

    def test_inside_the_normal_hours_it_needs_none(self, desk):
        work.normal_hours(weekday=0)

        assert "Inside the normal maintenance hours." in words(desk.post(GUARD, typed()))

    def test_without_the_year_it_cannot_be_told(self, desk):
        later = typed(start_day="2027-06-22", end_day="2027-06-22")

        assert "holidays of 2027 are not on record" in words(desk.post(GUARD, later))

    def test_eighty_percent_of_the_month_is_said_aloud(self, desk):
        work.emergency(start=NOW - 8 * DAY, minutes=400)
        assert "eighty percent" in words(desk.post(GUARD, typed(end_time="02:20")))
        assert "eighty percent" not in words(desk.post(GUARD, typed(end_time="02:19")))
        assert "beyond the allowance" in words(desk.post(GUARD, typed(end_time="04:21")))

    def test_half_an_answer_is_no_error_yet(self, desk):
        assert "As soon as both times are there" in words(desk.post(GUARD, {"start_day": "2026-06-22"}))

    def test_whom_nobody_can_be_written_to_is_named(self, desk):
        silent = make.customer(name="Silent Ltd")

        seen = words(desk.post(GUARD, typed(everybody="", customers="Silent Ltd\nAcme")))

        assert "Nobody can be written to at 1 of them" in seen
        assert silent.name in seen


class TestPlanning:
    """M8.4: typed, checked with the letter, confirmed."""

    def test_it_is_checked_first_and_nothing_is_kept(self, desk):
        seen = words(desk.post(PLAN, typed()))

        assert "Plan it and write 1 letter" in seen
        assert "as olivia@acme.example reads it" in seen
        assert "Planned maintenance – Mon Jun 22, 2026, 4:00 a.m. EDT" in seen
        assert not MaintenancePeriod.objects.exists()
        assert not Letter.objects.exists()

    def test_confirmed_its_letters_are_written_and_its_page_says_how_it_stands(self, desk):
        answer = desk.post(PLAN, typed(confirmed="1"), follow=True)

        period = MaintenancePeriod.objects.get()
        assert answer.redirect_chain[-1][0] == reverse("admin:maintenance", args=[period.reference])
        assert Letter.objects.get().attachments[0][0] == f"{period.reference}.ics"
        assert "0 in time, 0 not properly noticed, 1 awaited" in words(answer)

    def test_an_emergency_has_to_say_why(self, desk):
        refused = desk.post(PLAN, typed(kind="emergency", confirmed="1"))
        assert "without a reason it is no emergency" in words(refused)

        desk.post(PLAN, typed(kind="emergency", reason="The disk fails.", confirmed="1"))
        period = MaintenancePeriod.objects.get()
        assert (period.kind, period.reason_recorded_at) == ("emergency", NOW)

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"end_time": "00:30"}, "must end after it begins"),
            ({"start_day": "2026-06-01"}, "That has begun already"),
            ({"everybody": ""}, "Name at least one customer"),
            ({"everybody": "", "customers": "Nobody"}, "No customer has this number or name: Nobody"),
            ({"start_day": "2026-11-01", "end_day": "2026-11-01", "start_time": "01:30"}, "in UTC"),
            ({"title": ""}, "Fill in: What is done"),
        ],
    )
    def test_a_wrong_answer_comes_back_with_what_was_typed(self, desk, wrong, said):
        answer = desk.post(PLAN, typed(**wrong))

        assert said in words(answer)
        assert "There is a problem" in words(answer)
        assert not MaintenancePeriod.objects.exists()


class TestRecording:
    """S3: what had to begin at once."""

    def record(self, desk, **more):
        times = {"start_day": "2026-06-10", "start_time": "05:00:00", "end_day": "", "end_time": ""}
        return desk.post(RECORD, typed(**{**times, "kind": "emergency", "reason": "It fails.", "repairs": ""} | more))

    def test_it_runs_and_customers_are_told(self, desk, acme):
        self.record(desk)

        period = MaintenancePeriod.objects.get()
        assert (period.state, period.ran.lower, period.ran.upper) == ("running", NOW - 2 * HOUR, None)
        assert Letter.objects.get().kind == "maintenance_notice"

    def test_a_repair_names_the_outage(self, desk, acme):
        assert "Choose the outage that it repairs" in words(self.record(desk, kind="repair"))

        outage = make.outage(customer=acme, start=NOW - 3 * HOUR)
        self.record(desk, kind="repair", repairs=str(outage.pk))
        assert MaintenancePeriod.objects.get().repairs == outage


class TestItsPage:
    """S3, S15: what is done with a period, each on a page of its own."""

    def act(self, desk, period, what, **more):
        times = {k: v for k, v in typed(**more).items() if k.startswith(("start", "end", "zone")) or k in more}
        return desk.post(reverse("admin:maintenance_act", args=[period.reference, what]), times)

    def test_a_change_shows_its_letters_before_it_is_made(self, desk, planned):
        moved = {"start_time": "02:00", "end_time": "04:00", "why": "A part is late."}
        seen = words(self.act(desk, planned, "change", **moved))
        assert "Nothing is done yet. It writes 1 letter." in seen
        assert "Notice is in time until" in seen
        assert MaintenancePeriod.objects.get().version == 1

        self.act(desk, planned, "change", **moved, confirmed="1")
        page = words(desk.get(reverse("admin:maintenance", args=[planned.reference])))
        assert "A part is late." in page
        assert "1, replaced" in page

    def test_it_is_cancelled(self, desk, planned):
        assert "It writes 1 letter" in words(self.act(desk, planned, "cancel", why="Not needed."))
        self.act(desk, planned, "cancel", why="Not needed.", confirmed="1")

        assert MaintenancePeriod.objects.get().state == "cancelled"

    def test_it_begins_ends_and_is_corrected(self, desk, planned, monkeypatch):
        at(monkeypatch, START + 5 * HOUR)
        self.act(desk, planned, "start", start_time="01:10:00")
        self.act(desk, planned, "end", end_time="03:30:00")
        self.act(desk, planned, "correct", start_time="01:05:00", end_time="03:30:00", why="The switch's own log.")

        page = words(desk.get(reverse("admin:maintenance", args=[planned.reference])))
        assert '<span class="when">30 min</span> of it lie outside the announced window' in page
        assert "The switch&#x27;s own log." in page
        assert "1 not properly noticed" in page
        assert desk.get(reverse("admin:maintenance_act", args=[planned.reference, "cancel"])).status_code == 404

    def test_an_acceptance_is_entered_from_a_document(self, desk, planned, monkeypatch):
        at(monkeypatch, START)
        address = reverse("admin:accept_maintenance_notice", args=[planned.reference, planned.notices.get().pk])
        given = {"accepted_day": "2026-06-18", "accepted_time": "01:00:00", "zone": "America/Los_Angeles"}

        desk.post(address, {**given, "document": "Receipt in ticket 4711"})

        page = words(desk.get(reverse("admin:maintenance", args=[planned.reference])))
        assert "Receipt in ticket 4711" in page
        assert "1 in time, 0 not properly noticed" in page

    def test_it_names_who_did_not_take_the_notice_and_from_whom_it_came_back(self, desk, planned):
        """S15: for whom it is not properly noticed, and why; what was refused or given up never left, and so did not come back. The
        letter of another version is not this one's."""
        make.member(customer=make.contract(customer=make.customer(name="Other")).customer, email="una@other.example")
        later = work.planned(start=START)
        olivia, una = Letter.objects.filter(matter=later.reference).order_by("addressee")
        Letter.objects.filter(pk=olivia.pk).update(state="accepted", accepted_at=NOW, bounced_at=NOW + HOUR)
        Letter.objects.filter(pk=una.pk).update(state="failed")

        page = words(desk.get(reverse("admin:maintenance", args=[later.reference])))

        assert "not yet<br><b>Came back: olivia@acme.example</b>" in page
        assert "not yet<br><b>Could not be delivered: una@other.example</b>" in page
        assert page.count("Came back:") == page.count("Could not be delivered:") == 1
        of_another = words(desk.get(reverse("admin:maintenance", args=[planned.reference])))
        assert "Came back" not in of_another
        assert "Could not be delivered" not in of_another

    def test_it_asks_as_many_questions_for_many_customers_as_for_one(self, desk, planned, django_assert_num_queries):
        with CaptureQueriesContext(connection) as few:
            desk.get(reverse("admin:maintenance", args=[planned.reference]))
        for _ in range(3):
            make.member(customer=make.contract().customer)
        second = work.planned(start=START)

        with django_assert_num_queries(len(few)):
            desk.get(reverse("admin:maintenance", args=[second.reference]))

    def test_the_claims_of_its_month_are_named(self, desk, acme):
        claim = make.sent_claim(contract=acme.contracts.get())
        period = work.emergency(start=NOW - 5 * DAY)

        assert claim.reference in words(desk.get(reverse("admin:maintenance", args=[period.reference])))


class TestTheList:
    def test_it_is_searched_filtered_and_had_as_a_file(self, desk, planned):
        work.emergency(start=NOW - DAY)
        address = reverse("admin:sla_maintenanceperiod_changelist")

        assert planned.reference in words(desk.get(address, {"q": "upgrade"}))
        assert planned.reference not in words(desk.get(address, {"kind__exact": "emergency"}))
        assert planned.reference in words(desk.get(address, {"work": "coming"}))
        assert "Nothing is found" in words(desk.get(address, {"q": "no such"}))
        file = b"".join(desk.get(address, {"format": "csv", "q": "upgrade"})).decode()
        assert planned.reference in file
        assert len(file.strip().splitlines()) == 2


class TestTheFirstPage:
    """M1: what of maintenance waits for somebody, and a reference that is typed anywhere."""

    def waiting(self, desk):
        groups = dict(desk.get("/admin/").context["groups"])
        return {queue.key: count for queue, count in groups["Maintenance"]}

    def test_a_notice_that_nobody_accepted_in_its_last_day(self, desk, planned, acme, monkeypatch):
        deadline = START - 4 * DAY
        counted = []
        for moment in (deadline - DAY - MINUTE, deadline - DAY, deadline, deadline + MINUTE):
            at(monkeypatch, moment)
            counted.append(self.waiting(desk)["notices_24h"])
        assert counted == [0, 1, 1, 0]

        at(monkeypatch, deadline)
        work.accepted(period=planned, at=deadline)
        assert self.waiting(desk)["notices_24h"] == 0

    def test_what_should_have_begun_and_what_runs(self, desk, planned, monkeypatch):
        work.emergency(start=NOW - HOUR, minutes=None)
        at(monkeypatch, START)

        assert self.waiting(desk) == {"notices_24h": 0, "not_begun": 1, "running": 1, "to_check": 0, "overdue": 0}

    def test_its_reference_opens_its_page(self, desk, planned):
        typed_by_hand = planned.reference.lower().replace("-", "")

        assert desk.get("/admin/find/", {"q": typed_by_hand}).url.endswith(f"/maintenance/{planned.reference}/")


class TestTheVendorsCalendar:
    """S3, S15: normal hours with days of validity, holidays and the weekend of a year."""

    def test_a_window_is_recorded_and_ended(self, desk):
        window = {"weekday": "6", "begins": "23:00", "ends": "02:00", "first": "2026-06-01", "last": ""}
        desk.post(HOURS, {f"hours-{name}": value for name, value in window.items()})
        hours = NormalHours.objects.get()
        assert (hours.weekday, hours.begins, hours.last_day) == (6, time(23), None)
        assert "23:00 – 02:00 the next day" in words(desk.get(HOURS))

        desk.post(f"{HOURS}{hours.pk}/end/", {f"end-{hours.pk}-last": "2026-06-30"})
        assert NormalHours.objects.get().last_day == date(2026, 6, 30)

    def test_a_year_replaces_what_was_on_record_for_it(self, desk):
        form = {"year-year": "2026", "year-weekend": ["5", "6"], "year-holidays": "2026-12-25 Christmas Day"}
        desk.post(HOURS, form)

        assert VendorYear.objects.count() == 1
        assert list(VendorHoliday.objects.values_list("name", flat=True)) == ["Christmas Day"]

    @pytest.mark.parametrize(
        ("holidays", "said"), [("25 December", "begin the line with the day"), ("2027-01-01 New Year", "outside 2026")]
    )
    def test_a_line_that_is_no_day_comes_back(self, desk, holidays, said):
        assert said in words(desk.post(HOURS, {"year-year": "2026", "year-weekend": "6", "year-holidays": holidays}))


class TestTheYearlyCheck:
    """S15: each November somebody is asked whether the calendar of the year ahead is right; until they say so it is in the way."""

    NOVEMBER = datetime(2026, 11, 1, 8, tzinfo=UTC)
    """The first of November has begun in the vendor's zone."""

    def test_is_asked_for_in_november_once_however_often_or_late_the_clock_turns(self):
        actions.ask_for_checks(now=self.NOVEMBER - 2 * HOUR)
        assert list(CalendarCheck.objects.values_list("year", flat=True)) == [2026]
        turns = [actions.ask_for_checks(now=self.NOVEMBER + n * HOUR) for n in range(3)]
        assert turns == [1, 0, 0]
        due = datetime(2026, 12, 1, 8, tzinfo=UTC)
        assert CalendarCheck.objects.get(year=2027).due_at == due

        actions.ask_for_checks(now=due + 400 * DAY)
        assert set(CalendarCheck.objects.values_list("year", flat=True)) == {2026, 2027, 2028}

    def test_it_waits_on_the_desk_until_somebody_says_what_it_was_compared_with(self, desk):
        asked = work.check()
        waits = {queue.key: count for _, queues in desk.get("/admin/").context["groups"] for queue, count in queues}
        assert waits["overdue"] == 1
        assert "Sunday, November 30, 2025" in words(desk.get(HOURS)).replace("\xa0", " ")

        empty = desk.post(f"{HOURS}{asked.pk}/check/", {f"check-{asked.pk}-compared_with": ""})
        assert "error-summary" in empty.content.decode()
        told = {f"check-{asked.pk}-compared_with": "The people team's list"}
        desk.post(f"{HOURS}{asked.pk}/check/", told)

        asked.refresh_from_db()
        assert (asked.checked_at, asked.compared_with) == (NOW, "The people team's list")
        assert "was checked already" in words(desk.post(f"{HOURS}{asked.pk}/check/", told))
        assert "Compared with: The people team" in words(desk.get(HOURS))

    def test_of_a_year_that_is_not_on_record_it_is_refused(self, desk):
        asked = work.check(year=2027, now=self.NOVEMBER)

        answer = desk.post(f"{HOURS}{asked.pk}/check/", {f"check-{asked.pk}-compared_with": "A list"})

        assert "The days without business of 2027 are not on record." in words(answer)

    def test_the_database_asks_for_the_list_and_keeps_what_was_checked(self):
        """a_checked_calendar_says_what_it_was_compared_with, calendarcheck_checked_at_and_by_go_together"""
        asked = CalendarCheck.objects.filter(pk=work.check().pk)
        for values, name in (
            ({"checked_at": NOW, "checked_by": make.manager()}, "a_checked_calendar_says"),
            ({"checked_at": NOW, "compared_with": "A list"}, "calendarcheck_checked_at_and_by"),
        ):
            with pytest.raises(IntegrityError, match=name), transaction.atomic():
                asked.update(**values)


class TestTheMonth:
    """PL4: the line, the message, the table and the file say the same; month edges are UTC."""

    def test_a_period_over_midnight_of_the_first_is_split(self, desk):
        midnight = datetime(2026, 6, 1, tzinfo=UTC)
        work.emergency(start=midnight - HOUR, minutes=90, now=midnight + HOUR)

        may, june = (desk.get(MONTH, {"month": month}) for month in ("2026-05", "2026-06"))

        assert [line.adds for line in may.context["lines"]] == [HOUR]
        assert [line.adds for line in june.context["lines"]] == [30 * MINUTE]
        assert 'comes to <span class="when">30 min</span> of' in words(june)

    def test_what_lies_beyond_ten_hours_is_said_line_by_line(self, desk):
        first = datetime(2026, 6, 1, tzinfo=UTC)
        work.emergency(start=first, minutes=500, now=first + DAY)
        work.emergency(start=first + 400 * MINUTE, minutes=250, now=first + DAY)

        page = desk.get(MONTH)

        adds = [(line.adds, line.in_all, line.beyond) for line in page.context["lines"]]
        assert adds == [(500 * MINUTE, 500 * MINUTE, 0 * MINUTE), (150 * MINUTE, 650 * MINUTE, 50 * MINUTE)]
        assert '<span class="when">50 min</span> lie beyond the allowance' in words(page)
        file = b"".join(desk.get(MONTH, {"format": "csv"})).decode()
        assert file.strip().splitlines()[-1].endswith(",150,650,50")

    def test_what_is_planned_is_forecast_and_one_customers_month_is_its_own(self, desk, planned, acme):
        other = make.contract(customer=make.customer(name="Other")).customer
        work.emergency(start=NOW - DAY, customers=[other])

        everybody, own = desk.get(MONTH), desk.get(MONTH, {"customer": "Acme"})

        assert everybody.context["forecast"].total == 3 * HOUR
        assert everybody.context["forecast"].used == HOUR
        assert own.context["forecast"].total == 2 * HOUR
        assert [bar["hatch"] for bar in everybody.context["plot"]["bars"]] == ["emergency", "planned"]
        assert [bar["ahead"] for bar in everybody.context["plot"]["bars"]] == [False, True]

    def test_an_empty_month_and_an_unknown_customer_are_told(self, desk):
        seen = words(desk.get(MONTH, {"month": "2026-01", "customer": "Nobody"}))

        assert "No maintenance in this month" in seen
        assert "No customer has this number or name" in seen


def test_a_claim_shows_what_the_other_reading_of_an_emergency_gives(desk, acme):
    claim = make.sent_claim(contract=acme.contracts.get())
    work.emergency(start=claim.failures.get().began_at, minutes=90)

    page = desk.get(reverse("admin:claim", args=[claim.reference]))

    clause, said, amount = page.context["readings"][-1]
    assert (clause, amount) == ("S3", Decimal("2000.00"))
    assert page.context["assessment"].capped is None
    assert said in words(page)
    assert "Facts of maintenance changed: judged anew" in words(page)


def test_the_portal_tells_a_customer_what_runs_comes_and_is_over(acme, planned, monkeypatch):
    at(monkeypatch, NOW)
    other = make.contract().customer
    hidden = work.emergency(start=NOW - HOUR, minutes=None, customers=[other])
    work.accepted(period=planned, at=START - 4 * DAY, customer=acme)

    seen = words(signed_in(make.one_of(acme)).get(reverse("maintenance_list")))

    assert planned.reference in seen
    assert "in time" in seen
    assert hidden.reference not in seen
    assert '<b><span class="when">0 min</span></b> of' in seen
