"""The demo's one-step sign-in, and that there is none outside it."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import NoReverseMatch, reverse

from entitlements.management.commands import sign_in_links
from entitlements.models import Role
from entitlements.views.demo import link_for
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(settings):
    settings.DEMO = True
    settings.SITE_URL = "http://localhost:8000"
    settings.ROOT_URLCONF = "tests.entitlements.demo_urls"


def path_of(person):
    return link_for(person).removeprefix("http://localhost:8000")


def printed():
    out = StringIO()
    call_command("sign_in_links", stdout=out)
    return out.getvalue()


class TestTheLink:
    def test_shows_who_it_is_and_changes_nothing(self, demo, client):
        response = client.get(path_of(make.member(name="Ana Archer")))

        assert "Continue as Ana Archer" in response.content.decode()
        assert "data-autosubmit" in response.content.decode()
        assert "_auth_user_id" not in client.session

    def test_signs_in_by_a_post_under_a_new_session(self, demo, client):
        person = make.member()
        client.get(path_of(person))
        client.session.save()
        before = client.session.session_key
        response = client.post(path_of(person))

        assert response.url == reverse("home")
        assert client.session["_auth_user_id"] == str(person.pk)
        assert client.session.session_key != before

    def test_leads_staff_to_the_desk(self, demo, client):
        assert client.post(path_of(make.manager())).url == reverse("admin:index")

    def test_needs_the_csrf_token(self, demo):
        from django.test import Client

        assert Client(enforce_csrf_checks=True).post(path_of(make.member())).status_code == 403

    def test_that_was_changed_or_whose_person_left_is_not_found(self, demo, client):
        person = make.member()
        path = path_of(person)
        person.is_active = False
        person.save()

        assert client.post(path).status_code == 404
        assert client.get(path.replace(f"/{person.pk}:", f"/{make.manager().pk}:")).status_code == 404
        assert client.get("/demo/sign-in/nonsense/").status_code == 404

    def test_is_refused_by_the_view_itself_outside_the_demo(self, demo, client, settings):
        path = path_of(make.member())
        settings.DEMO = False

        assert client.get(path).status_code == 404
        assert client.post(path).status_code == 404

    def test_has_no_url_outside_the_demo(self):
        with pytest.raises(NoReverseMatch):
            reverse("demo_sign_in", args=["token"])


class TestTheTableOfLinks:
    def test_lists_the_desk_and_each_customers_people_with_what_they_can_do(self, demo):
        acme = make.customer(name="ACME")
        make.member(customer=acme, name="Olivia Owner")
        make.member(customer=acme, name="Rita Reader", roles=[Role.READ_ONLY])
        make.manager(name="Max Manager")
        make.approver(name="Ada Approver")
        text = printed()

        assert [line.strip() for line in text.splitlines() if line and "http" not in line] == [
            "Open a link to sign in; * is where to begin.",
            "At the desk",
            "ACME",
        ]
        assert re.search(r"\* Max Manager +schedules, decides, proposes +http://localhost:8000/demo/sign-in/", text)
        assert re.search(r"\* Ada Approver +decides, and approves what others propose +http", text)
        assert re.search(r"\* Olivia Owner +books, reports, claims, signs +http", text)
        assert re.search(r"  Rita Reader +reads +http", text)

    def test_lists_the_busiest_customers_and_counts_the_others(self, demo, monkeypatch):
        monkeypatch.setattr(sign_in_links, "MOST", 1)
        busy = make.contract()
        make.request(contract=busy, by=make.member(customer=busy.customer))
        make.member(customer=make.customer(name="Quiet"), name="Quentin Quiet")
        text = printed()

        assert "Quentin Quiet" not in text
        assert text.rstrip().endswith("Of 1 more the people are at the desk, under Customers.")

    def test_has_only_links_that_work(self, demo, client):
        make.member()
        make.manager()
        links = re.findall(r"http://localhost:8000(\S+)", printed())

        assert len(links) == 2
        assert {client.get(link).status_code for link in links} == {200}

    def test_leaves_out_who_cannot_sign_in(self, demo):
        gone = make.member(name="Gone Gale")
        gone.is_active = False
        gone.save()

        assert "Gone Gale" not in printed()
        assert "Nobody can sign in yet" in printed()

    def test_refuses_outside_the_demo(self):
        with pytest.raises(CommandError, match="only in the demo"):
            printed()
