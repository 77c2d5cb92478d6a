"""What the desk's own pages have in common: the admin site around them, and one action for a POST."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from entitlements.actions.refused import Refused
from entitlements.acts_in_words import act_in_words, note_in_words
from entitlements.models import Event, User
from entitlements.models.worded import Worded
from entitlements.rules.refusals import Refusal

View = Callable[..., HttpResponse]


class DeskRequest(HttpRequest):
    """A request of a manager: `now` is the database's clock, read once, as its first act."""

    now: datetime
    user: User


def page(request: DeskRequest, template: str, **context: Any) -> HttpResponse:
    """A page of the desk, with the site around it."""
    return TemplateResponse(request, template, {**admin.site.each_context(request), "now": request.now, **context})


def posted_to(page_name: str) -> Callable[[View], View]:
    """An act is a POST; whoever comes to its address by a link is shown the page that it belongs to, and nothing changes."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def only_posts(request: HttpRequest, **key: Any) -> HttpResponse:
            if request.method == "POST":
                return view(request, **key)
            return redirect(page_name, next(iter(key.values())))

        return only_posts

    return decorate


def refusals_of(action: Callable[[], object]) -> tuple[Refusal, ...]:
    """Do it. What stood against it, if it was refused; an empty tuple means done."""
    try:
        action()
    except Refused as refused:
        return refused.refusals
    return ()


def done(request: HttpRequest, sentence: str, page_name: str, *key: Any) -> HttpResponse:
    """Say what was done, and go to the page that shows it."""
    messages.success(request, sentence)
    return redirect(page_name, *key)


def _acts(matter: str, *verbs: str) -> Any:
    acts = Event.objects.filter(matter=matter, table="").select_related("actor")
    return acts.filter(verb__in=verbs) if verbs else acts


_ACTS = Worded(_acts)


def what_happened(matter: str, *verbs: str) -> list[dict[str, Any]]:
    """The acts in the log for a reference, newest first, for the timeline; with `verbs` only those."""
    return on_a_timeline(_ACTS(matter, *verbs))


def on_a_timeline(acts: Iterable[Event]) -> list[dict[str, Any]]:
    """Acts as the timeline shows them, in their order."""
    return [
        {
            "title": act_in_words(event.verb),
            "at": event.happened_at,
            "by": event.who,
            "note": note_in_words(event.verb, event.note),
        }
        for event in acts
    ]
