"""What a manager wants first: whose sessions lapse, who is over or exhausted, how the places are used, who is away."""

from __future__ import annotations

import csv
from datetime import date, timedelta

import pytest
from django.urls import reverse

from entitlements import notices, standings
from entitlements.actions.levels import change_level
from entitlements.actions.no_shows import count_no_show, note_no_show
from entitlements.models import Contract, Event, Letter, LetterState
from tests import factories as make
from tests.desk import at, signed_in
from tests.entitlements.portal import words
from tests.factories import DAY, HOUR, NOW, TODAY
from tests.shared import shared

pytestmark = pytest.mark.django_db

FIRST = date(2025, 8, 1)
"""Of a contract whose year ends on July 31, 2026: 51 days after today."""


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    at(monkeypatch, NOW)


@pytest.fixture
def desk():
    return signed_in(make.manager())


def ending_soon(*, name="Northwind", level="silver", first=FIRST, book=True, **more):
    customer = make.customer(name=name)
    if book:
        make.member(customer=customer, roles=["bookings"], email=f"b@{name.lower()}.example")
    return make.contract(customer=customer, level=level, first=first, last=date(2027, 7, 31), **more)


@shared
def northwind():
    """Northwind's contract, on Silver."""
    return ending_soon()


@shared
def used_up():
    """A contract of whose only line with a number nothing is left."""
    contract = ending_soon(name="Used", level="none")
    make.request(contract=contract)
    return contract


def seen(client, name, *args, **query):
    return client.get(reverse(f"admin:{name}", args=args), query).content.decode()


def table(client, name):
    lines = b"".join(client.get(reverse(f"admin:{name}"), {"format": "csv"}).streaming_content).decode()
    return list(csv.DictReader(lines.splitlines()))


class TestWhatLapses:
    """E3: within 60 days, the soonest first."""

    @pytest.mark.usefixtures("northwind", "engineer")
    def test_shows_what_is_left_and_when_an_engineer_is_free(self, desk):
        text = seen(desk, "lapsing_sessions")

        assert "in 51 days" in text
        assert "Integration Consultation: <b>4</b>" in " ".join(text.split())
        assert "Thu Jun 11" in text

    @pytest.mark.parametrize(("days", "there"), [(60, True), (61, False)])
    def test_looks_sixty_days_ahead(self, desk, days, there):
        ending_soon(first=date(2025, 6, 10) + (days + 1) * DAY)

        assert bool(table(desk, "lapsing_sessions")) is there

    def test_offers_times_of_the_customer_s_own_working_day(self, desk):
        """An engineer works around the clock; the customer in Auckland is not asked to come at night."""
        ending_soon(zone="Pacific/Auckland")
        make.engineer()

        assert "Fri Jun 12, 2026, 8:00 a.m. NZST" in seen(desk, "lapsing_sessions")

    @pytest.mark.usefixtures("used_up")
    def test_leaves_out_what_is_used_up_and_who_is_not_active(self, desk, northwind):
        northwind.status = "suspended"
        northwind.save()

        assert table(desk, "lapsing_sessions") == []
        assert "Nothing lapses within 60 days" in seen(desk, "lapsing_sessions")

    def test_counts_a_day_by_the_contract_s_own_clock(self, monkeypatch):
        """On the year's last evening in Honolulu it is the next day in UTC."""
        contract = ending_soon(zone="Pacific/Honolulu")
        end = contract.years.get(n=1).ends_at

        (one,) = standings.running_standings(end - timedelta(microseconds=1), ending_within=60 * DAY)
        assert (one.days_left, one.year.n) == (0, 1)
        assert standings.running_standings(end, ending_within=60 * DAY) == []

    def test_asks_the_database_as_often_for_many_as_for_one(self, desk, northwind, django_assert_num_queries):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        seen(desk, "lapsing_sessions")  # editions are loaded once in a process
        with CaptureQueriesContext(connection) as one:
            seen(desk, "lapsing_sessions")
        for n in range(2):
            make.request(contract=ending_soon(name=f"More{n}"))

        with django_assert_num_queries(len(one)):
            seen(desk, "lapsing_sessions")


