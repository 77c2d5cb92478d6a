from __future__ import annotations

import re
import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sla.models import Claim
from tests.factories import (
    DAY,
    NOW,
    failure,
)
from tests.shared import shared

LINE = {
    "what": "Order 4711",
    "attempted_day": "2026-06-09",
    "attempted_time": "10:20",
    "revenue": "1,200.50",
    "expenses": "200.5",
}
STEPS = ("what_happened", "transactions", "rates", "expenses", "evidence", "contact", "check")


def at(name: str, claim: Claim, *more: Any) -> str:
    return reverse(name, args=[claim.reference, *more])


@shared
def begun(draft: Claim) -> Claim:
    """A draft with nothing in it but the report."""
    return draft


@shared
def complete(complete_draft: Claim) -> Claim:
    """A draft that could be sent; its failure was reported at NOW, its window ends on June 25 at 4:00 UTC."""
    return complete_draft


class TestStarting:
    """S13, X9: a claim is begun once, by a post."""

    def test_it_begins_from_the_report_and_asks_nothing_of_it_again(self, signed_in, gold) -> None:
        reported = failure(contract=gold, description="Nobody was alerted.")
        browser = signed_in(reported.reported_by)

        begun = browser.post(reverse("start_claim", args=[reported.reference]))

        claim = Claim.objects.get()
        assert begun.url == at("claim", claim)
        assert "Nobody was alerted." in browser.get(at("claim_what_happened", claim)).content.decode()

    def test_begun_twice_it_is_one_claim(self, signed_in, reported) -> None:
        browser, url = signed_in(reported.reported_by), reverse("start_claim", args=[reported.reference])

        assert browser.post(url).url == browser.post(url).url
        assert Claim.objects.count() == 1

    def test_a_link_begins_nothing(self, signed_in, reported) -> None:
        assert signed_in(reported.reported_by).get(reverse("start_claim", args=[reported.reference])).status_code == 405
        assert Claim.objects.count() == 0

    def test_after_the_window_the_reason_is_said_on_the_failures_page(self, signed_in, clock, reported) -> None:
        browser = signed_in(reported.reported_by)
        clock(reported.closes_at)

        page = browser.post(reverse("start_claim", args=[reported.reference]), follow=True).content.decode()

        assert "The time to claim has ended." in page
        assert Claim.objects.count() == 0


class TestTheTasks:
    """C6, S13: each step says where it stands; deadline, reference and the last saving stand at the top of every one."""

    def test_an_empty_draft_cannot_be_checked_yet(self, signed_in, begun) -> None:
        tasks = signed_in(begun.opened_by).get(at("claim", begun)).context["tasks"]

        assert [task["state"] for task in tasks] == [
            "completed",
            "not_started",
            "not_started",
            "not_started",
            "completed",
            "cannot_start",
        ]

    def test_a_complete_one_can(self, signed_in, complete) -> None:
        page = signed_in(complete.opened_by).get(at("claim", complete))

        of_the_steps = {task["title"]: task["state"] for task in page.context["tasks"]}
        assert of_the_steps.pop("Expenses") == of_the_steps.pop("Check and send") == "not_started"
        assert set(of_the_steps.values()) == {"completed"}
        assert "the claim sends itself" in page.content.decode()

    @pytest.mark.parametrize(
        "name",
        ["claim", *(f"claim_{step}" for step in STEPS)],
    )
    def test_the_head_of_every_step(self, signed_in, begun, name) -> None:
        page = signed_in(begun.opened_by).get(at(name, begun)).content.decode()

        assert begun.reference in page
        assert "Wednesday, June 24, 2026, 11:59 p.m. Eastern Time (EDT, UTC−4)" in page
        assert "Saved " in page
        assert "not sent yet" in page

    @pytest.mark.parametrize("name", ["claim", "claim_check"])
    def test_the_sole_remedy_is_said_in_our_words(self, signed_in, complete, name) -> None:
        """S18."""
        page = signed_in(complete.opened_by).get(at(name, complete)).content.decode()

        assert 'data-clause="S18"' in page
        assert "there is no other remedy" in page


