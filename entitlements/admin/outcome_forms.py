"""The editor of an outcome: one form for what every kind has, and a row of small forms for each of its parts (E13).

It works without a script: a button adds an empty line and keeps what was typed, a tick takes a line away with the next saving.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict

from entitlements.admin.engagement_forms import date_field
from entitlements.forms.outcomes import MoveForm as CustomersMoveForm
from entitlements.models import Customer, Outcome, RecommendationState, User
from entitlements.rules.outcomes import HORIZONS, KINDS, LINES, WITHOUT_ADVICE, Advice, Content, Score, ValueFigure
from entitlements.rules.scorecards import DIMENSIONS, SCALE

MOST_LINES = 60
SEVERAL = {"Finding": "Findings", "Step of the approach": "Steps of the approach"}
Choices = Sequence[tuple[str, Sequence[tuple[int, str]]]]


class _Part(forms.Form):
    use_required_attribute = False
    remove = forms.BooleanField(label="Take this line away", required=False, help_text="It goes with the next saving.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields([name for name in self.fields if name != "remove"])

    @property
    def stays(self) -> bool:
        return bool(self.cleaned_data) and not self.cleaned_data["remove"]

    def full_clean(self) -> None:
        """What is to be taken away need not be right any more."""
        super().full_clean()
        if self.is_bound and self.cleaned_data.get("remove"):
            self._errors = forms.utils.ErrorDict()


class NeededLater(forms.CharField):
    """A draft may lack it; what is given may not. Its label says so in place of “optional”."""

    needed_before = "it is given"


class HeadForm(forms.Form):
    use_required_attribute = False
    kind = forms.ChoiceField(
        label="Form of the assessment",
        widget=forms.RadioSelect,
        help_text="By the contract's products both are open: choose one for this assessment (E13).",
    )
    summary = NeededLater(
        label="What came out",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="A sentence or two that the customer reads first.",
    )
    reason = forms.CharField(
        label="Why it is amended",
        max_length=500,
        help_text="The customer reads it in the letter and beside the new version.",
    )
    turn = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, kinds: Sequence[str], *args: Any, given: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind, KINDS[kind]) for kind in kinds]  # type: ignore[attr-defined]
        if len(kinds) == 1:
            self.fields["kind"].widget = forms.HiddenInput()
        if not given:
            del self.fields["reason"]


class LineForm(_Part):
    text = forms.CharField(
        label="In words", max_length=4000, widget=forms.Textarea(attrs={"rows": 2}), help_text="One thing a line."
    )


class AdviceForm(_Part):
    id = forms.IntegerField(widget=forms.HiddenInput, required=False)
    text = forms.CharField(
        label="What to do",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="So that the owner knows when it is done.",
    )
    owner = forms.TypedChoiceField(
        label="Owner", coerce=int, help_text="Who sees to it, of the customer's people or of ours."
    )
    due = date_field("Due", help_text="The last day on which it is in time. Example: 2026-11-30.")
    horizon = forms.ChoiceField(
        label="On the scorecard",
        choices=[("", "Choose"), *HORIZONS.items()],
        help_text="A quick win, or a step of the roadmap.",
    )

    def __init__(self, *args: Any, owners: Choices, with_horizon: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].choices = [("", "Choose an owner"), *owners]  # type: ignore[attr-defined]
        if not with_horizon:
            del self.fields["horizon"]


class FigureForm(_Part):
    what = forms.CharField(label="What", max_length=120, help_text="Such as hours saved, or cost of escalations.")
    amount = forms.DecimalField(
        label="How much",
        max_digits=18,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "short"}),
        help_text="A number, such as 120 or 1450.50.",
        error_messages={"invalid": "Write how much as a number, such as 1450.50."},
    )
    unit = forms.CharField(label="Unit", max_length=40, help_text="Such as hours a month, or USD a year.")


class ScoreForm(forms.Form):
    use_required_attribute = False
    level = forms.TypedChoiceField(
        label="Level",
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "Not yet"), *((level, f"{level}, {name}: {what}") for level, (name, what) in SCALE.items())],
        help_text="On the scale that the customer reads.",
    )
    note = forms.CharField(
        label="What speaks for it",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="What you saw.",
    )


PARTS: dict[str, type[_Part]] = {"lines": LineForm, "advice": AdviceForm, "figures": FigureForm}


class MoveForm(CustomersMoveForm):
    """E13: how a recommendation stands, as the desk notes it. Declining is the customer's."""

    use_required_attribute = False
    reason = None  # type: ignore[assignment]  # takes the field away

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        state: Any = self.fields["state"]
        state.widget = forms.Select()
        state.choices = [one for one in RecommendationState.choices if one[0] != RecommendationState.DECLINED]
        state.help_text = "Only the customer declines."


