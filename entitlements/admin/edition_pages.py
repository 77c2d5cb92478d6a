"""The pages on which an edition of a document is drafted, compared, proposed and published (M11): one shape for every document."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from entitlements.access import Who, may_approve, open_to
from entitlements.actions.refused import Refused
from entitlements.admin.edition_forms import DraftForm, NewDraftForm, ReturnForm, TurnForm
from entitlements.admin.pages import DeskRequest, done, page, refusals_of, what_happened
from entitlements.admin.queues import vendor_zone
from entitlements.models.editions import Edition, EditionState
from entitlements.rules.drafts import second_person
from entitlements.rules.refusals import Refusal

_PLACE = re.compile(r"^([a-z_]+(?:-[\w-]+)?): ", re.MULTILINE)


@dataclass(frozen=True)
class Verbs:
    """The actions of a document's editions."""

    draft: Callable[..., Any]
    save: Callable[..., Any]
    propose: Callable[..., Any]
    give_back: Callable[..., Any]
    publish: Callable[..., Any]
    discard: Callable[..., Any]


@dataclass(frozen=True)
class Document:
    """What the pages need to know of a document: its rows, its verbs, its form, how it is read and weighed, and by which
    parts of a page each is shown.
    """

    stem: str
    title: str
    clause: str
    listed_at: str
    editions: Callable[[], Any]
    verbs: Verbs
    form: Callable[..., DraftForm]
    sheet: Callable[[Any, Any], Any]
    effects: Callable[[Any, datetime], Any]
    place: Callable[[str], str]
    sheet_template: str
    form_template: str
    effects_template: str
    read_at: str = ""


@dataclass(frozen=True)
class Act:
    """A step on the way to publication, as its page puts it to the reader before it is taken."""

    verb: str
    title: str
    what_happens: str
    button: str
    done: str
    form: type[TurnForm] = TurnForm


ACTS = {
    "propose": Act(
        "propose",
        "Propose for publication",
        "A second person reads it, and publishes or returns it. Until then it stays as it is.",
        "Propose it",
        "Proposed. Another person has to publish it.",
    ),
    "return": Act(
        "give_back", "Return the draft", "It becomes a draft again.", "Return it", "It is a draft again.", ReturnForm
    ),
    "publish": Act(
        "publish",
        "Publish for good",
        "From then on nobody can change it, and it cannot be taken back.",
        "Publish it",
        "Published. From now on it stays as it is.",
    ),
    "discard": Act(
        "discard",
        "Discard the draft",
        "The draft is taken away. What was done with it stays in the log.",
        "Discard it",
        "The draft is discarded.",
    ),
}


