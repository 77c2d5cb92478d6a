"""How allauth is bent to this product."""

from datetime import datetime, timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.core import context as allauth_context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from entitlements.actions.accounts import tell_of_change
from entitlements.clock import database_now
from entitlements.models import User
from entitlements.views.requests import where_from

DEVICE, NEW_HERE = "known-device", timedelta(hours=1)
CHANGES = {
    "account/email/password_reset": "Your password was reset",
    "account/email/password_changed": "Your password was changed",
    "account/email/password_set": "A password was set for your account",
    "mfa/email/totp_activated": "An authenticator app was added to your account",
    "mfa/email/totp_deactivated": "The authenticator app was taken from your account",
    "mfa/email/recovery_codes_generated": "New recovery codes were made for your account",
    "mfa/email/webauthn_added": "A passkey was added to your account",
    "mfa/email/webauthn_removed": "A passkey was taken from your account",
}
WRONG_CODE = "This is not the code that counts now. Look for the newest one and type it again."
NEW_DEVICE = "Somebody signed in to your account by a device that is new to us"
UNKNOWN = "account/email/unknown_account"


class ClosedSignUp(DefaultAccountAdapter):
    """People are entered by the vendor's staff or by their own company's administrator, never by themselves."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": "This account is closed.",
        "email_password_mismatch": "The address or the password is not right. Check both, or have a new password sent to you.",
        "enter_current_password": "This is not the password that you have now.",
        "incorrect_password": "This is not the password of your account.",
        "incorrect_code": WRONG_CODE,
        "too_many_login_attempts": "There were too many tries. Wait a few minutes, then try again.",
        "rate_limited": "That was too often. Wait a few minutes, then try again.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_login(self, request: HttpRequest, user: User, *, email: str | None, **kwargs: Any) -> HttpResponse | None:
        """A code that went to a person's address and came back has verified the address: no second code is asked for.

        Refused are an address that is no longer the person's, and staff without password or passkey: a mailbox is not the desk.
        """
        records = get_authentication_records(request, user)
        if email and email.lower() != user.email.lower():
            return self._refused(request, "This address is no longer in use. Sign in with your current one.")
        if user.is_staff and not settings.DEMO and not (records and records[-1]["method"] in ("password", "mfa")):
            return self._refused(request, "Whoever works at the desk signs in with a password or a passkey.")
        if email == user.email and any(one["method"] == "code" and one.get("email") == email for one in records):
            EmailAddress.objects.get_or_create(
                user=user,
                email=email,
                defaults={
                    "verified": True,
                    "primary": not EmailAddress.objects.filter(user=user, primary=True).exists(),
                },
            )
        return super().pre_login(request, user, email=email, **kwargs)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """To an address at the desk the letter without a code says how staff sign in."""
        staff = User.objects.filter(email__iexact=email, is_staff=True, is_active=True)
        if template_prefix == UNKNOWN:
            context = {**context, "at_the_desk": staff.exists()}
        super().send_mail(template_prefix, email, context)

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """N2: what the library would mail is a letter of ours, written down first."""
        what = CHANGES.get(template_prefix, "Your account was changed")
        tell_of_change(what=what, by=user, now=database_now(), where=where_from(allauth_context.request))

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """N2: a device that has not signed this person in before is told of, and remembered there."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        known = str(user.pk)
        try:
            request.get_signed_cookie(DEVICE, salt=known)
        except (KeyError, signing.BadSignature):
            now: datetime = request.now  # type: ignore[attr-defined]
            if user.joined_at < now - NEW_HERE:
                tell_of_change(what=NEW_DEVICE, by=user, now=now, where=where_from(request))
        response.set_signed_cookie(
            DEVICE, known, salt=known, max_age=365 * 24 * 3600, secure=settings.SESSION_COOKIE_SECURE, httponly=True,
            samesite="Lax",
        )  # fmt: skip
        return response

    def _refused(self, request: HttpRequest, sentence: str) -> HttpResponse:
        request.session.flush()  # nothing of this attempt stands in the way of the next, or helps it
        messages.error(request, sentence)
        return redirect("account_login")


class SecondFactorInOurWords(DefaultMFAAdapter):
    """What is said when a second factor is refused."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_generate_recovery_codes": "Recovery codes need a passkey or an app first. Add one, and you get codes with it.",
        "incorrect_code": "This code does not fit. Type the one that the app shows now; check the clock of your phone if it goes on.",
        "unverified_email": "First confirm your e-mail address: sign out, and sign in by a code.",
    }

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        """What a new key is called until its owner says otherwise."""
        return f"Key {Authenticator.objects.filter(user=user, type=type).count() + 1}"
