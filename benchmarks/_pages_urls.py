"""The product's addresses, and one more for bench-pages: a page with nothing on it, for whoever is signed in."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import path

from config.urls import *  # noqa: F403
from config.urls import urlpatterns as product
from entitlements.access import Who, open_to


@open_to(Who.SIGNED_IN)
def nothing(request):
    return HttpResponse("nothing")


urlpatterns = [path("nothing/", nothing), *product]