class TestTheOffer:
    """E3: one letter to whoever may book, and not again within a week."""

    def offer(self, client, contract):
        return client.post(reverse("admin:offer_sessions", args=[contract.years.get(n=1).pk]))

    @pytest.mark.usefixtures("engineer")
    def test_writes_to_whoever_may_book_and_is_on_record(self, desk, northwind):
        assert self.offer(desk, northwind).url == reverse("admin:lapsing_sessions")

        letter = Letter.objects.get(kind="sessions_offered")
        assert letter.addressee == "b@northwind.example"
        assert Event.objects.filter(verb="contract.sessions_offered", matter=northwind.order_form).exists()
        assert "not yet" not in seen(desk, "lapsing_sessions")

    def test_reads_as_it_should(self, desk):
        contract = ending_soon(level="none")
        make.engineer()
        self.offer(desk, contract)
        while notices.send_due(clock=lambda: NOW):
            pass

        letter = Letter.objects.get(kind="sessions_offered")

        assert letter.subject == f"[{contract.order_form}] Sessions left until July 31, 2026 – Northwind"
        assert (
            letter.text
            == f"""Your contract year ends with July 31, 2026. What is not used by then is over: places do not roll over.

Still left:
- Integration Consultation or Product/Feature Consultation: 1
  An engineer is free: Thursday, June 11, 2026, 10:00 a.m. Eastern Time (EDT, UTC−4)
  An engineer is free: Friday, June 12, 2026, 8:00 a.m. Eastern Time (EDT, UTC−4)
  An engineer is free: Monday, June 15, 2026, 8:00 a.m. Eastern Time (EDT, UTC−4)

These times are not held for you. Ask for one in the portal, or for another day that suits you better.

Ask for a session:
https://support.example.com/sessions/

PagerDuty Customer Success

--{" "}
Reference: {contract.order_form}
You can answer this letter; a person reads support@example.com.
You get this letter because you may book sessions for Northwind.
"""
        )

    def test_shows_first_to_whom_it_goes_and_changes_nothing(self, desk, northwind):
        text = seen(desk, "offer_sessions", northwind.years.get(n=1).pk)

        assert "b@northwind.example" in text
        assert not Letter.objects.exists()

    def test_is_made_once_a_week(self, desk, northwind, monkeypatch):
        self.offer(desk, northwind)

        at(monkeypatch, NOW + 7 * DAY - timedelta(microseconds=1))
        desk = signed_in(make.manager())  # an idle hour ended the first session
        again = self.offer(desk, northwind).content.decode()
        assert 'data-code="offered_already"' in again
        assert "It was offered on June 10, 2026." in again

        at(monkeypatch, NOW + 7 * DAY)
        assert self.offer(desk, northwind).status_code == 302
        assert Letter.objects.count() == 2

    def test_is_refused_where_nothing_is_left_or_nobody_may_book(self, desk, used_up):
        assert b'data-code="nothing_left"' in self.offer(desk, used_up).content
        assert b'data-code="nobody_books"' in self.offer(desk, ending_soon(name="Nobody", book=False)).content

    def test_where_nobody_may_book_the_list_and_the_page_lead_to_an_invitation(self, desk):
        contract = ending_soon(book=False)
        invite = reverse("admin:customer_people", args=[contract.customer_id])

        assert invite in seen(desk, "lapsing_sessions")
        assert invite in seen(desk, "offer_sessions", contract.years.get(n=1).pk)

    @pytest.mark.parametrize("status", ["suspended", "terminated"])
    def test_is_refused_while_nothing_can_be_booked_anyway(self, desk, northwind, status):
        """E14"""
        Contract.objects.filter(pk=northwind.pk).update(status=status)

        assert b'data-code="not_active"' in self.offer(desk, northwind).content
        assert not Letter.objects.filter(kind="sessions_offered").exists()

    def test_that_waits_beyond_the_year_is_not_sent(self, desk, northwind):
        self.offer(desk, northwind)

        while notices.send_due(clock=lambda: northwind.years.get(n=1).ends_at):
            pass

        assert Letter.objects.get(kind="sessions_offered").state == LetterState.NO_LONGER_TRUE


@shared
def ticked():
    """The years of two customers, and of one with nobody who may book."""
    contracts = [ending_soon(name="One"), ending_soon(name="Two"), ending_soon(name="Nobody", book=False)]
    return [contract.years.get(n=1).pk for contract in contracts]


