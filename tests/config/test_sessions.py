"""Sessions on record, how they are asked for, and who is signed in by one."""

from __future__ import annotations

from datetime import UTC, timedelta

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, SESSION_KEY
from django.core import signing
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config.sessions import SESSION
from entitlements.clock import database_now
from entitlements.kept_answers import SALT, Seen
from entitlements.models import Membership
from tests import factories as make
from tests.desk import signed_in

pytestmark = pytest.mark.django_db


def test_an_update_signs_nobody_out():
    """P25: each session names what its person signed in by, and the program of before knows no other name."""
    browser = signed_in(make.manager())
    session = browser.session
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session.save()
    assert browser.get("/admin/").status_code == 200


def test_one_that_is_over_is_nobody():
    browser = signed_in(make.manager())
    assert SESSION.shape([browser.session.session_key, timezone.now()]) is not None
    session = browser.session
    session.set_expiry(-1)
    session.save()
    assert browser.get("/admin/").status_code == 302


class TestWhoeverIsReadBeside:
    """The cookie of who was last seen tells whose row to read, and nothing else."""

    @pytest.fixture
    def person(self):
        return make.one_of(make.customer())

    @pytest.fixture
    def browser(self, person):
        """Somebody's, that has opened a page before."""
        browser = signed_in(person)
        assert self.who(browser) == person
        return browser

    def who(self, browser):
        return browser.get("/account/").wsgi_request.user

    def seen(self, browser, person):
        """The browser brings our own signature for another person."""
        told = Seen(browser.session.session_key, int(timezone.now().timestamp()), person.pk)
        browser.cookies[settings.SEEN_COOKIE_NAME] = signing.dumps(told, salt=SALT)

    def test_is_asked_for_together_with_the_session_and_what_they_may(self, person, browser, django_assert_num_queries):
        with CaptureQueriesContext(connection) as asked:
            found = self.who(browser)
        (question,) = (one["sql"] for one in asked if "django_session" in one["sql"])
        with django_assert_num_queries(0):
            assert found.places_today
        assert 'FROM "entitlements_user"' in question
        assert sum('FROM "entitlements_user"' in one["sql"] for one in asked) == 1
        assert found.places_today == person.places_today

    def test_came_at_the_instant_of_the_databases_clock_by_that_question(self, browser):
        before = database_now()
        with CaptureQueriesContext(connection) as asked:
            request = browser.get("/account/").wsgi_request
        assert before < request.now < database_now()
        assert request.now.tzinfo == UTC
        assert [n for n, one in enumerate(asked) if "clock_timestamp" in one["sql"]] == [0]

    def test_came_at_an_instant_of_its_own_where_nobody_was_seen(self, client, browser):
        before = database_now()
        del browser.cookies[settings.SEEN_COOKIE_NAME]
        for one in (client, browser):
            assert before < one.get("/accounts/login/").wsgi_request.now < database_now()

    def test_is_the_person_of_the_session_whatever_the_cookie_says(self, person, browser):
        self.seen(browser, make.manager())
        assert self.who(browser) == person

    def test_is_nobody_without_a_session_whatever_the_cookie_says(self, person, browser):
        self.seen(browser, person)
        browser.cookies[settings.SESSION_COOKIE_NAME] = "another"
        assert not self.who(browser).is_authenticated

    def test_is_nobody_where_nobody_signed_in_by_the_session(self, person, browser):
        session = browser.session
        del session[SESSION_KEY]
        session.save()
        assert not self.who(browser).is_authenticated

    def test_is_nobody_once_the_session_is_over(self, browser):
        session = browser.session
        session.set_expiry(timezone.now() - timedelta(seconds=1))
        session.save()
        request = browser.get("/account/").wsgi_request
        assert (request.user.is_authenticated, request.session.session_key) == (False, None)

    def test_is_nobody_once_they_may_not_sign_in(self, person, browser):
        person.is_active = False
        person.save()
        assert not self.who(browser).is_authenticated

    def test_is_nobody_once_the_password_is_another(self, person, browser):
        person.set_password("another one")
        person.save()
        assert not self.who(browser).is_authenticated

    def test_is_nobody_by_what_nobody_signs_in_by(self, browser):
        session = browser.session
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.AllowAllUsersModelBackend"
        session.save()
        assert not self.who(browser).is_authenticated

    def test_may_nothing_any_more_once_they_have_left(self, person, browser):
        by, now = make.manager(), timezone.now()
        Membership.objects.update(left_at=now, left_by=by)
        assert self.who(browser).places_today == ()
