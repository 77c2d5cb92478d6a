"""Which alarms were raised, and when each was over (N27). To be read, never changed."""

from __future__ import annotations

from django.contrib import admin

from entitlements.admin.base import DeskAdmin, local
from entitlements.admin.queues import vendor_zone
from entitlements.models import Alarm


@admin.register(Alarm)
class AlarmAdmin(DeskAdmin):
    list_display = ("raised", "words", "began", "ended")
    exported = {"raised": "raised_at", "began": "since", "ended": "over_at"}
    fields = ("raised", "cause", "words", "began", "ended")
    why_empty = (
        "Nothing has been beyond its limit. An alarm is raised once for a cause, and stays here when it is over."
    )

    @admin.display(description="noticed", ordering="id")
    def raised(self, alarm: Alarm) -> str:
        return local(alarm.raised_at, vendor_zone())

    @admin.display(description="since")
    def began(self, alarm: Alarm) -> str:
        return local(alarm.since, vendor_zone())

    @admin.display(description="over", ordering="over_at")
    def ended(self, alarm: Alarm) -> str:
        return local(alarm.over_at, vendor_zone())
