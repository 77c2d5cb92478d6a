from __future__ import annotations

from datetime import timedelta

from django.urls import reverse

from entitlements.clock import database_now
from entitlements.models import BookedSession, Leave
from tests import factories as make
from tests.browser.axe import violations
from tests.browser.following import follow
from tests.browser.test_desk import a_contract, complaints
from tests.desk import sign_in

HOURS = [(range(7), 7, 20)]


def test_a_manager_enters_a_leave_and_passes_its_session_on(page, live_url):
    """E15: what a leave hits is seen, with a stand-in who is free, before anything is changed."""
    now = database_now()
    at = (now + timedelta(days=7)).replace(hour=15, minute=0, second=0, microsecond=0)
    lars, ines = make.engineer(name="Lars Holm", week=HOURS), make.engineer(name="Ines Prado", week=HOURS)
    request = make.request(contract=a_contract(now), day=at.date(), now=now)
    make.scheduled(engagement=request, engineer=lars, start=at, now=now)
    sign_in(page, live_url, make.manager())
    heard = complaints(page)

    page.goto(reverse("admin:engineer", args=[lars.pk]))
    assert violations(page) == []
    follow(page.get_by_role("link", name="Enter a leave").first)
    page.get_by_label("First day").fill((at - timedelta(days=1)).date().isoformat())
    page.get_by_label("Last day").fill((at + timedelta(days=1)).date().isoformat())
    page.get_by_label("Why").fill("Annual leave")
    page.get_by_label("Stand-in").select_option("Ines Prado")
    follow(page.get_by_role("button", name="See what it hits"))
    page.get_by_text("One session has to go to a colleague").wait_for()
    assert violations(page) == []
    follow(page.get_by_role("button", name="Pass them on and enter the leave"))

    page.get_by_text("The leave of Lars Holm is on record. The customer gets a letter.").wait_for()
    assert Leave.objects.get().stand_in == ines
    assert BookedSession.objects.get(released_at=None).engineer == ines
    assert not heard
