"""M9 on the desk, and by command: hand in, name the columns, look at the check, import, undo; a file that is hostile on its way out."""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, date, datetime
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from sla.actions import alerts as actions
from sla.admin.alert_page import address_of
from sla.alerts.columns import FIELDS, guessed
from sla.alerts.work import work
from sla.alerts.zones import NO_OFFSET
from sla.models import AlertImport, AlertMapping, Failure, Notification
from tests import factories as make
from tests.factories import DAY, NOW
from tests.sla.alerts.files import HEADS, checked, csv_of, imported, row, stored
from tests.sla.alerts.test_parquet import parquet_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("customer")]


@pytest.fixture
def browser(db):
    browser = Client()
    browser.force_login(make.manager())
    return browser


def hand_in(browser, content, name="alerts.csv"):
    return browser.post(reverse("admin:alert_imports"), {"file": SimpleUploadedFile(name, content)}, follow=True)


def url(name, source):
    return reverse(f"admin:{name}", args=[source.reference])


class TestTheDesk:
    def test_a_file_goes_all_the_way_step_by_step(self, browser):
        page = hand_in(browser, csv_of(row(1), row(2, located="USA")))
        source = AlertImport.objects.get()
        assert "Nothing of the file is in the logs yet. The times of the first rows say their offset: UTC." in page.text
        assert "INC-1" in page.text

        page = browser.post(
            url("check_alerts", source), {**guessed(HEADS), "delay_unit": "minutes", "save_as": "Export"}, follow=True
        )
        assert page.headers["Refresh"] == "10"
        assert "0 rows read" in page.text
        work(clock=lambda: NOW)
        page = browser.get(url("alert_import", source))
        assert "“USA” is no country of two letters." in page.text

        page = browser.post(url("confirm_alerts", source), follow=True)
        assert "Some rows of the file are refused" in page.text
        browser.post(url("confirm_alerts", source), {"without_refused": "yes"})
        work(clock=lambda: NOW)
        page = browser.get(url("alert_import", source))
        assert "without its refused rows" in page.text
        assert len(stored()) == 1

        page = browser.post(url("undo_alerts", source), follow=True)
        assert (
            page.headers["Refresh"],
            "1 row and the quarter hours that they count in are taken back" in page.text,
        ) == ("10", True)
        assert "Being undone" in browser.get(reverse("admin:alert_imports")).text
        work(clock=lambda: NOW)
        page = browser.get(url("alert_import", source))
        assert "None of its rows is on record." in page.text
        assert stored() == []
        assert AlertMapping.objects.get().columns["customer_id"] == "customer"

    def test_of_too_many_refused_rows_it_says_how_many_are_shown_and_offers_no_more(self, browser, monkeypatch):
        for place in ("sla.alerts.loading.MOST_TOLD", "sla.admin.alert_imports.MOST_TOLD"):
            monkeypatch.setattr(place, 1)
        source = checked(csv_of(row(1), row(2, located="USA"), row(3, located="USA")))

        page = browser.get(url("alert_import", source))

        assert "The first 1 of 2 refused rows." in page.text
        assert "All of them as CSV" not in page.text

    def test_refused_rows_of_more_than_a_page_are_summed_up_by_reason(self, browser, monkeypatch):
        monkeypatch.setattr("sla.admin.alert_imports.ON_A_PAGE", 2)
        refused = (row(2, received_at=""), row(3, located="USA"), row(4, located="Mars"))
        source = checked(csv_of(row(1), *refused))

        page = browser.get(url("alert_import", source))

        reasons = [(one["column"], one["rows"], one["first"]) for one in page.context["reasons"]]
        assert reasons == [("located", 2, 4), ("received_at", 1, 3)]
        assert "Refused rows by reason" in page.text

    def test_what_is_named_wrongly_is_said_at_the_field(self, browser):
        hand_in(browser, csv_of(row(1)))
        source = AlertImport.objects.get()

        page = browser.post(
            url("check_alerts", source),
            {"incident": "customer", "channel": "customer", "zone": "Mars", "delay_unit": "minutes"},
        )

        for sentence in (
            "Choose the column that has “Customer”.",
            "“customer” is chosen twice.",
            "There is no such zone.",
        ):
            assert sentence in page.text
        assert AlertImport.objects.get().state == "mapping"

    def test_a_saved_mapping_is_proposed_for_the_next_file_of_its_source(self, browser):
        AlertMapping.objects.create(
            name="Export", columns={"customer_id": "who"}, saved_at=NOW, saved_by=make.manager()
        )
        hand_in(browser, csv_of(row(1)).replace(b"customer,", b"who,"))

        page = browser.get(url("alert_import", AlertImport.objects.get()), {"as": "Export"})

        assert page.context["form"].initial["customer_id"] == "who"

    def test_times_without_an_offset_want_a_zone_before_the_file_is_checked(self, browser):
        """Of the columns that are chosen, whatever their heads suggest."""
        file = csv_of(row(1, received_at="2026-05-04 12:00:00", sms_sent_at="", acknowledged_at="", occurred_at=""))
        page = hand_in(browser, file.replace(b"received_at", b"rcvd"))
        assert "No column of times is recognized yet." in page.text
        source, chosen = AlertImport.objects.get(), {**guessed(HEADS), "received_at": "rcvd", "delay_unit": "minutes"}

        page = browser.post(url("check_alerts", source), chosen)

        assert NO_OFFSET in page.text
        assert "No column of times" not in page.text
        assert AlertImport.objects.get().state == "mapping"
        browser.post(url("check_alerts", source), {**chosen, "zone": "America/New_York"})
        assert AlertImport.objects.get().state == "checking"

    def test_columns_that_are_named_anew_are_kept_under_the_same_name(self, browser):
        source = checked(csv_of(row(1)))
        told = {"columns": source.columns, "saved_by": make.manager()}
        for name, saved_at in (("Older", NOW - DAY), ("Export", NOW), ("Eldest", NOW - 2 * DAY)):
            AlertMapping.objects.create(name=name, saved_at=saved_at, **told)

        page = browser.get(url("alert_import", source), {"anew": ""})

        assert page.context["form"].initial["save_as"] == "Export"

    def test_a_source_can_be_chosen_for_columns_that_are_named_anew(self, browser):
        source = checked(csv_of(row(1)))
        AlertMapping.objects.create(name="Other", columns={"customer_id": "who"}, saved_at=NOW, saved_by=make.manager())
        page = browser.get(url("alert_import", source), {"anew": ""})
        (there,) = re.findall(r'href="(\?[^"]*as=Other[^"]*)"', page.text)

        page = browser.get(url("alert_import", source) + unescape(there))

        assert page.context["form"].initial["customer_id"] == "who"

    @pytest.mark.parametrize(
        ("name", "content", "sentence"),
        [
            ("alerts.exe", b"x", "must be CSV"),
            ("alerts.csv", b"", "The file is empty"),
            ("alerts.parquet", b"a,b", "not what its ending says"),
            ("alerts.csv.gz", b"a,b", "not what its ending says"),
        ],
    )
    def test_what_is_no_such_file_is_refused_at_once(self, browser, name, content, sentence):
        assert sentence in hand_in(browser, content, name).text
        assert not AlertImport.objects.exists()

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            ("a,b".encode("utf-16"), "text in UTF-16"),
            (b"<html>", "does not begin with the heads"),
            (b"a,a\n1,2\n", "twice"),
            (b"a,b\n", "heads and no rows"),
            (b"\xff\n", "text in UTF-8"),
        ],
    )
    def test_what_has_no_heads_is_said_on_its_page(self, browser, content, sentence):
        assert sentence in hand_in(browser, content).text

    def test_parquet_is_shown_by_its_first_rows_or_said_to_be_none(self, browser):
        assert "INC-7" in hand_in(browser, parquet_of([row(7)]), "alerts.parquet").text
        assert "The file is broken, or no Parquet" in hand_in(browser, b"PAR1PAR1", "only-ends.parquet").text

    def test_what_is_needed_is_asked_for_and_the_rest_is_not(self, browser):
        hand_in(browser, csv_of(row(1)))

        fields = browser.get(url("alert_import", AlertImport.objects.get())).context["form"].fields

        assert [name for name in fields if fields[name].required] == [
            *(one.name for one in FIELDS if one.needed),
            "delay_unit",
        ]

    def test_the_list_is_narrowed_and_had_as_a_file(self, browser):
        imported(csv_of(row(1), row(2)))
        hand_in(browser, csv_of(row(3)), "next.csv")
        path = reverse("admin:alert_imports")

        page = browser.get(path)
        files = [b"".join(browser.get(path, {"format": "csv", "state": state})).decode() for state in ("", "imported")]

        assert "not checked yet" in page.text
        assert [len(file.splitlines()) for file in files] == [3, 2]
        assert "alerts.csv,Imported,2026-06-10T14:00:00Z" in files[1].replace("+00:00", "Z")

    def test_a_checked_file_can_be_named_anew(self, browser):
        source = checked(csv_of(row(1, delay="90")))
        assert "?anew" in browser.get(url("alert_import", source)).text

        form = browser.get(url("alert_import", source), {"anew": ""}).context["form"]
        wrong = browser.post(url("check_alerts", source), {**form.initial, "zone": "Mars"})
        right = browser.post(url("check_alerts", source), {**form.initial, "delay_unit": "seconds"}, follow=True)

        assert "There is no such zone." in wrong.text
        assert "Being checked" in right.text

    def test_an_alert_that_a_later_log_restates_says_so_and_leads_there(self, browser):
        imported(csv_of(row(1, acknowledged_at="")))
        imported(csv_of(row(1)), name="next.csv")
        first, second = Notification.objects.order_by("source_id")

        before, after = (browser.get(address_of(one)) for one in (first, second))

        assert "A later log says more of this notification" in before.text
        assert address_of(second) in before.text
        assert "Earlier log" in after.text
        assert before.context["others"] == after.context["others"] == []

    def test_the_same_file_twice_leads_to_the_first(self, browser):
        first = imported(csv_of(row(1)))

        assert f"as {first.reference}, so nothing is added" in hand_in(browser, csv_of(row(1))).text

    def test_refused_rows_come_as_a_file_in_which_nothing_is_a_formula(self, browser):
        source = checked(csv_of(row(1, customer="=1+1")))

        told = b"".join(browser.get(url("refused_alerts", source)).streaming_content)

        assert "No customer has the number “=1+1”.".encode() in told
        assert b"'=1+1,INC-1" in told

    def test_open_claims_that_the_rows_bear_on_are_named(self, browser, customer):
        draft = make.draft()
        type(customer).objects.filter(pk=customer.pk).update(external_id="C-2")
        type(customer).objects.filter(pk=draft.contract.customer_id).update(external_id="C-1")
        draft.failures.update(kind=Failure.Kind.ALERT, began_at=datetime(2026, 6, 4, tzinfo=UTC))
        source = imported(csv_of(row(1)))

        assert draft.reference in browser.get(url("alert_import", source)).text


