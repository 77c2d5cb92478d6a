"""S1: the editions of the Enterprise terms as a list; each is read, drafted and published on its page (terms_editor.py)."""

from __future__ import annotations

from django.contrib import admin

from entitlements.admin.edition_list import EditionAdmin
from sla.admin.queues import TERMS
from sla.models import TermsEdition


@admin.register(TermsEdition)
class TermsEditionAdmin(EditionAdmin):
    queues = (TERMS,)
    page_name = "admin:terms_edition"
    why_empty = "No edition of the Enterprise terms is on record, so nothing can be claimed (S1)."
