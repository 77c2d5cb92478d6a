"""Sessions on record, and how they are asked for."""

from __future__ import annotations

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY
from django.utils import timezone

from config.sessions import SESSION
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