class TestOffersToMany:
    """E3: one act for all who are ticked; what is refused keeps no other."""

    def test_are_shown_before_a_letter_is_written(self, desk, ticked):
        page = desk.post(reverse("admin:offer_many"), {"year": ticked}).content.decode()

        assert "Write to 2 customers" in page
        assert "b@one.example" in page
        assert 'data-code="nobody_books"' in page
        assert not Letter.objects.exists()
        assert not Event.objects.filter(verb="contract.sessions_offered").exists()

    def test_confirmed_they_are_written_and_who_is_left_out_is_named(self, desk, ticked):
        page = desk.post(reverse("admin:offer_many"), {"year": ticked, "confirmed": "1"}, follow=True)

        assert sorted(Letter.objects.values_list("addressee", flat=True)) == ["b@one.example", "b@two.example"]
        assert "2 offers are written. Left out: Nobody." in page.content.decode()

    def test_nobody_ticked_is_said(self, desk):
        page = desk.post(reverse("admin:offer_many"), {"confirmed": "1"}, follow=True)

        assert "Nothing was done: tick those" in page.content.decode()


class TestTheForecast:
    """PL3."""

    def test_says_how_many_lapse_and_where_there_is_too_little_data(self, desk):
        contract = ending_soon()
        make.scheduled(contract=contract, start=NOW - 30 * DAY, now=NOW - 40 * DAY)
        ending_soon(name="Fresh")

        rows = {row["customer"]: row for row in table(desk, "forecast_unused")}

        assert rows["Fresh"]["likely"] == "too little data"
        assert rows["Fresh"]["why none"] == "no session in the past 12 months"
        assert int(rows["Northwind"]["likely"]) <= int(rows["Northwind"]["left today"])
        assert "too little data" in seen(desk, "forecast_unused")

    def test_whom_nothing_is_known_of_stands_where_all_that_is_left_would_put_it(self, desk):
        """Who books nothing loses most: last in the list nobody would look there."""
        for name, level in (("Small", "none"), ("Large", "gold")):
            ending_soon(name=name, level=level)
        busy = ending_soon(name="Busy")
        make.scheduled(contract=busy, start=NOW - 30 * DAY, now=NOW - 40 * DAY)

        assert [row["customer"] for row in table(desk, "forecast_unused")] == ["Large", "Busy", "Small"]


class TestLimits:
    """E6."""

    def test_name_what_is_used_up_and_what_stands_above_a_lowered_cap(self, desk):
        contract = ending_soon(level="gold")
        for n in range(3):
            make.request(contract=contract, day=TODAY + (20 + n) * DAY)
        change_level(contract=contract, level="premium", first=TODAY, by=make.manager(), now=NOW)

        text = words(seen(desk, "over_and_exhausted"))

        assert "Integration Consultation: 3 of 2" in text
        assert "number 3 where the cap is 2" in text

    @pytest.mark.usefixtures("northwind")
    def test_leave_out_whoever_has_places_left(self, desk):
        assert table(desk, "over_and_exhausted") == []


