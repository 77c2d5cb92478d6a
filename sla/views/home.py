from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from entitlements.access import Who, may_manage, open_to
from entitlements.ahead import sessions_ahead
from entitlements.people import duties
from sla.home import current_cards, maintenance_near, next_date, things_to_do
from sla.timeline import latest_of
from sla.views.requests import PortalRequest

LATEST = 5


@open_to(Who.SIGNED_IN)
@require_safe
def home(request: PortalRequest) -> HttpResponse:
    """The customer's first page; the vendor's people start at their desk."""
    if may_manage(request.user):
        return redirect("admin:index")
    todo, cards = things_to_do(request.user, request.now), current_cards(request.user, request.now)
    ahead = sessions_ahead(request.user, request.now)
    own = [one for one in todo if not one.others]
    context = {
        "todo": own,
        "for_others": [one for one in todo if one.others],
        "ahead": ahead,
        "duties": duties(request.user),
        "cards": cards,
        "maintenance": maintenance_near(request.user, request.now),
        "events": latest_of(request.user, LATEST),
        "next": None if own else next_date(ahead, cards),
        "maintenance_zone": cards[0].contract.zone if cards else "UTC",
        "zone": cards[0].contract.zone if cards else None,
    }
    return render(request, "home.html", context)
