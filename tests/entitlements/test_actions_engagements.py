"""The verbs of an engagement: what each does, and what each refuses. The ledger that they keep is in test_usage_ledger.py."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from entitlements.actions import engagements as act
from entitlements.actions.engagements import PlannedSession
from entitlements.actions.moves import move_request
from entitlements.actions.refused import Refused
from entitlements.actions.zones import change_zone
from entitlements.models import Contract, Engagement, Event, Letter, UsageEntry
from tests import factories as make
from tests.factories import DAY, HOUR, NOW, TODAY

pytestmark = pytest.mark.django_db

Side = Engagement.Side


def refusal(action, **handed_in):
    """The one refusal of an action that is refused, as (clause, code); what it left behind is nothing."""
    with pytest.raises(Refused) as refused:
        action(**handed_in)

    (one,) = refused.value.refusals
    assert one.sentence
    return one.clause, one.code


def refused_request(**fields):
    with pytest.raises(Refused) as refused:
        make.request(**fields)
    return refused.value.refusals


def ledger(engagement):
    return list(engagement.usage.values_list("kind", "places", "day"))


def used(contract, n=1):
    return UsageEntry.used_in(contract.years.get(n=n))


class TestARequest:
    """E5, E11, E12: it holds its place from now on, with both confirmations on record."""

    def test_it_holds_a_place_on_its_wished_day(self, gold):
        engagement = make.request(contract=gold, day=TODAY + 20 * DAY)

        assert (engagement.state, engagement.day) == ("requested", TODAY + 20 * DAY)
        assert ledger(engagement) == [("hold", 1, TODAY + 20 * DAY)]
        assert used(gold) == 1

    def test_it_records_who_accepted_what_and_when(self, requested):
        assert requested.advice_wording == make.WORDING
        assert requested.advice_accepted_at == requested.preparation_confirmed_at == NOW
        assert requested.advice_accepted_by == requested.preparation_confirmed_by == requested.requested_by

    @pytest.mark.parametrize("other", ["activity", "wished_day", "by"])
    def test_the_same_form_with_other_answers_is_refused(self, other, gold):
        """X9"""
        form = {
            "contract": gold,
            "activity": make.activity("integration"),
            "wished_day": TODAY,
            "advice_wording": make.WORDING,
            "by": make.one_of(gold.customer),
            "form_key": uuid.uuid4(),
            "now": NOW,
        }
        act.request_engagement(**form)
        others = {
            "activity": make.activity("roadmap"),
            "wished_day": TODAY + DAY,
            "by": make.member(customer=gold.customer),
        }

        with pytest.raises(Refused, match="sent already with other answers"):
            act.request_engagement(**form | {other: others[other]})

    def test_sent_twice_it_asks_once(self, gold):
        key = uuid.uuid4()
        form = {
            "contract": gold,
            "activity": make.activity("integration"),
            "wished_day": TODAY,
            "advice_wording": make.WORDING,
            "by": make.one_of(gold.customer),
            "form_key": key,
        }

        first, second = (act.request_engagement(**form, now=NOW + n * HOUR) for n in range(2))

        assert first == second
        assert used(gold) == 1

    @pytest.mark.parametrize(
        ("day", "expected"),
        [
            (TODAY - DAY, ("E5", "in_the_past")),
            (make.FIRST - DAY, ("E14", "outside_term")),
            (make.LAST + DAY, ("E14", "outside_term")),
        ],
    )
    def test_a_day_that_cannot_be_is_refused(self, day, expected, gold):
        assert refusal(make.request, contract=gold, day=day) == expected

    @pytest.mark.parametrize("day", [TODAY, make.LAST], ids=["today", "the term's last day"])
    def test_the_first_and_the_last_day_that_can_be_are_taken(self, day):
        assert make.request(day=day).day == day

    def test_today_is_the_contracts_own(self):
        auckland = make.contract(zone="Pacific/Auckland")

        assert refusal(make.request, contract=auckland, day=TODAY) == ("E5", "in_the_past")

    @pytest.mark.parametrize(
        ("level", "activity", "places"),
        [("gold", "integration", 6), ("premium", "product_feature", 1), ("none", "integration", 1)],
    )
    def test_the_one_over_the_cap_is_refused(self, level, activity, places):
        contract = make.contract(level=level)
        for _ in range(places):
            make.request(contract=contract, activity=activity)

        assert refusal(make.request, contract=contract, activity=activity) == ("E6", "cap_used_up")
        assert used(contract) == places

    def test_the_pool_is_one_for_both_of_its_activities(self):
        """E4"""
        contract = make.contract(level="none")
        make.request(contract=contract, activity="integration")

        assert refusal(make.request, contract=contract, activity="product_feature") == ("E6", "cap_used_up")

    def test_what_is_not_available_is_not_called_used_up(self):
        """E2"""
        contract = make.contract(level="silver")

        assert refusal(make.request, contract=contract, activity="alert_strategies") == ("E2", "not_available")

    def test_the_refusal_says_when_the_next_place_opens(self):
        """E7"""
        contract = make.contract(level="premium")
        make.request(contract=contract, activity="maturity")

        with pytest.raises(Refused, match="next place opens on January 1, 2027"):
            make.request(contract=contract, activity="maturity")

    def test_the_next_place_is_one_on_which_the_product_is_there(self):
        """E7, E9"""
        contract = make.contract(level="none", products=["im"])
        contract.products.update(days=DateRange(make.FIRST, date(2027, 1, 1)))
        make.request(contract=contract)

        assert "No further place opens" in refused_request(contract=contract)[0].what_helps

        contract.products.create(product_id="aiops", days=DateRange(date(2027, 3, 1), contract.term.upper))
        assert "The next place opens on March 1, 2027." in refused_request(contract=contract)[0].what_helps

    def test_a_contract_year_is_over_with_its_stored_end_whatever_zone_the_contract_has_by_then(self):
        """E3: in Los Angeles it is still its last day; what is asked for then would lapse with the next turn of the clock."""
        contract = make.contract(zone="Europe/Berlin", first=date(2025, 6, 12), last=date(2027, 6, 11))
        change_zone(contract=contract, zone="America/Los_Angeles", reason="x", by=make.manager(), now=NOW)
        contract.refresh_from_db()
        year = contract.years.get(n=1)
        waiting = make.request(contract=contract, day=year.last_day + 30 * DAY)
        given = {"now": year.ends_at, "by": make.manager()}

        assert refused_request(contract=contract, day=year.last_day, **given)[0].code == "year_over"
        with pytest.raises(Refused, match="is over"):
            move_request(engagement=waiting, day=year.last_day, **given)
        assert make.request(contract=contract, day=year.last_day, **given | {"now": year.ends_at - HOUR})

    def test_an_override_counts_instead_of_the_policy(self):
        """E8"""
        contract = make.contract(level="silver")
        make.override(contract=contract, activity="alert_strategies", cap=1)

        make.request(contract=contract, activity="alert_strategies")

        assert refusal(make.request, contract=contract, activity="alert_strategies") == ("E6", "cap_used_up")

    @pytest.mark.parametrize("status", ["suspended", "terminated"])
    def test_a_contract_that_does_not_run_takes_none(self, status, gold):
        """E14"""
        Contract.objects.filter(pk=gold.pk).update(status=status)

        assert refusal(make.request, contract=gold) == ("E14", "not_active")

    def test_a_missing_product_is_named(self):
        """E9"""
        contract = make.contract(products=["wa"])

        with pytest.raises(Refused, match="Incident Management") as refused:
            make.request(contract=contract, activity="incident_lifecycle")

        assert refused.value.refusals[0].clause == "E9"

    def test_every_reason_is_given_at_once(self):
        contract = make.contract(level="silver", products=["wa"])

        with pytest.raises(Refused) as refused:
            make.request(contract=contract, activity="alert_strategies")

        assert [one.clause for one in refused.value.refusals] == ["E2", "E9"]

    def test_what_the_caller_had_read_before_the_lock_does_not_count(self):
        contract = make.contract(level="premium")
        read_before = Contract.objects.prefetch_related("engagements").get(pk=contract.pk)
        assert not read_before.engagements.all()
        make.request(contract=contract, activity="maturity")

        assert refusal(make.request, contract=read_before, activity="maturity") == ("E6", "cap_used_up")

    def test_a_refused_request_leaves_nothing_behind(self):
        contract = make.contract(level="silver")
        before = Event.objects.count()

        with pytest.raises(Refused):
            make.request(contract=contract, activity="alert_strategies", by=make.one_of(contract.customer))

        assert not contract.engagements.exists()
        assert Event.objects.filter(verb="engagement.requested").count() == 0
        assert Event.objects.count() > before  # the person alone, whom the factory made


class TestScheduling:
    """E5, E9, E10, E15: a request gets its sessions, and counts on the day of the first."""

    def test_the_sessions_are_as_long_as_the_edition_says(self):
        engagement = make.scheduled(activity="incident_lifecycle", start=NOW + 10 * DAY)

        discovery, follow_up = engagement.sessions.all()

        assert (discovery.part, follow_up.part) == (1, 2)
        assert discovery.during.upper - discovery.during.lower == timedelta(minutes=60)
        assert follow_up.during.upper - follow_up.during.lower == timedelta(minutes=30)

    def test_the_customer_gets_one_letter_with_a_calendar_file_for_each_session(self):
        engagement = make.scheduled(activity="incident_lifecycle")

        letter = Letter.objects.get(matter=engagement.reference)

        assert letter.kind == "session_booked"
        assert [name for name, _, _ in letter.attachments] == [f"{engagement.reference}-{n}.ics" for n in (1, 2)]

    def test_the_day_is_the_local_one_of_the_first_session(self):
        contract = make.contract(zone="Pacific/Auckland")
        engagement = make.request(contract=contract, day=date(2026, 7, 1))

        scheduled = make.scheduled(engagement=engagement, start=NOW.replace(month=7, day=4, hour=13))

        assert scheduled.day == date(2026, 7, 5)
        assert scheduled.wished_day == date(2026, 7, 1)
        assert ledger(scheduled) == [("hold", 1, date(2026, 7, 1)), ("schedule", 0, date(2026, 7, 5))]

    def test_a_session_in_another_year_takes_its_place_there(self, gold):
        """E5: a move is a removal and a new booking in one step."""
        engagement = make.request(contract=gold, day=date(2026, 12, 30))

        make.scheduled(engagement=engagement, start=NOW.replace(year=2027, month=1, day=5))

        assert (used(gold, 1), used(gold, 2)) == (0, 1)
        assert [entry[:2] for entry in ledger(engagement)] == [("hold", 1), ("release", -1), ("hold", 1)]

    def test_a_full_year_refuses_the_move_and_the_old_day_stays(self):
        contract = make.contract(level="premium")
        make.request(contract=contract, activity="maturity", day=date(2027, 3, 1))
        engagement = make.request(contract=contract, activity="maturity", day=date(2026, 12, 30))

        move = {"engagement": engagement, "start": NOW.replace(year=2027, month=1, day=5)}

        assert refusal(make.scheduled, **move) == ("E6", "cap_used_up")
        engagement.refresh_from_db()
        assert (engagement.state, engagement.day) == ("requested", date(2026, 12, 30))
        assert (used(contract, 1), used(contract, 2)) == (1, 1)

    def test_its_own_place_does_not_stand_in_its_way(self):
        contract = make.contract(level="premium")
        engagement = make.request(contract=contract, activity="maturity")

        assert make.scheduled(engagement=engagement).state == "scheduled"

    def test_an_engineer_who_is_taken_is_refused(self, requested):
        """E15: by the database's constraint, told as a refusal."""
        engineer = make.engineer()
        make.scheduled(engineer=engineer, start=NOW + 5 * DAY)

        clash = {"engagement": requested, "engineer": engineer, "start": NOW + 5 * DAY + timedelta(minutes=29)}

        assert refusal(make.scheduled, **clash) == ("E15", "engineer_taken")
        requested.refresh_from_db()
        assert requested.state == "requested"
        assert not requested.sessions.exists()
        assert not Letter.objects.filter(matter=requested.reference).exists()

    def test_a_follow_up_before_the_discovery_is_refused(self, engineer):
        """E10"""
        engagement = make.request(activity="incident_lifecycle")
        sessions = [PlannedSession(NOW + 9 * DAY, engineer), PlannedSession(NOW + 9 * DAY + HOUR - DAY, engineer)]

        assert refusal(
            act.schedule_engagement, engagement=engagement, sessions=sessions, by=make.manager(), now=NOW
        ) == ("E10", "out_of_order")

    @pytest.mark.parametrize(("late", "booked"), [(timedelta(), 0), (-timedelta(minutes=1), 2)])
    def test_a_follow_up_after_the_terms_last_day_is_refused(self, late, booked):
        """E14: by the contract's own days; the term ends at four in the morning, UTC."""
        contract = make.contract(last=TODAY + 20 * DAY)
        engagement = make.request(contract=contract, activity="incident_lifecycle")
        end = datetime(2026, 7, 1, 4, tzinfo=UTC)
        sessions = [PlannedSession(start, make.engineer()) for start in (NOW + 14 * DAY, end + late)]
        book = {"engagement": engagement, "sessions": sessions, "by": make.manager(), "now": NOW}

        if booked:
            act.schedule_engagement(**book)
        else:
            assert refusal(act.schedule_engagement, **book) == ("E14", "outside_term")

        assert engagement.sessions.count() == booked

    def test_a_product_lost_since_the_request_is_refused_for_the_sessions_day(self):
        """E9"""
        engagement = make.request(activity="incident_lifecycle")
        engagement.contract.products.filter(product="im").update(days=DateRange(make.FIRST, TODAY))

        assert refusal(make.scheduled, engagement=engagement)[0] == "E9"

    def test_more_sessions_than_the_activity_has_are_a_mistake_of_the_caller(self, requested, engineer):
        sessions = [PlannedSession(NOW + n * DAY, engineer) for n in (1, 2)]

        with pytest.raises(ValueError, match="1 sessions, not 2"):
            act.schedule_engagement(engagement=requested, sessions=sessions, by=make.manager(), now=NOW)

    def test_twice_is_refused(self, scheduled):
        assert refusal(make.scheduled, engagement=scheduled, start=NOW + 3 * DAY) == ("E5", "already_moved_on")


