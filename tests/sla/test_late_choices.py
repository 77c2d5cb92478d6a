"""S16, S17: a choice in writing that is entered after the effect takes two people; what an election credits has a memo with a number."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from entitlements.actions.contract_states import terminate
from entitlements.actions.fees import Fee, enter_month
from entitlements.actions.plans import change_plan
from entitlements.actions.refused import Refused
from entitlements.models import Contract, Letter
from entitlements.server_zones import SAME_CLOCK
from sla.actions import election_effects
from sla.actions.late_choices import confirm_late_choice, enter_late_choice, return_late_choice
from sla.actions.withdrawals import record_vendor_choice
from sla.letter_papers import papers_of
from sla.models import Election, ElectionChoice, LateChoice, ShiftMemo
from sla.shift_memos import paper_of
from tests import election_factories as elect
from tests import factories as make
from tests.desk import signed_in
from tests.factories import DAY, HOUR, NOW
from tests.shared import shared
from tests.sla.test_elections import ARRIVED, EFFECT, ENDS, MARGIN, TICK, signatory, turn

LATER = ENDS + 3 * DAY
CREDIT = Decimal("15544.11")


@shared
def order() -> Contract:
    """A contract that can be withdrawn from, with the prices on record."""
    elect.prices()
    return elect.ready()


@shared
def stayed() -> Election:
    """It took effect by silence: they stay."""
    election = elect.election()
    elect.accepted(election, at=ARRIVED)
    turn(ENDS + MARGIN)
    return elect.fresh(election)


@shared
def shifted() -> Election:
    """It took effect by the customer's choice in the portal."""
    return elect.shifted(contract=make.contract())


@shared
def entered(stayed) -> LateChoice:
    return enter(stayed)


def enter(election, choice="shift", *, received_at=ENDS - TICK, by=None):
    return enter_late_choice(
        election=election, choice=choice, signer="J. Legal", received_at=received_at, file=elect.document(),
        by=by or make.manager(), now=LATER,
    )  # fmt: skip


def confirm(late, by=None):
    return confirm_late_choice(late=late, by=by or make.approver(), now=LATER + HOUR)


def agree(election, *, plan="Digital Operations", discount=0):
    """Another plan, an hour after the notice arrived."""
    told = {"first": ARRIVED.date(), "reason": "Upgrade.", "by": make.manager(), "now": ARRIVED + HOUR}
    change_plan(contract=election.contract, plan=plan, discount_percent=Decimal(discount), **told)


def put_down_as_before(election, *outcome, put_down=election_effects._put_down):
    """As the program did that does not know of what held."""
    nothing = {"held_plan": "", "held_discount_percent": None, "held_cost": None, "held_costs": None}
    held = {name: getattr(election, name) for name in nothing}
    vars(election).update(nothing)
    put_down(election, *outcome)
    vars(election).update(held)


def code(act):
    with pytest.raises(Refused) as refused_:
        act()
    return refused_.value.refusals[0].code


def refused(name, write):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        write()