class Editor:
    """All forms of an outcome's page. `typed`: what was posted; `more`: the part to which an empty line is to be added."""

    def __init__(
        self, outcome: Outcome | None, kinds: Sequence[str], owners: Choices, typed: QueryDict | None = None
    ) -> None:
        self.outcome, self.kinds, self.owners = outcome, kinds, owners
        self.given = bool(outcome and outcome.is_given)
        self.more = typed.get("add", "") if typed is not None else ""
        self.kind = self._kind(typed)
        content = outcome.content() if outcome else Content()
        start = {"kind": self.kind, "summary": content.summary, "turn": outcome.turn if outcome else 0}
        self.head = HeadForm(kinds, typed, given=self.given, initial=start)
        self.parts = {name: self._part(name, typed, initial) for name, initial in _initial(content).items()}
        self.scores = {key: ScoreForm(typed, prefix=key, initial=_score(content.scores.get(key))) for key in DIMENSIONS}
        if self.more in PARTS:
            self._unbind()

    @property
    def shown(self) -> list[str]:
        """The parts that an outcome of this kind has."""
        has = {"lines": self.kind in LINES, "advice": self.kind not in WITHOUT_ADVICE, "figures": self.scored}
        return [name for name, it_has in has.items() if it_has]

    @property
    def scored(self) -> bool:
        return self.kind == "scorecard"

    @property
    def line(self) -> str:
        return LINES.get(self.kind, "")

    @property
    def line_heading(self) -> str:
        return SEVERAL.get(self.line, self.line)

    @property
    def forms(self) -> list[Any]:
        """Those that are on the page, in its order: for the check, and for the summary of errors."""
        scores = [*self.scores.values()] if self.scored else []
        return [self.head, *scores, *(self.parts[name] for name in self.shown)]

    @property
    def dimensions(self) -> list[tuple[str, ScoreForm]]:
        return [(name, self.scores[key]) for key, name in DIMENSIONS.items()]

    def is_valid(self) -> bool:
        return not [one for one in self.forms if not one.is_valid()]

    @property
    def turn(self) -> int:
        return self.head.cleaned_data["turn"] or 0

    def content(self) -> Content:
        """What was typed. Of parts that this kind does not have: what is there, so that a choice taken back loses nothing."""
        kept = self.outcome.content() if self.outcome else Content()
        stays = {name: [one.cleaned_data for one in self.parts[name] if one.stays] for name in self.shown}
        return Content(
            summary=self.head.cleaned_data["summary"],
            lines=tuple(one["text"] for one in stays["lines"]) if "lines" in stays else kept.lines,
            advice=tuple(map(_advice, stays["advice"])) if "advice" in stays else kept.advice,
            scores=self._levels() if self.scored else kept.scores,
            figures=tuple(_figure(one) for one in stays["figures"]) if "figures" in stays else kept.figures,
        )

    def _levels(self) -> dict[str, Score]:
        said = {key: form.cleaned_data for key, form in self.scores.items()}
        return {key: Score(one["level"], one["note"]) for key, one in said.items() if one["level"]}

    def _kind(self, typed: QueryDict | None) -> str:
        chosen = typed.get("kind", "") if typed is not None else self.outcome.kind if self.outcome else ""
        return chosen if chosen in self.kinds else self.kinds[-1]

    def _part(self, name: str, typed: QueryDict | None, initial: list[dict[str, Any]]) -> Any:
        """A part's lines: as they were sent, all of them, or, if the page sent none, as they are."""
        data = typed if typed is not None and f"{name}-TOTAL_FORMS" in typed else None
        spare = 0 if initial else 1
        kwargs = {"owners": self.owners, "with_horizon": self.scored} if name == "advice" else {}
        rows = forms.formset_factory(PARTS[name], extra=spare, max_num=MOST_LINES, absolute_max=MOST_LINES)
        return rows(data, prefix=name, initial=None if data else initial, form_kwargs=kwargs)

    def _unbind(self) -> None:
        """Show what was typed once more, unchecked, with an empty line where one was asked for."""
        self.head = HeadForm(self.kinds, given=self.given, initial=_typed(self.head))
        self.scores = {key: ScoreForm(prefix=key, initial=_typed(form)) for key, form in self.scores.items()}
        for name, part in self.parts.items():
            rows = [_typed(form) for form in part.forms]
            rows += [{}] if name == self.more else []
            self.parts[name] = self._part(name, None, rows)


def owners_of(customer: Customer, people: Iterable[User]) -> Choices:
    """The choices of an owner, the customer's people before ours."""
    named: dict[bool, list[tuple[int, str]]] = {True: [], False: []}
    for one in people:
        named[one.is_staff or hasattr(one, "engineer")].append((one.pk, str(one)))
    return [(customer.name, named[False]), (settings.VENDOR_NAME, named[True])]


def _initial(content: Content) -> dict[str, list[dict[str, Any]]]:
    return {
        "lines": [{"text": text} for text in content.lines],
        "advice": [
            {"id": one.id, "text": one.text, "owner": one.owner, "due": one.due, "horizon": one.horizon}
            for one in content.advice
        ],
        "figures": [{"what": one.what, "amount": one.amount, "unit": one.unit} for one in content.figures],
    }


def _score(score: Score | None) -> dict[str, Any]:
    return {"level": score.level, "note": score.note} if score else {}


def _typed(form: forms.Form) -> dict[str, Any]:
    return {name: form[name].value() for name in form.fields}


def _advice(given: dict[str, Any]) -> Advice:
    return Advice(given["text"], given["owner"], given["due"], given.get("horizon", ""), given["id"])


def _figure(given: dict[str, Any]) -> ValueFigure:
    return ValueFigure(given["what"], given["amount"], given["unit"])