class TestTheEnd:
    """E5: what gives the place back, and what does not."""

    def test_a_declined_request_gives_it_back_and_tells_why(self, requested):
        act.decline_engagement(engagement=requested, reason="No CSE for it.", by=make.manager(), now=NOW)

        requested.refresh_from_db()
        assert (requested.state, requested.decline_reason) == ("declined", "No CSE for it.")
        assert used(requested.contract) == 0
        assert Letter.objects.get(matter=requested.reference).kind == "request_declined"

    def test_a_withdrawn_request_gives_it_back(self, requested):
        act.withdraw_engagement(engagement=requested, by=requested.requested_by, now=NOW)

        requested.refresh_from_db()
        assert (requested.state, requested.ended_side) == ("withdrawn", "customer")
        assert used(requested.contract) == 0

    @pytest.mark.parametrize(
        ("side", "first_was_held", "left"),
        [(Side.CUSTOMER, False, 0), (Side.VENDOR, False, 0), (Side.CUSTOMER, True, 1), (Side.VENDOR, True, 0)],
    )
    def test_a_cancelled_one_gives_it_back_unless_the_first_was_held_and_the_customer_cancels(
        self, side, first_was_held, left
    ):
        engagement = make.scheduled(activity="incident_lifecycle")
        if first_was_held:
            act.hold_session(session=engagement.sessions.get(part=1), by=make.manager(), now=NOW + 15 * DAY)

        now = NOW + 16 * DAY if first_was_held else NOW + 13 * DAY
        act.cancel_engagement(engagement=engagement, side=side, reason="Changed.", by=make.manager(), now=now)

        assert used(engagement.contract) == left

    def test_a_cancelled_session_frees_the_engineer_and_takes_the_event_out_of_the_calendar(self, engineer):
        engagement = make.scheduled(engineer=engineer, start=NOW + 5 * DAY)

        act.cancel_engagement(engagement=engagement, side=Side.CUSTOMER, reason="", by=make.manager(), now=NOW)

        make.scheduled(engineer=engineer, start=NOW + 5 * DAY)
        ((_, _, text),) = Letter.objects.get(matter=engagement.reference, kind="session_cancelled").attachments
        assert "METHOD:CANCEL" in text
        assert "SEQUENCE:1" in text

    @pytest.mark.parametrize(
        ("end", "state"),
        [
            (lambda e: act.decline_engagement(engagement=e, reason="x", by=make.manager(), now=NOW), "scheduled"),
            (lambda e: act.withdraw_engagement(engagement=e, by=make.manager(), now=NOW), "scheduled"),
            (
                lambda e: act.cancel_engagement(engagement=e, side="vendor", reason="x", by=make.manager(), now=NOW),
                "requested",
            ),
        ],
        ids=["declined", "withdrawn", "cancelled"],
    )
    def test_what_has_moved_on_is_refused(self, end, state):
        engagement = make.request() if state == "requested" else make.scheduled()

        assert refusal(lambda: end(engagement)) == ("E5", "already_moved_on")
        assert used(engagement.contract) == 1