class TestLostTransactions:
    """S9, X4: what was lost, line by line; sums as people write them, and never guessed."""

    def test_a_line_is_added_and_listed(self, signed_in, begun) -> None:
        page = signed_in(begun.opened_by).post(at("claim_transactions", begun), LINE, follow=True).content.decode()

        line = begun.transactions.get()
        assert (line.revenue, line.expenses) == (Decimal("1200.50"), Decimal("200.50"))
        assert line.attempted_at == NOW - DAY + timedelta(minutes=20)
        assert "1,000.00" in page

    @pytest.mark.parametrize("typed", ["1,200.50", "1200.5", "1200", "1,200", " 1200.50 ", "0", "12,345,678.90"])
    def test_sums_that_can_be_read_in_one_way(self, signed_in, begun, typed) -> None:
        signed_in(begun.opened_by).post(at("claim_transactions", begun), LINE | {"revenue": typed})

        assert begun.transactions.get().revenue == Decimal(typed.strip().replace(",", ""))

    @pytest.mark.parametrize(
        "typed",
        [
            "1.200,50",
            "1.200",
            "12,00",
            "1,2345",
            "1 200.50",
            "1200.505",
            "USD 12",
            "1e3",
            "١٢",
            "",
            "nan",
        ],
    )
    def test_sums_that_cannot_come_back_as_they_were_typed(self, signed_in, begun, typed) -> None:
        page = signed_in(begun.opened_by).post(at("claim_transactions", begun), LINE | {"revenue": typed})

        assert begun.transactions.count() == 0
        assert page.context["form"]["revenue"].value() == typed
        assert "Fill in" in page.content.decode() if not typed else "1,200.50" in page.content.decode()

    @pytest.mark.parametrize(("typed", "why"), [("-5", "never below zero"), ("9" * 16, "999,999,999,999.99")])
    def test_sums_that_are_read_and_out_of_bounds_say_which(self, signed_in, begun, typed, why) -> None:
        page = signed_in(begun.opened_by).post(at("claim_transactions", begun), LINE | {"revenue": typed})

        assert begun.transactions.count() == 0
        assert why in page.content.decode()

    def test_what_is_missing_is_summed_up_in_the_order_of_the_page(self, signed_in, begun) -> None:
        """X7."""
        page = signed_in(begun.opened_by).post(at("claim_transactions", begun), {}).content.decode()

        summed_up = re.findall('<a href="#(id_[a-z_]+)">', page)
        assert len(summed_up) == 4
        assert summed_up == sorted(summed_up, key=lambda anchor: page.index(f'id="{anchor}"'))

    @pytest.mark.parametrize("typed", ["6/11/2026", "11.06.2026"])
    def test_a_day_that_can_be_read_in_two_ways_is_asked_again(self, signed_in, begun, typed) -> None:
        page = signed_in(begun.opened_by).post(at("claim_transactions", begun), LINE | {"attempted_day": typed})

        assert begun.transactions.count() == 0
        assert "Write the day like 2026-11-21." in page.content.decode()

    def test_one_outside_the_remedy_period_is_marked_and_taken(self, signed_in, begun) -> None:
        """S8: the first ten minutes of an outage are no part of it."""
        browser = signed_in(begun.opened_by)
        for clock_time in ("10:09", "10:10", "11:34", "11:35"):
            form = LINE | {"attempted_time": clock_time, "what": f"Order at {clock_time}"}
            page = browser.post(at("claim_transactions", begun), form, follow=True)

        assert [one.in_period for one in page.context["lines"]] == [False, True, True, False]
        assert page.content.decode().count("Outside the remedy period") == 2

    def test_where_no_line_counts_the_check_page_says_so_before_it_is_sent(self, signed_in, complete) -> None:
        """S9: sending is final."""
        browser, check = signed_in(complete.opened_by), at("claim_check", complete)
        before = browser.get(check).content.decode()
        counted = list(complete.transactions.all())
        browser.post(at("claim_transactions", complete), LINE | {"attempted_time": "10:09"})
        for line in counted:
            browser.post(reverse("remove_transaction", args=[complete.reference, line.pk]))

        assert "there is nothing to credit" not in before
        assert "there is nothing to credit" in browser.get(check).content.decode()

    def test_one_in_the_future_is_refused(self, signed_in, begun) -> None:
        form = LINE | {"attempted_day": "2026-06-10", "attempted_time": "10:01"}

        page = signed_in(begun.opened_by).post(at("claim_transactions", begun), form)

        assert "cannot have been attempted in the future" in page.content.decode()

    def test_the_same_line_twice_is_one_line(self, signed_in, begun) -> None:
        """X9: a double click loses nothing and adds nothing."""
        browser = signed_in(begun.opened_by)
        form = LINE | {"form_key": str(uuid.uuid4())}
        for _ in range(2):
            browser.post(at("claim_transactions", begun), form)

        assert begun.transactions.count() == 1

    def test_a_change_says_that_it_took_the_declaration_back(self, signed_in, complete) -> None:
        page = signed_in(complete.opened_by).post(at("claim_transactions", complete), LINE, follow=True)

        assert "declare again" in page.content.decode()

    def test_a_line_is_taken_out_by_a_post_only(self, signed_in, begun) -> None:
        browser = signed_in(begun.opened_by)
        browser.post(at("claim_transactions", begun), LINE)
        url = at("remove_transaction", begun, begun.transactions.get().pk)

        assert browser.get(url).status_code == 405
        assert begun.transactions.count() == 1

        browser.post(url)
        browser.post(url)

        assert begun.transactions.count() == 0

    def test_each_line_has_the_button_that_takes_it_out(self, signed_in, begun) -> None:
        """By the one form around the list; what was typed is no markup."""
        browser = signed_in(begun.opened_by)
        for what in ("Order <1>", "Order 2"):
            browser.post(at("claim_transactions", begun), LINE | {"what": what})
        page = browser.get(at("claim_transactions", begun)).content.decode()
        table = page[page.index('<form method="post">') : page.index("</table>")]
        first, second = begun.transactions.all()

        assert re.findall(r'formaction="([^"]+)"', table) == [
            at("remove_transaction", begun, one.pk) for one in (first, second)
        ]
        assert table.count("csrfmiddlewaretoken") == 1
        assert "<td>Order &lt;1&gt;</td>" in table
        assert "formaction" not in browser.get(at("claim_check", begun)).content.decode()

        browser.post(re.search(r'formaction="([^"]+)"', table)[1])

        assert [one.what for one in begun.transactions.all()] == ["Order 2"]

    def test_more_lines_take_no_more_queries(self, signed_in, begun) -> None:
        browser = signed_in(begun.opened_by)
        browser.post(at("claim_transactions", begun), LINE)
        with CaptureQueriesContext(connection) as few:
            browser.get(at("claim_check", begun))
        for n in range(5):
            browser.post(at("claim_transactions", begun), LINE | {"what": f"Order {n}"})

        with CaptureQueriesContext(connection) as many:
            browser.get(at("claim_check", begun))

        assert len(many) == len(few)

    def test_fields_that_nobody_asked_for_are_dropped(self, signed_in, begun, caplog) -> None:
        """P36."""
        signed_in(begun.opened_by).post(at("claim_transactions", begun), LINE | {"struck": "completed", "line": "9"})

        line = begun.transactions.get()
        assert (line.line, line.struck) == (1, "")
        assert "unknown_fields_dropped" in caplog.text


