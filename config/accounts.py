"""How allauth is bent to this product."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.models import EmailAddress
from django.http import HttpRequest, HttpResponse

from entitlements.models import User


class ClosedSignUp(DefaultAccountAdapter):
    """People are entered by the vendor's staff or by their own company's administrator, never by themselves."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_login(self, request: HttpRequest, user: User, *, email: str | None, **kwargs: Any) -> HttpResponse | None:
        """A code that went to a person's address and came back has verified the address: no second code is asked for."""
        records = get_authentication_records(request, user)
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