class TestDelivery:
    """E10: one engagement of two sessions is delivered when both were held."""

    def test_one_session_is_the_whole_of_most(self, scheduled):
        delivered = act.hold_session(session=scheduled.sessions.get(), by=make.manager(), now=NOW + 15 * DAY)

        assert delivered.state == "delivered"
        assert delivered.first_session_held_at == scheduled.sessions.get().during.upper
        assert used(scheduled.contract) == 1

    def test_the_first_of_two_keeps_the_place_and_is_not_all(self):
        engagement = make.scheduled(activity="incident_lifecycle")

        after_discovery = act.hold_session(
            session=engagement.sessions.get(part=1), by=make.manager(), now=NOW + 15 * DAY
        )
        after_follow_up = act.hold_session(
            session=engagement.sessions.get(part=2), by=make.manager(), now=NOW + 29 * DAY
        )

        assert (after_discovery.state, after_follow_up.state) == ("scheduled", "delivered")
        assert used(engagement.contract) == 1

    def test_a_discovery_whose_follow_up_is_not_planned_yet_is_not_all(self):
        engagement = make.request(activity="incident_lifecycle")
        sessions = [PlannedSession(NOW + DAY, make.engineer())]
        act.schedule_engagement(engagement=engagement, sessions=sessions, by=make.manager(), now=NOW)

        held = act.hold_session(session=engagement.sessions.get(), by=make.manager(), now=NOW + 2 * DAY)

        assert held.state == "scheduled"

    def test_a_session_that_is_not_over_was_not_held(self):
        session = make.scheduled(start=NOW + DAY).sessions.get()
        too_early = session.during.upper - timedelta(microseconds=1)

        assert refusal(act.hold_session, session=session, by=make.manager(), now=too_early) == ("E10", "not_over")
        assert act.hold_session(session=session, by=make.manager(), now=session.during.upper).state == "delivered"


