"""S16, S19: what an effect does to claims, and what becomes of an election whose contract ends, moves, or whose mail comes back."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from entitlements.actions.contract_states import terminate as terminate_only
from entitlements.actions.zones import change_zone
from entitlements.models import Letter, Role
from entitlements.notices import thawed
from sla.actions.contract_terms import terminate
from sla.actions.elections import choose, enter_written_choice, open_notice, send_notice_again
from sla.assessment import standing_of
from sla.election_letters import no_longer_true
from tests import accounts
from tests import election_factories as elect
from tests import factories as make
from tests.desk import signed_in
from tests.factories import DAY, HOUR, NOW, TODAY
from tests.sla.test_elections import ARRIVED, EFFECT, ENDS, MARGIN, TICK, came_back, signatory, turn
from tests.sla.test_late_choices import code


def end(election, *, last=TODAY, now=ARRIVED + DAY, by=terminate):
    return by(contract=election.contract, last_day=last, reason="Agreed.", by=make.manager(), now=now)


class TestItsClaims:
    def test_an_effect_that_comes_late_recomputes_open_claims_visibly(self, running):
        """S19: the failure was on Enterprise terms while the clock stood, and is on Standard terms with the effect."""
        failed = make.failure(contract=running.contract, began=ENDS + 2 * HOUR, minutes=60, now=ENDS + 4 * HOUR)
        draft = make.draft(failure=failed, complete=True, now=ENDS + 5 * HOUR)
        after, before = (
            make.sent_claim(draft=draft, received_at=ENDS + 6 * HOUR),
            make.sent_claim(contract=running.contract),
        )
        turn(ENDS + DAY)

        told = after.recomputations.get()
        assert f"election {running.reference} took effect" in told.because
        assert told.recomputed_by is None
        assert not before.recomputations.exists()
        page = signed_in(make.manager(), just=ENDS + DAY).get(reverse("admin:claim", args=[after.reference]))
        assert "(the clock)" in page.content.decode()


class TestAContractThatEnds:
    @pytest.mark.parametrize("arrived", [False, True], ids=["on its way", "open"])
    def test_terminated_it_is_void_at_once(self, waiting, arrived):
        if arrived:
            elect.accepted(waiting, at=ARRIVED)
            turn(ARRIVED)
        end(waiting)

        found = elect.fresh(waiting)
        assert (found.state, found.settled_at) == ("void", datetime(2026, 6, 11, 4, tzinfo=UTC))

    @pytest.mark.parametrize("arrived", [False, True], ids=["on its way", "open"])
    def test_by_the_next_turn_where_it_was_ended_elsewhere(self, waiting, arrived):
        """An import ends contracts without knowing of elections."""
        if arrived:
            elect.accepted(waiting, at=ARRIVED)
            turn(ARRIVED)
        end(waiting, by=terminate_only)
        turn(ARRIVED + DAY)

        assert elect.fresh(waiting).state == "void"

    def test_ended_later_it_runs_until_then(self, waiting):
        """The seven days end on June 18; the contract with June 14."""
        elect.accepted(waiting, at=ARRIVED)
        end(waiting, last=date(2026, 6, 14))
        turn(ARRIVED + DAY)
        assert elect.fresh(waiting).state == "open"

        turn(datetime(2026, 6, 15, 4, tzinfo=UTC) + MARGIN)
        assert elect.fresh(waiting).state == "void"

    def test_one_that_was_over_before_takes_effect_all_the_same(self, running):
        """T3: the clock stood at the deadline, and the contract was terminated after it."""
        end(running, last=EFFECT + DAY, now=ENDS + 2 * DAY)
        turn(ENDS + 3 * DAY)

        assert elect.fresh(running).standing == "defaulted_stay"

    def test_its_notice_is_sent_no_more_and_none_is_written(self, waiting):
        notices = list(Letter.objects.filter(matter=waiting.reference))
        assert no_longer_true(notices, ARRIVED) == set()
        end(waiting, last=EFFECT - 2 * DAY, by=terminate_only)

        assert no_longer_true(notices, ARRIVED) == {one.pk for one in notices}
        assert code(lambda: send_notice_again(election=waiting, by=make.manager(), now=ARRIVED)) == "ends_first"
        page = signed_in(make.manager(), just=ARRIVED).get(reverse("admin:election", args=[waiting.reference]))
        assert "Write another notice" not in page.content.decode()

    def test_nobody_opens_the_notice_of_one_that_has_ended(self, waiting):
        end(waiting, by=terminate_only)

        assert code(lambda: open_notice(election=waiting, by=signatory(waiting), now=ARRIVED + DAY)) == "over"


class TestAnotherZone:
    @pytest.mark.parametrize(
        ("zone", "effect"),
        [("Asia/Tokyo", EFFECT + DAY), ("America/Los_Angeles", EFFECT), ("America/New_York", EFFECT)],
    )
    def test_no_effect_begins_before_the_deadline(self, waiting, zone, effect):
        """A failure in the last second before it is on Enterprise terms, wherever the contract's clock is by now."""
        if zone != "America/New_York":
            change_zone(contract=waiting.contract, zone=zone, reason="x", by=make.manager(), now=NOW + TICK)
        elect.accepted(waiting, at=ARRIVED)
        turn(ENDS + MARGIN)

        found = elect.fresh(waiting)
        assert (found.deadline, found.effect_day) == (ENDS, effect)
        assert standing_of(found.contract, ENDS - TICK).standing == "enterprise"
        assert standing_of(found.contract, ENDS + DAY).standing == "standard"

    def test_it_is_void_where_the_contract_has_no_day_after_the_deadline(self, running):
        """The seven days end at nine in the evening of its last day, by the clock that it has by now."""
        change_zone(
            contract=running.contract, zone="America/Los_Angeles", reason="x", by=make.manager(), now=ARRIVED + HOUR
        )
        end(running, last=EFFECT - DAY, by=terminate_only)
        turn(ENDS + MARGIN)
        assert elect.fresh(running).state == "open"

        turn(ENDS + 3 * HOUR + MARGIN)
        found = elect.fresh(running)
        assert (found.state, found.settled_at) == ("void", ENDS + 3 * HOUR)

    def test_the_first_day_after_the_deadline_may_be_one_less_where_it_moved_far_west(self, db):
        """Midnight of January 18 in Auckland is midnight of January 17 in Pago Pago."""
        at = datetime(2027, 1, 10, 0, tzinfo=UTC)
        contract = elect.ready(zone="Pacific/Auckland", first=date(2026, 1, 1), last=date(2028, 12, 31))
        election = elect.election(contracts=[contract], now=at - HOUR)
        elect.accepted(election, at=at)
        turn(at)
        change_zone(contract=contract, zone="Pacific/Pago_Pago", reason="x", by=make.manager(), now=at + HOUR)
        deadline = elect.fresh(election).deadline
        turn(deadline + MARGIN)

        assert (deadline, elect.fresh(election).effect_day) == (
            datetime(2027, 1, 17, 11, tzinfo=UTC),
            date(2027, 1, 17),
        )


