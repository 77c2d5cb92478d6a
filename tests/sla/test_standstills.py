"""T4: the product's own standstill on the last day of a window, on record, and the longer time for all concerned at once."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, ProgrammingError, transaction
from django.urls import reverse

from entitlements.actions.refused import Refused
from entitlements.actions.standstills import note_pages, note_standstill
from entitlements.clock import database_now
from entitlements.models import Event, Letter, Standstill, SweepRun
from entitlements.pages_watched import look
from entitlements.rules.days import deadline_within, local_day
from sla import tasks
from sla.actions.claims import submit_claim
from sla.actions.extensions import extend_windows, leave_windows
from sla.ended_windows import concerned, ended_between
from sla.models import Claim, ExtendedWindow, Extension, InformationRequest
from sla.sweep import sweep
from tests import factories as make
from tests import question_factories as questions
from tests.desk import at, sign, signed_in
from tests.factories import DAY, HOUR, NOW

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def turn(now):
    """As both doorbells ring."""
    note_standstill(windows=ended_between, now=now)
    return sweep(now=now, application_now=now)


def stood_still(end, before=2 * HOUR, after=HOUR):
    """The clock turned, stood still over this end, and turned again."""
    turn(end - before)
    turn(end + after)
    return Standstill.objects.get()


def days_on(now, contract, days=3):
    return local_day(now, contract.tz) + days * DAY


def extend(standstill, contract, now=None, **changes):
    now = now or standstill.ended_at + HOUR
    day = changes.pop("last_day", days_on(now, contract))
    return extend_windows(
        standstill=standstill, last_day=day, reason="By our record.", by=changes.pop("by", make.manager()), now=now
    )


def code(refused):
    return refused.value.refusals[0].code


class TestTheRecord:
    """The clock notes its own standstill when it turns again, before it does what fell due."""

    def test_it_has_both_ends_and_how_many_windows_ended(self, reported):
        found = stood_still(reported.closes_at)

        assert found.what == "clock"
        assert (found.ended_at, found.windows_ended) == (reported.closes_at + HOUR, 1)
        assert found.began_at >= reported.closes_at - 2 * HOUR
        assert Event.objects.filter(verb="clock.stood_still", matter="clock").count() == 1

    @pytest.mark.parametrize("ring", [lambda: call_command("sweep", stdout=StringIO()), tasks.sweep])
    def test_both_doorbells_note_it(self, ring):
        then = database_now() - HOUR
        SweepRun.objects.create(started_at=then, ended_at=then, as_of=then, clock_offset_ms=0)

        ring()

        assert Standstill.objects.get().began_at == then

    @pytest.mark.parametrize(("pause", "noted"), [(4 * MINUTE, 0), (5 * MINUTE, 1)])
    def test_a_turn_that_is_a_little_late_is_none(self, pause, noted):
        SweepRun.objects.create(started_at=NOW, ended_at=NOW, as_of=NOW, clock_offset_ms=0)

        turn(NOW + pause)
        turn(NOW + pause + MINUTE)

        assert Standstill.objects.count() == noted

    def test_a_turn_that_has_not_ended_shows_that_the_clock_runs(self):
        SweepRun.objects.create(started_at=NOW - HOUR, ended_at=NOW - HOUR, as_of=NOW, clock_offset_ms=0)
        SweepRun.objects.create(started_at=NOW - MINUTE, as_of=NOW, clock_offset_ms=0)

        turn(NOW)

        assert not Standstill.objects.exists()

    def test_pages_that_are_silent_and_answer_again_are_one(self):
        for minute, answered in enumerate([True, False, False, True, True]):
            note_pages(answered=answered, windows=ended_between, now=NOW + minute * MINUTE)

        found = Standstill.objects.get()
        assert (found.what, found.began_at, found.ended_at) == ("pages", NOW + MINUTE, NOW + 3 * MINUTE)

    def test_the_pages_are_asked_where_an_address_is_set_and_their_silence_is_a_sign(self, settings):
        look(windows=ended_between, now=NOW)
        assert (sign("pages", NOW), Standstill.objects.exists()) == (None, False)
        settings.PAGES_WATCHED_AT = "http://127.0.0.1:9/healthz"  # nothing listens there

        look(windows=ended_between, now=NOW)

        assert sign("pages", NOW).since == NOW
        assert sign("pages", NOW).alarm

    def test_it_stays_as_it_was_written(self):
        one = Standstill.objects.create(what="clock", began_at=NOW, ended_at=NOW + HOUR)

        with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
            Standstill.objects.filter(pk=one.pk).update(windows_ended=9)


def extension(standstill, **changes):
    told = {"standstill": standstill, "reason": "x", "record": {}, "decided_at": NOW, "decided_by": make.manager()}
    return Extension.objects.create(**told | changes)


def longer(standstill, **changes):
    told = {
        "matter": "DF-1",
        "kind": "to claim",
        "customer": make.customer(),
        "ended_at": NOW,
        "extended_to": NOW + DAY,
    }
    made = Extension.objects.filter(standstill=standstill).first() or extension(standstill)
    return ExtendedWindow.objects.create(extension=made, **told | changes)


REFUSED = {
    "a_standstill_is_on_record_once": lambda one: Standstill.objects.create(
        what="clock", began_at=one.began_at, ended_at=NOW + DAY
    ),
    "one_standstill_of_a_kind_lasts": lambda one: [
        Standstill.objects.create(what="pages", began_at=NOW + n * DAY) for n in range(2)
    ],
    "a_standstill_ends_after_it_began": lambda one: Standstill.objects.create(what="pages", began_at=NOW, ended_at=NOW),
    "extension_decided_at_and_by_go_together": lambda one: extension(one, decided_by=None),
    "an_extension_has_its_reason": lambda one: extension(one, reason=""),
    "a_window_is_extended_once_for_a_time": lambda one: [longer(one) for _ in range(2)],
    "an_extension_never_shortens": lambda one: longer(one, extended_to=NOW),
}


@pytest.mark.parametrize("name", REFUSED)
def test_the_database_refuses(name):
    one = Standstill.objects.create(what="clock", began_at=NOW, ended_at=NOW + HOUR)

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        REFUSED[name](one)
    assert name in str(refused.value) or "decided_by_id" in str(refused.value)


class TestWhomItConcerns:
    """A window is concerned if the product stood still at some time of its last day."""

    @pytest.mark.parametrize(
        ("began", "ended", "hit"),
        [
            (-HOUR, HOUR, True),
            (timedelta(), HOUR, False),  # it went still exactly when the window had ended
            (-2 * HOUR, -HOUR, True),
            (-25 * HOUR, -24 * HOUR, False),
            (-25 * HOUR, -24 * HOUR + MINUTE, True),
        ],
    )
    def test_by_the_instants(self, reported, began, ended, hit):
        end = reported.closes_at
        one = Standstill(what="clock", began_at=end + began, ended_at=end + ended)

        assert bool(list(concerned(one))) is hit

    def test_what_was_sent_in_time_withdrawn_or_decided_is_not(self, sent_claim):
        end = sent_claim.closes_at
        one = Standstill(what="clock", began_at=end - HOUR, ended_at=end + HOUR)

        assert list(concerned(one)) == []


class TestTheLongerTime:
    """One act: whatever lapsed is open again as it was left, and all are told; nothing becomes shorter."""

    def test_a_report_and_a_lapsed_draft_come_back_with_the_new_end(self, reported):
        draft = make.draft(failure=make.failure(contract=reported.contract), complete=True, sends_itself=False)
        standstill = stood_still(reported.closes_at)
        for one in (reported, draft):
            one.refresh_from_db()
        assert (reported.state, draft.state) == ("closed", "lapsed")
        later = standstill.ended_at + HOUR

        extend(standstill, reported.contract)

        until = deadline_within(0, days_on(later, reported.contract), reported.contract.tz)
        for one in (reported, draft):
            one.refresh_from_db()
            assert (one.closes_at, one.closed_at) == (until, None)
            assert one.remind_at
        assert (reported.state, draft.state) == ("reported", "draft")
        assert {failure.state for failure in draft.failures.all()} == {"claimed"}
        assert {failure.closes_at for failure in draft.failures.all()} == {until}
        told = Letter.objects.filter(kind="window_extended").values_list("matter", "deadline").distinct()
        assert set(told) == {(reported.reference, until), (draft.reference, until)}
        assert ExtendedWindow.objects.count() == 2

    def test_the_draft_can_be_sent_and_is_in_time(self):
        draft = make.draft(complete=True, sends_itself=False)
        standstill = stood_still(draft.closes_at)
        extend(standstill, draft.contract)

        sent = submit_claim(claim=draft, by=draft.opened_by, received_at=standstill.ended_at + DAY)

        assert sent.state == "submitted"

    def test_a_complete_draft_that_sends_itself_has_its_new_moment(self, complete_draft):
        end = complete_draft.closes_at
        Claim.objects.filter(pk=complete_draft.pk).update(sends_itself_at=None, declared_at=None, declared_by=None)
        standstill = stood_still(end)
        extend(standstill, complete_draft.contract)
        complete_draft.refresh_from_db()
        assert (complete_draft.state, complete_draft.sends_itself_at) == ("draft", None)

        turn(complete_draft.closes_at + 6 * MINUTE)

        complete_draft.refresh_from_db()
        assert (complete_draft.state, complete_draft.closed_at) == ("lapsed", complete_draft.closes_at)
        assert (
            Letter.objects.filter(kind="window_ended", matter=complete_draft.reference)
            .values("deadline")
            .distinct()
            .count()
            == 2
        )

    def test_a_failure_that_came_too_late_counts_again_and_the_figures_are_recomputed(self):
        early = make.failure(began=NOW - 3 * DAY)
        claim = make.draft(failure=early, complete=True, sends_itself=False)
        late = make.failure(contract=early.contract, began=NOW - DAY, now=NOW)
        Claim.failures.through.objects.create(claim=claim, failure=late)
        Claim.objects.filter(pk=claim.pk).update(closes_at=late.closes_at)
        type(late).objects.filter(pk=late.pk).update(state="claimed", remind_at=None)
        claim.refresh_from_db()
        claim = submit_claim(claim=claim, by=claim.opened_by, received_at=early.closes_at + 2 * HOUR)
        SweepRun.objects.create(
            started_at=early.closes_at - HOUR, ended_at=early.closes_at - HOUR, as_of=NOW, clock_offset_ms=0
        )
        turn(early.closes_at + HOUR)

        extend(Standstill.objects.get(), early.contract, now=early.closes_at + 3 * HOUR)

        early.refresh_from_db()
        assert early.closes_at > claim.received_at
        assert (
            Letter.objects.get(kind="window_extended", point=early.reference).context["of"]["again"] == early.reference
        )

    def test_what_was_asked_is_asked_again(self):
        asked = questions.asked()
        standstill = stood_still(asked.answer_by)
        asked.refresh_from_db()
        assert asked.ended_at == asked.answer_by

        extend(standstill, asked.claim.contract)

        again = InformationRequest.objects.latest("pk")
        assert again.pk != asked.pk
        assert again.claim.state == "information_requested"
        assert again.asked_for.endswith(asked.asked_for)
        assert again.answer_by > asked.answer_by

    def test_a_window_that_ends_later_by_itself_stays(self, reported):
        standstill = stood_still(reported.closes_at)
        other = make.failure(contract=reported.contract, began=standstill.ended_at - DAY, now=standstill.ended_at)
        was = other.closes_at

        extend(standstill, reported.contract)

        other.refresh_from_db()
        assert other.closes_at == was

    def test_the_record_is_kept_as_the_reason(self, reported):
        standstill = stood_still(reported.closes_at)

        found = extend(standstill, reported.contract)

        assert found.record["until"] == standstill.ended_at.isoformat()
        assert (found.record["windows_ended"], found.record["acts_meanwhile"]) == (1, 0)


class TestWhatIsRefused:
    def test_a_day_too_near_or_too_far_a_second_decision_and_one_that_lasts(self, reported):
        standstill = stood_still(reported.closes_at)
        now = standstill.ended_at + HOUR
        for days, why in ((0, "too_soon"), (31, "too_late")):
            with pytest.raises(Refused) as refused:
                extend(standstill, reported.contract, last_day=days_on(now, reported.contract, days))
            assert code(refused) == why
        lasting = Standstill.objects.create(what="pages", began_at=NOW)
        with pytest.raises(Refused) as refused:
            leave_windows(standstill=lasting, reason="x", by=make.manager(), now=now)
        assert code(refused) == "lasts"
        leave_windows(standstill=standstill, reason="The pages answered.", by=make.manager(), now=now)
        with pytest.raises(Refused) as refused:
            extend(standstill, reported.contract)
        assert code(refused) == "settled"
        reported.refresh_from_db()
        assert reported.state == "closed"

    def test_one_that_concerns_nobody(self, gold):
        one = Standstill.objects.create(what="clock", began_at=NOW, ended_at=NOW + HOUR)

        with pytest.raises(Refused) as refused:
            extend(one, gold)

        assert code(refused) == "nobody"


class TestTheDesk:
    def test_it_waits_on_the_first_page_is_checked_and_then_done(self, reported, monkeypatch):
        standstill = stood_still(reported.closes_at)
        now = standstill.ended_at + HOUR
        at(monkeypatch, now)
        browser = signed_in(make.manager())
        address = reverse("admin:standstill", args=[standstill.pk])
        assert "Standstills of ours in which windows ended" in browser.get(reverse("admin:index")).text
        listed = reverse("admin:entitlements_standstill_changelist", query={"work": "to_decide"})
        assert "to decide" in browser.get(listed).text
        page = browser.get(address).text
        assert reported.reference in page
        assert "nothing shows that the pages worked" in page
        typed = {"last_day": days_on(now, reported.contract).isoformat(), "reason": "By our record."}

        checked = browser.post(address, typed).text
        assert "Check: these windows become longer" in checked
        assert not Extension.objects.exists()
        assert "at least until the end of tomorrow" in browser.post(address, typed | {"last_day": "2026-01-01"}).text
        done = browser.post(address, typed | {"confirmed": "1"}, follow=True).text

        assert "1 window made longer" in done
        assert 'class="some"' not in browser.get(listed).text

    def test_leaving_them_asks_for_the_reason_and_keeps_it(self, reported, monkeypatch):
        standstill = stood_still(reported.closes_at)
        at(monkeypatch, standstill.ended_at + HOUR)
        browser = signed_in(make.manager())
        address = reverse("admin:leave_windows", args=[standstill.pk])

        assert "error-summary" in browser.post(address, {"leave-reason": ""}).text
        page = browser.post(address, {"leave-reason": "Customers filed all the time."}, follow=True).text

        assert "Customers filed all the time." in page
        assert "The windows stay as they are" in page