class TestTwoPeople:
    def test_entered_it_changes_nothing(self, stayed, entered):
        found = elect.fresh(stayed)

        assert (found.standing, found.choices.count(), ShiftMemo.objects.count()) == ("defaulted_stay", 0, 0)
        assert enter(stayed) == entered, "X9: the same again is one"
        assert code(lambda: enter(stayed, "")) == "entered"

    def test_confirmed_it_counts_from_the_effect_on(self, stayed, entered):
        confirm(entered)

        found = elect.fresh(stayed)
        assert (found.standing, found.credit, found.lasts_until) == ("chosen_shift", CREDIT, None)
        assert [(one.plan, one.days.lower) for one in found.contract.plans.all()] == [
            ("Business", make.FIRST),
            ("Professional", EFFECT),
        ]
        assert found.contract.fee_months.get(month=date(2026, 7, 1)).cost_per_seat == 21
        assert Letter.objects.filter(kind="election_decided", person__isnull=True).count() == 2
        made = found.choices.get()
        assert (made.entered_by, made.late.approved_by is not None) == (entered.proposed_by, True)
        assert code(lambda: enter(found)) == "entered"

    @pytest.mark.parametrize(
        ("vendors", "late"), [("stay", ["stay"]), ("shift", ["stay"]), ("stay", ["shift", "stay"])]
    )
    def test_who_stays_at_last_keeps_the_plan_that_was_agreed_after_the_notice(self, order, vendors, late):
        """S17: only its fee is reduced, once, whichever way the outcome took."""
        withdrawal = elect.prepared(contracts=[order])
        election = withdrawal.elections.get()
        record_vendor_choice(election=election, choice=vendors, why="Ours.", by=make.manager(), now=NOW)
        elect.released(withdrawal=withdrawal)
        elect.accepted(election, at=ARRIVED)
        change_plan(
            contract=election.contract, plan="Digital Operations", discount_percent=Decimal(10), first=ARRIVED.date(),
            reason="Upgrade.", by=make.manager(), now=ARRIVED + HOUR,
        )  # fmt: skip
        election.contract.fee_months.filter(month__gte=date(2026, 6, 1)).update(cost_per_seat=50)
        turn(ENDS + MARGIN)
        for n, choice in enumerate(late):
            confirm(enter(election, choice, received_at=ENDS - DAY + n * HOUR))

        found = elect.fresh(election)
        assert (found.standing, found.contract.plan) == ("chosen_stay", "Digital Operations")
        assert found.contract.discount_percent == 28
        assert found.contract.fee_months.get(month=date(2026, 7, 1)).cost_per_seat == 40

    def test_who_stays_on_another_plan_pays_less_of_what_each_month_costs(self, order):
        """S17, S11: nothing is on record for the month of effect, and August is dearer than July."""
        election = elect.election(contracts=[order], vendor_choice="stay", vendor_choice_why="Ours.")
        elect.accepted(election, at=ARRIVED)
        change_plan(
            contract=election.contract, plan="Digital Operations", discount_percent=Decimal(0), first=ARRIVED.date(),
            reason="Upgrade.", by=make.manager(), now=ARRIVED + HOUR,
        )  # fmt: skip
        months = election.contract.fee_months
        months.filter(month=date(2026, 6, 1)).delete()
        months.filter(month=date(2026, 7, 1)).update(cost_per_seat=60)
        months.filter(month__gte=date(2026, 8, 1)).update(cost_per_seat=70)

        turn(ENDS + MARGIN)

        shown = months.filter(month__range=(date(2026, 5, 1), date(2026, 9, 1))).order_by("month")
        assert list(shown.values_list("month__month", "cost_per_seat")) == [(5, 41), (7, 48), (8, 56), (9, 56)]

    def test_who_stays_at_last_pays_less_of_what_each_month_cost_before_the_shift(self, order):
        """S17, S11, T4: the shift wrote its one cost over the months; of a line that was put on record since then, and of one that was
        corrected, the last word stands."""
        election = elect.election(contracts=[order], vendor_choice="shift", vendor_choice_why="Ours.")
        elect.accepted(election, at=ARRIVED)
        agree(election)
        months = election.contract.fee_months
        months.filter(month=date(2026, 7, 1)).update(cost_per_seat=60)
        months.filter(month__gte=date(2026, 8, 1)).update(cost_per_seat=Decimal("70.33"))
        months.filter(month=date(2026, 11, 1)).delete()
        turn(ENDS + MARGIN)
        months.create(month=date(2026, 11, 1), cost_per_seat=21, paid_seats=120)
        months.filter(month=date(2026, 10, 1)).update(cost_per_seat=90)
        assert months.get(month=date(2026, 8, 1)).cost_per_seat == 21

        def shown():
            found = months.filter(month__range=(date(2026, 6, 1), date(2026, 11, 1))).order_by("month", "days")
            return [f"{one.month:%B} {one.cost_per_seat:f}" for one in found]

        kept = [
            *("June 41.000000", "June 32.800000", "July 48.000000", "August 56.264000", "September 56.264000"),
            *("October 72.000000", "November 32.800000"),
        ]
        assert self.stays_twice(election, shown) == (kept, kept)

    @pytest.mark.parametrize(("chosen", "late", "then"), [("shift", "stay", "32.8"), ("stay", "shift", "21")])
    def test_what_is_paid_for_a_plan_agreed_for_a_later_day_stays(self, order, chosen, late, then):
        """S16, S17: two days after the effect they upgraded, and what that costs was put on record."""
        election = elect.election(contracts=[order], vendor_choice=chosen, vendor_choice_why="Ours.")
        elect.accepted(election, at=ARRIVED)
        turn(ENDS + MARGIN)
        contract, upgraded, by = elect.fresh(election).contract, EFFECT + 2 * DAY, make.manager()
        told = {"first": upgraded, "reason": "Upgrade.", "by": by, "now": LATER}
        change_plan(contract=contract, plan="Digital Operations", discount_percent=Decimal(0), **told)
        june, july = date(2026, 6, 1), date(2026, 7, 1)
        first = contract.fee_months.get(days__startswith=EFFECT)
        lines = [Fee(41, 120, DateRange(june, EFFECT)), Fee(first.cost_per_seat, 120, DateRange(EFFECT, upgraded))]
        lines.append(Fee(59, 120, DateRange(upgraded, july)))
        enter_month(contract=contract, month=june, lines=lines, reason="Upgrade.", by=by, now=LATER)
        contract.fee_months.filter(month__gte=july).update(cost_per_seat=59)

        confirm(enter(election, late))

        shown = contract.fee_months.filter(month__range=(june, july)).order_by("month", "days")
        assert [one.cost_per_seat for one in shown] == [41, Decimal(then), 59, 59]
        assert contract.plans.get(days__startswith=upgraded).plan == "Digital Operations"

    def test_a_line_of_fees_ends_where_a_plan_agreed_for_a_later_day_begins(self, stayed):
        """S17, S11: June is one line from the effect on, and the upgrade begins amid it: what it says of those days stays."""
        contract, upgraded = stayed.contract, date(2026, 6, 25)
        told = {"first": upgraded, "reason": "Upgrade.", "by": make.manager(), "now": LATER + 7 * DAY}
        change_plan(contract=contract, plan="Digital Operations", discount_percent=Decimal(0), **told)
        for n, (choice, then) in enumerate((("shift", "21.00"), ("stay", "32.80"), ("shift", "21.00"))):
            confirm(enter(elect.fresh(stayed), choice, received_at=ENDS - (3 - n) * TICK))

            june = contract.fee_months.filter(month=date(2026, 6, 1)).order_by("days")
            assert [(one.days.lower.day, one.cost_per_seat) for one in june] == [
                (1, 41), (18, Decimal(then)), (25, Decimal("32.80")),
            ]  # fmt: skip

    def test_a_line_that_reaches_beyond_the_contract_stays_one(self, db):
        """S11: no other plan was agreed for a later day, so nothing is split."""
        election = elect.election(contracts=[elect.ready(last=date(2026, 7, 14))])
        elect.accepted(election, at=ARRIVED)
        turn(ENDS + MARGIN)

        july = election.contract.fee_months.get(month=date(2026, 7, 1))
        assert (july.days, july.cost_per_seat) == (None, Decimal("32.80"))

    def stays_twice(self, election, shown):
        """What is shown once staying is confirmed, and once it is again after a shift in between."""
        found = []
        for n, choice in enumerate(("stay", "shift", "stay")):
            confirm(enter(election, choice, received_at=ENDS - DAY + n * HOUR))
            found.append(shown())
        at_once, shifted, at_last = found
        assert shifted != at_once
        return at_once, at_last

    @pytest.mark.parametrize("before_the_clock", [True, False])
    def test_who_stays_at_last_keeps_the_plan_that_began_on_the_day_of_effect(self, order, before_the_clock):
        """S17, T4: it was put on record that morning, before the clock ran or after; the shift wrote over it, or it over the shift."""
        election = elect.election(contracts=[order], vendor_choice="shift", vendor_choice_why="Ours.")
        elect.accepted(election, at=ARRIVED)
        election.contract.fee_months.filter(month=date(2026, 6, 1)).update(cost_per_seat=50)

        def agree():
            told = {"first": EFFECT, "reason": "Upgrade.", "by": make.manager(), "now": ENDS + MARGIN}
            change_plan(contract=election.contract, plan="Digital Operations", discount_percent=Decimal(10), **told)

        if before_the_clock:
            agree()
        turn(ENDS + MARGIN)
        if not before_the_clock:
            agree()

        def shown():
            found = elect.fresh(election)
            fee = found.contract.fee_months.get(month=date(2026, 6, 1), days__startswith=EFFECT).cost_per_seat
            began = found.contract.plans.get(days__startswith=EFFECT).plan
            held = found.held_plan, found.held_discount_percent
            return found.standing, held, found.contract.plan, found.contract.discount_percent, began, fee

        kept = ("chosen_stay", ("Digital Operations", 10), "Digital Operations", 28, "Digital Operations", 40)
        assert self.stays_twice(election, shown) == (kept, kept)

    @pytest.mark.parametrize(("vendors", "late"), [("shift", ["stay"]), ("stay", ["shift", "stay"])])
    @pytest.mark.parametrize(("plan", "reduced"), [("Business", 20), ("Digital Operations", 28)])
    def test_of_one_that_the_program_of_before_decided_the_day_before_tells_what_held(
        self, order, monkeypatch, vendors, late, plan, reduced
    ):
        """P25: it goes on beside the new one for a while, and keeps nothing of it."""
        election = elect.election(contracts=[order], vendor_choice=vendors, vendor_choice_why="Ours.")
        elect.accepted(election, at=ARRIVED)
        if plan != "Business":
            told = {"first": ARRIVED.date(), "reason": "Upgrade.", "by": make.manager(), "now": ARRIVED + HOUR}
            change_plan(contract=election.contract, plan=plan, discount_percent=Decimal(10), **told)
        cost = election.contract.fee_months.get(month=date(2026, 6, 1)).cost_per_seat
        with monkeypatch.context() as of_before:
            of_before.setattr(election_effects, "_put_down", put_down_as_before)
            turn(ENDS + MARGIN)
        assert elect.fresh(election).held_plan == ""
        for n, choice in enumerate(late):
            confirm(enter(election, choice, received_at=ENDS - DAY + n * HOUR))

        found = elect.fresh(election)
        assert (found.standing, found.contract.plan, found.contract.discount_percent) == ("chosen_stay", plan, reduced)
        assert found.held_cost == cost
        assert found.contract.fee_months.get(month=date(2026, 7, 1)).cost_per_seat == cost * Decimal("0.8")

    def test_a_fee_entered_since_stays_where_only_whose_choice_it_is_changes(self, stayed):
        stayed.contract.fee_months.filter(month=date(2026, 7, 1)).update(cost_per_seat=7)
        confirm(enter(stayed, "stay"))

        assert elect.fresh(stayed).standing == "chosen_stay"
        assert stayed.contract.fee_months.get(month=date(2026, 7, 1)).cost_per_seat == 7

    @pytest.mark.parametrize(("who", "why"), [("who entered it", "second_person"), ("who may not", "may_not_approve")])
    def test_who_may_not_confirm_it(self, stayed, who, why):
        by = make.approver()
        late = enter(stayed, by=by)

        assert code(lambda: confirm(late, by if who == "who entered it" else make.manager())) == why

    def test_what_arrived_at_the_deadline_is_late(self, stayed):
        assert code(lambda: enter(stayed, received_at=ENDS)) == "over"

    @pytest.mark.parametrize("received_at", [ARRIVED + HOUR, ENDS - TICK], ids=["before the last day", "after it"])
    def test_it_counts_no_more_once_the_contract_was_ended_before_the_deadline(self, stayed, received_at):
        late = enter(stayed, received_at=received_at)
        terminate(contract=stayed.contract, last_day=EFFECT - 3 * DAY, reason="Agreed.", by=make.manager(), now=LATER)

        assert code(lambda: confirm(late)) == "ended_before"
        return_late_choice(late=late, reason="It has ended.", by=make.manager(), now=LATER)
        assert code(lambda: enter(stayed)) == "ended_before"

    def test_given_back_it_is_nothing_and_another_can_be_entered(self, stayed, entered):
        return_late_choice(late=entered, reason="Another contract.", by=make.manager(), now=LATER)

        assert code(lambda: confirm(entered)) == "settled"
        assert enter(stayed).waits


