"""A person's address is what they sign in by."""

from __future__ import annotations

from allauth.account.models import EmailAddress

from entitlements.models import User


def cut_off(user: User) -> None:
    """Ends the person's sessions and password, and what allauth knows of other addresses; in the caller's transaction.

    A session is bound to the password, also to an unusable one. The caller saves.
    """
    user.set_unusable_password()
    EmailAddress.objects.filter(user_id=user.pk).exclude(email=user.email).delete()
