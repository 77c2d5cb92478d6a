"""M7 in the browser: prepared with a preview, released by a second person, followed contract by contract, had as a table."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from entitlements.actions.contract_states import terminate
from entitlements.actions.letters import open_letter
from entitlements.models import Event, Letter, Role
from entitlements.rules.days import first_instant
from entitlements.wording import state_of
from sla import duties
from sla.actions.elections import choose
from sla.actions.withdrawals import cancel_withdrawal
from sla.admin.elections import _STANDING
from sla.admin.queues import ELECTIONS, ELECTIONS_24H, ELECTIONS_OPEN, ELECTIONS_OVER
from sla.admin.withdrawal_standing import bars_of
from sla.elections import notices_of, shown_as, standing_by
from sla.elections_listed import as_shown
from sla.models import Election, ElectionChoice, ListPrice, PrepaidPeriod, Withdrawal
from tests import election_factories as elect
from tests import factories as make
from tests.desk import signed_in as at_the_desk
from tests.shared import shared
from tests.sla.test_elections import ARRIVED, ENDS, MARGIN, TICK, signatory, turn

pytestmark = pytest.mark.django_db


@shared
def ready() -> Withdrawal:
    """Prepared for two contracts; of one of them what was paid ahead is not on record."""
    return elect.prepared(contracts=[elect.ready(), elect.ready(paid=False)])


@shared
def proposed() -> Withdrawal:
    return elect.proposed()


def at(name, *key):
    return reverse(f"admin:{name}", args=key)


def text(response):
    assert response.status_code == 200
    return response.content.decode()


def prepared_for(count):
    """A withdrawal of so many contracts of one customer."""
    first = elect.ready()
    others = [make.contract(customer=first.customer) for _ in range(count - 1)]
    for one in others:
        elect.prepaid(contract=one)
    return elect.prepared(contracts=[first, *others])


def desk(who=None):
    return at_the_desk(who or make.manager(), just=make.NOW)


def in_lists(at_):
    """In which of the desk's queues of elections one is."""
    return {one.key for one in ELECTIONS if one.rows(at_).exists()}


def by_state(at_):
    """By what each is found, in the order of the filter; what is found says so."""
    found = []
    for key, asked in _STANDING.items():
        said = [one.shown or one.standing for one in as_shown(Election.objects.all(), at_).filter(asked)]
        assert set(said) <= {key}
        found += said
    return found


class TestPreparing:
    def test_named_by_order_form_or_customer(self, clock):
        elect.prices()
        one, other = elect.ready(), elect.ready()
        named = f"{one.order_form}\n{other.customer.external_id}"
        sent = {"title": "End", "why": "It ends.", "contracts": named, "vendor_choice": ""}
        response = desk().post(at("new_withdrawal"), sent)

        made = Withdrawal.objects.get()
        assert response.url == at("withdrawal", made.reference)
        assert {one.contract for one in made.elections.all()} == {one, other}
        assert not Letter.objects.filter(kind="election_notice").exists()

    def test_what_is_not_found_is_named_and_the_rest_stays_typed(self, clock):
        said = text(desk().post(at("new_withdrawal"), {"title": "End", "why": "It ends.", "contracts": "OF-0"}))

        assert "No order form and no customer has this number: OF-0." in said
        assert "It ends." in said
        assert "Error" in said

    def test_what_cannot_be_withdrawn_from_says_why(self, clock, running):
        standard, withdrawal = make.contract(enterprise=False), running.withdrawal
        named = f"{standard.order_form}\n{running.contract.order_form}"
        said = text(desk().post(at("new_withdrawal"), {"title": "End", "why": "It ends.", "contracts": named}))

        assert f"{standard.order_form} names no contract that runs today and is on Enterprise terms." in said
        assert f"{running.contract.order_form} is part of {withdrawal.reference} already." in said

    def test_a_choice_for_silence_has_its_reason(self, clock):
        sent = {"title": "End", "why": "It ends.", "everybody": "on", "vendor_choice": "shift"}
        assert "Say why the vendor chooses this." in text(desk().post(at("new_withdrawal"), sent))

    def test_the_preview_has_both_options_and_what_is_in_the_way(self, clock, ready):
        said = text(desk().get(at("withdrawal", ready.reference)))

        assert "15,544.11" in said
        assert "32.80" in said
        assert "What was paid ahead is not on record." in said
        assert "with something in the way" in said
        assert said.count("161.75") == 2  # a day later of what is unused: in the row, and in its working

    def test_the_preview_stands_in_no_form_since_those_are_not_printed(self, clock, ready):
        said = text(desk().get(at("withdrawal", ready.reference)))

        before = said[: said.index('<caption id="parts">')]
        assert before.count("<form") == before.count("</form>")
        assert 'form="take-out" name="election"' in said

    def test_taken_out_by_one_button_and_proposed(self, clock, ready):
        browser = desk()
        browser.post(at("take_out_of_withdrawal", ready.reference), {"problems": "1"})
        browser.post(at("withdrawal_act", ready.reference, "propose"))

        assert ready.elections.count() == 1
        assert Withdrawal.objects.get().state == "proposed"

    def test_who_proposed_it_is_offered_no_release(self, clock, proposed):
        """M7.1: what they could only be refused is not offered; the second person has it."""
        mine, other = (text(desk(who=who).get(at("withdrawal", proposed.reference))) for who in (proposed.proposed_by, make.approver()))  # fmt: skip

        assert "waits for somebody else who may approve" in mine
        assert at("withdrawal_act", proposed.reference, "release") not in mine
        assert "waits for somebody else who may approve" not in other
        assert at("withdrawal_act", proposed.reference, "release") in other

    def test_a_contracts_own_choice_for_silence(self, clock, ready):
        election = ready.elections.order_by("pk").first()
        sent = {"vendor_choice": "shift", "vendor_choice_why": "Cheaper."}
        desk().post(at("election_vendor_choice", election.reference), sent)

        assert elect.fresh(election).by_silence == "stay"  # no next lower plan is fixed before the release
        assert elect.fresh(election).vendor_choice == "shift"


