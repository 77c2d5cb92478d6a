"""S16: Enterprise terms end by a withdrawal, or as two people correct a mistake; the database has the last word, whoever writes."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, connections, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from entitlements.actions.refused import Refused
from entitlements.models import Contract, Letter, Membership, Role, User
from entitlements.notices import render
from sla.actions.contract_terms import change_start, change_terms, open_on_terms, renew
from sla.actions.terms_corrections import (
    approve_terms_correction,
    propose_terms_correction,
    return_terms_correction,
    tell_of_terms_correction,
)
from sla.assessment import standing_of
from sla.models import TermsCorrection, TermsPeriod
from sla.terms_shown import entered_since
from tests import accounts
from tests import election_factories as elect
from tests import factories as make
from tests.desk import signed_in
from tests.factories import DAY, NOW, TODAY
from tests.shared import shared

FIRST = date(2026, 6, 1)


@shared
def sent():
    """A claim under review, for an outage of yesterday."""
    return make.sent_claim()


@shared
def proposed(sent) -> TermsCorrection:
    return propose(sent.contract)


def propose(contract, *, first=FIRST, by=None, now=NOW):
    told = {"reason": "Typed wrongly.", "document": "Order form, page 2"}
    return propose_terms_correction(contract=contract, first=first, by=by or make.manager(), now=now, **told)


def approve(correction, by=None):
    return approve_terms_correction(correction=correction, by=by or make.approver(), now=NOW)


def code(act):
    with pytest.raises(Refused) as refused_:
        act()
    return refused_.value.refusals[0].code


def periods(contract):
    return [(one.terms, one.days.lower) for one in contract.terms_periods.order_by("days")]


def refused(name, write):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        write()


EARLIER = NOW - 100 * DAY


def moved(now):
    contract = make.contract(first=TODAY - 5 * DAY, now=EARLIER)
    told = {"reason": "Typed wrongly.", "by": make.manager(), "now": now}
    return "contract.terms_moved", change_start(contract=contract, first=TODAY - 15 * DAY, **told)


def renewed(now):
    contract = make.contract(last=TODAY - 15 * DAY, now=EARLIER)
    told = {"paid_seats": None, "cost_per_seat": None, "by": make.manager(), "now": now}
    return "contract.terms_recorded", renew(contract=contract, order_form="OF-2", last=TODAY + 15 * DAY, **told)


def opened(now):
    order = {"order_form": "OF-2", "account": "a", "first": make.FIRST, "last": make.LAST, "zone": "Europe/Berlin"}
    of_it = {"levels": [(make.FIRST, "gold")], "products": [], "plan": "Business", "by": make.manager(), "now": now}
    told = {"name": "Acme", "number": "C-2", "terms": "enterprise", "fee": None}
    return "contract.opened", open_on_terms(customer=None, **told, **order, **of_it)


def corrected(now):
    """To Standard terms, and back."""
    contract = make.contract(now=EARLIER)
    make.standard_terms(contract=contract, first=TODAY - 15 * DAY, now=EARLIER)
    told = {"first": TODAY - 15 * DAY, "reason": "Amendment 2.", "by": make.manager(), "now": now}
    return "contract.terms_changed", change_terms(contract=contract, terms="enterprise", **told)


ENTERED = {one.__name__: one for one in (moved, renewed, opened, corrected)}


class TestTwoPeople:
    def test_one_proposes_and_another_makes_it_and_open_claims_say_so(self, sent, proposed):
        assert periods(sent.contract) == [("enterprise", make.FIRST)]

        approve(proposed)

        assert periods(sent.contract) == [("enterprise", make.FIRST), ("standard", FIRST)]
        told = sent.recomputations.get()
        assert "two people corrected it" in told.because
        assert told.recomputed_by == TermsCorrection.objects.get().approved_by

    def test_the_customer_is_told_by_whom_it_would_have_a_notice(self, sent, proposed):
        """S1, S16: a withdrawal would have told it too; what is only proposed is nothing to tell."""
        customer = sent.contract.customer
        accounts.contact(customer=customer, email="legal@acme.example", confirmed=True)
        owner = make.one_of(customer, Role.OWNER)
        told = Letter.objects.filter(kind="terms_corrected")
        assert not told.exists()

        approve(proposed)

        assert set(told.values_list("addressee", flat=True)) == {"legal@acme.example", owner.email}
        letter = told.get(person=owner)
        render(letter)
        assert (letter.customer, letter.matter) == (customer, sent.contract.order_form)
        assert "from June 1, 2026 on it is on Standard terms" in " ".join(letter.text.split())
        assert "Order form, page 2" in letter.text
        assert "Failures before that day stay" in letter.text

    @pytest.mark.parametrize(
        ("enterprise", "since", "first", "stays"),
        [
            (False, FIRST, FIRST, False),
            (False, FIRST, TODAY, True),
            (True, None, make.FIRST, False),
            (True, None, FIRST, True),
        ],
        ids=["Standard before", "Enterprise between", "from the first day", "Enterprise before"],
    )
    def test_the_customer_is_promised_claims_only_where_enterprise_terms_stay(
        self, db, enterprise, since, first, stays
    ):
        """S1: a contract may have been on Standard terms before what is corrected."""
        contract = make.contract(enterprise=enterprise)
        owner = make.one_of(contract.customer, Role.OWNER)
        if since:
            told = {"reason": "Amendment 2.", "by": make.manager(), "now": NOW}
            change_terms(contract=contract, terms="enterprise", first=since, **told)

        approve(propose(contract, first=first))

        letter = Letter.objects.get(kind="terms_corrected", person=owner)
        render(letter)
        assert ("stay under the Enterprise terms" in letter.text) is stays

    def test_a_decided_claim_stands_and_is_told_of_it(self, decided_claim):
        make.standard_terms(contract=decided_claim.contract)

        assert decided_claim.recomputations.get().decided
        decided_claim.refresh_from_db()
        assert decided_claim.state == "credited"

    @pytest.mark.parametrize(
        ("who", "why"),
        [
            (lambda one: one.proposed_by, "second_person"),
            (lambda one: make.manager(), "may_not_approve"),
            (lambda one: was_one_of(one.contract.customer), "own"),
        ],
        ids=["its proposer", "who may not", "who was one of theirs"],
    )
    def test_who_may_not_make_it(self, db, who, why):
        correction = propose(make.contract(), by=make.approver())

        assert code(lambda: approve(correction, who(correction))) == why
        assert periods(correction.contract) == [("enterprise", make.FIRST)]

    @pytest.mark.parametrize(
        ("happened", "why"),
        [({"is_active": False}, "proposer_left"), ({"is_staff": False}, "proposer_left"), ({}, "proposers_own")],
        ids=["left", "is not at the desk", "is one of theirs"],
    )
    def test_whoever_proposed_it_still_works_here(self, proposed, happened, why):
        """S19: the database refuses it else, and the page has no sentence for it."""
        proposer = User.objects.filter(pk=proposed.proposed_by_id)
        proposer.update(**happened)
        if not happened:
            Membership.objects.create(
                user=proposer.get(),
                customer=proposed.contract.customer,
                roles=["owner"],
                left_at=NOW,
                left_by=make.manager(),
            )

        assert code(lambda: approve(proposed)) == why
        refused("approved_by_who_may_approve", settled(proposed, make.approver()))

    def test_given_back_nothing_changes_and_another_can_be_proposed(self, sent, proposed):
        assert code(lambda: propose(sent.contract)) == "one_waits"
        return_terms_correction(correction=proposed, reason="It is agreed.", by=make.manager(), now=NOW)

        assert code(lambda: approve(proposed)) == "settled"
        assert propose(sent.contract).waits
        assert periods(sent.contract) == [("enterprise", make.FIRST)]

    @pytest.mark.parametrize(
        ("contract", "first", "why"),
        [
            (lambda: make.contract(enterprise=False), FIRST, "same_terms"),
            (lambda: make.contract(), make.LAST + DAY, "outside_term"),
            (lambda: elect.election().contract, FIRST, "election_runs"),
        ],
    )
    def test_what_stands_in_the_way(self, db, contract, first, why):
        assert code(lambda: propose(contract(), first=first)) == why

    def test_one_that_was_proposed_before_an_election_runs_is_not_made_in_it(self, db):
        contract = elect.ready()
        correction = propose(contract)
        elect.election(contracts=[contract])

        assert code(lambda: approve(correction)) == "election_runs"
        refused("approved_by_who_may_approve", settled(correction, make.approver()))

    def test_one_person_only_puts_a_contract_on_better_terms(self, db):
        worse, better = make.contract(), make.contract(enterprise=False)
        told = {"first": TODAY, "reason": "Amendment 2.", "by": make.approver(), "now": NOW}

        assert code(lambda: change_terms(contract=worse, terms="standard", **told)) == "by_a_withdrawal"
        change_terms(contract=better, terms="enterprise", **told)
        assert periods(better) == [("standard", make.FIRST), ("enterprise", TODAY)]

    @pytest.mark.parametrize(("put_down", "told"), [(NOW, True), (NOW - 30 * DAY, False)], ids=["after it", "before"])
    def test_who_decides_is_told_of_enterprise_terms_that_came_on_record_after_the_failure(self, db, put_down, told):
        """S1, S19: one person puts a contract on them, and two let a credit rest on them."""
        contract, manager = make.contract(enterprise=False), make.manager()
        change_terms(
            contract=contract, terms="enterprise", first=make.FIRST, reason="Amendment 2.", by=manager, now=put_down
        )
        proposal = make.proposal(claim=make.sent_claim(contract=contract))
        desk = signed_in(make.approver())

        pages = [reverse("admin:claim", args=[proposal.claim.reference]), reverse("admin:proposal", args=[proposal.pk])]
        for page in pages:
            found = desk.get(page).content.decode()
            assert ("came on record after it" in found) is told
            assert (
                f"by {manager}. One person" in found and "The log says: Terms changed: Amendment 2." in found
            ) is told

    @pytest.mark.parametrize("put_down", [NOW, NOW - 20 * DAY], ids=["after it", "before"])
    @pytest.mark.parametrize("act", ENTERED.values(), ids=ENTERED)
    def test_by_whatever_act_they_came(self, db, act, put_down):
        """S1, S19: ten days ago something failed."""
        verb, contract = act(put_down)
        contract = Contract.objects.get(pk=contract.pk)

        found = entered_since(contract, [NOW - 10 * DAY])

        assert standing_of(contract, NOW - 10 * DAY).standing == "enterprise"
        assert (found and found.line.verb) == (verb if put_down == NOW else None)

    def test_what_was_on_record_before_is_not_told_for_what_came_since(self, db):
        """A failure of a day that was one of the terms before the first day was moved; and one of each."""
        contract = Contract.objects.get(pk=moved(NOW)[1].pk)

        assert entered_since(contract, [NOW - 3 * DAY]) is None
        assert entered_since(contract, [NOW - 10 * DAY, NOW - 3 * DAY]) is not None

    def test_no_later_first_day_takes_enterprise_terms_from_the_record(self, db):
        contract = make.contract()
        make.standard_terms(contract=contract, first=TODAY)
        told = {"reason": "x", "by": make.manager(), "now": NOW}

        assert code(lambda: change_start(contract=contract, first=TODAY, **told)) == "terms_stay"
        change_start(contract=contract, first=FIRST, **told)
        assert periods(contract) == [("enterprise", FIRST), ("standard", TODAY)]


def was_one_of(customer):
    """Somebody of the desk who was one of the customer's people once."""
    member = make.member(customer=customer)
    member.memberships.update(left_at=NOW - DAY, left_by=make.manager())
    member.is_staff = member.may_approve = True
    member.save()
    return member