class TestALetterThatCameBack:
    def test_another_contact_gets_it_though_an_owner_has_a_copy(self, db):
        contract = elect.ready()
        owner = make.member(customer=contract.customer, roles=[Role.OWNER])
        waiting = elect.election(contracts=[contract])
        first = elect.notices(waiting)[0]
        assert Letter.objects.filter(matter=waiting.reference, person=owner).exists()
        elect.accepted(waiting, at=ARRIVED)
        accounts.contact(customer=waiting.contract.customer, email="next@acme.example", confirmed=True)
        came_back(first, ARRIVED + DAY)

        again = Letter.objects.get(kind="election_notice", addressee="next@acme.example")
        assert (again.point, again.person) == (first.point, None)


class TestAChoiceThatIsNotTheLast:
    @pytest.mark.parametrize(("then", "stands"), [("shift", "shift"), ("", "")])
    def test_its_letter_says_what_stands(self, running, then, stands):
        by = signatory(running)
        for n, choice in enumerate(("stay", then)):
            choose(election=running, choice=choice, by=by, now=ARRIVED + (n + 2) * HOUR)
        enter_written_choice(
            election=running, choice="stay", signer="J. Legal", received_at=ARRIVED + HOUR, file=elect.document(),
            by=make.manager(), now=ARRIVED + DAY,
        )  # fmt: skip

        told = [thawed(one.context) for one in Letter.objects.filter(kind="election_chosen", person=by).order_by("pk")]
        assert [one["overtaken"] for one in told] == [False, False, True]
        assert told[-1]["stands"] == stands
