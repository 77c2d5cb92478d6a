"""A draft of the policy as one form: the whole table on a page, every figure as it is typed (E2, E4, E9, E10)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.forms import BoundField

from entitlements.admin.edition_forms import DraftForm, lines_field
from entitlements.models import ProductRequirement
from entitlements.policy_sheets import WORDS
from entitlements.rules.cap_values import NOT_AVAILABLE, UNLIMITED, Cap, as_figure
from entitlements.rules.editions import ACTIVITIES, LEVELS
from entitlements.rules.policy_texts import Description, PolicyText, Session, SharedPool, faults
from entitlements.rules.products import PRODUCTS

PARTS = (1, 2)
POOL = "pool"
CELL_HELP = "A number, N/A, or pool."


class PolicyForm(DraftForm):
    """E2: what is typed becomes the text of the draft; what is wrong with it is said at its cell."""

    def __init__(self, *args: Any, text: PolicyText, turn: int, **kwargs: Any) -> None:
        self.text = text
        self.keys = list(dict.fromkeys(key for _, key in text.pools)) or [POOL]
        super().__init__(*args, initial={"turn": turn, **dict(_typed(text, self.keys))}, **kwargs)
        self.fields["advice_wording"] = lines_field("What a requester accepts", "Quoted on every request (E11).")
        for activity, name in ACTIVITIES.items():
            self._add_activity(activity, name)
        for key in self.keys:
            self._add_pool(key)

    def _add_activity(self, activity: str, name: str) -> None:
        for level, title in LEVELS.items():
            self.fields[f"cap-{level}-{activity}"] = _cell(f"{name} at {title}", self.keys)
        for part in PARTS:
            what = f"{name}, session {part}"
            self.fields[f"minutes-{activity}-{part}"] = _number(f"{what}: minutes", "Empty: there is no such session.")
            self.fields[f"session-{activity}-{part}"] = forms.CharField(
                label=f"{what}: name", required=False, max_length=40, help_text="Such as session, discovery, follow-up."
            )
        for product, product_name in PRODUCTS.items():
            self.fields[f"needs-{activity}-{product}"] = forms.ChoiceField(
                label=f"{name}: {product_name}",
                required=False,
                choices=[("", "Not asked for"), *ProductRequirement.Kind.choices],
                help_text="How the activity asks for the product (E9).",
            )
        for word, (label, clause) in WORDS.items():
            self.fields[f"{word}-{activity}"] = lines_field(
                f"{name}: {label.lower()}", f"For the customer ({clause}).", required=word != "recommended"
            )

    def _add_pool(self, key: str) -> None:
        self.fields[f"poolname-{key}"] = forms.CharField(
            label="Name of the shared pool", required=False, max_length=80, help_text="As customers read it (E4)."
        )
        for level, title in LEVELS.items():
            self.fields[f"pool-{level}-{key}"] = _number(f"Shared pool at {title}", "Empty: no pool at this level.")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors:
            for place, refusal in faults(self.as_text()):
                self.add_error(place if place in self.fields else None, str(refusal))
        return given

    def as_text(self) -> PolicyText:
        """What was typed, as the rules read it."""
        given = self.cleaned_data
        return PolicyText(
            name=self.text.name,
            valid_from=given["valid_from"],
            advice_wording=given["advice_wording"],
            cells={(at, key): self._cap(given[f"cap-{at}-{key}"]) for at in LEVELS for key in ACTIVITIES},
            pools={
                (level, key): SharedPool(given[f"poolname-{key}"] or "Shared pool", cap)
                for key in self.keys
                for level in LEVELS
                if (cap := given[f"pool-{level}-{key}"]) is not None
            },
            sessions={activity: tuple(_sessions(given, activity)) for activity in ACTIVITIES},
            needs={
                (activity, product): kind
                for activity in ACTIVITIES
                for product in PRODUCTS
                if (kind := given[f"needs-{activity}-{product}"])
            },
            descriptions={key: Description(**{word: given[f"{word}-{key}"] for word in WORDS}) for key in ACTIVITIES},
        )

    def _cap(self, typed: Cap | str) -> Cap | str:
        return self.keys[0] if typed == POOL and len(self.keys) == 1 else typed

    # --- as the page sets it out

    @property
    def table(self) -> Iterator[tuple[str, list[BoundField]]]:
        """Each activity with its cells, level by level."""
        for activity, name in ACTIVITIES.items():
            yield name, [self[f"cap-{level}-{activity}"] for level in LEVELS]

    @property
    def pools(self) -> Iterator[tuple[BoundField, list[BoundField]]]:
        for key in self.keys:
            yield self[f"poolname-{key}"], [self[f"pool-{level}-{key}"] for level in LEVELS]

    @property
    def lengths(self) -> Iterator[tuple[str, list[BoundField]]]:
        for activity, name in ACTIVITIES.items():
            yield name, [self[f"{what}-{activity}-{part}"] for part in PARTS for what in ("session", "minutes")]

    @property
    def needs(self) -> Iterator[tuple[str, list[BoundField]]]:
        for activity, name in ACTIVITIES.items():
            yield name, [self[f"needs-{activity}-{product}"] for product in PRODUCTS]

    @property
    def words(self) -> Iterator[tuple[str, list[BoundField]]]:
        for activity, name in ACTIVITIES.items():
            yield name, [self[f"{word}-{activity}"] for word in WORDS]

    levels = list(LEVELS.values())
    products = list(PRODUCTS.values())


class CapField(forms.CharField):
    """A cell as it is typed: a number, N/A, or pool."""

    def __init__(self, *, pools: Sequence[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pools = (POOL, *pools)

    def clean(self, value: Any) -> Cap | str:
        typed = " ".join(super().clean(value).split()).lower()
        if typed.removeprefix("-").isdecimal():
            return int(typed)
        if typed in ("n/a", "na"):
            return NOT_AVAILABLE
        if typed in ("unlimited", "no limit", "without limit"):
            return UNLIMITED
        if typed in self.pools:
            return typed
        raise forms.ValidationError(f"“{value}” is no cap. Write a number, N/A or pool.")


def _cell(label: str, pools: Sequence[str]) -> CapField:
    return CapField(
        label=label,
        max_length=40,
        help_text=CELL_HELP,
        pools=pools,
        error_messages={"required": f"{label}: write a number, N/A or pool. An empty cell says nothing."},
        widget=forms.TextInput(attrs={"size": 5, "autocomplete": "off"}),
    )


def _number(label: str, help_text: str) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        help_text=help_text,
        error_messages={"invalid": f"{label}: write a whole number."},
        widget=forms.TextInput(attrs={"size": 4, "inputmode": "numeric", "autocomplete": "off"}),
    )


def _sessions(given: Mapping[str, Any], activity: str) -> Iterator[Session]:
    for part in PARTS:
        minutes, name = given[f"minutes-{activity}-{part}"], given[f"session-{activity}-{part}"]
        if minutes is not None or name:
            yield Session(name, minutes or 0)


def _typed(text: PolicyText, keys: list[str]) -> Iterator[tuple[str, Any]]:
    """The text as it would be typed."""
    yield from (("valid_from", text.valid_from), ("advice_wording", text.advice_wording))
    for (level, activity), cap in text.cells.items():
        word = (POOL if len(keys) == 1 else cap) if isinstance(cap, str) else as_figure(cap)
        yield f"cap-{level}-{activity}", word
    for (level, key), pool in text.pools.items():
        yield from ((f"poolname-{key}", pool.name), (f"pool-{level}-{key}", pool.cap))
    for activity, sessions in text.sessions.items():
        for part, session in enumerate(sessions, start=1):
            yield f"session-{activity}-{part}", session.name
            yield f"minutes-{activity}-{part}", session.minutes
    for (activity, product), kind in text.needs.items():
        yield f"needs-{activity}-{product}", kind
    for activity, words in text.descriptions.items():
        yield from ((f"{word}-{activity}", said) for word, said in words._asdict().items())
