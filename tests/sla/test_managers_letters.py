"""N26, N27: the letter of the morning at eight, and the alarm: once for a cause, again when it comes back, taken back in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from entitlements.alarms import on_call, watch
from entitlements.models import Alarm, Event, Letter, SweepRun, User
from entitlements.notices.rendering import render
from sla.actions.election_effects import decide_election
from sla.actions.elections import note_arrival
from sla.actions.late_choices import enter_late_choice
from sla.actions.terms_corrections import propose_terms_correction
from sla.admin.queues import ELECTIONS_24H, LATE_TO_CONFIRM, NOT_GIVEN, TERMS_TO_CORRECT, TO_RELEASE
from sla.digest import morning, write_digests
from tests import desk as the_desk
from tests import election_factories as elect
from tests import factories as make
from tests.factories import DAY, FIRST, HOUR, NOW

pytestmark = pytest.mark.django_db
EIGHT = datetime(2026, 6, 10, 15, tzinfo=UTC)
"""In the vendor's zone."""


def swept(at):
    SweepRun.objects.create(started_at=at, ended_at=at, as_of=at, clock_offset_ms=0)


def manager(**fields):
    person = make.manager(**fields)
    User.objects.filter(pk=person.pk).update(joined_at=NOW - 9 * DAY)
    person.refresh_from_db()
    return person


class TestTheMorning:
    def letters(self):
        return Letter.objects.filter(kind="morning").order_by("pk")

    def test_one_letter_for_each_at_eight_in_their_own_zone_however_often_it_rings(self):
        here, berlin = manager(), manager(zone="Europe/Berlin")
        make.request()
        everybody = {person.pk for person in User.objects.filter(is_staff=True)}
        User.objects.filter(pk__in=everybody - {here.pk, berlin.pk}).update(is_active=False)

        assert morning(here, EIGHT) == EIGHT
        assert morning(berlin, EIGHT) == datetime(2026, 6, 10, 6, tzinfo=UTC)
        assert [write_digests(now=EIGHT - HOUR / 60), write_digests(now=EIGHT), write_digests(now=EIGHT)][1:] == [1, 0]
        assert self.letters().filter(person=here, deadline=EIGHT).count() == 1
        assert self.letters().filter(person=berlin).count() == 1

    def test_whoever_has_a_zone_that_is_none_stops_nobody_and_has_ours(self, reported):
        other, odd = manager(), manager()
        User.objects.filter(pk=odd.pk).update(zone="Mars/Olympus")

        write_digests(now=reported.closes_at - 10 * HOUR)

        zones = Letter.objects.filter(kind="morning").values_list("person", "context__of__zone")
        assert {other.pk, odd.pk} <= dict(zones).keys()
        assert "Mars/Olympus" not in dict(zones).values()

    def test_after_days_on_which_the_clock_stood_still_only_the_last_goes(self):
        person = manager()
        make.request()

        write_digests(now=EIGHT + 9 * DAY + HOUR)

        assert list(self.letters().filter(person=person).values_list("deadline", flat=True)) == [EIGHT + 9 * DAY]

    def test_failures_come_first_and_each_number_leads_to_its_list(self):
        person, now = manager(), EIGHT + 14 * DAY
        swept(now)
        make.failure()
        Letter.objects.update(state="failed")
        make.request()

        write_digests(now=now)

        groups = self.letters().get(person=person).context["of"]["groups"]
        assert [group["of"]["title"] for group in groups][:2] == ["What failed", "Due within 24 hours"]
        lines = [line["of"] for group in groups for line in group["of"]["lines"]]
        assert lines[0]["url"] == "https://support.example.com/admin/entitlements/letter/?work=failed"

    def test_tells_of_withdrawals_of_notices_not_given_and_of_elections_that_end(self):
        """S16: what only a person can put right, and whose silence has consequences."""
        person = manager()
        given, other = elect.ready(), elect.ready()
        made = elect.released(withdrawal=elect.prepared(contracts=[given, other]))
        first, second = (made.elections.get(contract=one) for one in (given, other))
        elect.proposed()
        elect.accepted(first, at=NOW)
        note_arrival(election=first, now=NOW)
        Letter.objects.filter(matter=second.reference).update(state="failed")

        write_digests(now=elect.fresh(first).deadline - 6 * HOUR)

        letter = self.letters().filter(person=person).latest("pk")
        queues = {line["of"]["title"] for group in letter.context["of"]["groups"] for line in group["of"]["lines"]}
        assert {NOT_GIVEN.title, TO_RELEASE.title, ELECTIONS_24H.title} <= queues
        render(letter)
        assert f"{first.reference}, {given.customer.name}" in letter.text

    def test_tells_of_corrections_and_late_choices_that_wait_for_a_second_person(self):
        """S16: neither has a deadline that would bring it up."""
        person = manager()
        told = {"first": FIRST, "reason": "Typed wrongly.", "document": "Order form, page 2", "now": NOW}
        propose_terms_correction(contract=make.contract(), by=make.manager(), **told)
        stayed = elect.election()
        elect.accepted(stayed, at=NOW)
        note_arrival(election=stayed, now=NOW)
        decide_election(election=stayed, now=NOW + 9 * DAY)
        enter_late_choice(
            election=stayed, choice="shift", signer="J. Legal", received_at=NOW + DAY, file=elect.document(),
            by=make.manager(), now=NOW + 9 * DAY,
        )  # fmt: skip

        write_digests(now=NOW + 10 * DAY)

        letter = self.letters().filter(person=person).latest("pk")
        waiting = next(one["of"] for one in letter.context["of"]["groups"] if one["of"]["title"] == "Waiting")
        counted = {line["of"]["title"]: line["of"]["count"] for line in waiting["lines"]}
        assert (counted[TERMS_TO_CORRECT.title], counted[LATE_TO_CONFIRM.title]) == (1, 1)

    def test_a_day_with_nothing_to_say_has_none(self):
        manager()
        swept(EIGHT)

        assert write_digests(now=EIGHT) == 0


