"""E2: an edition of the policy on its way: drafted, changed, proposed, published by a second person; every refusal says why."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from entitlements.actions import editions as actions
from entitlements.actions.refused import Refused
from entitlements.models import ContractYear, Event, PolicyCell, PolicyEdition
from entitlements.rules.cap_values import NOT_AVAILABLE
from entitlements.rules.policy_texts import Session, SharedPool
from tests import factories as make
from tests.factories import NOW

pytestmark = pytest.mark.django_db

NEXT_YEAR = date(2027, 1, 1)


def first_edition():
    return PolicyEdition.objects.published().get()


def draft(*, by=None, valid_from=NEXT_YEAR, name="Second edition"):
    return actions.draft_policy(of=first_edition(), name=name, valid_from=valid_from, by=by or make.manager(), now=NOW)


def text_of(edition):
    return PolicyEdition.objects.with_text().get(pk=edition.pk).text()


def save(edition, *, by=None, turn=None, **changes):
    text = replace(text_of(edition), **changes)
    turn = edition.turn if turn is None else turn
    return actions.save_policy(edition=edition, turn=turn, text=text, by=by or make.manager(), now=NOW)


def with_cap(edition, level, activity, cap):
    return {"cells": {**text_of(edition).cells, (level, activity): cap}}


def proposed(edition, *, by=None):
    return actions.propose_policy(edition=edition, turn=edition.turn, by=by or make.manager(), now=NOW)


def publish(edition, *, by=None, turn=None):
    turn = edition.turn if turn is None else turn
    return actions.publish_policy(edition=edition, turn=turn, by=by or make.approver(), now=NOW)


def refused(action):
    with pytest.raises(Refused) as refusal, transaction.atomic():
        action()
    return [(one.clause, one.code) for one in refusal.value.refusals]


class TestADraft:
    def test_it_says_what_the_edition_says_that_it_comes_from(self):
        made = draft()

        assert replace(text_of(made), name="", valid_from=NEXT_YEAR) == replace(
            text_of(first_edition()), name="", valid_from=NEXT_YEAR
        )
        assert made.state == "draft"

    def test_it_says_what_was_saved_and_the_log_says_what_changed(self):
        made = draft()

        saved = save(made, **with_cap(made, "gold", "roadmap", 5), valid_from=date(2027, 4, 1))

        assert text_of(saved).cells["gold", "roadmap"] == 5
        assert saved.valid_from == date(2027, 4, 1)
        note = Event.objects.get(verb="policy.changed").note
        assert "cap-gold-roadmap: 2 → 5" in note
        assert "valid_from: 2027-01-01 → 2027-04-01" in note

    def test_a_pool_can_come_and_go(self):
        made = draft()
        cells = {
            **text_of(made).cells,
            ("none", "integration"): NOT_AVAILABLE,
            ("none", "product_feature"): NOT_AVAILABLE,
        }
        cells |= {("premium", "integration"): "consultation", ("premium", "product_feature"): "consultation"}

        saved = save(made, cells=cells, pools={("premium", "consultation"): SharedPool("Consultations", 4)})

        facts = PolicyEdition.objects.with_everything().get(pk=saved.pk).facts()
        assert [(pool.level, pool.cap) for pool in facts.pools] == [("premium", 4)]
        assert facts.table("none").line_of("integration").cap is NOT_AVAILABLE

    @pytest.mark.parametrize(
        ("level", "cap", "reason"),
        [
            ("gold", 0, ("E2", "not_a_cap")),
            ("gold", -1, ("E2", "not_a_cap")),
            ("gold", "pool", ("E4", "pool_without_figure")),
        ],
    )
    def test_a_cap_that_cannot_be_is_refused_and_nothing_is_saved(self, level, cap, reason):
        made = draft()

        assert refused(lambda: save(made, **with_cap(made, level, "roadmap", cap))) == [reason]
        assert text_of(made).cells["gold", "roadmap"] == 2

    @pytest.mark.parametrize("minutes", [0, -30])
    def test_a_session_takes_time(self, minutes):
        made = draft()
        sessions = {**text_of(made).sessions, "roadmap": (Session("session", minutes),)}

        assert refused(lambda: save(made, sessions=sessions)) == [("E10", "not_a_length")]

    def test_two_editions_do_not_begin_on_one_day(self):
        draft()

        assert refused(lambda: draft(name="Third edition")) == [("E2", "day_is_taken")]
        assert refused(lambda: draft(valid_from=date(2028, 1, 1))) == [("E2", "name_is_taken")]

    def test_what_two_people_type_at_once_is_not_lost_in_silence(self):
        made = draft()
        save(made, **with_cap(made, "gold", "roadmap", 5))

        assert refused(lambda: save(made, turn=0, **with_cap(made, "gold", "roadmap", 9))) == [
            ("E2", "changed_meanwhile")
        ]

    def test_it_can_be_discarded_and_the_log_keeps_its_lines(self):
        made = draft()

        actions.discard_policy(edition=made, turn=made.turn, by=make.manager(), now=NOW)

        assert list(PolicyEdition.objects.all()) == [first_edition()]
        assert Event.objects.filter(matter="Second edition", verb="policy.discarded").exists()


class TestTwoPeople:
    def test_a_second_person_publishes(self):
        author, second = make.manager(), make.approver()

        published = publish(proposed(draft(by=author), by=author), by=second)

        assert (published.state, published.published_by) == ("published", second)
        assert [one.name for one in PolicyEdition.objects.facts()][-1] == "Second edition"

    def test_whoever_drafted_or_proposed_it_does_not(self):
        author, other = make.approver(), make.approver()
        waiting = proposed(draft(by=author), by=other)

        assert refused(lambda: publish(waiting, by=author)) == [("E2", "second_person")]
        assert refused(lambda: publish(waiting, by=other)) == [("E2", "second_person")]

    def test_nor_somebody_who_may_not_approve(self):
        assert refused(lambda: publish(proposed(draft()), by=make.manager())) == [("E2", "may_not_approve")]

    def test_a_draft_that_nobody_proposed_is_not_published(self):
        assert refused(lambda: publish(draft())) == [("E2", "already_moved_on")]

    def test_what_is_proposed_stays_as_it_is_until_it_is_returned(self):
        made = draft()
        waiting = proposed(made)

        assert refused(lambda: save(waiting)) == [("E2", "already_moved_on")]
        assert refused(
            lambda: actions.discard_policy(edition=waiting, turn=waiting.turn, by=make.manager(), now=NOW)
        ) == [("E2", "already_moved_on")]
        back = actions.return_policy(
            edition=waiting, turn=waiting.turn, reason="One cap is missing.", by=make.approver(), now=NOW
        )
        assert save(back).state == "draft"

    def test_the_second_person_publishes_what_they_read(self):
        made = draft()
        read = proposed(made).turn
        waiting = PolicyEdition.objects.get(pk=made.pk)
        actions.return_policy(edition=waiting, turn=waiting.turn, reason="Once more.", by=make.manager(), now=NOW)
        proposed(PolicyEdition.objects.get(pk=made.pk))

        assert refused(lambda: publish(made, turn=read)) == [("E2", "changed_meanwhile")]

    def test_the_database_holds_both_by_name(self):
        made = draft(by=make.manager())
        rows = PolicyEdition.objects.filter(pk=made.pk)

        with pytest.raises(IntegrityError, match="policy_is_proposed_before_it_is_published"), transaction.atomic():
            rows.update(published_at=NOW, published_by=make.approver())
        proposed(made, by=make.manager())
        for person in (made.drafted_by, PolicyEdition.objects.get(pk=made.pk).proposed_by):
            with pytest.raises(IntegrityError, match="policy_is_published_by_a_second_person"), transaction.atomic():
                rows.update(published_at=NOW, published_by=person)

    def test_the_database_keeps_what_is_proposed(self):
        waiting = proposed(draft())

        with pytest.raises(DatabaseError, match="stays as it was proposed"), transaction.atomic():
            PolicyEdition.objects.filter(pk=waiting.pk).update(advice_wording="Other.")
        with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
            PolicyCell.objects.filter(edition=waiting).update(cap=9)


class TestYearsThatHaveBegun:
    """E2: the edition of a year's first day governs it to its end."""

    def test_an_edition_that_would_take_one_over_is_refused(self):
        make.contract(first=date(2026, 3, 1), last=date(2027, 2, 28))
        made = draft(valid_from=date(2026, 3, 1))

        assert refused(lambda: proposed(made)) == [("E2", "years_have_begun")]

    def test_one_that_begins_the_day_after_is_not(self):
        make.contract(first=date(2026, 3, 1), last=date(2027, 2, 28))

        assert proposed(draft(valid_from=date(2026, 3, 2))).state == "proposed"

    def test_it_is_asked_again_at_publication(self):
        waiting = proposed(draft(valid_from=date(2026, 6, 1)))
        make.contract(first=date(2026, 6, 5), last=date(2027, 6, 4))

        assert refused(lambda: publish(waiting)) == [("E2", "years_have_begun")]


class TestBookings:
    def test_whoever_read_the_caps_of_a_governed_year_reads_them_again(self):
        contract = make.contract()
        turns = ContractYear.objects.filter(contract=contract).order_by("n").values_list("turn", flat=True)
        begun, next_year = turns

        publish(proposed(draft()))

        assert list(turns.all()) == [begun, next_year + 1]

    def test_a_booking_of_next_year_is_decided_by_the_new_caps(self):
        contract = make.contract(level="gold")
        made = draft()
        publish(proposed(save(made, **with_cap(made, "gold", "alert_strategies", NOT_AVAILABLE))))

        make.request(contract=contract, activity="alert_strategies", day=date(2026, 12, 1))
        late = {"contract": contract, "activity": "alert_strategies", "day": date(2027, 2, 1)}
        assert refused(lambda: make.request(**late)) == [("E2", "not_available")]
