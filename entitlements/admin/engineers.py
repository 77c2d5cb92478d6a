"""CSEs as a list, with their load; what is done about one is done on their page (engineer_page.py)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import DateTimeField, QuerySet, Value
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString

from entitlements import wording
from entitlements.admin.base import DeskAdmin, links
from entitlements.free_time import time_of, with_time
from entitlements.models import Engineer
from entitlements.rules.days import local_day
from entitlements.rules.engineer_load import monday_of, weeks_of_work
from entitlements.rules.spans import Span

TWO_WEEKS = timedelta(days=14)


@admin.register(Engineer)
class EngineerAdmin(DeskAdmin):
    editable = True
    list_display = ("page", "zone", "can_hold", "this_week", "next_week", "away", "is_active")
    list_display_links = None
    list_filter = ("is_active", "skills", "zone")
    search_fields = ("user__name", "user__email", "zone")
    search_help_text = "Name, e-mail address, zone"
    fields = ("user", "zone", "skills", "is_active")
    autocomplete_fields = ("user",)
    ordering = ("user__name",)
    why_empty = "No engineer is on record, so nothing can be scheduled. Add one."

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What is on record of an engineer is changed on their page, where what is booked is looked at."""
        return False

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_manytomany(db_field, request, widget=forms.CheckboxSelectMultiple, **kwargs)

    def response_add(self, request: HttpRequest, obj: Engineer, post_url_continue: str | None = None) -> HttpResponse:
        """Next come the working hours."""
        return redirect("admin:engineer", obj.pk)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Engineer]:
        """With all their time of this week and the next, and the moment by which it is looked at."""
        now: datetime = request.now  # type: ignore[attr-defined]
        around = Span(now - TWO_WEEKS, now + TWO_WEEKS)
        looked_at = super().get_queryset(request).annotate(looked_at=Value(now, DateTimeField()))
        return with_time(looked_at, around)

    @admin.display(description="name", ordering="user__name")
    def page(self, engineer: Engineer) -> SafeString:
        return links([(reverse("admin:engineer", args=[engineer.pk]), str(engineer))])

    @admin.display(description="can hold")
    def can_hold(self, engineer: Engineer) -> str:
        return wording.counted(len(engineer.skills.all()), "activity", "activities")

    @admin.display(description="this week")
    def this_week(self, engineer: Engineer) -> str:
        return _load(engineer, 0)

    @admin.display(description="next week")
    def next_week(self, engineer: Engineer) -> str:
        return _load(engineer, 1)

    @admin.display(description="leave in the next two weeks")
    def away(self, engineer: Engineer) -> str:
        ahead = [one for one in engineer.leaves.all() if one.during.upper > engineer.looked_at]  # type: ignore[attr-defined]
        return "; ".join(
            f"until {wording.moment_in_short(one.during.upper, engineer.tz)}"
            if one.during.lower <= engineer.looked_at  # type: ignore[attr-defined]
            else f"from {wording.moment_in_short(one.during.lower, engineer.tz)}"
            for one in ahead
        )


def _load(engineer: Engineer, weeks_on: int) -> str:
    """Booked and working minutes of a week: '90 of 2,400 min (3%)'."""
    today = local_day(engineer.looked_at, engineer.tz)  # type: ignore[attr-defined]
    (week,) = weeks_of_work(time_of(engineer), [monday_of(today) + timedelta(days=7 * weeks_on)])
    share = "" if week.percent is None else f" ({week.percent}%)"
    return f"{wording.number_in_words(week.booked)} of {wording.number_in_words(week.working)} min{share}"
