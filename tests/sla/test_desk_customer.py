"""The page of one customer, and the portal as its people see it (M2)."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.db.utils import InternalError
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from entitlements.middleware import SeenAs
from entitlements.models import Engagement, Event
from sla.admin.customer_timeline import TimelineFilter, events_of, happenings
from sla.sweep import sweep
from tests import factories as make
from tests.desk import at, signed_in
from tests.factories import DAY, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    at(monkeypatch, NOW)


@pytest.fixture
def manager():
    return make.manager(name="Morgan Whitfield")


@pytest.fixture
def desk(manager):
    return signed_in(manager)


def seen(client, customer, **query):
    return client.get(reverse("admin:customer", args=[customer.pk]), query).content.decode()


def happened(client, customer, **query):
    response = client.get(reverse("admin:customer", args=[customer.pk]), query)
    return [event["title"] for event in response.context["events"]]


class TestThePage:
    def test_shows_both_halves(self, desk, sent_claim):
        contract = sent_claim.contract
        booked = make.scheduled(contract=contract)

        text = seen(desk, contract.customer)

        assert "day 161 of 365" in text
        assert "120 seats" in text
        for reference in (
            booked.reference,
            sent_claim.reference,
            sent_claim.failures.get().reference,
            contract.order_form,
        ):
            assert reference in text

    def test_says_what_waits_and_what_ends_next(self, desk, reported):
        make.request(contract=reported.contract)

        text = " ".join(seen(desk, reported.contract.customer).split())

        assert "<b>1</b> to schedule" in text
        assert f"Next deadline: {reported.reference}" in text

    def test_shows_no_document_of_a_draft(self, desk, draft):
        evidence = make.evidence(claim=draft)

        text = seen(desk, evidence.claim.contract.customer)

        assert "No document was sent" in text
        assert evidence.label not in text

    @pytest.mark.parametrize("link", ["All engagements", "All claims", "All failures"])
    def test_leads_to_the_lists_of_this_customer_alone(self, desk, sent_claim, link):
        ours, theirs = sent_claim.contract, make.sent_claim(draft=make.draft(complete=True)).contract
        for contract in (ours, theirs):
            make.request(contract=contract)
        address = re.search(f'href="([^"]+)">{link}<', seen(desk, ours.customer))[1]

        listed = desk.get(address)

        assert [row.contract for row in listed.context["cl"].result_list] == [ours]

    def test_of_somebody_new_says_what_is_missing(self, desk):
        text = seen(desk, make.customer(name="Fresh"))

        assert "No contract runs today" in text
        assert "Nobody belongs to this customer" in text
        assert "Nothing waits for us" in text

    def test_asks_the_database_as_often_for_much_as_for_little(self, desk, gold):
        make.request(contract=gold)
        make.failure(contract=gold)
        seen(desk, gold.customer)
        with CaptureQueriesContext(connection) as little:
            seen(desk, gold.customer)
        for n in range(3):
            make.request(contract=gold)
            make.member(customer=gold.customer, name=f"More {n}")
        make.contract(customer=gold.customer)

        with CaptureQueriesContext(connection) as much:
            seen(desk, gold.customer)

        assert len(much) == len(little)


class TestTheTimeline:
    """M2.3"""

    def test_has_the_acts_of_every_matter_and_of_nobody_else(self, desk, reported):
        make.request(contract=reported.contract)
        make.request()

        titles = happened(desk, reported.contract.customer)

        assert {"Engagement requested", "Failure reported"} <= set(titles)
        assert titles.count("Engagement requested") == 1

    def test_is_narrowed_by_kind_person_and_days(self, desk, reported):
        by = make.member(customer=reported.contract.customer, name="Otto Lind", roles=["bookings"])
        make.request(contract=reported.contract, by=by)
        customer = reported.contract.customer

        def left_by(**asked):
            return [one["title"] for one in happenings(TimelineFilter(asked).narrow(events_of(customer)))]

        assert happened(desk, customer, kind="engagement") == ["Engagement requested"]
        assert left_by(person="otto") == ["Engagement requested"]
        assert left_by(since=(NOW + DAY).date().isoformat()) == []
        assert left_by(until=(NOW - 900 * DAY).date().isoformat()) == []
        assert "Failure reported" in left_by(since=NOW.date().isoformat())

    def test_says_which_sweep_did_what_the_clock_did(self, desk, reported):
        run = sweep(now=reported.closes_at + DAY, application_now=reported.closes_at + DAY)

        assert f"automatically, sweep {run.pk}" in seen(desk, reported.contract.customer)

    def test_goes_on_with_what_is_older(self, desk, monkeypatch, requested):
        monkeypatch.setattr("sla.admin.customer_page.EVENTS_SHOWN", 1)
        customer, last = requested.contract.customer, Event.objects.filter(table="").latest("pk")

        page = desk.get(reverse("admin:customer", args=[customer.pk]))

        assert f"?before={last.pk}#timeline" in page.content.decode()
        assert happened(desk, customer, before=last.pk) != [one["title"] for one in page.context["events"]]


class TestSeenAsTheCustomer:
    """M2.4: to look at only, on record, and said on every page."""

    @pytest.fixture
    def owner(self, gold):
        return make.member(customer=gold.customer, name="Olivia Owner")

    def look(self, desk, owner):
        membership = owner.memberships.get()
        return desk.post(reverse("admin:see_as_customer", args=[membership.customer_id, membership.pk]))

    def test_the_portal_is_theirs_and_says_so(self, desk, owner):
        assert self.look(desk, owner).url == reverse("home")

        text = desk.get(reverse("year_card")).content.decode()

        assert "You see what Olivia Owner of" in text
        assert "Signed in as Olivia Owner" in text

    def test_is_on_record_before_anything_is_seen(self, desk, owner, manager):
        self.look(desk, owner)

        event = Event.objects.get(verb="customer.seen_as")
        assert (event.actor, event.matter) == (manager, owner.memberships.get().customer.external_id)

    def test_nothing_can_be_changed(self, desk, owner):
        self.look(desk, owner)
        contract = owner.memberships.get().customer.contracts.get()

        answer = desk.post(reverse("request_engagement", args=[contract.pk, "integration"]), {})

        assert answer.status_code == 403
        said = answer.content.decode()
        assert "You are viewing as Olivia Owner; nothing was sent" in said
        assert reverse("admin:stop_seeing_as") in said
        assert "people with other duties" not in said
        assert not Engagement.objects.exists()

    def test_a_list_can_be_had_as_a_file(self, desk, owner):
        """V8: what is counted is counted before, for such a request cannot write."""
        self.look(desk, owner)

        assert desk.get(reverse("failure_list"), {"format": "csv"}).status_code == 200

    def test_the_buttons_that_would_send_are_taken_away_by_the_sheet(self, desk, owner):
        assert 'class="only-looking"' not in desk.get(reverse("home")).content.decode()
        self.look(desk, owner)

        assert 'class="only-looking"' in desk.get(reverse("year_card")).content.decode()

    def test_not_even_by_a_page_that_would_write(self, desk, owner, rf):
        """The database says no, whatever a view does."""
        request = rf.get("/")
        request.session, request.user = {"seen_as": owner.memberships.get().pk}, make.manager()

        with pytest.raises(InternalError, match="read-only transaction"):
            SeenAs(lambda request: make.customer())(request)

    def test_the_desk_stays_the_manager_s_own(self, desk, owner):
        self.look(desk, owner)

        assert desk.get(reverse("admin:index")).status_code == 200
        assert desk.get(reverse("admin:index")).wsgi_request.user.name == "Morgan Whitfield"

    def test_ends_when_it_is_stopped(self, desk, owner):
        self.look(desk, owner)

        back = desk.post(reverse("admin:stop_seeing_as"))

        assert back.url == reverse("admin:customer", args=[owner.memberships.get().customer_id])
        assert "You see what" not in desk.get(reverse("home")).content.decode()

    def test_ends_when_the_person_has_left(self, desk, owner):
        self.look(desk, owner)
        owner.memberships.update(left_at=NOW, left_by=make.manager())

        assert desk.get(reverse("year_card")).status_code == 403

    def test_is_not_for_a_session_that_only_says_so(self, owner):
        """A customer's own session with the key in it sees what it always saw."""
        other = signed_in(make.member(customer=make.customer(), name="Somebody Else"))
        session = other.session
        session["seen_as"] = owner.memberships.get().pk
        session.save()

        assert "Olivia" not in other.get(reverse("home")).content.decode()