def run(*arguments, by=None):
    said = io.StringIO()
    call_command("import_alerts", *map(str, arguments), by=(by or make.manager()).email, stdout=said, stderr=said)
    return said.getvalue()


class TestTheCommand:
    @pytest.fixture
    def file(self, tmp_path):
        path = tmp_path / "alerts.csv"
        path.write_bytes(csv_of(row(1), row(2)))
        return path

    def test_it_checks_and_imports_and_a_second_time_adds_nothing(self, file):
        assert "2 rows, 2 good, 0 refused, 0 on record already" in run(file)
        assert "Nothing is added" in run(file)
        assert len(stored()) == 2

    def test_a_dry_run_imports_nothing_and_the_next_run_goes_on(self, file):
        run(file, "--dry-run")
        assert stored() == []

        run(file)

        assert len(stored()) == 2

    def test_it_waits_for_another_worker_that_has_the_file(self, file, monkeypatch):
        """Beat rings every minute, and may take it first."""
        waited = []

        def elsewhere(*args, **kwargs):
            if not waited:
                return []
            return work(*args, **kwargs)

        monkeypatch.setattr("sla.management.commands.import_alerts.work", elsewhere)
        monkeypatch.setattr("sla.management.commands.import_alerts.sleep", waited.append)

        assert "imported: 2 rows" in run(file)
        assert waited == [2.0]

    def test_refused_rows_are_told_and_stop_it(self, file):
        file.write_bytes(csv_of(row(1), row(2, located="USA")))
        with pytest.raises(CommandError, match="Some rows of the file are refused"):
            run(file)

        assert "line 3 (located)" in run(file, "--without-refused")

    @pytest.mark.parametrize(
        ("mapping", "sentence"),
        [("nobody", "no saved mapping"), ("[]", "wants an object"), ('{"incident": "x"}', "no column “x”")],
    )
    def test_a_mapping_that_is_none_is_refused(self, file, mapping, sentence):
        with pytest.raises(CommandError, match=sentence):
            run(file, "--mapping", mapping)

    @pytest.mark.parametrize("zone", ["Mars", "localtime", "../UTC"])
    def test_a_zone_that_is_none_is_refused_before_anything_is_checked(self, file, zone):
        with pytest.raises(CommandError, match="no such zone"):
            run(file, "--zone", zone)

    def test_it_says_of_which_columns_nothing_is_taken_in(self, tmp_path, monkeypatch):
        monkeypatch.setattr("sla.alerts.files.MOST_SAMPLED", 1_000)
        path, rows = tmp_path / "alerts.jsonl", [row(1, shift="night"), *map(row, range(2, 9)), row(9, fax_sent="x")]
        path.write_text("".join(json.dumps(one) + "\n" for one in rows))

        said = run(path, "--dry-run")

        assert "Nothing is taken in of shift. Name what should be by --mapping." in said
        assert "Nothing is taken in of fax_sent either, which line 9 is the first to have." in said

    def test_its_progress_stays_on_one_line_of_a_terminal(self, file, monkeypatch):
        monkeypatch.setattr("sys.stderr.isatty", lambda: True)

        said = run(file, "--dry-run")

        assert "\r\033[K2 rows read, 100%." in said
        assert "\r\033[KLOG-" in said

    def test_only_a_manager_is_responsible_for_it(self, file):
        with pytest.raises(CommandError, match="is no manager"):
            run(file, by=make.member())


