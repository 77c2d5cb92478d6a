"""Calendar files: one UID an event, rising SEQUENCE, so that a later file replaces the earlier one."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from icalendar import Alarm, Calendar, Event


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
    cancelled: bool = False,
    alarm_before: timedelta | None = None,
) -> str:
    """The text of an .ics file with one event (instants in UTC); `cancelled` takes the event out of the reader's calendar."""
    event = Event()
    event.add("uid", uid)
    event.add("sequence", sequence)
    event.add("dtstamp", now)
    event.add("dtstart", start)
    event.add("dtend", end)
    event.add("summary", title)
    event.add("description", text)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    if alarm_before:
        event.add_component(_alarm(title, alarm_before))
    calendar = Calendar()
    calendar.add("prodid", f"-//{settings.VENDOR_NAME}//Makegood//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if cancelled else "PUBLISH")
    calendar.add_component(event)
    return calendar.to_ical().decode()


def _alarm(title: str, before: timedelta) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", -before)
    return alarm
