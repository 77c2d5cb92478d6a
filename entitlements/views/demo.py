"""The demo's one-step sign-in, by a printed link. Outside the demo it has no URL, and refuses all the same."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import login
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from entitlements.access import Who, open_to
from entitlements.models import User

SALT = "demo sign-in"


@never_cache
@open_to(Who.ANYONE)
def sign_in(request: HttpRequest, token: str) -> HttpResponse:
    """Shows a form that sends itself; the POST signs in and leads to the desk or the portal."""
    person = _person(token)
    if request.method != "POST":
        return render(request, "demo/sign_in.html", {"person": person})
    login(request, person, backend=settings.AUTHENTICATION_BACKENDS[0])
    UserSession.objects.create_from_request(request)
    return redirect("admin:index" if person.is_staff else "home")


def link_for(person: User) -> str:
    """The address that signs this person in. The same for as long as the demo keeps its key."""
    return settings.SITE_URL + reverse("demo_sign_in", args=[_signer().sign(str(person.pk))])


def _person(token: str) -> User:
    if not settings.DEMO:
        raise Http404("There is no such sign-in outside the demo.")
    try:
        return User.objects.get(pk=_signer().unsign(token), is_active=True)
    except (signing.BadSignature, User.DoesNotExist):
        raise Http404("That is not one of the demo's links.") from None


def _signer() -> signing.Signer:
    return signing.Signer(salt=SALT)