class TestContactAndAudit:
    """S13, S14: whom we may ask; the consent is a tick of its own and can be taken back."""

    CONTACT = {"name": "Ana Ortiz", "email": "ana@lakeside.example", "phone": ""}

    def test_it_is_saved_with_the_consent(self, signed_in, begun) -> None:
        form = self.CONTACT | {"audit_consent": "on", "sends_itself": "on"}

        signed_in(begun.opened_by).post(at("claim_contact", begun), form)

        begun.refresh_from_db()
        assert (begun.contact_name, begun.audit_consent_at, begun.sends_itself) == ("Ana Ortiz", NOW, True)

    def test_without_the_ticks_consent_and_switch_are_off(self, signed_in, complete) -> None:
        signed_in(complete.opened_by).post(at("claim_contact", complete), self.CONTACT)

        complete.refresh_from_db()
        assert (complete.audit_consent_at, complete.sends_itself, complete.sends_itself_at) == (None, False, None)

    def test_the_steps_say_whether_it_sends_itself(self, signed_in, complete, clock) -> None:
        browser = signed_in(complete.opened_by)
        steps = lambda: browser.get(at("claim", complete)).content.decode()  # noqa: E731
        assert "the claim sends itself" in steps()

        clock(complete.sends_itself_at)
        assert "the claim has sent itself: it counts as received" in steps()

        clock(NOW)
        browser.post(at("claim_contact", complete), self.CONTACT)

        assert "the claim sends itself" not in steps()
        assert "This claim does not send itself: that is switched off" in steps()

    @pytest.mark.parametrize(("typed", "right"), [("nope", False), ("12", False), ("(0) 30 1234-56 ext. 7", True)])
    def test_a_telephone_number_has_digits(self, signed_in, begun, typed, right) -> None:
        signed_in(begun.opened_by).post(at("claim_contact", begun), self.CONTACT | {"phone": typed})

        begun.refresh_from_db()
        assert begun.contact_phone == (typed if right else "")

    @pytest.mark.parametrize("address", ["", "ana", "ana@x\r\nBcc: all@x.example"])
    def test_an_address_that_is_none_is_refused(self, signed_in, begun, address) -> None:
        """P38."""
        page = signed_in(begun.opened_by).post(at("claim_contact", begun), self.CONTACT | {"email": address})

        assert "email" in page.context["form"].errors
