from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from sla.actions.corrections import withdraw_downtime
from sla.models import Cause, Downtime, Outage
from tests import factories as make
from tests import maintenance_factories as maintain
from tests.desk import at, signed_in

pytestmark = pytest.mark.django_db
RECORD = "/admin/outages/record/"
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    at(monkeypatch, make.NOW)


def typed(**more):
    return {
        "title": "Alerts were late",
        "component": "alerting",
        "zone": "UTC",
        "source": "availability.log, lines 3 to 9",
        "start_day": "2026-06-09",
        "start_time": "10:00:00",
        "end_day": "2026-06-09",
        "end_time": "10:29:59",
        **more,
    }


def record(**more):
    return signed_in(make.manager()).post(RECORD, typed(**more))


class TestRecordingAnOutage:
    """S2, S12"""

    def test_puts_it_on_record_for_each_customer_that_is_named(self):
        one, other = make.customer(), make.customer()
        make.customer()

        record(customers=f"{one.external_id}\n{other.name}")

        outage = Outage.objects.get()
        assert {downtime.customer for downtime in outage.downtimes.all()} == {one, other}

    def test_says_whether_it_is_an_availability_outage(self):
        record(customers=make.customer().name)

        page = signed_in(make.manager()).get(reverse("admin:outage", args=[Outage.objects.get().reference]))

        assert "29 min 59 s: not an Availability Outage" in page.content.decode()

    def test_takes_times_in_the_vendors_zone(self):
        record(customers=make.customer().name, zone="America/Los_Angeles")

        (downtime,) = Outage.objects.get().downtimes.all()
        assert downtime.during.lower == datetime(2026, 6, 9, 17, tzinfo=UTC)

    def test_takes_all_customers_with_a_contract_on_that_day(self, gold):
        running = gold.customer
        make.customer()

        record(everybody="on")

        assert [downtime.customer for downtime in Outage.objects.get().downtimes.all()] == [running]

    def test_goes_under_a_cause_that_is_not_fixed_yet(self):
        cause = make.outage().cause

        record(customers=make.customer().name, cause=cause.pk)

        assert Outage.objects.latest("pk").cause == cause

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"customers": ""}, "Name at least one customer, or tick all of them."),
            ({"customers": "Nobody Ltd"}, "No customer has this number or name: Nobody Ltd."),
            ({"end_time": "09:00:00"}, "It cannot have ended before it began."),
            ({"end_time": ""}, "Fill in both the day and the time of the end, or neither."),
            ({"start_day": "2026-06-11", "end_day": "", "end_time": ""}, "It cannot have begun after now."),
            ({"end_day": "2026-06-11"}, "It cannot have ended after now."),
            ({"start_day": ""}, "Fill in: Began on"),
        ],
    )
    def test_says_what_is_wrong(self, wrong, said):
        make.customer(name="Acme")

        answer = record(**{"customers": "Acme", **wrong})

        assert said in answer.content.decode()
        assert not Outage.objects.exists()


