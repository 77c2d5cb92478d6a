"""Calendar files: one UID an event, rising SEQUENCE, so that a later file replaces the earlier one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:  # 4 MB, of use to whoever writes such a file: every process imports this module (decision 015)
    from icalendar import Alarm, Calendar, Event

ASK_AGAIN = timedelta(hours=1)
"""How often a calendar program is asked to read a feed: a figure of ours."""


def event_uid(name: str) -> str:
    """The one form of a UID: what the event is called among us, at our own domain."""
    return f"{name.lower()}@{settings.MAIL_DOMAIN}"


def event_file(
    *,
    uid: str,
    sequence: int,
    start: datetime,
    end: datetime,
    title: str,
    text: str,
    now: datetime,
    where: str = "",
    cancelled: bool = False,
    alarm_before: timedelta | None = None,
) -> str:
    """The text of an .ics file with one event (instants in UTC); `cancelled` takes the event out of the reader's calendar."""
    planned = CalendarEvent(uid, sequence, start, end, title, text, cancelled, where)
    event = _event(planned, now)
    if alarm_before:
        event.add_component(_alarm(title, alarm_before))
    calendar = _calendar("CANCEL" if cancelled else "PUBLISH")
    calendar.add_component(event)
    return calendar.to_ical().decode()


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """One event as a calendar shows it; instants in UTC."""

    uid: str
    sequence: int
    start: datetime
    end: datetime
    title: str
    text: str
    cancelled: bool = False
    where: str = ""


def feed_file(events: Iterable[CalendarEvent], *, name: str, now: datetime) -> str:
    """The text of a feed that a calendar program reads again and again: all events, the cancelled ones marked as such."""
    calendar = _calendar("PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", ASK_AGAIN, {"value": "DURATION"})
    for event in events:
        calendar.add_component(_event(event, now))
    return calendar.to_ical().decode()


def _calendar(method: str) -> Calendar:
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", f"-//{settings.VENDOR_NAME}//Makegood//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    return calendar


def _event(planned: CalendarEvent, now: datetime) -> Event:
    from icalendar import Event

    event = Event()
    event.add("uid", planned.uid)
    event.add("sequence", planned.sequence)
    event.add("dtstamp", now)
    event.add("dtstart", planned.start)
    event.add("dtend", planned.end)
    event.add("summary", planned.title)
    event.add("description", planned.text)
    if planned.where:
        event.add("location", planned.where)
    event.add("status", "CANCELLED" if planned.cancelled else "CONFIRMED")
    return event


def _alarm(title: str, before: timedelta) -> Alarm:
    from icalendar import Alarm

    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", -before)
    return alarm
