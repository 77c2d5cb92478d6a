"""Pages for what goes wrong, in the product's own dress."""

from django.contrib import messages
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views import defaults

from entitlements import kept_answers
from entitlements.access import OF_CUSTOMERS, Who, open_to
from entitlements.context_processors import site_facts
from entitlements.people import owners_beside

ASK_AGAIN_SECONDS = 60


@open_to(Who.ANYONE)
def not_offered(request: HttpRequest) -> HttpResponse:
    """A page that a library brings along and this product does not offer."""
    raise Http404


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """413 where the request was too large, else 400."""
    if isinstance(exception, RequestDataTooBig):
        return render(request, "413.html", status=413)
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Not for this person: for whom it is, and who of their own firm can give them the right (C12.1)."""
    asks_the_desk = getattr(exception, "who", None) in (Who.MANAGERS, Who.APPROVERS)
    owners = [] if asks_the_desk else owners_beside(request.user)
    return render(request, "403.html", {"exception": str(exception), "owners": owners}, status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was not ours, or is too old: of a page of ours, left open over a sign-in in another tab, nothing typed is lost."""
    view = request.resolver_match.func if request.resolver_match else None
    if (
        getattr(view, "open_to", None) in OF_CUSTOMERS
        and request.user.is_authenticated
        and kept_answers.is_our_own(request)
    ):
        kept_answers.keep(request)
        messages.warning(request, "The page had been open since before you signed in again, so nothing of it was done.")
        return redirect(kept_answers.page_of(request))
    return render(request, "403.html", {"csrf": True}, status=403)


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """V8: 429, with when to ask again, in words and to programs."""
    response = render(request, "429.html", status=429)
    response["Retry-After"] = str(ASK_AGAIN_SECONDS)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without the request, since whatever failed may be what the page's surroundings need."""
    return HttpResponseServerError(render_to_string("500.html", site_facts()))