class TestIntervalsOfTheirOwn:
    """S2: a line each, typed or in a file; what they come to is said before anything is kept (M8.1)."""

    LINES = "customer, start, end\nAcme, 2026-06-09 10:00:00, 2026-06-09 10:15:00\nAcme, 2026-06-09 10:{}, 2026-06-09 10:30:00"

    def without_times(self, **more):
        empty = dict.fromkeys(("start_day", "start_time", "end_day", "end_time"), "")
        return typed(customers="", **empty, **more)

    def working(self, lines):
        make.customer(name="Acme")
        answer = signed_in(make.manager()).post("/admin/outages/record/working/", {"zone": "UTC", "lines": lines})
        assert not Outage.objects.exists()
        return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())

    def test_intervals_that_touch_are_one_while_they_are_typed(self):
        said = self.working(self.LINES.format("15:00"))

        assert "2 intervals; those that overlap or touch are one, which leaves 1." in said
        assert "(30 min) 30 min : an Availability Outage" in said.replace("30 min: an", "30 min : an")

    def test_a_gap_of_a_second_separates_them(self):
        said = self.working(self.LINES.format("15:01"))

        assert "A gap of 1 s separates" in said
        assert "15 min: not an Availability Outage" in said
        assert "14 min 59 s: not an Availability Outage" in said

    def test_a_line_that_cannot_be_read_is_named_while_others_are_worked_out(self):
        said = self.working(self.LINES.format("15:00") + "\nAcme, yesterday\nAcme, tomorrow")

        assert "Not worked out: Line 4: “yesterday” is no time." in said
        assert "And 1 more." in said
        assert "an Availability Outage" in said

    def test_the_button_works_it_out_and_keeps_nothing(self):
        make.customer(name="Acme")

        answer = record(customers="Acme", work_it_out="1").content.decode()

        assert "29 min 59 s: not an Availability Outage" in answer
        assert not Outage.objects.exists()

    def test_a_file_is_named_in_each_interval_with_its_line_and_hash(self):
        acme = make.customer(name="Acme")
        content = self.LINES.format("20:00").encode()

        signed_in(make.manager()).post(RECORD, self.without_times(file=SimpleUploadedFile("log.csv", content)))

        read = [(one.source_file, one.source_line, one.source_sha256) for one in Downtime.objects.of(acme)]
        assert read == [("log.csv", line, hashlib.sha256(content).hexdigest()) for line in (2, 3)]

    @pytest.mark.parametrize(
        ("lines", "said"),
        [
            ("Nobody, 2026-06-09 10:00, 2026-06-09 10:30", "Line 1: no customer has this number or name: Nobody."),
            ("Acme, yesterday", "Line 1: “yesterday” is no time."),
            ("Acme, 2026-06-11 10:00", "A line lies ahead of now."),
            ("customer, start, end", "It has no line with a customer and a time."),
        ],
    )
    def test_says_what_is_wrong_with_a_line(self, lines, said):
        make.customer(name="Acme")

        answer = signed_in(make.manager()).post(RECORD, self.without_times(lines=lines))

        assert said in answer.content.decode()
        assert not Outage.objects.exists()

    def test_a_name_that_two_have_is_not_guessed(self):
        make.customer(name="Acme"), make.customer(name="Acme")

        assert "Several customers are called so: Acme." in record(customers="Acme").content.decode()

    def test_a_clock_time_that_comes_twice_is_not_guessed(self):
        make.customer(name="Acme")
        night = {"start_day": "2025-11-02", "start_time": "01:30", "end_day": "", "end_time": ""}

        answer = record(customers="Acme", zone="America/Los_Angeles", **night)

        assert "01:30:00 comes twice on that day" in answer.content.decode()

    def test_another_product_is_recorded_and_is_not_the_service(self):
        acme = make.customer(name="Acme")
        record(customers="Acme", component="aiops", end_time="11:00:00")

        outage = Outage.objects.get()
        page = signed_in(make.manager()).get(reverse("admin:outage", args=[outage.reference])).content.decode()
        assert "AIOps is not the Service" in page
        assert "an Availability Outage" not in page
        assert not Downtime.objects.of(acme).exists()


class TestWhatItComesTo:
    """S2, S3, S6: an outage's page, its customer's page and what publishing would do give one verdict."""

    PAGES = ("admin:outage", "admin:publish_outage")

    def verdicts(self, outage, customer):
        desk = signed_in(make.manager())
        ways = [reverse(name, args=[outage.reference]) for name in self.PAGES]
        ways.append(reverse("admin:outage_customer", args=[outage.reference, customer.pk]))
        pages = [desk.get(way).content.decode() for way in ways]
        verdicts = [set(re.findall(r">([0-9][^<>:;]*: (?:not )?an Availability Outage)", page)) for page in pages]
        return verdicts, " ".join(re.sub(r"<[^>]+>", "", pages[0]).split())

    def test_maintenance_is_cut_out_on_each_of_its_pages(self, gold):
        outage = make.outage(customer=gold.customer)
        maintain.emergency(start=make.NOW - make.DAY + 20 * MINUTE, minutes=75, customers=[gold.customer])

        verdicts, page = self.verdicts(outage, gold.customer)

        assert verdicts == [{"20 min: not an Availability Outage"}] * 3
        assert "1 h 15 min cut out, by maintenance or a finding of cause" in page

    def test_says_so_where_nothing_of_it_is_left(self, gold):
        outage = make.outage(customer=gold.customer, start=make.NOW - 95 * MINUTE)
        maintain.emergency(start=make.NOW - 95 * MINUTE, minutes=95, customers=[gold.customer])

        _, page = self.verdicts(outage, gold.customer)

        assert "Nothing of it is left: 1 h 35 min cut out" in page

    def test_one_that_lasts_is_told_up_to_the_last_full_second(self, gold, monkeypatch):
        outage = make.outage(customer=gold.customer, start=make.NOW - 40 * MINUTE, minutes=None)
        at(monkeypatch, make.NOW + timedelta(microseconds=70_400))

        _, page = self.verdicts(outage, gold.customer)

        assert "40 min so far: an Availability Outage" in page