class TestUtilisation:
    """PL1 over all running years."""

    def test_sums_the_cards_by_level(self, desk):
        make.request(contract=ending_soon(name="One"))
        ending_soon(name="Two")

        rows = {(row["activity"], row["level"]): row for row in table(desk, "usage")}

        assert rows["Integration Consultation", "Silver Services"] == {
            "activity": "Integration Consultation",
            "level": "Silver Services",
            "entitled": "8",
            "delivered": "0",
            "held": "1",
            "kept": "0",
        }
        assert "1 of 8" in seen(desk, "usage")

    def test_a_counted_no_show_is_used_as_on_the_card(self, desk):
        """E5"""
        missed = make.scheduled(contract=ending_soon(name="One"), start=NOW + HOUR)
        note_no_show(engagement=missed, side="customer", by=make.manager(), now=NOW + 3 * HOUR)
        count_no_show(engagement=missed, reason="The third time.", by=make.manager(), now=NOW + 4 * HOUR)

        (row,) = (row for row in table(desk, "usage") if row["activity"] == "Integration Consultation")

        assert (row["delivered"], row["held"], row["kept"]) == ("0", "0", "1")
        assert "1 of 4" in seen(desk, "usage")
        assert "1 counted otherwise" in seen(desk, "usage")

    @pytest.mark.parametrize(("used", "percent"), [(0, 0), (1, 13), (3, 38), (7, 88), (8, 100)])
    def test_a_share_is_rounded_half_up(self, used, percent):
        assert standings.Utilisation(entitled=8, delivered=used, held=0, kept=0).percent == percent

    def test_says_why_there_is_no_figure(self, desk):
        """E2, E4, E8: N/A is neither none nor nothing."""
        ending_soon(name="None", level="none")
        make.override(contract=ending_soon(name="Silver"), activity="maturity", unlimited=True)
        ending_soon(name="Gold", level="gold")
        found = standings.running_standings(NOW)
        (pool,) = {line.target for one in found for line in one.card if line.is_pool}

        said = [
            standings.instead_of_a_figure(found, target, level)
            for target, level in (
                ("alert_strategies", "Silver Services"),
                ("maturity", "Silver Services"),
                ("integration", "No Services"),
                (pool, "Gold Services"),
            )
        ]

        assert said == ["N/A", "no limit", "in a pool", "each by itself"]
        assert '<span class="quiet">N/A</span>' in seen(desk, "usage")


@shared
def exhausted():
    """A contract with nothing left of one of its lines, and something of the others."""
    contract = ending_soon(level="premium")
    for n in range(2):
        make.request(contract=contract, day=TODAY + (20 + n) * DAY)
    return contract


class TestHowANumberCameAbout:
    """E5: every figure opens to the years behind it, and those to the lines of their ledger."""

    def test_a_sum_to_its_years_and_a_year_to_its_lines(self, desk):
        engagement = make.request(contract=ending_soon(name="One"), by=make.manager(name="Morgan Whitfield"))
        ending_soon(name="Two")
        year = engagement.year_id
        line = {"line": "integration"}

        years = words(seen(desk, "usage_behind", level="Silver Services", **line))
        lines = words(seen(desk, "year_ledger", year, **line))

        assert "Sum 8 0 1 0 1" in years
        assert "usage/behind/?line=integration&amp;level=Silver%20Services" in seen(desk, "usage")
        assert f"contract-years/{year}/ledger/?line=integration" in seen(
            desk, "usage_behind", level="Silver Services", **line
        )
        assert "+1 1 Morgan Whitfield" in lines
        assert engagement.reference in lines
        assert engagement.reference not in words(seen(desk, "year_ledger", year, line="roadmap"))

    @pytest.mark.parametrize(
        "page", ["customer", "statement", "over_and_exhausted", "lapsing_sessions", "forecast_unused"]
    )
    def test_a_page_with_figures_leads_to_the_lines(self, desk, exhausted, page):
        year = exhausted.years.get(n=1).pk
        args = {"customer": [exhausted.customer_id], "statement": [year]}.get(page, [])

        assert f"/admin/contract-years/{year}/ledger/" in seen(desk, page, *args)


def test_who_is_away_and_the_years_behind_a_sum_are_files_too(desk, northwind, engineer, colleague):
    """X11"""
    leave = make.leave(engineer=engineer, stand_in=colleague)
    behind = {"line": "integration", "level": "Silver Services", "format": "csv"}

    absence = b"".join(desk.get(reverse("admin:who_is_away"), {"format": "csv"})).decode().splitlines()
    years = b"".join(desk.get(reverse("admin:usage_behind"), behind)).decode().splitlines()

    assert absence[1].split(",")[0] == str(leave.engineer)
    assert len(absence) == 2
    assert years[1].endswith(f"{northwind.order_form},2025-08-01,2026-07-31,4,0,0,0,0")


class TestWhoIsAway:
    """E15."""

    def test_names_the_stand_in_and_the_sessions_that_lie_in_it(self, desk, gold, engineer, colleague):
        make.leave(engineer=engineer, stand_in=colleague, start=NOW + 3 * DAY, length=DAY)
        make.scheduled(contract=gold, engineer=engineer, start=NOW + 5 * DAY)

        text = seen(desk, "who_is_away")

        assert "Lars Holm" in text
        assert "Ines Prado" in text
        assert "Nobody is away" not in text
        assert "ENG-" not in text