class TestALapse:
    """E5, T3: a request still unscheduled at the end of its year lapses as of that end, however late the clock runs."""

    YEAR_ENDS = NOW.replace(year=2027, month=1, day=1, hour=5)  # midnight in New York

    @pytest.mark.parametrize("late", [timedelta(), 40 * DAY], ids=["on time", "weeks late"])
    def test_it_lapses_as_of_the_years_end(self, late, requested):
        assert act.lapse_engagement(engagement=requested, now=self.YEAR_ENDS + late)

        requested.refresh_from_db()
        entry = requested.usage.last()
        assert requested.state == "lapsed"
        assert (entry.kind, entry.places, entry.happened_at, entry.by) == ("lapse", -1, self.YEAR_ENDS, None)
        assert Event.objects.get(verb="engagement.lapsed").happened_at == self.YEAR_ENDS

    def test_it_does_not_before(self, requested):
        assert not act.lapse_engagement(engagement=requested, now=self.YEAR_ENDS - timedelta(microseconds=1))

    def test_what_is_scheduled_stays(self, scheduled):
        assert not act.lapse_engagement(engagement=scheduled, now=self.YEAR_ENDS)

    @pytest.mark.parametrize("verb", ["schedule", "decline", "withdraw"])
    def test_after_the_years_end_nothing_else_can_become_of_it_even_before_the_sweep(self, verb, requested):
        now = self.YEAR_ENDS
        verbs = {
            "schedule": lambda: make.scheduled(engagement=requested, start=now + DAY, now=now),
            "decline": lambda: act.decline_engagement(engagement=requested, reason="x", by=make.manager(), now=now),
            "withdraw": lambda: act.withdraw_engagement(engagement=requested, by=make.manager(), now=now),
        }

        assert refusal(verbs[verb]) == ("E5", "lapsed")