class TestAlarms:
    def kinds(self):
        return list(Letter.objects.filter(kind__startswith="alarm").order_by("pk").values_list("kind", flat=True))

    def watched(self, at):
        watch(now=at)
        Letter.objects.filter(state="queued").update(state="accepted", accepted_at=at)

    def test_are_raised_once_for_a_cause_taken_back_and_raised_again(self):
        make.manager(on_call=True)
        swept(NOW)
        late = NOW + timedelta(minutes=12)

        for at in (NOW, late, late + HOUR):
            self.watched(at)
        swept(late + HOUR)
        self.watched(late + HOUR)
        self.watched(late + 2 * HOUR)

        assert self.kinds() == ["alarm", "alarm_over", "alarm"]
        first = Alarm.objects.earliest("pk")
        assert (first.since, first.raised_at, first.over_at) == (NOW, late, late + HOUR)
        assert "12 minutes ago" in first.words

    def test_go_to_whoever_is_on_call_else_to_everybody_at_the_desk(self):
        one, other = make.manager(), make.manager()
        assert set(on_call()) == {one, other}

        call_command("staff", other.email, "--on-call")

        assert set(on_call()) == {other}

    def test_any_manager_says_at_the_desk_who_that_is(self, monkeypatch):
        one, other, gone = make.manager(on_call=True), make.manager(name="Otto"), make.manager(is_active=False)
        the_desk.at(monkeypatch, NOW)
        desk, address = the_desk.signed_in(one), reverse("admin:on_call")
        assert "Otto" in desk.get(address).content.decode()

        desk.post(address, {"people": [other.pk]})
        assert set(on_call()) == {other}
        assert sorted(Event.objects.filter(verb="staff.on_call").values_list("note", flat=True)) == sorted(
            [f"{one}: on call no more", f"{other}: on call"]
        )

        refused = desk.post(address, {"people": [gone.pk]})
        assert (set(on_call()), refused.status_code) == ({other}, 200)
        assert "Somebody who is ticked works here no more." in refused.content.decode()
        desk.post(address, {})
        assert {one, other} <= set(on_call())

    def test_each_cause_has_one_that_stands(self):
        """one_alarm_for_a_cause, an_alarm_is_over_after_it_was_raised"""
        Alarm.objects.create(cause="sweep", words="x", raised_at=NOW)

        with pytest.raises(IntegrityError, match="one_alarm_for_a_cause"), transaction.atomic():
            Alarm.objects.create(cause="sweep", words="x", raised_at=NOW)
        with pytest.raises(IntegrityError, match="an_alarm_is_over_after_it_was_raised"), transaction.atomic():
            Alarm.objects.update(over_at=NOW - HOUR)