def settled(correction, by):
    rows = TermsCorrection.objects.filter(pk=correction.pk)
    return lambda: rows.update(approved_at=NOW, approved_by=by)


def on(contract, first, upper=make.LAST + DAY):
    """The writing of a period of Standard terms."""
    return lambda: TermsPeriod.objects.create(contract=contract, terms="standard", days=DateRange(first, upper))


class TestTheDatabase:
    """As the application's role."""

    WAYS = (
        lambda rows, contract: rows.update(terms="standard"),
        lambda rows, contract: rows.update(days=DateRange(make.FIRST, FIRST)),
        lambda rows, contract: rows.update(days=DateRange(FIRST, make.LAST + DAY)),
        lambda rows, contract: rows.delete(),
        lambda rows, contract: rows.update(contract=make.contract(enterprise=False)),
        lambda rows, contract: on(contract, make.LAST + DAY, None)(),
    )

    @pytest.mark.parametrize("way", WAYS, ids=["turned", "cut", "later", "deleted", "moved away", "added behind"])
    def test_no_enterprise_terms_end_without_two(self, db, way):
        contract = make.contract()

        refused("enterprise_terms_end_by_two_people", lambda: way(contract.terms_periods.all(), contract))

    def test_only_from_the_day_that_two_decided_on(self, sent, proposed):
        settled(proposed, make.approver())()
        rows = sent.contract.terms_periods

        refused("enterprise_terms_end_by_two_people", lambda: rows.update(days=DateRange(make.FIRST, FIRST - DAY)))
        rows.update(days=DateRange(make.FIRST, FIRST))
        refused("enterprise_terms_end_by_two_people", on(sent.contract, FIRST + DAY))
        on(sent.contract, FIRST)()

    @pytest.mark.parametrize(
        ("constraint", "values"),
        [
            ("terms_are_corrected_by_two_people", lambda one: {"approved_by": one.proposed_by}),
            ("approved_by_who_may_approve", lambda one: {"approved_by": make.manager()}),
            ("approved_by_who_may_approve", lambda one: {"approved_by": make.approver(is_active=False)}),
            (
                "terms_correction_approved_at_and_by_go_together",
                lambda one: {"approved_at": None, "approved_by": make.approver()},
            ),
            ("approved_by_who_may_approve", lambda one: {"approved_by": was_one_of(one.contract.customer)}),
        ],
    )
    def test_who_settles_one(self, db, constraint, values):
        one = propose(make.contract(), by=make.approver())
        change = {"approved_at": NOW, **values(one)}
        refused(constraint, lambda: TermsCorrection.objects.filter(pk=one.pk).update(**change))

    def test_one_waits_and_says_why(self, sent, proposed):
        given = {"contract": sent.contract, "first": FIRST, "proposed_at": NOW, "proposed_by": make.manager()}
        made = {**given, "reason": "x", "document": "y"}
        refused("one_correction_of_terms_waits_for_a_contract", lambda: TermsCorrection.objects.create(**made))
        rows = TermsCorrection.objects.filter(pk=proposed.pk)
        with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
            rows.update(first=TODAY)
        with pytest.raises(Exception, match="permission denied"), transaction.atomic():
            rows.delete()
        elsewhere = {**made, "contract": make.contract()}
        refused(
            "a_correction_of_terms_says_why_and_by_what",
            lambda: TermsCorrection.objects.create(**{**elsewhere, "document": ""}),
        )
        both = {"approved_at": NOW, "approved_by": make.approver(), "returned_at": NOW, "returned_by": make.manager()}
        refused("a_correction_of_terms_is_approved_or_returned", lambda: rows.update(**both))

    def test_nor_by_the_owner_of_the_tables(self, db):
        """The trigger asks nobody's role."""
        with connections["default"].cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_trigger WHERE tgname LIKE '%enterprise_ends_by_two%' AND tgenabled = 'O'"
            )
            assert cursor.fetchone() == (1,)


