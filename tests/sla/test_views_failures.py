from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from entitlements.models import Event, Letter, Role
from sla.models import Claim
from tests import factories as make
from tests.factories import DAY, HOUR, NOW

REPORT = reverse("report_failure")


@pytest.fixture
def browser(gold, signed_in):
    return signed_in(make.one_of(gold.customer))


def page_of(failure):
    return reverse("failure", args=[failure.reference])


class TestThePageOfAFailure:
    """S2, S8, S13: what was reported, what our logs have, and until when it can be claimed."""

    def test_our_logs_know_it_and_it_counts(self, signed_in, reported) -> None:
        page = signed_in(reported.reported_by).get(page_of(reported)).content.decode()

        assert reported.outage.reference in page
        assert "Yes: " in page
        assert "Tue Jun 9, 2026, 10:10:00 a.m. – 11:35:00 a.m. EDT (1 h 25 min)" in page

    def test_our_logs_know_it_and_it_is_too_short(self, gold, browser) -> None:
        short = make.outage(customer=gold.customer, minutes=29)
        failure = make.failure(contract=gold, minutes=29, logged=False)

        page = browser.get(page_of(failure)).content.decode()

        assert short.reference in page
        assert "No: " in page
        assert "1 min</span> too short" in page

    def test_our_logs_know_nothing_and_it_can_be_claimed_all_the_same(self, gold, browser) -> None:
        """Nor is another customer's outage ours (P26)."""
        theirs = make.outage(customer=make.customer())

        page = browser.get(page_of(make.failure(contract=gold, logged=False))).content.decode()

        assert "No outage is on record" in page
        assert "Start the claim now" in page
        assert theirs.reference not in page

    def test_a_claim_for_the_same_cause_is_named_before_another_is_begun(self, draft, browser) -> None:
        """S12, C6.12."""
        second = make.failure(contract=draft.contract, form_key=None)
        theirs = make.draft()
        Claim.objects.filter(pk=theirs.pk).update(cause=draft.cause)
        url = page_of(second)

        page = browser.get(url).content.decode()
        Claim.objects.filter(pk=draft.pk).update(state="withdrawn", closed_at=NOW)

        assert draft.reference in page
        assert "One cause brings one credit" in page
        assert theirs.reference not in page
        assert "One cause brings one credit" not in browser.get(url).content.decode()

    def test_the_deadline_opens_to_how_it_was_computed(self, signed_in, reported) -> None:
        page = signed_in(reported.reported_by).get(page_of(reported)).content.decode()

        assert "How the deadline was computed" in page
        assert "15 days from the local day" in page
        assert 'data-clause="S13"' in page

    def test_on_standard_terms_it_says_why_there_is_no_claim(self, signed_in) -> None:
        """S1, X8."""
        standard = make.failure(contract=make.contract(enterprise=False))

        page = signed_in(standard.reported_by).get(page_of(standard)).content.decode()

        assert "on Standard terms" in page
        assert "Start the claim now" not in page

    def test_after_the_deadline_it_names_the_moment(self, signed_in, clock, reported) -> None:
        clock(reported.closes_at)

        page = signed_in(reported.reported_by).get(page_of(reported)).content.decode()

        assert "The time to claim has ended" in page
        assert "closed less than a minute ago" in page
        assert "Start the claim now" not in page

    def test_the_calendar_file_is_the_same_as_in_the_letter(self, signed_in, reported) -> None:
        file = signed_in(reported.reported_by).get(reverse("failure_calendar", args=[reported.reference]))

        assert file["Content-Type"] == "text/calendar"
        assert file.content.decode() == Letter.objects.get(kind="failure_reported").attachments[0][2]

    def test_another_customers_failure_is_not_found(self, signed_in, reported) -> None:
        """P26."""
        browser = signed_in(make.member())

        for name in ("failure", "failure_calendar"):
            assert browser.get(reverse(name, args=[reported.reference])).status_code == 404

    def test_opening_pages_changes_nothing(self, signed_in, reported) -> None:
        browser = signed_in(reported.reported_by)
        before = Event.objects.count()

        for url in (REPORT, page_of(reported), reverse("failure_list")):
            browser.get(url)

        assert Event.objects.count() == before


class TestWhoMayReport:
    """P26: whoever may claim reports; whoever may only read reads."""

    @pytest.mark.parametrize(
        ("role", "status"), [(Role.OWNER, 200), (Role.CLAIMS, 200), (Role.BOOKINGS, 403), (Role.READ_ONLY, 403)]
    )
    def test_the_form_is_for_people_who_may_claim(self, gold, signed_in, role, status) -> None:
        person = make.member(customer=gold.customer, roles=[role])

        assert signed_in(person).get(REPORT).status_code == status

    def test_who_may_only_read_reads_but_starts_nothing(self, signed_in, reported) -> None:
        reader = signed_in(make.member(customer=reported.contract.customer, roles=[Role.READ_ONLY]))

        page = reader.get(page_of(reported)).content.decode()
        started = reader.post(reverse("start_claim", args=[reported.reference]))

        assert "Start the claim now" not in page
        assert started.status_code == 403

    def test_who_claims_for_one_customer_starts_nothing_for_another_that_they_only_read(
        self, signed_in, reported
    ) -> None:
        person = make.member(customer=reported.contract.customer, roles=[Role.READ_ONLY])
        person.memberships.create(customer=make.customer(), roles=[Role.CLAIMS])

        assert signed_in(person).post(reverse("start_claim", args=[reported.reference])).status_code == 403


class TestTheListOfFailures:
    """X5, X11: found by reference in any writing, narrowed by state, page by page."""

    def test_it_is_found_without_hyphens_and_in_small_letters_and_narrowed_by_state(self, draft, browser) -> None:
        wanted, other = draft.failures.get(), make.failure(contract=draft.contract, began=NOW - 3 * DAY)

        for asked in ({"q": wanted.reference.replace("-", " ").lower()}, {"state": "claimed"}):
            page = browser.get(reverse("failure_list"), asked).content.decode()

            assert wanted.reference in page
            assert other.reference not in page

    def test_nothing_found_and_nothing_there_are_two_things(self, browser, gold) -> None:
        assert "No failure was reported" in browser.get(reverse("failure_list")).content.decode()

        make.failure(contract=gold)

        assert "No failure is found" in browser.get(reverse("failure_list"), {"q": "DF-2222-2222"}).content.decode()

    @pytest.mark.parametrize(
        "asked", [{"page": "x"}, {"page": "99"}, {"state": "no-such"}, {"q": "\0"}, {"q": "%' OR 1=1"}]
    )
    @pytest.mark.usefixtures("reported")
    def test_a_question_that_makes_no_sense_breaks_nothing(self, browser, asked) -> None:
        assert browser.get(reverse("failure_list"), asked).status_code == 200

    def test_more_rows_take_no_more_queries(self, reported, browser) -> None:
        with CaptureQueriesContext(connection) as few:
            browser.get(reverse("failure_list"))
        for n in range(2, 5):
            make.failure(contract=reported.contract, began=NOW - n * DAY - HOUR)

        with CaptureQueriesContext(connection) as many:
            browser.get(reverse("failure_list"))

        assert len(many) == len(few) <= 8