class TestTheDatabase:
    def test_no_choice_comes_to_a_settled_election_but_by_two(self, stayed, entered):
        said = {name: getattr(entered, name) for name in ("choice", "received_at", "signer", "stored_as", "sha256")}
        one = {**said, "election": stayed, "entered_by": entered.proposed_by}
        name = "a_choice_entered_late_has_two_people"
        refused(name, lambda: ElectionChoice.objects.create(**one))
        refused(name, lambda: ElectionChoice.objects.create(**one, late=entered))
        in_portal = {"choice": "shift", "received_at": ENDS - TICK, "signer": "x", "chosen_by": make.member()}
        refused(name, lambda: ElectionChoice.objects.create(election=stayed, **in_portal))

        LateChoice.objects.filter(pk=entered.pk).update(approved_at=LATER, approved_by=make.approver())
        refused(name, lambda: ElectionChoice.objects.create(**{**one, "choice": "stay"}, late=entered))
        ElectionChoice.objects.create(**one, late=entered)

    @pytest.mark.parametrize(
        ("constraint", "values"),
        [
            ("a_late_choice_has_two_people", lambda one: {"approved_by": one.proposed_by}),
            ("approved_by_who_may_approve", lambda one: {"approved_by": make.manager()}),
            ("late_choice_approved_at_and_by_go_together", lambda one: {"approved_at": None, "approved_by_id": 1}),
            (
                "a_late_choice_is_approved_or_returned",
                lambda one: {"approved_by": make.approver(), "returned_at": LATER, "returned_by": make.manager()},
            ),
        ],
    )
    def test_who_settles_one(self, stayed, constraint, values):
        late = enter(stayed, by=make.approver())
        change = {"approved_at": LATER, **values(late)}
        refused(constraint, lambda: LateChoice.objects.filter(pk=late.pk).update(**change))

    @pytest.mark.parametrize(
        ("constraint", "values"),
        [
            ("a_late_choice_has_its_document", {"sha256": ""}),
            ("a_late_choice_arrived_before_it_is_entered", {"received_at": LATER + TICK}),
            ("one_late_choice_waits_for_an_election", {}),
        ],
    )
    def test_each_is_one(self, entered, constraint, values):
        entered.pk = None
        for name, value in values.items():
            setattr(entered, name, value)
        refused(constraint, lambda: entered.save(force_insert=True))

    def test_what_came_of_it_changes_with_no_other_choice(self, stayed):
        refused("what_came_of_an_election_stays", lambda: Election.objects.filter(pk=stayed.pk).update(credit=1))

    @pytest.mark.parametrize("zone", ["America/New_York", *SAME_CLOCK])
    def test_no_election_takes_effect_before_its_deadline(self, db, zone):
        election = elect.election(contracts=[elect.ready(zone=zone)])
        elect.accepted(election, at=ARRIVED)
        turn(ARRIVED)
        done = {
            "state": "decided",
            "choice": "stay",
            "decided_by": "vendor",
            "settled_at": ENDS,
            "new_fee": 1,
            "remind_at": None,
        }
        rows = Election.objects.filter(pk=election.pk)
        refused("an_effect_follows_the_deadline", lambda: rows.update(**done, effect_day=EFFECT - DAY))
        rows.update(**done, effect_day=EFFECT)


