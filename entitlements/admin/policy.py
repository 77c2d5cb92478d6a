"""E2: the editions of the usage policy as a list; each is read, drafted and published on its page (policy_editor.py)."""

from __future__ import annotations

from django.contrib import admin

from entitlements.admin.edition_list import EditionAdmin
from entitlements.admin.queues import POLICIES
from entitlements.models import PolicyEdition


@admin.register(PolicyEdition)
class PolicyEditionAdmin(EditionAdmin):
    queues = (POLICIES,)
    page_name = "admin:policy_edition"
    why_empty = "No edition of the policy is on record, so nothing can be booked (E2)."