class EditionPages:
    """The pages of one document's editions. `routes` are spliced into the desk's."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.page_name = f"admin:{document.stem}_edition"

    @property
    def routes(self) -> list[tuple[str, Any, str]]:
        stem = self.document.stem
        of_one = f"{stem}/<int:pk>/"
        views = [
            (of_one, self.detail, f"{stem}_edition"),
            (f"{of_one}compare/", self.compare, f"compare_{stem}"),
            (f"{of_one}draft/", self.draft, f"draft_{stem}"),
            (f"{of_one}edit/", self.edit, f"edit_{stem}"),
            *((f"{of_one}{act}/", self._acting(act), f"{act}_{stem}") for act in ACTS),
        ]
        return [(route, open_to(Who.MANAGERS)(view), name) for route, view, name in views]

    def detail(self, request: DeskRequest, *, pk: int) -> HttpResponse:
        """The edition as it reads, and what can be done with it."""
        return self._page(request, "admin/edition.html", self._asked_for(pk))

    def compare(self, request: DeskRequest, *, pk: int) -> HttpResponse:
        """Beside another edition, place by place; of what is not published yet also what it would change."""
        edition = self._asked_for(pk)
        asked = request.GET.get("with", "")
        beside = self._asked_for(int(asked)) if asked.isdecimal() else self._before(edition)
        return self._page(request, "admin/edition_compared.html", edition, **self._compared(request, edition, beside))

    def draft(self, request: DeskRequest, *, pk: int) -> HttpResponse:
        """A new draft that begins as this edition."""
        edition = self._asked_for(pk)
        form = NewDraftForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                made = self.document.verbs.draft(of=edition, by=request.user, now=request.now, **form.cleaned_data)
            except Refused as refused:
                form.add_error(None, str(refused))
            else:
                return done(request, f"{made} is drafted.", f"admin:edit_{self.document.stem}", made.pk)
        return self._page(request, "admin/edition_new.html", edition, form=form)

    def edit(self, request: DeskRequest, *, pk: int) -> HttpResponse:
        """The whole draft as one form; what is wrong is said at its place, and nothing that was typed is lost."""
        edition = self._asked_for(pk)
        if edition.state != EditionState.DRAFT:
            return redirect(self.page_name, pk)
        if request.method != "POST":
            return self._form(request, edition, self.document.form(edition))
        form = self.document.form(edition, request.POST)
        if not form.is_valid():
            return self._form(request, edition, form)
        turn, text = form.cleaned_data["turn"], form.as_text()  # type: ignore[attr-defined]
        refusals = refusals_of(
            lambda: self.document.verbs.save(edition=edition, turn=turn, text=text, by=request.user, now=request.now)
        )
        if refusals:
            return self._form(request, edition, form, refusals=refusals)
        return done(request, "The draft is saved.", self.page_name, pk)

    def _acting(self, name: str) -> Callable[..., HttpResponse]:
        """The page that asks before a step is taken, and takes it when it is posted."""
        act = ACTS[name]

        def view(request: DeskRequest, *, pk: int) -> HttpResponse:
            edition = self._asked_for(pk)
            if request.method != "POST":
                return self._ask(request, edition, name, act.form(initial={"turn": edition.turn}))
            form = act.form(request.POST)
            if not form.is_valid():
                return self._ask(request, edition, name, form)
            verb = getattr(self.document.verbs, act.verb)
            refusals = refusals_of(lambda: verb(edition=edition, by=request.user, now=request.now, **form.cleaned_data))
            if refusals:
                return self._ask(request, edition, name, form, refusals=refusals)
            messages.success(request, act.done)
            return redirect(self.document.listed_at) if name == "discard" else redirect(self.page_name, pk)

        return view

    def _asked_for(self, pk: int) -> Any:
        return get_object_or_404(self.document.editions(), pk=pk)

    def _before(self, edition: Edition) -> Any:
        """The published edition that it follows; the first that there is if it comes before all of them."""
        others = self.document.editions().filter(published_at__isnull=False).exclude(pk=edition.pk)
        earlier = others.filter(valid_from__lt=edition.valid_from).order_by("-valid_from").first()
        return earlier or others.order_by("valid_from").first()

    def _compared(self, request: DeskRequest, edition: Any, beside: Any) -> dict[str, Any]:
        open_still = edition.state != EditionState.PUBLISHED
        return {
            "beside": beside,
            "sheet": self.document.sheet(edition, beside),
            "others": self.document.editions().exclude(pk=edition.pk),
            "effects": self.document.effects(edition, request.now) if open_still else None,
        }

    def _ask(self, request: DeskRequest, edition: Any, name: str, form: TurnForm, **more: Any) -> HttpResponse:
        shown = self._compared(request, edition, self._before(edition)) if name in ("propose", "publish") else {}
        return self._page(
            request, "admin/edition_step.html", edition, act=ACTS[name], step=name, form=form, **shown, **more
        )

    def _form(
        self, request: DeskRequest, edition: Any, form: DraftForm, refusals: Sequence[Refusal] = ()
    ) -> HttpResponse:
        return self._page(request, "admin/edition_form.html", edition, form=form, refusals=refusals)

    def _page(self, request: DeskRequest, template: str, edition: Any, **shown: Any) -> HttpResponse:
        stem = self.document.stem
        authors = (edition.drafted_by_id, edition.proposed_by_id)
        context = {
            "title": edition.name,
            "edition": edition,
            "document": self.document,
            "zone": vendor_zone(),
            "listed_at": reverse(self.document.listed_at),
            "address": {
                name: reverse(f"admin:{name}_{stem}", args=[edition.pk]) for name in ("compare", "draft", "edit", *ACTS)
            },
            "page": reverse(self.page_name, args=[edition.pk]),
            "not_by_you": second_person(
                request.user.pk, authors, may_approve=may_approve(request.user), clause=self.document.clause
            ),
            "history": [
                {**event, "note": _with_places(event["note"], self.document.place)}
                for event in what_happened(edition.name)
            ],
        }
        if "sheet" not in shown:
            context["sheet"] = self.document.sheet(edition, None)
        return page(request, template, **{**context, **shown})


def _with_places(note: str, in_words: Callable[[str], str]) -> str:
    """The lines of a change, each with its place in words: 'cap-gold-roadmap: 1 → 2'."""
    return _PLACE.sub(lambda found: f"{in_words(found[1])}: ", note)
