"""E2: the editions of the usage policy, each with its table as it was published."""

from __future__ import annotations

from django.contrib import admin
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from entitlements import wording
from entitlements.admin.base import DeskAdmin
from entitlements.models import Activity, Level, PolicyEdition
from entitlements.rules.cap_values import as_figure


@admin.register(PolicyEdition)
class PolicyEditionAdmin(DeskAdmin):
    list_display = ("name", "valid", "published_at", "published_by")
    list_select_related = ("published_by",)
    fields = ("name", "valid", "published_at", "published_by", "caps", "advice_wording")
    why_empty = "No edition of the policy is on record, so nothing can be booked (E2)."

    @admin.display(description="valid from", ordering="valid_from")
    def valid(self, edition: PolicyEdition) -> str:
        return wording.day_in_words(edition.valid_from)

    @admin.display(description="table of caps (E2)")
    def caps(self, edition: PolicyEdition) -> SafeString:
        facts = PolicyEdition.objects.with_everything().get(pk=edition.pk).facts()
        tables = [(level, facts.table(level.value)) for level in Level]
        rows = [
            {
                "activity": activity.name,
                "minutes": " + ".join(map(str, facts.sessions.get(activity.key, ()))),
                "caps": [
                    f"{as_figure(line.cap)}{', pool' if line.is_pool else ''}"
                    for line in (table.line_of(activity.key) for _, table in tables)
                ],
            }
            for activity in Activity.objects.all()
        ]
        return SafeString(render_to_string("admin/caps_table.html", {"levels": Level.labels, "rows": rows}))
