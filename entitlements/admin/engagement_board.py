"""The board: every engagement in the column of its state, each with its "Move to…" menu (M4.1, M4.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.db.models import Case, Count, F, Prefetch, Q, QuerySet, Value, When, Window
from django.db.models.functions import RowNumber
from django.http import HttpResponse

from entitlements.access import Who, open_to
from entitlements.admin.engagement_acts import offered
from entitlements.admin.engagement_standing import Standing, known_parts
from entitlements.admin.pages import DeskRequest, page
from entitlements.admin.queues import vendor_zone
from entitlements.forms.filters import FilterForm
from entitlements.models import BookedSession, Engagement, EngagementState, Engineer, PolicyEdition
from entitlements.rules.days import add_months, first_of_month, local_day
from entitlements.rules.editions import ACTIVITIES, LEVELS, edition_for

State = EngagementState
LOOKS_BACK = timedelta(days=60)
MOST_CARDS = 40


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the board: what stands in it, and the states of that for the list. What is `over` is shown for a while only."""

    key: str
    title: str
    states: tuple[str, ...]
    holds: Q
    over: bool = True


GIVEN = Q(outcome__given_at__isnull=False)
NOT_HELD = (State.CANCELLED, State.NO_SHOW, State.DECLINED, State.WITHDRAWN, State.LAPSED)
COLUMNS = (
    Column("requested", "Requested", (State.REQUESTED,), Q(state=State.REQUESTED), over=False),
    Column("scheduled", "Scheduled", (State.SCHEDULED,), Q(state=State.SCHEDULED), over=False),
    Column("delivered", "Delivered", (State.DELIVERED,), Q(state=State.DELIVERED) & ~GIVEN),
    Column("closed", "Closed: outcome given", (State.DELIVERED,), Q(state=State.DELIVERED) & GIVEN),
    Column("ended", "Cancelled and no-shows", NOT_HELD, Q(state__in=NOT_HELD)),
)


_COLUMN_OF = Case(*(When(one.holds, then=Value(one.key)) for one in COLUMNS))


@dataclass(frozen=True, slots=True)
class Card:
    """An engagement on the board: its next session, or its last one, and where it may go from here."""

    at: Standing

    @property
    def engagement(self) -> Engagement:
        return self.at.engagement

    @property
    def session(self) -> BookedSession | None:
        return next(iter(self.at.ahead), None) or (self.at.sessions[-1] if self.at.sessions else None)

    @property
    def which(self) -> str:
        """'session 1 of 2'; a request has none yet."""
        of = len(self.at.parts)
        return f"session {self.session.part} of {of}" if self.session else f"{of} session{'s' * (of > 1)}"

    @property
    def moves(self) -> list[Any]:
        return offered(self.at)


class BoardFilter(FilterForm):
    """M4: whose engagements, and of when. What cannot be understood narrows nothing, and says so."""

    engineer = forms.ModelChoiceField(
        Engineer.objects.select_related("user"),
        label="Engineer",
        required=False,
        empty_label="Any",
        help_text="Who holds it",
    )
    customer = forms.CharField(label="Customer", required=False, max_length=100, help_text="Part of the name")
    level = forms.ChoiceField(
        label="Level", required=False, choices=[("", "Any"), *LEVELS.items()], help_text="On the engagement's day"
    )
    activity = forms.ChoiceField(
        label="Activity", required=False, choices=[("", "Any"), *ACTIVITIES.items()], help_text="What was asked for"
    )
    month = forms.DateField(
        label="Month",
        required=False,
        input_formats=["%Y-%m"],
        widget=forms.DateInput(attrs={"type": "month"}, format="%Y-%m"),
        help_text="Such as 2026-11",
        error_messages={"invalid": "Write the month as 2026-11."},
    )

    def narrow(self, engagements: QuerySet[Engagement], today: date) -> QuerySet[Engagement]:
        """The engagements that are asked for; without a month, of what is over only the last sixty days."""
        given = self.cleaned_data if self.is_valid() else {}
        ahead = Q(state__in=[state for column in COLUMNS if not column.over for state in column.states])
        when = ahead | Q(day__gte=today - LOOKS_BACK)
        if month := given.get("month"):
            when = Q(day__gte=first_of_month(month), day__lt=add_months(first_of_month(month), 1))
        return engagements.filter(when, *_asked(given))


def _asked(given: dict[str, Any]) -> Iterable[Q]:
    if engineer := given.get("engineer"):
        yield Q(pk__in=BookedSession.objects.filter(engineer=engineer, released_at=None).values("engagement"))
    if name := given.get("customer"):
        yield Q(contract__customer__name__icontains=name)
    if level := given.get("level"):
        yield Q(contract__levels__level=level, contract__levels__days__contains=F("day"))
    if activity := given.get("activity"):
        yield Q(activity=activity)


@open_to(Who.MANAGERS)
def board(request: DeskRequest) -> HttpResponse:
    """M4.1: the columns, as far as they are asked for. Nothing changes here: each move leads to its own page."""
    form = BoardFilter(request.GET)
    found = form.narrow(Engagement.objects.all(), local_day(request.now, vendor_zone()))
    counts = dict(found.order_by().values_list(_COLUMN_OF).annotate(n=Count("pk")))
    cards = _cards(found, request.now)
    columns = [{"column": column, "count": counts.get(column.key, 0), "cards": cards[column.key]} for column in COLUMNS]
    return page(
        request,
        "admin/engagement_board.html",
        title="Engagements: board",
        form=form,
        columns=columns,
        total=sum(counts.values()),
        looks_back=LOOKS_BACK.days,
        zone=vendor_zone(),
    )


def _cards(found: QuerySet[Engagement], now: datetime) -> dict[str, list[Card]]:
    """The first cards of each column, by its key: what is ahead soonest first, what is over latest first."""
    parts, editions = known_parts(), PolicyEdition.objects.facts()
    cards: dict[str, list[Card]] = {column.key: [] for column in COLUMNS}
    for over in (False, True):
        for engagement in _first_of_each(found, [column for column in COLUMNS if column.over == over]):
            edition = edition_for(editions, engagement.year.first_day)
            known = parts[edition.name, engagement.activity_id]
            at = Standing(engagement, known, list(engagement.live), now)  # type: ignore[attr-defined]
            cards[engagement.column].append(Card(at))  # type: ignore[attr-defined]
    return cards


def _first_of_each(found: QuerySet[Engagement], columns: list[Column]) -> list[Engagement]:
    order = [F("day").desc(), F("pk").desc()] if columns[0].over else [F("day").asc(), F("pk").asc()]
    live = BookedSession.objects.filter(released_at=None).select_related("engineer__user").order_by("part")
    return list(
        found.annotate(column=_COLUMN_OF)
        .filter(column__in=[column.key for column in columns])
        .annotate(rank=Window(RowNumber(), partition_by=F("column"), order_by=order))
        .filter(rank__lte=MOST_CARDS)
        .select_related("contract__customer", "activity", "year")
        .prefetch_related(Prefetch("sessions", live, to_attr="live"))
        .order_by(*order)
    )