class TestTheList:
    LIST = "/admin/sla/outage/"

    def cells(self, outage):
        page = signed_in(make.manager()).get(self.LIST, {"q": outage.reference}).content.decode()
        return [
            re.sub(r"<[^>]+>", "", one) for one in re.findall(r'class="field-(?:began|ended)[^>]*>(.*?)</td>', page)
        ]

    def test_says_when_each_began_and_ended_by_what_stands_of_it(self):
        outage = make.outage()
        wrong = Downtime.objects.create(
            outage=outage,
            customer=make.customer(),
            during=(make.NOW - 3 * make.DAY, None),
            source="log",
            recorded_at=make.NOW,
            recorded_by=make.manager(),
        )
        withdraw_downtime(downtime=wrong, reason="Not in the log.", by=make.manager(), now=make.NOW)

        assert self.cells(outage) == ["Tue Jun 9, 2026, 7:00 a.m. PDT", "Tue Jun 9, 2026, 8:35 a.m. PDT"]

    def test_says_of_one_that_lasts_that_it_is_open(self):
        assert self.cells(make.outage(minutes=None))[1] == "still open"

    def test_a_file_of_it_has_the_instants(self):
        make.outage()

        file = b"".join(signed_in(make.manager()).get(self.LIST, {"format": "csv"})).decode()

        assert "2026-06-09" in file.splitlines()[1].split(",")[3]

    def test_causes_are_narrowed_by_whether_they_are_fixed(self):
        make.outage()

        page = signed_in(make.manager()).get("/admin/sla/cause/", {"_facets": "True"}).content.decode()

        assert "By fixed" in page
        assert "Not yet (1)" in page
        assert "Not empty" not in page


class TestEndingIt:
    """S2, S12"""

    def end(self, outage, **given):
        typed = {"end-end_day": "2026-06-10", "end-end_time": "09:00:00", "end-zone": "UTC", **given}
        return signed_in(make.manager()).post(reverse("admin:end_outage", args=[outage.reference]), typed)

    def test_an_open_outage_ends_for_everybody(self):
        outage = make.outage(customers=[make.customer(), make.customer()], minutes=None)

        self.end(outage)

        ends = {downtime.during.upper for downtime in outage.downtimes.all()}
        assert ends == {datetime(2026, 6, 10, 9, tzinfo=UTC)}

    @pytest.mark.parametrize(
        ("given", "code"), [({"end-end_day": "2026-06-11"}, "not_yet"), ({"end-end_day": "2026-06-01"}, "ended_before")]
    )
    def test_an_end_that_cannot_be_is_refused(self, given, code):
        outage = make.outage(minutes=None)

        answer = self.end(outage, **given)

        assert f'data-code="{code}"' in answer.content.decode()
        assert outage.downtimes.get().during.upper is None

    def test_what_has_ended_does_not_end_again(self):
        assert b'data-code="ended"' in self.end(make.outage()).content

    def test_the_first_fix_of_a_cause_stands(self, monkeypatch):
        outage = make.outage()
        address = reverse("admin:fix_cause", args=[outage.cause.reference])

        signed_in(make.manager()).post(address)
        at(monkeypatch, make.NOW + timedelta(days=1))
        signed_in(make.manager()).post(address)

        assert Cause.objects.get().fixed_at == make.NOW