class TestReleasing:
    def test_the_check_page_counts_the_letters_and_shows_one(self, clock, proposed):
        browser = desk(who=make.approver())
        said = text(browser.get(at("withdrawal_act", proposed.reference, "release")))

        assert "It writes" in said
        assert "Your choice is needed" in said
        assert not Letter.objects.filter(kind="election_notice").exists()

        browser.post(at("withdrawal_act", proposed.reference, "release"), {"confirmed": "1"})
        assert Letter.objects.filter(kind="election_notice").exists()

    def test_a_big_one_is_shown_checked_and_released_by_as_many_questions_as_a_small_one(self, clock):
        """S16: of 40 contracts as of 10; the check page plays one of them."""
        asked = {}
        for made in [prepared_for(n) for n in (10, 40)]:
            client, own = desk(who=make.approver()), made.elections.all()
            address = at("withdrawal_act", made.reference, "release")
            with CaptureQueriesContext(connection) as showing:
                client.get(at("withdrawal", made.reference))
            elect.proposed(withdrawal=made)
            with CaptureQueriesContext(connection) as checking:
                said = text(client.post(address))
            with CaptureQueriesContext(connection) as releasing:
                client.post(address, {"confirmed": "1"})
            asked[len(own)] = len(showing), len(checking), len(releasing)
            letters = Letter.objects.filter(kind="election_notice", matter__in=own.values("reference"))
            assert f"It writes {letters.count()} letters." in said
            assert own.filter(state="sent", notice_working__isnull=False).count() == len(own)
            assert Event.objects.filter(verb="election.released", matter__in=own.values("reference")).count() == len(
                own
            )

        assert asked[10] == asked[40]
        assert asked[40][0] <= 32
        assert max(asked[40]) < 60

    @pytest.mark.parametrize("typed", ["²", "x", ""])
    def test_what_is_no_key_is_dropped(self, clock, ready, typed):
        assert "Nothing is ticked." in text(
            desk().post(at("take_out_of_withdrawal", ready.reference), {"election": typed})
        )

    def test_only_by_who_has_just_shown_who_they_are(self, clock, proposed):
        """V47"""
        address = at("withdrawal_act", proposed.reference, "release")
        answer = at_the_desk(make.approver()).post(address, {"confirmed": "1"})

        assert answer.url.startswith("/account/confirm/")
        assert Withdrawal.objects.get().state == "proposed"

    def test_not_by_whoever_may_not(self, clock, proposed):
        said = text(desk().post(at("withdrawal_act", proposed.reference, "release"), {"confirmed": "1"}))

        assert "Somebody else who may approve has to release it." in said
        assert Withdrawal.objects.get().state == "proposed"

    def test_cancelled_with_letters_to_whom_was_told(self, clock, running):
        withdrawal = running.withdrawal
        browser, sent = desk(), {"reason": "The insurer stays."}
        said = text(browser.post(at("withdrawal_act", withdrawal.reference, "cancel"), sent))
        assert "It writes" in said
        browser.post(at("withdrawal_act", withdrawal.reference, "cancel"), sent | {"confirmed": "1"})

        assert elect.fresh(running).state == "cancelled"
        assert Letter.objects.filter(kind="election_cancelled").exists()

    def test_once_it_is_cancelled_nothing_is_said_to_run(self, clock, running):
        clock(ARRIVED + make.HOUR)
        choose(election=running, choice="shift", by=signatory(running), now=ARRIVED + make.HOUR)
        cancel_withdrawal(withdrawal=running.withdrawal, reason="It stays.", by=make.manager(), now=ARRIVED + make.HOUR)
        listed = text(desk().get(at("withdrawal", running.withdrawal.reference)))
        of_one = text(desk().get(at("election", running.reference)))

        assert "counts for nothing" in listed
        assert "may change" not in listed
        assert "no time runs" in listed
        assert "no time runs" in of_one
        assert "11:59" not in of_one


