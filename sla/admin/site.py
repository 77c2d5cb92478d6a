from __future__ import annotations

from django.contrib.admin import AdminSite


class DeskSite(AdminSite):
    """The manager's desk: Django's own admin site, which starts with the work to be done."""

    site_header = "Makegood"
    site_title = "Makegood"
    index_title = "Desk"
