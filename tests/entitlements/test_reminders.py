"""N5, N7, T1: the day before a session, and sixty and thirty days before what is unused lapses."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from entitlements import notices
from entitlements.actions.contract_states import suspend
from entitlements.actions.engagements import PlannedSession, cancel_engagement
from entitlements.actions.moves import move_sessions
from entitlements.actions.passing_on import pass_session_on
from entitlements.models import BookedSession, Engagement, Event, Letter, LetterState, MissedReminder, Role
from entitlements.reminders import no_longer_true
from sla.actions.contract_terms import extend
from sla.sweep import sweep
from tests import factories as make
from tests.entitlements.test_letters import same_words
from tests.factories import DAY, HOUR, NOW
from tests.shared import shared

pytestmark = pytest.mark.django_db


@shared
def silver():
    """A contract of Acme on Silver whose first year ends with August 8, 2026: sixty days after June 10 (NOW)."""
    customer = make.customer(name="Acme & Sons")
    roles = [Role.OWNER, Role.BOOKINGS]
    make.member(customer=customer, roles=roles, name="Olivia Owner", email="olivia@acme.example")
    return make.contract(customer=customer, level="silver", first=date(2025, 8, 10), last=date(2027, 8, 9))


def turn(now):
    """A turn of the clock, and the worker after it."""
    sweep(now=now, application_now=now)
    while notices.send_due(clock=lambda: now):
        pass


def of_kind(kind):
    return Letter.objects.filter(kind=kind).order_by("pk")


class TestTheDayBefore:
    """N5"""

    def test_a_letter_goes_at_the_same_clock_time_with_the_file_and_what_was_not_ready(self, silver):
        engagement = make.scheduled(contract=silver, start=NOW + 14 * DAY, engineer=make.engineer(name="Eve Engineer"))
        Engagement.objects.update(preparation={"Incident Management": "not_yet", "Access": "yes"})
        turn(NOW + 13 * DAY - HOUR)
        assert not of_kind("session_reminder").exists()

        turn(NOW + 13 * DAY)
        turn(NOW + 13 * DAY + HOUR)

        letter = of_kind("session_reminder").get()
        assert letter.addressee == "olivia@acme.example"
        assert letter.subject == f"[{engagement.reference}] Integration Consultation – Wed Jun 24, 2026, 10:00 a.m. EDT"
        assert letter.text.startswith(
            "Your session: Wednesday, June 24, 2026, 10:00 a.m. Eastern Time (EDT, UTC−4).\n"
            "Integration Consultation, part 1 of 1, 30 min, with Eve Engineer. The calendar file is the same as before.\n"
        )
        assert "When you asked, this was not there yet: Incident Management (not yet).\n" in letter.text
        assert f"UID:{engagement.reference.lower()}-1@support.example.com" in letter.attachments[0][2]
        assert "SEQUENCE:0" in letter.attachments[0][2]
        assert same_words(letter) == []

    def test_what_is_booked_later_than_that_is_not_told_of(self, silver):
        """T1: a point before the matter was opened is never due."""
        make.scheduled(contract=silver, start=NOW + 23 * HOUR)

        turn(NOW + HOUR)

        assert not of_kind("session_reminder").exists()

    def test_nor_what_was_moved_or_cancelled_or_has_begun_meanwhile(self, silver):
        moved, cancelled, begun = (make.scheduled(contract=silver, start=NOW + n * DAY) for n in (3, 4, 5))
        engineer = BookedSession.objects.get(engagement=moved).engineer
        later = [PlannedSession(NOW + 20 * DAY, engineer)]
        move_sessions(engagement=moved, sessions=later, by=make.manager(), now=NOW)
        cancel_engagement(engagement=cancelled, side="vendor", reason="x", by=make.manager(), now=NOW)

        turn(NOW + 5 * DAY + HOUR)

        assert begun.sessions.get().remind_at is None
        assert list(MissedReminder.objects.values_list("matter", flat=True)) == [begun.reference]
        assert not of_kind("session_reminder").exists()

    def test_nor_once_a_colleague_holds_the_session(self, silver):
        engagement = make.scheduled(contract=silver, start=NOW + 3 * DAY)
        sweep(now=NOW + 2 * DAY, application_now=NOW + 2 * DAY)
        letter, session = of_kind("session_reminder").get(), engagement.sessions.get()
        assert not no_longer_true([letter], NOW + 2 * DAY)

        pass_session_on(session=session, to=make.engineer(), by=make.manager(), now=NOW + 2 * DAY)

        assert no_longer_true([letter], NOW + 2 * DAY) == {letter.pk}

    def test_a_letter_that_waits_is_not_sent_once_it_is_untrue(self, silver):
        engagement = make.scheduled(contract=silver, start=NOW + 3 * DAY)
        sweep(now=NOW + 2 * DAY, application_now=NOW + 2 * DAY)
        cancel_engagement(engagement=engagement, side="vendor", reason="x", by=make.manager(), now=NOW + 2 * DAY)

        while notices.send_due(clock=lambda: NOW + 2 * DAY):
            pass

        assert of_kind("session_reminder").get().state == LetterState.NO_LONGER_TRUE


class TestUnusedPlaces:
    """N7, E3"""

    ENDS = datetime(2026, 8, 10, 4, tzinfo=UTC)
    """60 days before: June 11, midnight in New York; 30 days before: July 11."""

    def test_letters_go_sixty_and_thirty_days_before_to_the_owner_with_the_list(self, silver):
        make.member(customer=silver.customer, roles=[Role.BOOKINGS])
        make.request(contract=silver, day=date(2026, 7, 1))
        silver.products.exclude(product="aiops").update(days=DateRange(silver.first_day, make.TODAY))
        turn(NOW)
        assert not of_kind("unused_reminder").exists()

        turn(NOW + 14 * HOUR)
        turn(NOW + 5 * DAY)
        first = of_kind("unused_reminder").get()
        turn(NOW + 31 * DAY)

        assert first.addressee == "olivia@acme.example"
        assert first.subject == f"[{silver.order_form}] 10 sessions unused — contract year ends August 9, 2026"
        assert first.text.startswith(
            "Have your sessions by Sunday, August 9, 2026, 11:59 p.m. Eastern Time (EDT, UTC−4) — 60 days left.\n"
            "Unused in the contract year August 10, 2025 – August 9, 2026 of Acme & Sons, "
            f"{silver.order_form}:\n\n"
            "- Automation Ideation & Guidance: 1 left, but only with Runbook Automation or Runbook Automation Self-Hosted or "
            "Workflow Automation, which your contract does not include\n"
            "- Incident Lifecycle Assessment: 1 left, but only with Incident Management, which your contract does not include\n"
            "- Integration Consultation: 3 left\n"
            "- Maturity Assessment: 2 left\n"
            "- Product Roadmap Session: 1 left\n"
            "- Product/Feature Consultation: 2 left\n\n"
            "They do not roll over"
        )
        assert [line for line in same_words(first) if not line.startswith("- ")] == []
        assert [letter.point for letter in of_kind("unused_reminder")] == ["60d", "30d"]

    def test_a_year_that_is_prolonged_is_told_of_with_its_new_end(self):
        contract = make.contract(first=date(2025, 8, 10), last=date(2026, 7, 9))
        make.member(customer=contract.customer, roles=[Role.OWNER])
        ends_at = contract.years.get().ends_at
        turn(ends_at - 60 * DAY)
        sweep(now=ends_at - 30 * DAY, application_now=ends_at - 30 * DAY)
        waits = of_kind("unused_reminder").get(point="30d")

        extend(contract=contract, last=date(2026, 7, 29), reason="Agreed", by=make.manager(), now=ends_at - 29 * DAY)

        assert no_longer_true([waits], ends_at - 29 * DAY) == {waits.pk}
        later = contract.years.get().ends_at
        for days in (50, 40, 30):
            turn(later - days * DAY + HOUR)
        assert list(of_kind("unused_reminder").filter(deadline=later).values_list("point", flat=True)) == ["60d", "30d"]

    def test_where_there_is_no_owner_the_record_says_so(self):
        contract = make.contract(first=date(2025, 8, 10), last=date(2026, 8, 9))

        turn(contract.years.get().ends_at - 60 * DAY)

        assert not of_kind("unused_reminder").exists()
        assert Event.objects.filter(verb__startswith="contract.reminder").get().verb == "contract.reminder_to_nobody"

    def test_found_late_only_the_latest_goes(self, silver):
        """T1, T3"""
        turn(self.ENDS - 10 * DAY)

        assert [letter.point for letter in of_kind("unused_reminder")] == ["30d"]

    def test_none_goes_where_nothing_is_left_or_nothing_can_be_booked(self, silver):
        """E14"""
        suspend(contract=silver, reason="x", by=make.manager(), now=NOW)

        turn(NOW + 31 * DAY)
        turn(self.ENDS + DAY)

        assert not of_kind("unused_reminder").exists()

    def test_places_given_back_after_the_first_point_are_told_of_at_the_second(self, silver):
        for activity in ("automation_ideation", "incident_lifecycle", "product_feature", "integration", "maturity"):
            make.override(contract=silver, activity=activity, cap=0)
        engagement = make.scheduled(contract=silver, activity="roadmap", start=NOW + 20 * DAY)
        turn(NOW + DAY)
        cancel_engagement(engagement=engagement, side="vendor", reason="x", by=make.manager(), now=NOW + 2 * DAY)
        turn(NOW + 31 * DAY)

        assert [(letter.point, letter.context["of"]["left"]) for letter in of_kind("unused_reminder")] == [("30d", 1)]

    def test_a_letter_that_waits_is_not_sent_once_all_is_used(self, silver):
        sweep(now=NOW + DAY, application_now=NOW + DAY)
        suspend(contract=silver, reason="x", by=make.manager(), now=NOW + DAY)

        while notices.send_due(clock=lambda: NOW + DAY):
            pass

        assert of_kind("unused_reminder").get().state == LetterState.NO_LONGER_TRUE


def test_an_event_has_one_uid_in_every_file_of_it(silver):
    engagement = make.scheduled(contract=silver)
    engineer = BookedSession.objects.get().engineer
    move_sessions(engagement=engagement, sessions=[PlannedSession(NOW + 9 * DAY, engineer)], by=make.manager(), now=NOW)
    cancel_engagement(engagement=engagement, side="vendor", reason="x", by=make.manager(), now=NOW)
    files = [letter.attachments[0][2] for letter in Letter.objects.order_by("pk")]
    uids = {line for file in files for line in file.splitlines() if line.startswith("UID:")}
    sequences = [line for file in files for line in file.splitlines() if line.startswith("SEQUENCE:")]

    assert uids == {f"UID:{engagement.reference.lower()}-1@support.example.com"}
    assert sequences == ["SEQUENCE:0", "SEQUENCE:1", "SEQUENCE:2"]
    assert "METHOD:CANCEL" in files[-1]