class TestFollowing:
    def test_the_list_has_proof_and_end(self, clock, running):
        said = text(desk().get(at("withdrawal", running.withdrawal.reference)))

        assert f"accepted for legal0@c{running.contract_id}.example" in said
        assert "Wed Jun 17, 2026, 11:59 p.m. EDT" in said

    def test_a_notice_that_arrived_runs_before_the_clocks_next_turn(self, clock):
        election = elect.election(now=make.NOW - make.HOUR)
        elect.accepted(election, at=make.NOW - timedelta(minutes=5))
        said = text(desk().get(at("withdrawal", election.withdrawal.reference)))

        assert elect.fresh(election).state == "sent"
        assert "Notice being sent" not in said.partition("Contract by contract")[2]
        assert "no time runs" not in said

    @pytest.mark.parametrize("how", ["taken for a contact", "opened by an owner", "written down"])
    def test_the_lists_know_what_has_arrived_before_the_clocks_next_turn(self, clock, waiting, how):
        """T3: by letters and the database's clock; what the clock writes down later changes nothing."""
        if how == "opened by an owner":
            owner = make.one_of(waiting.contract.customer, Role.OWNER)
            copy = Letter.objects.filter(matter=waiting.reference, person=owner)
            copy.update(text="…")
            Letter.objects.filter(matter=waiting.reference, person=None).update(state="failed")
            open_letter(letter=copy.get(), by=owner, now=ARRIVED)
        else:
            elect.accepted(waiting, at=ARRIVED)
        if how == "written down":
            turn(ARRIVED)

        assert elect.fresh(waiting).state == ("open" if how == "written down" else "sent")
        last_day = ENDS - 24 * make.HOUR
        for at_ in (ARRIVED, last_day - TICK):
            assert in_lists(at_) == {"open"}
        for at_ in (last_day, ENDS - TICK):
            assert in_lists(at_) == {"open", "closing_24h"}
        assert in_lists(ENDS) == {"over"}
        self.is_listed(clock, waiting, last_day - TICK, ELECTIONS_OPEN, "Open", ahead="30d")
        self.is_listed(clock, waiting, ENDS - TICK, ELECTIONS_24H, "Open", ahead="24h")
        self.is_listed(clock, waiting, ENDS, ELECTIONS_OVER, "Time to choose over", ahead="overdue")

    def is_listed(self, clock, election, at_, queue, shown, *, ahead):
        """On the page of its queue, and among the deadlines."""
        clock(at_)
        browser = desk()
        said = text(browser.get(queue.url)).partition('id="result_list"')[2]
        for words in (election.reference, shown, "Wed Jun 17, 2026, 11:59 p.m. EDT"):
            assert words in said
        assert election.reference in text(browser.get(reverse("admin:deadlines_ahead"), {"which": ahead}))

    @pytest.mark.parametrize("last", [date(2026, 6, 14), date(2026, 6, 17), date(2026, 6, 18)])
    @pytest.mark.parametrize("how", ["not given", "taken for a contact", "written down"])
    def test_the_lists_know_what_ended_with_its_contract_before_the_clocks_next_turn(self, clock, waiting, how, last):
        """S16, T3: void, as the rule has it, where the contract did not last beyond the time to choose: nothing to do, and no duty that is
        overdue. An import ends contracts without knowing of elections."""
        elect.accepted(waiting, at=ARRIVED)
        if how == "written down":
            turn(ARRIVED)
        if how == "not given":
            Letter.objects.filter(matter=waiting.reference).update(bounced_at=ARRIVED + make.HOUR)
        terminate(contract=waiting.contract, last_day=last, reason="x", by=make.manager(), now=ARRIVED + make.HOUR)
        ended, stored = first_instant(last + make.DAY, waiting.contract.tz), elect.fresh(waiting)
        notices = notices_of([stored])[stored.reference]
        assert stored.state == ("open" if how == "written down" else "sent")

        for at_ in (ended - TICK, ended, ENDS + 2 * make.DAY):
            said = shown_as(stored, standing_by(stored, notices, [], at_), notices)
            is_due = any(duties.ELECTIONS.due(at_, within).exists() for within in (None, duties.AHEAD))

            assert (said == "void") == (at_ >= ended and (ended <= ENDS or how == "not given"))
            assert [one["state"] for one in bars_of(stored.withdrawal, at_)] == [said]
            assert (in_lists(at_) == set()) == (said == "void")
            assert is_due == said.startswith("election_")
        clock(at_)
        assert state_of(said).word in text(desk().get(at("sla_election_changelist"))).partition("result_list")[2]

    def test_the_list_is_filtered_by_what_its_column_says(self, clock, waiting):
        """T3: of each state its own, whether or not the clock has written it down."""
        open_, void = (elect.election() for _ in range(2))
        elect.proposed(contracts=[elect.ready()])
        for one in (open_, void):
            elect.accepted(one, at=ARRIVED)
        last, now = ARRIVED.date(), ARRIVED + make.HOUR
        terminate(contract=void.contract, last_day=last, reason="x", by=make.manager(), now=now)
        taken_back = elect.election()
        cancel_withdrawal(withdrawal=taken_back.withdrawal, reason="It stays.", by=make.manager(), now=now)

        assert by_state(now) == ["prepared", "notice_on_its_way", *["election_open"] * 2, "cancelled"]
        Letter.objects.filter(matter=waiting.reference).update(state="failed")
        unsettled = ["prepared", "notice_not_given", "election_over", "void", "cancelled"]
        assert by_state(ENDS) == unsettled
        turn(ENDS + MARGIN)
        settled = ["defaulted_stay" if one == "election_over" else one for one in unsettled]
        assert sorted(by_state(ENDS + MARGIN)) == sorted(settled)

        clock(ENDS)
        listed = desk().get(at("sla_election_changelist"), {"state": "void"}).context["cl"].result_list
        assert [one.pk for one in listed] == [void.pk]

    def test_the_bars_know_it_too(self, waiting):
        """PL11"""
        elect.accepted(waiting, at=ARRIVED)
        bars = lambda at_: [one["state"] for one in bars_of(waiting.withdrawal, at_)]  # noqa: E731

        assert (bars(ARRIVED), bars(ENDS)) == (["election_open"], ["election_over"])
        Letter.objects.filter(matter=waiting.reference).update(bounced_at=ARRIVED + make.HOUR)
        assert bars(ENDS) == ["notice_not_given"]

    def test_a_notice_that_came_back_is_not_given(self, clock, waiting):
        Letter.objects.filter(matter=waiting.reference).update(state="failed")
        said = text(desk().get(at("election", waiting.reference)))

        assert "Notice not given" in said

    def test_another_notice(self, clock, waiting):
        letters = Letter.objects.filter(matter=waiting.reference)
        letters.update(state="failed")
        refused = text(desk().get(at("withdrawal", waiting.withdrawal.reference)))
        letters.update(state="accepted", accepted_at=ARRIVED, bounced_at=ARRIVED + make.HOUR)
        back = text(desk().get(at("withdrawal", waiting.withdrawal.reference)))
        desk().post(at("election_notice_again", waiting.reference))
        again = text(desk().get(at("withdrawal", waiting.withdrawal.reference)))

        assert elect.fresh(waiting).notice == 2
        assert ("Could not be delivered" in refused, "Came back" in refused) == (True, False)
        assert ("Could not be delivered" in back, "Came back" in back) == (False, True)
        assert "Could not be delivered" not in again
        assert "Came back" not in again  # of the last nothing did

    def test_a_choice_in_writing_needs_its_document(self, clock, running):
        sent = {"choice": "shift", "signer": "J. Legal", "arrived_day": "2026-06-12", "arrived_time": "10:00:00"}
        browser = desk()
        clock(ARRIVED + 4 * make.DAY)
        assert "Error" in text(browser.post(at("election_in_writing", running.reference), sent))

        browser.post(
            at("election_in_writing", running.reference),
            sent | {"document": SimpleUploadedFile("letter.csv", b"we,choose\n1,2\n")},
        )
        assert ElectionChoice.objects.get().signer == "J. Legal"
        made = ElectionChoice.objects.get()
        assert browser.post(at("election_document", running.reference, made.pk)).status_code == 200
        assert Event.objects.filter(verb="election.document_opened", matter=running.reference).exists()

    def test_finance_has_the_table(self, clock, running):
        choose(election=running, choice="shift", by=signatory(running), now=ARRIVED)
        turn(ENDS + MARGIN)
        asked = {"withdrawal__id__exact": running.withdrawal_id, "format": "csv"}
        response = desk().get(at("sla_election_changelist"), asked)
        (row,) = csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig")))

        assert (row["credit"], row["choice"], row["decided by"]) == ("15544.11", "shift", "customer")
        assert row["effect day"] == "2026-06-18"
        assert (row["reference"], row["withdrawal"]) == (running.reference, running.withdrawal.reference)