class TestTheMemo:
    def test_numbered_without_gaps_for_what_is_credited(self, shifted):
        memo = shifted.memos.get()

        assert (memo.number, memo.memo_number, memo.amount, memo.issued_at) == (1, "SM-000001", CREDIT, ENDS)
        more = {
            "election": shifted,
            "customer": memo.customer,
            "currency": "USD",
            "made_out_to": "x",
            "issued_at": ENDS,
        }
        refused("a_shift_memo_is_as_its_election_says", lambda: ShiftMemo.objects.create(**more, amount=1))
        confirm(enter(shifted, "stay"))
        assert shifted.memos.latest("pk").number == 2, "a number that was given back is given again"

    def test_who_stays_has_none(self, stayed):
        assert not stayed.memos.exists()

    def test_another_outcome_is_another_memo(self, shifted):
        confirm(enter(shifted, "stay"))

        assert [(one.number, one.amount, one.choice and one.choice.choice) for one in shifted.memos.order_by("pk")] == [
            (1, CREDIT, None),
            (2, -CREDIT, "stay"),
        ]
        letters = Letter.objects.filter(kind="election_decided", matter=shifted.reference, person__isnull=True)
        assert [[name for name, _ in papers_of(one)] for one in letters.order_by("pk")] == [
            [f"{shifted.reference}.pdf", "SM-000001.pdf"],
            [f"{shifted.reference}.pdf", "SM-000002.pdf"],
        ]

    def test_the_same_bytes_whenever_it_is_asked_for(self, shifted):
        first = paper_of(shifted.memos.get())
        confirm(enter(shifted, "stay"))

        assert first.startswith(b"%PDF")
        assert paper_of(ShiftMemo.objects.get(number=1)) == first

    def test_one_that_takes_back_does_not_say_that_it_credits(self, shifted, monkeypatch):
        monkeypatch.setattr("sla.shift_memos.pdf.paper", lambda **said: said)
        confirm(enter(shifted, "stay"))

        credited, back = (paper_of(one) for one in shifted.memos.order_by("number"))
        assert (credited["title"], back["title"]) == ("Credit memo SM-000001", "Correction of a credit memo: SM-000002")
        assert "left over of what was paid ahead" in credited["sections"][0]["text"][0]
        assert "takes back what an earlier memo" in back["sections"][0]["text"][0]

    @pytest.mark.parametrize(
        ("constraint", "values"),
        [
            ("a_shift_memo_is_as_its_election_says", {"amount": 1}),
            ("a_shift_memo_is_about_a_sum", {"amount": 0}),
        ],
    )
    def test_no_other_sum_than_the_elections(self, shifted, constraint, values):
        memo = shifted.memos.get()
        given = {
            "election": shifted,
            "customer": memo.customer,
            "currency": "USD",
            "made_out_to": "x",
            "issued_at": ENDS,
        }
        refused(constraint, lambda: ShiftMemo.objects.create(**{**given, **values}))
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            ShiftMemo.objects.filter(pk=memo.pk).update(amount=2)