class TestThePage:
    def test_proposed_seen_and_made(self, sent, proposed, clock):
        page = reverse("admin:terms_correction", args=[proposed.pk])
        own, other = signed_in(proposed.proposed_by, just=NOW), signed_in(make.approver(), just=NOW)

        assert "somebody else makes it" in own.get(page).content.decode()
        shown = other.get(page).content.decode()
        assert "Order form, page 2" in shown
        assert "once a second person approves it" in shown
        assert sent.own_failures().get().reference in shown
        assert (
            "proposes to correct the terms"
            in other.get(reverse("admin:contract", args=[sent.contract_id])).content.decode()
        )
        assert b"Corrections to Standard terms for a second person" in other.get(reverse("admin:index")).content
        other.post(reverse("admin:approve_terms_correction", args=[proposed.pk]))
        made = other.get(page).content.decode()
        assert "Made by" in made
        assert "once a second person approves it" not in made
        assert "the contract is on Standard" in made
        assert "Order form, page 2" in other.get(reverse("admin:sla_termscorrection_changelist")).content.decode()
        assert periods(sent.contract)[-1] == ("standard", FIRST)

    def test_given_back_with_a_reason(self, proposed, clock):
        browser = signed_in(make.manager(), just=NOW)
        address = reverse("admin:return_terms_correction", args=[proposed.pk])

        assert "Error" in browser.post(address).content.decode()
        browser.post(address, {"return-reason": "It is agreed so."})
        given_back = browser.get(reverse("admin:terms_correction", args=[proposed.pk])).content.decode()
        assert "It is agreed so." in given_back
        assert "the contract is on Standard" not in given_back

    def test_where_nobody_reads_for_the_customer_the_desk_is_told_and_what_to_do(self, db, clock):
        """S16: its people left, and no contact for legal notices is confirmed."""
        contract = make.contract()
        contract.customer.memberships.update(left_at=NOW, left_by=make.manager())
        correction, browser = propose(contract), signed_in(make.manager(), just=NOW)
        listed = reverse("admin:sla_termscorrection_changelist", query={"work": "untold"})
        address = reverse("admin:terms_correction", args=[correction.pk])
        tell = reverse("admin:tell_of_terms_correction", args=[correction.pk])
        assert contract.order_form not in browser.get(listed).content.decode(), "it is not made yet"
        assert "nothing to tell" in browser.post(tell).content.decode()
        approve(correction)

        assert not Letter.objects.filter(kind="terms_corrected").exists()
        assert contract.order_form in browser.get(listed).content.decode()
        assert listed in browser.get(reverse("admin:index")).content.decode()
        assert "Nobody is told of it" in browser.get(address).content.decode()
        assert "Invite an owner, or have a contact" in browser.post(tell).content.decode()

        accounts.contact(customer=contract.customer, email="legal@acme.example", confirmed=True)
        assert browser.post(tell).url == address
        letter = Letter.objects.get(kind="terms_corrected", person=None)
        assert (letter.addressee, letter.deadline) == ("legal@acme.example", NOW)
        assert "Nobody is told of it" not in browser.get(address).content.decode()
        assert contract.order_form not in browser.get(listed).content.decode()
        assert code(lambda: tell_of_terms_correction(correction=correction, by=make.manager(), now=NOW)) == "told"
