"""Who came first: what a refusal says to a manager beside what it says to everyone, from the log and the ledger (M4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from entitlements import wording
from entitlements.actions.seen import acts_on
from entitlements.admin.queues import vendor_zone
from entitlements.models import Contract, Engagement, PolicyEdition, UsageEntry
from entitlements.rules.caps import year_card
from entitlements.rules.refusals import Refusal

CAP_USED_UP, MOVED_ON = "cap_used_up", "already_moved_on"


def named(refusals: Iterable[Refusal], engagement: Engagement, day: date | None = None) -> tuple[Refusal, ...]:
    """The refusals, naming who was first and when: who moved the engagement on, or took the last place of the year of `day`."""
    return tuple(_named(refusal, engagement, day or engagement.day) for refusal in refusals)


def _named(refusal: Refusal, engagement: Engagement, day: date) -> Refusal:
    who = ""
    if refusal.code == MOVED_ON and engagement.reference:
        who = who_acted_last(engagement.reference)
    elif refusal.code == CAP_USED_UP:
        who = who_took_the_last_place(engagement.contract, engagement.activity_id, day)
    return replace(refusal, sentence=f"{refusal.sentence} {who}".strip())


def who_acted_last(matter: str) -> str:
    """A sentence: who did what to it last, and when, in the vendor's zone."""
    last = acts_on(matter).select_related("actor").first()
    if last is None:
        return ""
    when = wording.moment_in_short(last.happened_at, vendor_zone(), seconds=True)
    return f"The last act: {_verb(last.verb)}, {last.who}, {when}."


def who_took_the_last_place(contract: Contract, activity: str, day: date) -> str:
    """E6: a sentence: which engagement of the year took the place that was left, entered by whom and when."""
    year = contract.years.of_day(day).first()
    if year is None:
        return ""
    card = year_card(contract.facts(), year.facts(), (), PolicyEdition.objects.facts(), day)
    together = next((line.activities for line in card if activity in line.activities), (activity,))
    taken = UsageEntry.objects.filter(year=year, places=1, engagement__activity__in=together)
    last = next(
        (
            one
            for one in taken.select_related("engagement", "by").order_by("-pk")[:20]
            if one.engagement and one.engagement.counts
        ),
        None,
    )
    if last is None or last.engagement is None:
        return ""
    when = wording.moment_in_short(last.happened_at, vendor_zone(), seconds=True)
    return f"The last place went to {last.engagement.reference}, {last.by or 'automatically'}, {when}."


def _verb(verb: str) -> str:
    return verb.partition(".")[2].replace("_", " ")