class TestThePages:
    def test_confirmed_on_the_page_of_the_election(self, stayed, entered, clock):
        clock(LATER)
        page = reverse("admin:election", args=[stayed.reference])
        own, other = (signed_in(one, just=LATER) for one in (entered.proposed_by, make.approver()))

        assert "somebody else confirms it" in own.get(page).content.decode()
        assert "It counts once somebody else has confirmed it" in other.get(page).content.decode()
        assert stayed.reference in other.get(reverse("admin:sla_latechoice_changelist")).content.decode()
        other.post(reverse("admin:confirm_late_election", args=[stayed.reference, entered.pk]))
        shown = other.get(page).content.decode()
        assert f"confirmed by {LateChoice.objects.get().approved_by}" in shown
        assert "SM-000001" in shown
        assert "SM-000001" in other.get(reverse("admin:sla_shiftmemo_changelist")).content.decode()
        as_file = other.get(reverse("admin:sla_shiftmemo_changelist"), {"format": "csv"})
        assert b"15544.11" in b"".join(as_file.streaming_content)
        of_elections = other.get(reverse("admin:sla_election_changelist"), {"format": "csv"})
        assert stayed.memos.get().memo_number.encode() in b"".join(of_elections.streaming_content)
        assert other.get(reverse("admin:election_memo", args=[stayed.reference, 1])).content.startswith(b"%PDF")

    @pytest.mark.parametrize("act", ["confirm_late_election", "return_late_election"])
    def test_what_was_entered_since_the_page_was_shown_is_not_settled_by_it(self, stayed, entered, clock, act):
        """S19: else somebody confirms what they never saw."""
        return_late_choice(late=entered, reason="The other option.", by=entered.proposed_by, now=LATER)
        since = enter(stayed, "stay")
        browser = signed_in(make.approver(), just=LATER)
        shown = browser.get(reverse("admin:election", args=[stayed.reference])).content.decode()
        assert reverse(f"admin:{act}", args=[stayed.reference, since.pk]) in shown

        answer = browser.post(
            reverse(f"admin:{act}", args=[stayed.reference, entered.pk]), {"return-reason": "Not theirs."}
        )
        assert "settled meanwhile" in answer.content.decode()
        assert LateChoice.objects.get(pk=since.pk).waits

    def test_given_back_with_a_reason(self, stayed, entered, clock):
        browser = signed_in(make.manager(), just=LATER)
        address = reverse("admin:return_late_election", args=[stayed.reference, entered.pk])

        assert "Error" in browser.post(address).content.decode()
        browser.post(address, {"return-reason": "Another contract."})
        page = browser.get(reverse("admin:election", args=[stayed.reference]))
        assert "Another contract." in page.content.decode()

    def test_the_customer_has_it_beside_its_credits(self, shifted, clock, django_assert_max_num_queries):
        browser, other = signed_in(signatory(shifted)), signed_in(make.member())
        memo = reverse("election_memo", args=[shifted.reference, 1])

        shown = browser.get(reverse("credit_list")).content.decode()
        assert memo in shown
        assert "15,544.11" in shown
        assert memo in browser.get(reverse("election", args=[shifted.reference])).content.decode()
        assert browser.get(memo).content.startswith(b"%PDF")
        assert other.get(memo).status_code == 404
        assert "SM-0" not in other.get(reverse("credit_list")).content.decode()
