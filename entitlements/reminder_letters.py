"""What the reminders say, and to whom (N5, N7): each function freezes the context and writes the letters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.backends.postgresql.psycopg_any import DateRange

from entitlements import letters, notices
from entitlements.links import page
from entitlements.models import BookedSession, ContractYear, PolicyEdition, User
from entitlements.rules.cap_tables import CardLine
from entitlements.rules.days import local_day
from entitlements.rules.editions import ACTIVITIES, edition_for
from entitlements.rules.editions import PolicyEdition as Edition
from entitlements.rules.products import product_check

YEAR = "year-"


def session_reminder(session: BookedSession, *, now: datetime) -> None:
    """N5: a session is near: when, with whom, what to bring and what of it was not there yet; with its calendar file."""
    engagement = session.engagement
    letters.write(
        "session_reminder",
        engagement,
        now=now,
        deadline=session.during.lower,
        point="1d",
        urgent=True,
        attachments=[letters.calendar_file(engagement, session, now)],
        sessions=[letters.session_facts(session, parts=letters.parts_of(engagement))],
        should_bring=letters.described(engagement).should_bring,
        not_ready=not_ready(engagement.preparation),
        session=session.pk,
    )


def unused_reminder(
    year: ContractYear, left: Sequence[tuple[CardLine, int]], *, to: Sequence[User], point: str, now: datetime
) -> None:
    """N7: what is left of a contract year, by activity, and that it does not roll over."""
    contract = year.contract
    edition = edition_for(PolicyEdition.objects.facts(), year.first_day)
    names, held = {pool.key: pool.name for pool in edition.pools}, _products_until(year, now)
    lines = [
        {
            "name": ACTIVITIES.get(line.target) or names[line.target],
            "left": places,
            "lacks": _lacks(line, held, edition),
        }
        for line, places in left
    ]
    notices.write(
        "unused_reminder",
        matter=matter_of(year),
        to=to,
        now=now,
        customer=contract.customer,
        deadline=year.ends_at,
        point=point,
        context={
            "reference": contract.order_form,
            "customer": contract.customer.name,
            "zone": contract.zone,
            "ends_at": year.ends_at,
            "year_first": year.first_day,
            "year_last": year.last_day,
            "left": sum(places for _, places in left),
            "lines": lines,
            "action_url": page("year_card"),
            "action_label": "Book a session",
        },
    )


def _products_until(year: ContractYear, now: datetime) -> set[str]:
    """E9: the products that the contract includes on some day from today to the end of the year."""
    rest = DateRange(local_day(now, year.contract.tz), year.last_day, "[]")
    return set(year.contract.products.filter(days__overlap=rest).values_list("product", flat=True))


def _lacks(line: CardLine, held: set[str], edition: Edition) -> str:
    """E9: the products without which nothing of the line can be had; empty where something can."""
    lacking = [product_check(activity, held, edition.requirements).lacking for activity in line.activities]
    return " or ".join(dict.fromkeys(lacking)) if all(lacking) else ""


def matter_of(year: ContractYear) -> str:
    return f"{YEAR}{year.pk}"


def not_ready(preparation: dict[str, str] | None) -> list[str]:
    """E12: what was not answered with yes, in words: 'Incident Management (not yet)'."""
    said = {"not_yet": "not yet", "not_sure": "not sure"}
    return [f"{thing} ({said[answer]})" for thing, answer in (preparation or {}).items() if answer in said]
