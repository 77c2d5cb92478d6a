"""N21: an election takes effect although nobody reads for the customer any more. The desk is told, and what to do."""

from __future__ import annotations

import pytest
from django.urls import reverse

from entitlements.models import Event, Letter
from sla.actions.election_effects import decide_election
from sla.actions.elections import note_arrival, tell_of_outcome
from sla.actions.late_choices import confirm_late_choice, enter_late_choice
from sla.election_letters import untold
from sla.letter_papers import papers_of
from tests import accounts
from tests import election_factories as elect
from tests import factories as make
from tests.desk import signed_in
from tests.factories import DAY, HOUR, NOW
from tests.sla.test_terms_corrections import code

pytestmark = pytest.mark.django_db
LISTED = reverse("admin:sla_election_changelist", query={"work": "untold"})


@pytest.fixture
def election():
    """One whose notice arrived; then everybody left."""
    one = elect.election()
    elect.accepted(one, at=NOW)
    note_arrival(election=one, now=NOW)
    one.contract.customer.memberships.update(left_at=NOW, left_by=make.manager())
    one.contract.customer.legal_contacts.update(removed_at=NOW, removed_by=make.manager())
    return elect.fresh(one)


def test_it_stands_on_a_list_until_somebody_reads_and_the_customer_is_told(election, clock):
    browser = signed_in(make.manager(), just=NOW)
    address, tell = (reverse(f"admin:{name}", args=[election.reference]) for name in ("election", "tell_of_outcome"))
    assert election.reference not in browser.get(LISTED).text, "it has not taken effect"
    assert "nothing to tell" in browser.post(tell).text
    decide_election(election=election, now=NOW + 9 * DAY)

    assert not Letter.objects.filter(kind="election_decided").exists()
    assert election.reference in browser.get(LISTED).text
    assert LISTED in browser.get(reverse("admin:index")).text
    assert "Nobody is told of it" in browser.get(address).text
    assert "Invite an owner, or have a contact" in browser.post(tell).text
    assert not Event.objects.filter(verb="election.outcome_told").exists()

    accounts.contact(customer=election.contract.customer, email="legal@acme.example", confirmed=True)
    assert browser.post(tell).url == address
    assert Letter.objects.get(kind="election_decided", person=None).addressee == "legal@acme.example"
    assert "Nobody is told of it" not in browser.get(address).text
    assert "Customer told of the outcome" in browser.get(address).text
    assert election.reference not in browser.get(LISTED).text
    assert code(lambda: tell_of_outcome(election=election, by=make.manager(), now=NOW)) == "told"


def test_an_outcome_that_somebody_was_told_of_is_on_no_list(clock):
    elect.shifted(contract=make.contract())

    assert "EL-" not in signed_in(make.manager(), just=NOW).get(LISTED).text


def choose_late(election, *, choice):
    """Received in time, entered and confirmed after the effect."""
    late = enter_late_choice(
        election=election, choice=choice, signer="J. Legal", received_at=NOW + HOUR, file=elect.document(),
        by=make.manager(), now=NOW + 10 * DAY,
    )  # fmt: skip
    confirm_late_choice(late=late, by=make.approver(), now=NOW + 11 * DAY)


def tell(election):
    accounts.contact(customer=election.contract.customer, email="legal@acme.example", confirmed=True)
    tell_of_outcome(election=election, by=make.manager(), now=NOW + 12 * DAY)
    return Letter.objects.filter(kind="election_decided", matter=election.reference).order_by("pk").last()


def test_what_a_late_choice_changed_once_nobody_read_is_told_too():
    """The first outcome was told: it is not what holds."""
    election = elect.election()
    elect.accepted(election, at=NOW)
    note_arrival(election=election, now=NOW)
    decide_election(election=elect.fresh(election), now=NOW + 9 * DAY)
    assert not untold().exists()
    election.contract.customer.memberships.update(left_at=NOW, left_by=make.manager())
    election.contract.customer.legal_contacts.update(removed_at=NOW, removed_by=make.manager())

    choose_late(elect.fresh(election), choice="shift")

    assert untold().get() == election
    told = tell(election)
    assert (told.context["of"]["choice"], told.context["of"]["decided_by"]) == ("shift", "customer")
    assert election.memos.get().memo_number in " ".join(name for name, _ in papers_of(told))
    assert not untold().exists()


def test_an_outcome_told_after_a_late_choice_has_its_memo(election):
    decide_election(election=election, now=NOW + 9 * DAY)
    choose_late(elect.fresh(election), choice="shift")

    told = tell(election)

    assert told.context["of"]["choice"] == "shift"
    assert election.memos.get().memo_number in " ".join(name for name, _ in papers_of(told))
    assert not untold().exists()