LONG_AGO = datetime(2020, 12, 20, 14, tzinfo=UTC)
"""No claim can rest on months before it any more, whatever the machine's clock says."""


def received(day):
    """A row of that day."""
    return row(1, received_at=f"{day}T12:00:00Z", sms_sent_at="", acknowledged_at="", occurred_at="")


class TestRetention:
    def test_it_names_the_months_and_drops_them_only_when_told(self, monkeypatch):
        monkeypatch.setattr("sla.management.commands.drop_alert_logs.database_now", lambda: LONG_AGO)
        source = imported(csv_of(received("2020-05-04"), received("2020-04-30")))
        said = io.StringIO()
        call_command("drop_alert_logs", keep=7, stdout=said)
        assert said.getvalue() == "2020-04 would go\n"

        call_command("drop_alert_logs", keep=7, now=True, stdout=said)

        assert [one["received_at"].month for one in stored()] == [5]
        assert list(source.parts.values_list("month", "dropped_at")) == [
            (date(2020, 4, 1), LONG_AGO),
            (date(2020, 5, 1), None),
        ]
        with pytest.raises(Exception, match="are not kept any more"):
            actions.undo(source=source, by=make.manager(), now=NOW)
        assert [one for _, one in checked(csv_of(received("2020-04-29"))).refusals.values_list("line", "code")] == [
            "dropped"
        ]

    def test_the_pages_say_of_which_months_nothing_is_kept(self, browser):
        """A day without alerts on record would otherwise read as a day on which there were none."""
        source = imported(csv_of(received("2020-04-30"), received("2020-05-04")))
        (customer,) = {one["customer_id"] for one in stored()}
        actions.let_month_go(month=date(2020, 4, 1), by=None, now=LONG_AGO)
        said, days = "The logs of 2020-04 (UTC) are not kept any more", {"since": "2020-04-29", "until": "2020-05-05"}

        shown = browser.get(url("alert_import", source)).text
        assert "so this import cannot be undone as a whole. What is left goes with its months." in shown
        assert url("undo_alerts", source) not in shown
        assert said in browser.get(reverse("admin:alerts_of_day"), {"day": "2020-04-30"}).text
        assert said in browser.get(reverse("admin:alerts_of_customer", args=[customer]), days).text
        assert said not in browser.get(reverse("admin:alerts_of_day"), {"day": "2020-05-04"}).text

    def test_a_month_that_a_claim_rests_on_stays(self, monkeypatch):
        monkeypatch.setattr("sla.management.commands.drop_alert_logs.database_now", lambda: LONG_AGO)
        make.failure(kind="B", began=datetime(2020, 5, 4, 12, tzinfo=UTC))
        imported(csv_of(received("2020-05-04")))
        said = io.StringIO()

        call_command("drop_alert_logs", keep=2, stdout=said)
        call_command("drop_alert_logs", keep=2, now=True, stdout=said)

        assert "2020-05 would stay: DF-" in said.getvalue()
        assert "2020-05 stays" in said.getvalue()
        assert stored()
