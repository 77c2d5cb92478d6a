"""S19: who works at the desk is said at the server; they sign in with a password or passkey, and show a second factor."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from entitlements.models import Event, Membership, User
from tests import factories as make
from tests.desk import signed_in
from tests.repository import ROOT

pytestmark = pytest.mark.django_db
DESK = "/admin/"


def staff(*given):
    out = StringIO()
    call_command("staff", *given, stdout=out)
    return out.getvalue()


def sign_in(client, user):
    """With the password; the address is verified already."""
    EmailAddress.objects.get_or_create(user=user, email=user.email, verified=True, primary=True)
    return client.post(reverse("account_login"), {"login": user.email, "password": make.PASSWORD})


def ask_for_code(client, address):
    client.post(reverse("account_request_login_code"), {"email": address})
    return re.search(r"sign in:\s+(\S+)\s", mail.outbox[-1].body)[1]


def type_in(client, code):
    return client.post(reverse("account_confirm_login_code"), {"code": code}, follow=True)


class TestTheCommand:
    def test_lets_somebody_work_at_the_desk_without_a_password_yet(self):
        said = staff("Nia@vendor.example", "--name", "Nia Nolan", "--approver")

        nia = User.objects.get(email="nia@vendor.example")
        assert (nia.name, nia.is_staff, nia.may_approve, nia.has_usable_password()) == ("Nia Nolan", True, True, False)
        assert "password reset" in said
        assert Event.objects.filter(verb="staff.changed", note__contains="--approver").exists()

    def test_the_password_is_set_by_the_reset(self, client):
        staff("nia@vendor.example", "--name", "Nia Nolan")

        client.post(reverse("account_reset_password"), {"email": "nia@vendor.example"})
        link = re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", mail.outbox[-1].body)[1]
        form = client.get(link, follow=True).redirect_chain[-1][0]
        client.post(form, {"password1": make.PASSWORD, "password2": make.PASSWORD})

        assert User.objects.get(email="nia@vendor.example").check_password(make.PASSWORD)

    def test_gives_and_takes_the_second_signature_and_leaves_the_password(self):
        manager = make.manager()

        staff(manager.email, "--approver")
        assert User.objects.get(pk=manager.pk).may_approve
        staff(manager.email, "--no-approver")

        manager.refresh_from_db()
        assert (manager.is_staff, manager.may_approve) == (True, False)
        assert manager.check_password(make.PASSWORD)

    @pytest.mark.parametrize("given", [["--leave"], ["--new-email", "other@vendor.example"]])
    def test_whoever_leaves_or_moves_is_signed_out_everywhere(self, given):
        approver = make.approver()
        EmailAddress.objects.create(user=approver, email=approver.email, verified=True, primary=True)
        theirs = signed_in(approver)
        assert theirs.get(DESK).status_code == 200

        staff(approver.email, *given)

        approver.refresh_from_db()
        assert approver.is_staff is approver.may_approve is approver.is_active is (given != ["--leave"])
        assert not approver.has_usable_password()
        assert theirs.get(DESK).status_code == 302
        if given != ["--leave"]:
            assert not EmailAddress.objects.filter(user=approver).exists()

    @pytest.mark.parametrize(
        "given", [["who@vendor.example"], ["who@vendor.example", "--leave"], ["not an address", "--name", "Nia"]]
    )
    def test_refuses_what_makes_nobody(self, given):
        before = User.objects.count()

        with pytest.raises(CommandError):
            staff(*given)

        assert User.objects.count() == before

    def test_refuses_one_of_a_customers_people(self):
        member = make.member()

        with pytest.raises(CommandError, match="customer's people"):
            staff(member.email)

        assert not User.objects.get(pk=member.pk).is_staff

    def test_djangos_own_command_makes_nobody(self):
        with pytest.raises(CommandError, match=r"manage\.py staff"):
            call_command("createsuperuser", "--noinput")


class TestTheDatabase:
    """S19: held there, whoever writes and however."""

    NAME = "nobody_works_at_the_desk_and_for_a_customer"

    def test_staff_do_not_become_a_customers(self):
        manager, customer = make.manager(), make.customer()

        with pytest.raises(IntegrityError, match=self.NAME.replace("_", " ")):
            Membership.objects.create(user=manager, customer=customer, roles=["owner"])

    def test_staff_who_left_a_customer_do_not_come_back_to_it(self):
        member = make.member()
        member.memberships.update(left_at=make.NOW, left_by=member)
        User.objects.filter(pk=member.pk).update(is_staff=True)

        with pytest.raises(IntegrityError, match=self.NAME.replace("_", " ")):
            member.memberships.update(left_at=None, left_by=None)

    def test_none_of_a_customers_comes_to_the_desk(self):
        member = make.member()

        with pytest.raises(IntegrityError, match=self.NAME.replace("_", " ")):
            User.objects.filter(pk=member.pk).update(is_staff=True)


class TestSigningIn:
    def test_staff_are_sent_no_code_and_the_screen_says_the_same(self):
        approver, words = make.approver(), {}

        for address in (approver.email, "nobody@vendor.example"):
            page = Client().post(reverse("account_request_login_code"), {"email": address}, follow=True)
            words[address] = re.sub(r'value="[^"]*"|<time.*?</time>', "", page.content.decode()).replace(address, "")

        assert len(set(words.values())) == 1
        assert mail.outbox[0].to == [approver.email]
        assert "Your code" not in mail.outbox[0].body
        assert "signs in with a password and a second factor" in mail.outbox[0].body

    def test_a_code_lets_nobody_in_who_came_to_the_desk_meanwhile(self, client):
        ana = make.person()
        code = ask_for_code(client, ana.email)
        User.objects.filter(pk=ana.pk).update(is_staff=True)

        page = type_in(client, code)

        assert "_auth_user_id" not in client.session
        assert "signs in with a password or a passkey" in page.content.decode()

    def test_a_code_that_was_refused_does_not_stand_in_the_passwords_way_nor_help(self, client):
        nia = make.person(password=make.PASSWORD)
        code = ask_for_code(client, nia.email)
        User.objects.filter(pk=nia.pk).update(is_staff=True)
        type_in(client, code)

        sign_in(client, nia)

        assert client.session["_auth_user_id"] == str(nia.pk)

    def test_a_code_to_an_address_that_was_changed_meanwhile_opens_nothing(self, client):
        ana = make.member()
        code = ask_for_code(client, ana.email)
        User.objects.filter(pk=ana.pk).update(email="new@customer.example")

        type_in(client, code)

        assert "_auth_user_id" not in client.session

    @pytest.mark.parametrize("path", ["/accounts/email/", "/accounts/signup/"])
    def test_nobody_adds_an_address_or_signs_up(self, client, path):
        theirs = signed_in(make.member())

        assert {
            one.status_code for one in (client.get(path), client.post(path), theirs.get(path), theirs.post(path))
        } == {404}


class TestTheSecondFactor:
    @pytest.fixture(autouse=True)
    def _needed(self, settings):
        settings.STAFF_SECOND_FACTOR = True

    def with_totp(self, user):
        secret = generate_totp_secret()
        TOTP.activate(user, secret)
        return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))

    def test_the_desk_asks_whoever_has_none_to_set_one_up(self, client):
        manager = make.manager()
        sign_in(client, manager)

        assert client.session["_auth_user_id"] == str(manager.pk)
        assert client.get(DESK).url == reverse("mfa_index")
        assert client.get(reverse("mfa_index")).status_code == 200
        assert client.post(reverse("admin:approve_proposal", args=[1])).url == reverse("mfa_index")

    def test_the_portal_is_closed_without_it_too(self):
        """A claim's documents have their address there, and a reviewer may open them."""
        client = signed_in(make.manager())

        assert client.post(reverse("evidence", args=["CLM-0000-0000", 1])).url == reverse("mfa_index")

    def test_a_session_without_it_is_asked_to_show_it(self):
        manager = make.manager()
        code = self.with_totp(manager)
        client = signed_in(manager)
        asked = client.get(DESK)

        assert asked.url.startswith(reverse("mfa_reauthenticate"))
        shown = client.post(asked.url, {"code": code})
        assert shown.url == DESK
        assert client.get(DESK).status_code == 200
        assert Client().get(DESK).status_code == 302

    def test_whoever_signed_in_with_both_is_let_in(self, client):
        manager = make.manager()
        code = self.with_totp(manager)
        sign_in(client, manager)
        assert "_auth_user_id" not in client.session

        client.post(reverse("mfa_authenticate"), {"code": code})

        assert client.get(DESK).status_code == 200
        assert signed_in(manager).get(DESK).status_code == 302
        assert Authenticator.objects.filter(user=manager).exists()

    def test_it_is_needed_everywhere_but_in_the_demo(self):
        text = (ROOT / "config/settings.py").read_text()

        assert "STAFF_SECOND_FACTOR = not DEMO" in text
