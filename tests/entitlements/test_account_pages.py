"""The pages that allauth brings along, in the product's words and dress (C1, C12.6), and who is named where a page is closed."""

from __future__ import annotations

import pathlib

import allauth
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.totp.internal.auth import yield_hotp_counters_from_time as counters
from django.conf import settings as configured
from django.urls import reverse
from django.utils.module_loading import import_string

from entitlements.models import Role
from tests import accounts
from tests import factories as make
from tests.entitlements.portal import words
from tests.factories import PASSWORD

LIBRARY = pathlib.Path(allauth.__file__).parent / "templates"
OWN = pathlib.Path(configured.BASE_DIR) / "templates"
NOT_REACHED = (
    "account/base_",  # layouts of one line, which lead to ours
    "mfa/base_",
    "mfa/totp/base",
    "mfa/webauthn/base",
    "mfa/recovery_codes/base",
    "mfa/recovery_codes/download",  # the codes are shown once, so there is no file of them
    "mfa/webauthn/snippets/login_script",  # no words
    "mfa/trust",  # no browser is trusted for longer than its session
    "mfa/email/",  # ClosedSignUp writes letters in their place
    "account/signup",  # nobody signs up
    "mfa/webauthn/signup",
    "account/email.html",  # the address is changed on /account/address/
    "account/email_c",
    "account/verified_email_required",
    "account/snippets/warn_no_email",
    "account/verification_sent",  # by code
    "account/confirm_password_reset_code",  # by link
    "account/confirm_phone",
    "account/phone_change",
    "account/email/account_already_exists",
    "account/email/base_notification",
    "account/email/email_c",
    "account/email/email_deleted",
    "account/email/password_",
    "account/messages/cannot_delete",
    "account/messages/email_confirmation",
    "account/messages/email_deleted",
    "account/messages/phone",
    "account/messages/primary",
    "account/messages/unverified",
)
USERS_FORMS = (
    "PasswordAgain",
    "ChangePassword",
    "FirstPassword",
    "SecondFactor",
    "SecondFactorAgain",
    "SetUpApp",
    "AddKey",
)
OURS_ALL_THE_SAME = ("account/email/password_reset_key", "account/email/email_confirmation_")


def code_now(secret):
    _, now, _ = counters()
    return format_hotp_value(hotp_value(secret, now))


@pytest.fixture
def mona(client, db):
    """The browser of somebody with a password, who has shown it twice just now."""
    user = make.manager(name="Mona Moss", email="mona@vendor.example")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def test_each_page_and_letter_of_the_library_is_ours_or_out_of_reach():
    theirs = [path.relative_to(LIBRARY) for part in ("account", "mfa") for path in (LIBRARY / part).rglob("*.*")]

    plain = [
        str(path)
        for path in theirs
        if not (OWN / path).exists()
        and (not str(path).startswith(NOT_REACHED) or str(path).startswith(OURS_ALL_THE_SAME))
        and "signup_" not in path.name
    ]

    assert len(theirs) > 80
    assert plain == []


@pytest.mark.django_db
@pytest.mark.parametrize("path", [*configured.ACCOUNT_FORMS.values(), *configured.MFA_FORMS.values()])
def test_each_field_has_our_label_and_help(rf, path):
    from allauth.core import context

    request = rf.get("/")
    request.session = {}
    form_class = import_string(path)
    given = {"user": None} if path.rpartition(".")[2] in USERS_FORMS else {}
    if "RenameKey" in path:
        key = Authenticator(type="webauthn", data={"name": "Key 1", "credential": {}})
        given = {"instance": key}
    with context.request_context(request):
        form = form_class(**given)

    for bound in form.visible_fields():
        assert bound.label, bound.name
        assert bound.help_text, bound.name
        assert "placeholder" not in bound.field.widget.attrs
        assert not bound.field.required or bound.field.error_messages["required"] != "This field is required."


@pytest.mark.django_db
class TestPages:
    EMPTY = ("account_change_password", "account_reset_password", "mfa_activate_totp", "account_reauthenticate")

    @pytest.mark.parametrize("name", EMPTY)
    def test_what_is_missing_is_said_above_and_at_the_field(self, mona, name):
        page = mona.post(reverse(name)).content.decode()

        assert "<title>Error: " in page
        assert 'id="error-summary"' in page
        assert "This field is required" not in page

    def test_without_a_password_one_is_set_after_a_code_alone(self, client):
        """V47: a session that was left open opens no second way in."""
        client.force_login(make.member())

        assert client.get(reverse("account_set_password")).url.startswith(reverse("step_up"))


class TestRecoveryCodes:
    def test_they_are_shown_once_right_after_the_first_factor(self, committed_db, settings):
        """Whoever signed in by a code has no other way to confirm than the factor that was added this minute."""
        settings.MFA_TOTP_TOLERANCE = 1
        client = accounts.signed_in_by_code(make.member())
        form = client.get(reverse("mfa_activate_totp")).context["form"]

        added = client.post(reverse("mfa_activate_totp"), {"code": code_now(form.secret)})
        codes, again = client.get(added.url), client.get(added.url)

        assert added.url == reverse("mfa_view_recovery_codes")
        assert codes.content.count(b'<code class="ref">') == 10
        assert "They were shown when they were made" in words(again.content.decode())


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["account_login", "account_request_login_code"])
def test_whoever_cannot_get_in_finds_the_status_page_and_a_person(client, name):
    """C1.9"""
    page = client.get(reverse(name)).content.decode()

    assert 'href="https://status.example.com/"' in page
    assert "a person reads it" in words(page)


@pytest.mark.django_db
class TestAChangedAddress:
    def test_the_sign_in_page_says_so_and_has_the_address(self, client, clock):
        olga = make.member(name="Olga Owner", email="olga@acme.example")
        _, token = accounts.address_change(user=olga)
        client.force_login(olga)

        page = client.post(reverse("confirm_address", args=[token]), follow=True)

        assert page.redirect_chain[-1][0] == reverse("account_request_login_code")
        assert "Your address is new@acme.example now" in words(page.content.decode())
        assert 'value="new@acme.example"' in page.content.decode()
        assert "_auth_user_id" not in client.session


@pytest.mark.django_db
class TestTheClosedPage:
    def test_it_names_who_can_give_the_right_and_no_deadline_of_claims(self, client, silver):
        owner = make.member(customer=silver.customer, name="Olga Owner", email="olga@acme.example")
        make.member(name="Stranger")
        client.force_login(make.member(customer=silver.customer, roles=[Role.READ_ONLY]))

        closed = client.get(reverse("request_engagement", args=[silver.pk, "roadmap"]))
        page = words(closed.content.decode())

        assert closed.status_code == 403
        assert f"{owner.name} ({owner.email}), owner for {silver.customer}" in page
        assert "Stranger" not in page
        assert "claim" not in page
        assert "send us the claim itself" in words(client.get(reverse("report_failure")).content.decode())

    def test_the_desk_is_not_theirs_to_give(self, client, silver):
        make.member(customer=silver.customer, name="Olga Owner")
        client.force_login(make.member(customer=silver.customer, roles=[Role.READ_ONLY]))

        assert "Olga Owner" not in client.get(reverse("admin:deadlines"), follow=True).content.decode()