class TestTheFigures:
    def test_a_price_is_entered_and_ended(self, clock):
        browser = desk()
        sent = {"plan": "Business", "billing_period": "month", "currency": "usd", "price": "41", "rank": "1", "first": "2026-01-01", "offered": "on"}  # fmt: skip
        browser.post(at("list_prices"), sent)
        price = ListPrice.objects.get()
        browser.post(at("end_price", price.pk), {f"end-{price.pk}-last": "2026-12-31"})

        assert (price.currency, str(ListPrice.objects.get().sold_to)) == ("USD", "2026-12-31")
        assert "has a price already" in text(browser.post(at("list_prices"), sent))

    def test_what_was_paid_ahead(self, clock):
        contract = make.contract()
        sent = {"billing_period": "month", "fee": "41", "amount": "100", "first": "2026-01-01", "last": "2026-12-31", "document": "Invoice 1"}  # fmt: skip
        browser = desk()
        browser.post(at("prepaid", contract.pk), sent)

        assert PrepaidPeriod.objects.get().amount == 100
        assert "Invoice 1" in text(browser.get(at("prepaid", contract.pk)))

    def test_what_was_paid_ahead_is_put_right_from_the_preview(self, clock):
        """S17: the page that the preview opens; what was on record stays in the history, and the preview counts anew."""
        withdrawal = elect.prepared()
        period, browser = PrepaidPeriod.objects.get(), desk()
        address = at("correct_prepaid", period.pk)
        assert f'href="{address}"' in text(browser.get(at("withdrawal", withdrawal.reference)))
        assert "15,544.11" in text(browser.get(at("withdrawal", withdrawal.reference)))

        sent = {"fee": "41", "amount": "59040.00", "reason": "The invoice says 29,520."}
        assert "on record already" in text(browser.post(address, sent))
        browser.post(address, {**sent, "amount": "29520.00"})

        said = text(browser.get(at("prepaid", period.contract_id)))
        assert "in place of 59040.00 at 41" in said
        assert "The invoice says 29,520." in said
        assert at("withdrawal", withdrawal.reference) in said
        assert "7,772.05" in text(browser.get(at("withdrawal", withdrawal.reference)))

    @pytest.mark.parametrize("edge", ["9999-12-31", "0001-01-01"])
    def test_a_day_at_the_edge_of_the_calendar_is_a_slip(self, clock, running, edge):
        price = {"plan": "B", "billing_period": "month", "currency": "usd", "price": "41", "rank": "1", "first": "2026-01-01", "last": edge}  # fmt: skip
        written = {"choice": "shift", "signer": "J.", "arrived_day": edge, "arrived_time": "10:00:00"}
        browser = desk()
        for address, sent in ((at("list_prices"), price), (at("election_in_writing", running.reference), written)):
            assert "write a day between 2000 and 2199" in text(browser.post(address, sent))
