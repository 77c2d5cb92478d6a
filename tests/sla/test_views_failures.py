from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from entitlements.models import Event, Letter, Role
from sla.models import Claim
from tests.factories import DAY, HOUR, NOW, contract, customer, draft, failure, member, one_of, outage
from tests.shared import shared

REPORT = reverse("report_failure")


@shared
def lakeside() -> Any:
    return contract()


@pytest.fixture
def browser(lakeside: Any, signed_in: Any) -> Any:
    return signed_in(one_of(lakeside.customer))


class TestThePageOfAFailure:
    """S2, S8, S13: what was reported, what our logs have, and until when it can be claimed."""

    def test_our_logs_know_it_and_it_counts(self, signed_in) -> None:
        logged = failure()

        page = signed_in(logged.reported_by).get(reverse("failure", args=[logged.reference])).content.decode()

        assert logged.outage.reference in page
        assert "Yes: " in page
        assert "Tue Jun 9, 2026, 10:10:00 a.m. – 11:35:00 a.m. EDT (1 h 25 min)" in page

    def test_our_logs_know_it_and_it_is_too_short(self, lakeside, browser) -> None:
        short = outage(customer=lakeside.customer, minutes=29)
        reported = failure(contract=lakeside, minutes=29, logged=False)

        page = browser.get(reverse("failure", args=[reported.reference])).content.decode()

        assert short.reference in page
        assert "No: " in page
        assert "1 min</span> too short" in page

    def test_our_logs_know_nothing_and_it_can_be_claimed_all_the_same(self, signed_in) -> None:
        unknown = failure(logged=False)

        page = signed_in(unknown.reported_by).get(reverse("failure", args=[unknown.reference])).content.decode()

        assert "No outage is on record" in page
        assert "Start the claim now" in page

    def test_a_claim_for_the_same_cause_is_named_before_another_is_begun(self, lakeside, browser) -> None:
        """S12, C6.12."""
        begun = draft(failure=failure(contract=lakeside))
        second = failure(contract=lakeside, form_key=None)
        theirs = draft(failure=failure(contract=contract()))
        Claim.objects.filter(pk=theirs.pk).update(cause=begun.cause)
        url = reverse("failure", args=[second.reference])

        page = browser.get(url).content.decode()
        Claim.objects.filter(pk=begun.pk).update(state="withdrawn", closed_at=NOW)

        assert begun.reference in page
        assert "One cause brings one credit" in page
        assert theirs.reference not in page
        assert "One cause brings one credit" not in browser.get(url).content.decode()

    def test_another_customers_outage_is_not_ours(self, browser, lakeside) -> None:
        theirs = outage(customer=customer())
        ours = failure(contract=lakeside, logged=False)

        page = browser.get(reverse("failure", args=[ours.reference])).content.decode()

        assert theirs.reference not in page

    def test_the_deadline_opens_to_how_it_was_computed(self, signed_in) -> None:
        reported = failure()

        page = signed_in(reported.reported_by).get(reverse("failure", args=[reported.reference])).content.decode()

        assert "How the deadline was computed" in page
        assert "15 days from the local day" in page
        assert 'data-clause="S13"' in page

    def test_on_standard_terms_it_says_why_there_is_no_claim(self, signed_in) -> None:
        """S1, X8."""
        standard = failure(contract=contract(enterprise=False))

        page = signed_in(standard.reported_by).get(reverse("failure", args=[standard.reference])).content.decode()

        assert "on Standard terms" in page
        assert "Start the claim now" not in page

    def test_after_the_deadline_it_names_the_moment(self, signed_in, clock) -> None:
        reported = failure()
        clock(reported.closes_at)

        page = signed_in(reported.reported_by).get(reverse("failure", args=[reported.reference])).content.decode()

        assert "The time to claim has ended" in page
        assert "closed less than a minute ago" in page
        assert "Start the claim now" not in page

    def test_the_calendar_file_is_the_same_as_in_the_letter(self, signed_in) -> None:
        reported = failure()

        file = signed_in(reported.reported_by).get(reverse("failure_calendar", args=[reported.reference]))

        assert file["Content-Type"] == "text/calendar"
        assert file.content.decode() == Letter.objects.get(kind="failure_reported").attachments[0][2]

    def test_another_customers_failure_is_not_found(self, signed_in) -> None:
        """P26."""
        browser, theirs = signed_in(member()), failure().reference

        for name in ("failure", "failure_calendar"):
            assert browser.get(reverse(name, args=[theirs])).status_code == 404

    def test_opening_pages_changes_nothing(self, signed_in) -> None:
        reported = failure()
        browser = signed_in(reported.reported_by)
        before = Event.objects.count()

        for url in (REPORT, reverse("failure", args=[reported.reference]), reverse("failure_list")):
            browser.get(url)

        assert Event.objects.count() == before


