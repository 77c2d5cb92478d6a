"""S16, S17: two people release, the notice's arrival begins seven days, the last choice in time counts, silence is the vendor's choice."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from entitlements.actions.contract_states import terminate
from entitlements.actions.letters import open_letter
from entitlements.actions.plans import change_plan
from entitlements.actions.refused import Refused
from entitlements.actions.reports import note_report
from entitlements.delivery_reports import Report
from entitlements.models import Event, Letter, MissedReminder, Role
from entitlements.notices import thawed
from sla.actions.elections import choose, enter_written_choice, open_notice, send_notice_again
from sla.actions.prices import enter_price
from sla.actions.withdrawals import (
    cancel_withdrawal,
    propose_withdrawal,
    record_vendor_choice,
    release_withdrawal,
    take_out,
)
from sla.election_letters import no_longer_true
from sla.elections import takes_effect_before
from sla.models import Election, ElectionChoice, ListPrice, TermsPeriod
from sla.sweep import MARGIN, sweep
from sla.terms_shown import terms_shown
from sla.withdrawals import contracts_on_enterprise_terms, parts_of
from tests import accounts
from tests import election_factories as elect
from tests import factories as make
from tests.election_factories import ARRIVED
from tests.factories import DAY, HOUR, NOW, TODAY
from tests.shared import shared

TICK = timedelta(microseconds=1)
ENDS = datetime(2026, 6, 18, 4, tzinfo=UTC)
"""The seven days of a notice that has ARRIVED."""
EFFECT = date(2026, 6, 18)


def turn(at):
    return sweep(now=at, application_now=at)


def signatory(election):
    return make.one_of(election.contract.customer, Role.SIGNATORY)


def code(refused):
    return refused.value.refusals[0].code


def in_writing(election, choice, received_at, *, now=None, by=None, enter=enter_written_choice):
    return enter(
        election=election, choice=choice, signer="J. Legal", received_at=received_at, file=elect.document(),
        by=by or make.manager(), now=now or received_at + TICK,
    )  # fmt: skip


def renewed(election):
    """The notice comes back after a day, and another one arrives an hour later at another contact."""
    came_back(elect.notices(election)[0], ARRIVED + DAY)
    accounts.contact(customer=election.contract.customer, email="next@acme.example", confirmed=True)
    again = send_notice_again(election=election, by=make.manager(), now=ARRIVED + DAY)
    elect.accepted(again, at=ARRIVED + DAY + HOUR, contact=1)
    turn(ARRIVED + DAY + HOUR)


def came_back(letter, at, *, known=None):
    report = Report(
        kind="bounced", message_id=letter.message_id, came_back_to=(), recipient=letter.addressee, host="mx",
        diagnostic="5.1.1 no such user", at=at, source=f"report:{letter.pk}",
    )  # fmt: skip
    note_report(report=report, by=None, now=known or at)


class TestWhatIsPreparedForAContract:
    """S17: both options to the cent, for an effect on the eighth day after."""

    def test_both_options(self, db):
        elect.prices()
        (part,) = parts_of([elect.ready()], NOW)

        # 197 of 365 days are left; a day is 161.7534…; from 41 to 21 it is 20/41 of it.
        assert part.effect == EFFECT
        assert part.offer.shift.new_fee == Decimal("21.00")
        assert part.offer.shift.unused == part.offer.stay.unused == Decimal("31865.42")
        assert part.offer.shift.credit == Decimal("15544.11")
        assert part.offer.stay.new_fee == Decimal("32.80")
        assert part.offer.stay.lasts_until == EFFECT + timedelta(days=246 - 1)
        assert part.problems == ()

    def test_what_stands_in_the_way_of_each(self, db):
        elect.prices()
        contracts = [
            elect.ready(contacts=0),
            elect.ready(paid=False),
            elect.ready(plan="Legacy"),
            elect.ready(enterprise=False),
            elect.ready(last=EFFECT - DAY),
            elect.ready(plan="Professional"),
        ]

        found = parts_of(contracts, NOW)

        assert [[one.code for one in part.problems] for part in found] == [
            ["no_contact"], ["no_prepaid"], ["no_price"], ["standard"], ["ends_first"], [],
        ]  # fmt: skip
        assert [part.is_lowest for part in found] == [False, False, False, False, False, True]

    def test_one_terminated_for_a_later_day_is_withdrawn_from_like_any_other(self, db):
        """S1: it has these credits until its last day. One whose last day comes before the effect says so."""
        elect.prices()
        later, sooner = elect.ready(), elect.ready()
        for contract, last in ((later, EFFECT + 60 * DAY), (sooner, EFFECT - DAY)):
            terminate(contract=contract, last_day=last, reason="Agreed.", by=make.manager(), now=NOW)

        found = parts_of(contracts_on_enterprise_terms(TODAY).order_by("pk"), NOW)

        assert [[one.code for one in part.problems] for part in found] == [[], ["ends_first"]]
        election = elect.election(contracts=[later])
        elect.accepted(election, at=ARRIVED)
        turn(ARRIVED)
        turn(ENDS + MARGIN)
        assert elect.fresh(election).standing == "defaulted_stay"
        assert later.terms_periods.get(days__contains=EFFECT).terms == "standard"

    def test_as_many_questions_for_two_contracts_as_for_one(self, db, django_assert_num_queries):
        elect.prices()
        contracts = [elect.ready() for _ in range(2)]

        with django_assert_num_queries(7):
            parts_of(contracts[:1], NOW)
        with django_assert_num_queries(7):
            parts_of(contracts, NOW)


class TestTwoPeople:
    def test_nobody_releases_what_they_proposed(self, db):
        one = make.approver()
        proposed = elect.proposed(by=one)

        with pytest.raises(Refused) as refused:
            release_withdrawal(withdrawal=proposed, by=one, now=NOW)

        assert code(refused) == "second_person"
        assert not Letter.objects.filter(kind="election_notice").exists()

    def test_who_may_not_approve_does_not_release(self, db):
        with pytest.raises(Refused):
            release_withdrawal(withdrawal=elect.proposed(), by=make.manager(), now=NOW)

    def test_the_database_holds_it_too(self, db):
        withdrawal = elect.proposed(by=make.approver())
        withdrawal.released_by, withdrawal.released_at, withdrawal.state = withdrawal.proposed_by, NOW, "released"

        with pytest.raises(IntegrityError, match="who_releases_is_never_who_proposed"), transaction.atomic():
            withdrawal.save()

    def test_nothing_is_proposed_while_something_stands_in_the_way(self, db):
        withdrawal = elect.prepared(contracts=[elect.ready(), elect.ready(contacts=0)])
        with pytest.raises(Refused) as refused:
            elect.proposed(withdrawal=withdrawal)
        assert code(refused) == "no_contact"

        bad = withdrawal.elections.order_by("pk").last()
        take_out(withdrawal=withdrawal, elections=[bad.pk], by=make.manager(), now=NOW)

        assert propose_withdrawal(withdrawal=withdrawal, by=make.manager(), now=NOW).state == "proposed"

    def test_a_contract_is_in_one_withdrawal_at_a_time(self, waiting):
        with pytest.raises(Refused) as refused:
            elect.prepared(contracts=[waiting.contract])

        assert code(refused) == "one_election_of_a_contract_at_a_time"

    def test_the_figures_are_those_of_the_release(self, running):
        """A price that changes later changes nothing of what was noticed."""
        ListPrice.objects.filter(plan="Professional").update(price=1)
        turn(ENDS + MARGIN)

        assert elect.fresh(running).to_price == 21


class TestTheNotice:
    def test_it_goes_to_contacts_owners_and_signatories(self, db):
        contract = elect.ready(contacts=2)
        people = [make.member(customer=contract.customer, roles=[role]) for role in (Role.SIGNATORY, Role.CLAIMS)]
        election = elect.election(contracts=[contract])

        written = Letter.objects.filter(matter=election.reference)
        assert {one.addressee for one in written if one.person is None} == {
            f"legal{n}@c{contract.pk}.example" for n in range(2)
        }
        assert people[0] in {one.person for one in written}
        assert people[1] not in {one.person for one in written}

    def test_it_says_both_and_what_silence_does(self, waiting):
        said = thawed(elect.notices(waiting)[0].context)

        assert said["shift"]["credit"] == Decimal("15544.11")
        assert said["stay"]["fee"] == Decimal("32.80")
        assert (said["silence"], said["effect"]) == ("stay", EFFECT)


class TestTheClock:
    @pytest.mark.parametrize(
        ("zone", "arrived", "ends"),
        [
            ("America/New_York", "2026-10-28T12:00", "2026-11-05T05:00"),
            ("Pacific/Auckland", "2026-09-22T00:00", "2026-09-29T11:00"),
        ],
    )
    def test_seven_days_of_the_contracts_zone(self, db, zone, arrived, ends):
        at, deadline = (datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (arrived, ends))
        contract = elect.ready(zone=zone, first=date(2026, 1, 1), last=date(2028, 12, 31))
        election = elect.election(contracts=[contract], now=at - HOUR)
        elect.accepted(election, at=at)

        turn(at + DAY)
        found = elect.fresh(election)
        assert (found.state, found.reached_at, found.deadline) == ("open", at, deadline)

        choose(election=found, choice="shift", by=signatory(found), now=deadline - TICK)
        for too_late in (deadline, deadline + TICK):
            with pytest.raises(Refused) as refused:
                choose(election=found, choice="stay", by=signatory(found), now=too_late)
            assert code(refused) == "over"
        turn(deadline + MARGIN - TICK)
        assert elect.fresh(election).state == "open"
        turn(deadline + MARGIN)
        assert elect.fresh(election).standing == "chosen_shift"

    def test_the_first_acceptance_by_any_contact(self, db):
        election = elect.election(contracts=[elect.ready(contacts=2)])
        elect.accepted(election, at=ARRIVED + DAY, contact=0)
        elect.accepted(election, at=ARRIVED, contact=1)
        turn(ARRIVED + 2 * DAY)

        assert elect.fresh(election).reached_at == ARRIVED

    def test_a_copy_to_an_owner_begins_nothing_by_being_taken(self, waiting):
        make.one_of(waiting.contract.customer)
        Letter.objects.filter(matter=waiting.reference, person__isnull=False).update(
            state="accepted", accepted_at=ARRIVED
        )
        turn(ARRIVED + HOUR)

        assert elect.fresh(waiting).state == "sent"

    def test_an_opening_in_the_portal_begins_it_if_earlier(self, waiting):
        open_notice(election=waiting, by=signatory(waiting), now=ARRIVED)
        elect.accepted(waiting, at=ARRIVED + DAY)
        turn(ARRIVED + DAY)

        assert elect.fresh(waiting).reached_at == ARRIVED

    def test_the_confirmation_states_the_deadline(self, running):
        letter = Letter.objects.filter(kind="election_confirmed", person__isnull=True).get()

        assert letter.deadline == ENDS
        assert thawed(letter.context)["effect"] == EFFECT

    def test_reminders_to_the_undecided_only(self, running):
        for before in (3 * DAY, DAY, 4 * HOUR):
            turn(ENDS - before)
        points = Letter.objects.filter(kind="election_reminder", person__isnull=True)
        assert sorted(points.values_list("point", flat=True)) == ["1d", "3d", "4h"]

    def test_none_to_whoever_has_chosen(self, running):
        choose(election=running, choice="stay", by=signatory(running), now=ARRIVED + HOUR)
        turn(ENDS - 3 * DAY)

        assert not Letter.objects.filter(kind="election_reminder").exists()


class TestABounce:
    def test_it_stops_the_period_and_the_next_contact_begins_a_new_one(self, db):
        election = elect.election(contracts=[elect.ready(contacts=2)])
        first = elect.accepted(election, at=ARRIVED)
        turn(ARRIVED)
        second = elect.notices(election)[1]
        came_back(first, ARRIVED + DAY)

        stopped = elect.fresh(election)
        assert (stopped.state, stopped.deadline, stopped.reached_at) == ("sent", None, None)

        Letter.objects.filter(pk=second.pk).update(state="accepted", accepted_at=ARRIVED + 2 * DAY)
        turn(ARRIVED + 2 * DAY)
        assert elect.fresh(election).deadline == ENDS + 2 * DAY

    def test_not_while_another_acceptance_stands(self, db):
        election = elect.election(contracts=[elect.ready(contacts=2)])
        first = elect.accepted(election, at=ARRIVED)
        elect.accepted(election, at=ARRIVED + HOUR, contact=1)
        turn(ARRIVED + HOUR)
        came_back(first, ARRIVED + DAY)

        assert elect.fresh(election).deadline == ENDS

    def test_after_the_period_it_undoes_nothing(self, running):
        came_back(elect.notices(running)[0], ENDS + TICK)
        turn(ENDS + MARGIN)

        assert elect.fresh(running).standing == "defaulted_stay"

    def test_a_new_notice_begins_anew_and_what_was_chosen_under_the_old_one_does_not_count(self, running):
        in_writing(running, "shift", ARRIVED + HOUR)
        renewed(running)
        turn(ENDS + DAY + MARGIN)

        assert elect.fresh(running).deadline == ENDS + DAY
        assert elect.fresh(running).standing == "defaulted_stay"

    def test_the_same_chosen_again_under_the_new_one_counts(self, running):
        in_writing(running, "shift", ARRIVED + HOUR)
        renewed(running)
        choose(election=running, choice="shift", by=signatory(running), now=ARRIVED + 2 * DAY)
        turn(ENDS + DAY + MARGIN)

        assert elect.fresh(running).standing == "chosen_shift"

    def test_it_stops_nothing_where_somebody_has_chosen_in_the_portal(self, running):
        choose(election=running, choice="shift", by=signatory(running), now=ARRIVED + HOUR)
        came_back(elect.notices(running)[0], ARRIVED + DAY)
        turn(ENDS + MARGIN)

        assert (elect.fresh(running).deadline, elect.fresh(running).standing) == (ENDS, "chosen_shift")

    def test_nor_where_they_chose_there_what_had_come_on_paper(self, running):
        """The same again is one choice, but they had the notice before them."""
        on_paper = in_writing(running, "shift", ARRIVED + HOUR)
        by = signatory(running)
        assert choose(election=running, choice="shift", by=by, now=ARRIVED + 2 * HOUR) == on_paper
        came_back(elect.notices(running)[0], ARRIVED + DAY)
        turn(ENDS + MARGIN)

        found = elect.fresh(running)
        assert (found.opened_at, found.opened_by) == (ARRIVED + 2 * HOUR, by)
        assert (found.deadline, found.standing) == (ENDS, "chosen_shift")
        assert Event.objects.get(verb="election.opened", table="").matter == running.reference

    def test_to_look_at_its_page_begins_nothing(self, waiting, signed_in):
        """Decision 026: doubt goes to the customer."""
        address = reverse("election", args=[waiting.reference])
        assert "begin the 7 days" in signed_in(signatory(waiting)).get(address).content.decode()
        turn(ARRIVED)

        assert (elect.fresh(waiting).state, elect.fresh(waiting).opened_at) == ("sent", None)

    def test_it_counts_from_when_it_came_back_not_from_when_we_read_of_it(self, running):
        came_back(elect.notices(running)[0], ENDS - TICK, known=ENDS + MARGIN)
        turn(ENDS + MARGIN)

        assert elect.fresh(running).state == "sent"

    def test_another_notice_wants_a_contact_that_takes_letters(self, running):
        came_back(elect.notices(running)[0], ARRIVED + DAY)
        with pytest.raises(Refused) as refused:
            send_notice_again(election=running, by=make.manager(), now=ARRIVED + DAY)
        assert code(refused) == "no_contact"


class TestTheChoice:
    def test_the_last_state_counts_and_all_are_kept(self, running):
        by = signatory(running)
        for n, choice in enumerate(("shift", "stay", "", "shift")):
            choose(election=running, choice=choice, by=by, now=ARRIVED + (n + 1) * HOUR)
        turn(ENDS + MARGIN)

        assert elect.fresh(running).standing == "chosen_shift"
        assert running.choices.count() == 4
        assert Letter.objects.filter(kind="election_chosen", person=by).count() == 4

    def test_the_same_twice_is_one(self, running):
        by = signatory(running)
        first, second = (choose(election=running, choice="stay", by=by, now=ARRIVED + HOUR) for _ in range(2))

        assert first == second

    def test_taken_back_is_silence(self, running):
        for choice in ("shift", ""):
            choose(election=running, choice=choice, by=signatory(running), now=ARRIVED + HOUR)
        turn(ENDS + MARGIN)

        assert elect.fresh(running).standing == "defaulted_stay"

    def test_not_before_the_notice_has_arrived(self, waiting):
        with pytest.raises(Refused) as refused:
            choose(election=waiting, choice="stay", by=signatory(waiting), now=ARRIVED)
        assert code(refused) == "not_reached"

    def test_an_acceptance_that_the_clock_has_not_seen_yet_counts(self, waiting):
        elect.accepted(waiting, at=ARRIVED)

        choose(election=waiting, choice="stay", by=signatory(waiting), now=ARRIVED + TICK)

        assert elect.fresh(waiting).deadline == ENDS

    def test_in_writing_by_its_arrival_with_its_document(self, running):
        made = in_writing(running, "shift", ENDS - TICK, now=ENDS + TICK)
        turn(ENDS + MARGIN)

        assert elect.fresh(running).standing == "chosen_shift"
        assert made.stored_as
        assert not ElectionChoice.objects.filter(entered_by__isnull=False, stored_as="").exists()

    def test_no_written_choice_without_a_document(self, running):
        with pytest.raises(IntegrityError, match="a_written_choice_has_its_document"), transaction.atomic():
            ElectionChoice.objects.create(
                election=running, choice="stay", received_at=ARRIVED, signer="x", entered_by=make.manager()
            )

    def test_on_the_lowest_plan_only_to_stay(self, db):
        election = elect.election(contracts=[elect.ready(plan="Professional")])
        elect.accepted(election, at=ARRIVED)

        with pytest.raises(Refused) as refused:
            choose(election=election, choice="shift", by=signatory(election), now=ARRIVED)
        assert code(refused) == "lowest"


class TestTheEffect:
    def test_plan_fee_and_terms_change_on_one_day(self, running):
        choose(election=running, choice="shift", by=signatory(running), now=ARRIVED + HOUR)
        turn(ENDS + MARGIN)
        contract, found = running.contract, elect.fresh(running)

        assert (found.settled_at, found.effect_day, found.credit) == (ENDS, EFFECT, Decimal("15544.11"))
        assert [(one.terms, one.days) for one in contract.terms_periods.all()] == [
            ("enterprise", DateRange(make.FIRST, EFFECT)),
            ("standard", DateRange(EFFECT, make.LAST + DAY)),
        ]
        assert [(one.plan, one.days.lower) for one in contract.plans.all()] == [
            ("Business", make.FIRST),
            ("Professional", EFFECT),
        ]
        june = contract.fee_months.filter(month=date(2026, 6, 1))
        assert [(one.cost_per_seat, one.days) for one in june] == [
            (41, DateRange(date(2026, 6, 1), EFFECT)),
            (21, DateRange(EFFECT, date(2026, 7, 1))),
        ]
        assert contract.fee_months.get(month=date(2026, 7, 1)).cost_per_seat == 21

    def test_stay_keeps_the_plan_at_a_fifth_less(self, running):
        turn(ENDS + MARGIN)
        found = elect.fresh(running)

        assert (found.contract.plan, found.contract.discount_percent, found.new_fee) == (
            "Business",
            20,
            Decimal("32.80"),
        )
        assert (found.credit, found.lasts_until) == (None, EFFECT + timedelta(days=245))

    def test_a_plan_agreed_after_the_notice_stays_and_is_put_on_record(self, running):
        change_plan(
            contract=running.contract, plan="Digital Operations", discount_percent=Decimal(10), first=ARRIVED.date(),
            reason="Upgrade.", by=make.manager(), now=ARRIVED + HOUR,
        )  # fmt: skip
        turn(ENDS + MARGIN)
        contract = elect.fresh(running).contract

        assert (contract.plan, contract.discount_percent) == ("Digital Operations", 28)
        assert Event.objects.filter(verb="contract.plan_is_not_the_notices").count() == 1

    def test_past_the_end_of_what_was_paid_ahead_the_next_that_is_paid_counts(self, db):
        contract = elect.ready(paid=False)
        elect.prepaid(contract=contract, last=date(2026, 6, 30))
        elect.prepaid(contract=contract, first=date(2026, 7, 1), last=date(2027, 6, 30))
        election = elect.election(contracts=[contract])
        elect.accepted(election, at=ARRIVED + 30 * DAY)
        turn(ENDS + 30 * DAY + MARGIN)
        found = elect.fresh(election)

        # 347 of 365 days are left on July 19.
        assert (found.effect_day, found.unused) == (date(2026, 7, 18), Decimal("56290.19"))

    def test_silence_is_the_vendors_choice_for_the_contract(self, db):
        withdrawal = elect.prepared()
        election = withdrawal.elections.get()
        record_vendor_choice(election=election, choice="shift", why="Cheaper for them.", by=make.manager(), now=NOW)
        elect.released(withdrawal=withdrawal)
        elect.accepted(election, at=ARRIVED)
        turn(ENDS + MARGIN)

        assert elect.fresh(election).standing == "defaulted_shift"

    def test_weeks_late_the_dates_are_the_same(self, waiting):
        """T3"""
        elect.accepted(waiting, at=ARRIVED)
        turn(ENDS + 20 * DAY)
        turn(ENDS + 20 * DAY)
        found = elect.fresh(waiting)

        assert (found.settled_at, found.effect_day, found.standing) == (ENDS, EFFECT, "defaulted_stay")
        assert set(MissedReminder.objects.values_list("point", flat=True)) == {"3d", "1d", "4h"}
        assert Letter.objects.filter(kind="election_decided", person__isnull=True).count() == 1

    def test_a_failure_before_it_stays_under_enterprise_terms(self, running):
        failed = make.failure(contract=running.contract, began=ENDS - 2 * HOUR, minutes=60, now=ENDS - HOUR)
        turn(ENDS + MARGIN)
        later = make.draft(failure=failed, complete=True, now=ENDS + DAY)

        sent = make.sent_claim(failure=failed) if later is None else later
        assert sent.closes_at > ENDS
        assert TermsPeriod.objects.get(contract=running.contract, terms="enterprise").days.upper == EFFECT

    def test_a_contract_that_ends_first_makes_it_void(self, db):
        contract = elect.ready(last=EFFECT)
        election = elect.election(contracts=[contract])
        elect.accepted(election, at=ARRIVED + 2 * DAY)
        turn(ARRIVED + 2 * DAY)
        turn(ENDS + 5 * DAY)

        assert elect.fresh(election).state == "void"
        assert list(contract.terms_periods.values_list("terms", flat=True)) == ["enterprise"]

    def test_of_one_whose_contract_has_ended_nobody_is_reminded(self, running):
        terminate(contract=running.contract, last_day=ARRIVED.date(), reason="Agreed.", by=make.manager(), now=ARRIVED)
        turn(ENDS - 3 * DAY)

        assert elect.fresh(running).state == "void"
        assert not Letter.objects.filter(kind="election_reminder").exists()

    def test_one_whose_notice_never_arrived_is_void_with_its_contract(self, db):
        election = elect.election(contracts=[elect.ready(last=EFFECT)])
        turn(ENDS + 5 * DAY)

        assert elect.fresh(election).state == "void"


class TestACancellation:
    def test_everybody_who_was_told_is_told(self, running):
        cancel_withdrawal(withdrawal=running.withdrawal, reason="The insurer stays.", by=make.manager(), now=ARRIVED)
        turn(ENDS + MARGIN)

        assert elect.fresh(running).state == "cancelled"
        told = set(Letter.objects.filter(kind="election_notice").values_list("addressee", flat=True))
        assert told == set(Letter.objects.filter(kind="election_cancelled").values_list("addressee", flat=True))
        assert not running.contract.terms_periods.filter(terms="standard").exists()

    @pytest.mark.parametrize("the_clock_ran", [True, False])
    def test_what_took_effect_is_not_undone(self, waiting, the_clock_ran):
        running = waiting
        elect.accepted(waiting, at=ARRIVED)
        if the_clock_ran:
            turn(ENDS + MARGIN)

        with pytest.raises(Refused) as refused:
            cancel_withdrawal(withdrawal=running.withdrawal, reason="No.", by=make.manager(), now=ENDS + DAY)
        assert code(refused) == "took_effect"


@shared
def withdrawn(running: Election) -> Election:
    """It took effect, by silence."""
    turn(ENDS + MARGIN)
    return elect.fresh(running)


class TestWhatFollowsElsewhere:
    @pytest.mark.parametrize(
        ("occurred", "before", "after"),
        [([ENDS - TICK], True, False), ([ENDS], False, True), ([ENDS - DAY, ENDS + DAY], True, True)],
    )
    def test_a_claims_page_says_which_terms_hold_and_why(self, withdrawn, occurred, before, after):
        shown = terms_shown(withdrawn.contract, occurred)

        assert (shown.election, shown.before, shown.after) == (withdrawn, before, after)
        assert terms_shown(make.contract(), occurred) is None

    def test_a_customer_whom_a_notice_reached_is_told_of_the_cancellation_at_that_address(self, running):
        contact = running.contract.customer.legal_contacts.get()
        contact.removed_at, contact.removed_by = ARRIVED, make.manager()
        contact.save()
        cancel_withdrawal(withdrawal=running.withdrawal, reason="No.", by=make.manager(), now=ARRIVED)

        assert Letter.objects.filter(kind="election_cancelled", addressee=contact.email).exists()

    @pytest.mark.parametrize(("occurred", "waits"), [(ENDS - TICK, False), (ENDS, True)])
    def test_what_occurred_after_the_end_is_not_judged_before_the_clock_has_run(self, running, occurred, waits):
        assert takes_effect_before(running.contract, [occurred], ENDS) == (running if waits else None)
        assert takes_effect_before(running.contract, [], ENDS) is None

    def test_what_somebody_else_opens_begins_nothing(self, waiting):
        reader, owner = (
            make.member(customer=waiting.contract.customer, roles=[role]) for role in (Role.READ_ONLY, Role.OWNER)
        )
        letter = elect.notices(waiting)[0]
        Letter.objects.filter(pk=letter.pk).update(text="…")
        open_letter(letter=letter, by=reader, now=ARRIVED)
        turn(ARRIVED + HOUR)
        assert elect.fresh(waiting).state == "sent"

        open_notice(election=waiting, by=owner, now=ARRIVED + HOUR)
        assert elect.fresh(waiting).reached_at == ARRIVED + HOUR

    def test_a_choice_that_was_overtaken_is_told_of_no_more(self, running):
        by = signatory(running)
        for n, choice in enumerate(("shift", "stay")):
            choose(election=running, choice=choice, by=by, now=ARRIVED + (n + 1) * HOUR)
        told = list(Letter.objects.filter(kind="election_chosen", person=by).order_by("pk"))

        assert no_longer_true(told, ARRIVED + DAY) == {told[0].pk}
        assert no_longer_true(told, ENDS) == {one.pk for one in told}

    def test_a_plan_not_sold_any_more_has_its_last_price_not_a_coming_one(self, db):
        elect.prices()
        ListPrice.objects.filter(plan="Business").update(days=DateRange(date(2020, 1, 1), date(2026, 3, 1)))
        enter_price(
            plan="Business", billing_period="month", currency="USD", price=Decimal(65), rank=1, first=date(2027, 1, 1),
            last=None, offered=True, by=make.manager(), now=NOW,
        )  # fmt: skip
        (part,) = parts_of([elect.ready()], NOW)

        assert (part.current.list_price, part.to_plan.key) == (41, "Professional")
