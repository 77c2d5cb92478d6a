"""A letter of each kind as today's templates write it, at the desk: from a real one, and without sending anything."""

from __future__ import annotations

import pytest
from django.urls import reverse

from entitlements import notices
from entitlements.actions.invitations import invite
from entitlements.models import Letter, Role
from tests import factories as make
from tests.desk import at, signed_in

pytestmark = pytest.mark.django_db
PREVIEW, HTML = "/admin/letters/preview/", "/admin/letters/preview/html/"


@pytest.fixture
def desk(monkeypatch):
    at(monkeypatch, make.NOW)
    return signed_in(make.manager())


def asked(kind, **more):
    return {"kind": kind, "matter": "", "look": "light", **more}


@pytest.mark.usefixtures("reported")
def test_shows_subject_text_and_html_of_the_newest_of_its_kind(desk):
    newest = make.failure()
    before = Letter.objects.count()

    answer = desk.get(PREVIEW, asked("failure_reported"))
    notices.render(letter := Letter.objects.filter(matter=newest.reference).first())

    assert answer.context["subject"] == letter.subject
    assert answer.context["text"] == letter.text
    assert answer.content.decode().count("<iframe") == 2
    assert Letter.objects.filter(text="").count() == before


def test_shows_the_matter_that_is_asked_for(desk, reported):
    make.failure()

    answer = desk.get(PREVIEW, asked("failure_reported", matter=reported.reference))

    assert answer.context["original"].matter == reported.reference
    assert f"[{reported.reference}]" in answer.context["subject"]


@pytest.mark.usefixtures("reported")
def test_the_frame_runs_nothing_and_may_stand_in_our_own_page_only(desk):
    page, frame = desk.get(PREVIEW, asked("failure_reported")), desk.get(HTML, asked("failure_reported"))

    assert "frame-src 'self'" in page["Content-Security-Policy"]
    assert frame["Content-Security-Policy"].endswith("frame-ancestors 'self'; sandbox")
    assert frame["X-Frame-Options"] == "SAMEORIGIN"
    assert "script" not in frame.content.decode()


@pytest.mark.usefixtures("reported")
def test_is_seen_in_light_and_in_the_dark_whatever_the_browser_likes(desk):
    light, dark = (desk.get(HTML, asked("failure_reported", look=look)).content.decode() for look in ("light", "dark"))

    assert "prefers-color-scheme" not in light.split("</head>")[0] + dark.split("</head>")[0]
    assert "@media not all" in light
    assert "@media all" in dark


def test_keeps_a_link_that_works_once_to_itself(desk):
    owner = make.member(customer=make.customer())
    customer = owner.memberships.get().customer
    invite(customer=customer, email="ben@acme.example", name="Ben", roles=[Role.BOOKINGS], by=owner, now=make.NOW)
    link = Letter.objects.get(kind="invitation").context["of"]["action_url"]

    for page in (PREVIEW, HTML):
        answer = desk.get(page, asked("invitation")).content.decode()
        assert link not in answer
        assert "is not shown here" in answer


@pytest.mark.usefixtures("reported")
def test_says_so_where_a_template_cannot_be_written_out(desk):
    Letter.objects.update(context={"of": {"zone": "Nowhere/Land"}})

    answer = desk.get(PREVIEW, asked("failure_reported"))

    assert "Nowhere/Land" in answer.context["trouble"]
    assert "It cannot be written out" in answer.content.decode()


def test_says_so_where_none_was_written(desk):
    assert "There is no such letter yet" in desk.get(PREVIEW, asked("credit_posted")).content.decode()
    assert desk.get(HTML, asked("credit_posted")).url == reverse("admin:letter_preview")
    assert desk.get(PREVIEW, asked("no_such_kind")).context["form"].errors["kind"]
