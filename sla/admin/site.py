"""The desk: Django's own admin site, which starts with the work to be done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache, partial, update_wrapper
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.decorators import method_decorator
from django.utils.functional import SimpleLazyObject
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect

from entitlements.access import Who, may_manage, open_to
from entitlements.links import address_of

NAVIGATION: tuple[tuple[str, ...], ...] = (
    ("Desk", "index"),
    ("Engagements", "entitlements_engagement_changelist", "engagements/"),
    ("Usage", "usage", "usage/"),
    ("Review", "review_queue"),
    ("Claims", "sla_claim_changelist", "claims/"),
    ("Proposals", "sla_proposal_changelist", "proposals/"),
    ("Outages", "sla_outage_changelist", "outages/"),
    ("Maintenance", "sla_maintenanceperiod_changelist", "maintenance/"),
    ("Withdrawals", "sla_withdrawal_changelist", "withdrawals/", "elections/", "prices/", "terms-corrections/"),
    ("Alerts", "alerts_of_day", "alerts/"),
    ("Credits", "sla_creditentry_changelist", "credits/", "postings/"),
    ("Customers", "entitlements_customer_changelist"),
    ("Contracts", "entitlements_contract_changelist", "contracts/"),
    ("CSEs", "entitlements_engineer_changelist", "engineers/"),
    ("Policy", "entitlements_policyedition_changelist", "policy/"),
    ("Letters", "entitlements_letter_changelist"),
    ("Import", "import_start", "imports/"),
    ("Records", "records"),
)


class DeskSite(AdminSite):
    """The manager's desk. Who may open it is decided by `entitlements.access` and by nothing else."""

    site_header = "Makegood"
    site_title = "Makegood"
    index_title = "Desk"
    enable_nav_sidebar = False
    final_catch_all_view = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Only lists of our own: those of other packages go by permission rows, which nobody has here."""
        from entitlements.admin.base import DeskAdmin  # lists register themselves while they are imported

        if admin_class and issubclass(admin_class, DeskAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        return may_manage(request.user)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """The view behind its declaration of who may open it; without one it is for managers."""
        guarded = view if hasattr(view, "open_to") else open_to(Who.MANAGERS)(view)
        inner = csrf_protect(guarded if cacheable else never_cache(guarded))
        return update_wrapper(inner, guarded)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """With the desk's own navigation above every page."""
        return {**super().each_context(request), "desk_nav": list(_navigation(request.path))}

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """Put together where it is shown, on the page of an app; Django has it made for every page of the site."""
        return SimpleLazyObject(partial(super().get_app_list, request, app_label))

    def get_urls(self) -> list[Any]:
        from sla.admin.urls import pages

        own = [path(route, self.admin_view(view), name=name) for route, view, name in pages]
        urls = [*own, *super().get_urls()]
        _declare(urls)
        return urls

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The work to be done."""
        from sla.admin.first_page import first_page

        return first_page(request)  # type: ignore[arg-type]

    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().login(request, extra_context)

    login.open_to = Who.ANYONE  # type: ignore[attr-defined]


def _navigation(path: str) -> Iterator[tuple[str, str, bool]]:
    """Label, address, and whether the reader is there: in the list, or on a page of one of its records."""
    first = address_of("admin:index")
    for label, name, *pages in NAVIGATION:
        address = address_of(f"admin:{name}")
        below = path.startswith((address, *(first + page for page in pages)))
        yield label, address, path == address or (below and address != first)


def _declare(urls: Iterable[URLPattern | URLResolver]) -> None:
    """Every view of the site says who may open it; Django's wrappers around lists and records do not pass it on."""
    for one in urls:
        if isinstance(one, URLResolver):
            _declare(one.url_patterns)
        else:
            vars(one.callback).setdefault("open_to", Who.MANAGERS)


@cache
def desk() -> DeskSite:
    """The one site. Asked for while it is being made, by a list that registers itself, it is the same one."""
    return DeskSite(name="admin")