class TestWhoMayReport:
    """P26: whoever may claim reports; whoever may only read reads."""

    @pytest.mark.parametrize(
        ("role", "status"), [(Role.OWNER, 200), (Role.CLAIMS, 200), (Role.BOOKINGS, 403), (Role.READ_ONLY, 403)]
    )
    def test_the_form_is_for_people_who_may_claim(self, lakeside, signed_in, role, status) -> None:
        person = member(customer=lakeside.customer, roles=[role])

        assert signed_in(person).get(REPORT).status_code == status

    def test_who_may_only_read_reads_but_starts_nothing(self, signed_in) -> None:
        reported = failure()
        reader = signed_in(member(customer=reported.contract.customer, roles=[Role.READ_ONLY]))

        page = reader.get(reverse("failure", args=[reported.reference])).content.decode()
        started = reader.post(reverse("start_claim", args=[reported.reference]))

        assert "Start the claim now" not in page
        assert started.status_code == 403

    def test_who_claims_for_one_customer_starts_nothing_for_another_that_they_only_read(self, signed_in) -> None:
        reported = failure()
        person = member(customer=reported.contract.customer, roles=[Role.READ_ONLY])
        person.memberships.create(customer=customer(), roles=[Role.CLAIMS])

        assert signed_in(person).post(reverse("start_claim", args=[reported.reference])).status_code == 403


class TestTheListOfFailures:
    """X5, X11: found by reference in any writing, narrowed by state, page by page."""

    def test_it_is_found_without_hyphens_and_in_small_letters(self, lakeside, browser) -> None:
        wanted, other = failure(contract=lakeside), failure(contract=lakeside, began=NOW - 3 * DAY)

        page = browser.get(reverse("failure_list"), {"q": wanted.reference.replace("-", " ").lower()}).content.decode()

        assert wanted.reference in page
        assert other.reference not in page

    def test_it_is_narrowed_by_state(self, lakeside, browser) -> None:
        begun = draft(failure=failure(contract=lakeside)).failures.get()
        open_one = failure(contract=lakeside, began=NOW - 3 * DAY)

        page = browser.get(reverse("failure_list"), {"state": "claimed"}).content.decode()

        assert begun.reference in page
        assert open_one.reference not in page

    def test_nothing_found_and_nothing_there_are_two_things(self, browser, lakeside) -> None:
        assert "No failure was reported" in browser.get(reverse("failure_list")).content.decode()

        failure(contract=lakeside)

        assert "No failure is found" in browser.get(reverse("failure_list"), {"q": "DF-2222-2222"}).content.decode()

    @pytest.mark.parametrize(
        "asked", [{"page": "x"}, {"page": "99"}, {"state": "no-such"}, {"q": "\0"}, {"q": "%' OR 1=1"}]
    )
    def test_a_question_that_makes_no_sense_breaks_nothing(self, browser, lakeside, asked) -> None:
        failure(contract=lakeside)

        assert browser.get(reverse("failure_list"), asked).status_code == 200

    def test_more_rows_take_no_more_queries(self, lakeside, browser) -> None:
        failure(contract=lakeside)
        with CaptureQueriesContext(connection) as few:
            browser.get(reverse("failure_list"))
        for n in range(2, 5):
            failure(contract=lakeside, began=NOW - n * DAY - HOUR)

        with CaptureQueriesContext(connection) as many:
            browser.get(reverse("failure_list"))

        assert len(many) == len(few) <= 8
