"""The forms that allauth brings along, in our words: each field has a label and a help text, each refusal says what to do."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account
from allauth.core import context as allauth_context
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.conf import settings

from entitlements.forms.base import OnlyWhatIsAskedFor
from entitlements.models import User
from entitlements.views.invitations import SIGN_IN_AS

MINIMUM = "At least twelve characters. A sentence of your own is easy to keep in mind; a word that many use is refused."

WORDS: dict[str, tuple[str, str, str]] = {
    "login": ("E-mail address", "The address of your account at the desk.", "Give your e-mail address."),
    "password": ("Password", "The one of your account here.", "Give your password."),
    "remember": ("Stay signed in on this device", "For twelve hours, also when the browser is closed.", ""),
    "oldpassword": ("Your password now", "The one that you signed in with.", "Give the password that you have now."),
    "password1": ("New password", MINIMUM, "Give a new password."),
    "password2": ("New password, once more", "Type the same again.", "Type the new password again."),
    "email": ("E-mail address", "The address by which you sign in.", "Give an e-mail address."),
    "code": ("Code", "", "Give the code."),
    "name": ("Name", "To tell it from your others, such as Work laptop.", "Give it a name."),
    "passwordless": (
        "Sign in by this key alone",
        "Your device then asks for your fingerprint, your face or its PIN, and no code by letter is needed.",
        "",
    ),
}
"""By the field's name: its label, its help text (empty: the field's own), and what is said if it is left empty."""


class InOurWords(OnlyWhatIsAskedFor):
    """Puts our words in place of the library's; `help` says more about one field of one form."""

    help: dict[str, str] = {}
    expected = frozenset({"next", "action", "credential"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if name in WORDS:
                self._say(name, field)

    def _say(self, name: str, field: forms.Field) -> None:
        label, help_text, required = WORDS[name]
        field.label, field.help_text = label, self.help.get(name, help_text) or field.help_text
        field.widget.attrs.pop("placeholder", None)
        field.error_messages["required"] = required or field.error_messages["required"]
        if isinstance(field, forms.EmailField):
            field.error_messages["invalid"] = "Give a whole address, such as ana@acme.example."


class SignIn(InOurWords, account.LoginForm):
    """By address and password, for those at the desk."""


class AskForCode(InOurWords, account.RequestLoginCodeForm):
    """Staff get no code that could not work: on the screen nothing differs, and their letter says how they sign in."""

    help = {"email": "We send the code there."}
    _user: User | None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].initial = allauth_context.request.session.get(SIGN_IN_AS)

    def clean_email(self) -> str:
        email: str = super().clean_email()
        if self._user and self._user.is_staff and not settings.DEMO:
            self._user = None
        return email


class CodeFromTheLetter(InOurWords, account.ConfirmLoginCodeForm):
    """The code that signs in."""

    help = {"code": "From the letter, with or without the hyphen."}


class CodeOfTheAddress(InOurWords, account.ConfirmEmailVerificationCodeForm):
    """The code that shows that an address is the person's."""

    help = CodeFromTheLetter.help


class PasswordAgain(InOurWords, account.ReauthenticateForm):
    """Before what protects the account is changed."""


class ChangePassword(InOurWords, account.ChangePasswordForm):
    """Whoever knows the old one may choose a new one."""


class FirstPassword(InOurWords, account.SetPasswordForm):
    """For whoever has none."""


class AskForReset(InOurWords, account.ResetPasswordForm):
    """Always answered in the same way."""

    help = {"email": "If an account has this address, we send a link there."}


class PasswordByLink(InOurWords, account.ResetPasswordKeyForm):
    """What the link in the letter opens."""


class SecondFactor(InOurWords, mfa.AuthenticateForm):
    """At signing in."""

    help = {"code": "The six digits that your app shows now, or one of your recovery codes."}


class SecondFactorAgain(InOurWords, mfa.ReauthenticateForm):
    """Before what protects the account is changed."""

    help = SecondFactor.help


class SetUpApp(InOurWords, totp.ActivateTOTPForm):
    """The first code of an app shows that it was set up rightly."""

    help = {"code": "The six digits that the app shows now. They change every thirty seconds."}


class AddKey(InOurWords, webauthn.AddWebAuthnForm):
    """A passkey or a security key; the browser adds what it answers."""


class RenameKey(InOurWords, webauthn.EditWebAuthnForm):
    """Its name in the list."""
