"""How allauth is bent to this product."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedSignUp(DefaultAccountAdapter):
    """People are entered by the vendor's staff or by their own company's administrator, never by themselves."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
