"""S6: the checklist of exclusions as people read it: each of the eight, what it cuts, by whom it was found, or that it was not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from entitlements import wording
from entitlements.rules.spans import Span, total
from entitlements.rules.working import Step
from sla.evidence.one_alert import Examined as Alert
from sla.evidence.wording import volume_in_words
from sla.exclusions import in_words
from sla.models import DETAILS, Examination
from sla.outage_logs import Logs
from sla.rules.exclusions import Examined, ExclusionKind, Finding, Outcome

OUTCOMES = {
    Outcome.FOUND: "Found",
    Outcome.NOT_FOUND: "Not found",
    Outcome.NOT_EXAMINED: "Not examined, so not found",
    Outcome.DOES_NOT_BIND: "Does not apply",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One exclusion: its numeral and name, what is said of it, what it cuts (UTC), and the findings that it rests on.

    `working` is that of what is computed; `examined` who looked and found nothing.
    """

    numeral: str
    title: str
    outcome: Outcome
    said: str
    spans: tuple[Span, ...]
    findings: tuple[Finding, ...]
    working: Step | None = None
    examined: Examination | None = None

    @property
    def is_found(self) -> bool:
        return self.outcome is Outcome.FOUND

    @property
    def in_a_word(self) -> str:
        return OUTCOMES[self.outcome]


def of_outage(logs: Logs, examined: Iterable[Examination] = ()) -> list[Line]:
    """S2, S3, S6: what excludes an outage for one customer. `examined`: what was looked at for a claim."""
    looked = _by_kind(examined)
    lines = logs.source.exclusions([kind for kind in ExclusionKind if kind.numeral in looked])
    computed = {ExclusionKind.MAINTENANCE: (_maintenance(lines), logs.source.account.working)}
    return [_line(one, looked, *computed.get(one.kind, ("", None)), of="an outage") for one in lines]


def of_alert(alert: Alert, examined: Iterable[Examination] = ()) -> list[Line]:
    """S3, S6, S7: what excludes a late alert. What is not late, or out of scope, is asked nothing: None of it would be excluded."""
    looked = _by_kind(examined)
    lines = alert.delivery.exclusions([kind for kind in ExclusionKind if kind.numeral in looked])
    volume = volume_in_words(alert.volume) if alert.volume else "The volume is asked of late alerts only."
    computed = {
        ExclusionKind.MAINTENANCE: (_maintenance(lines), None),
        ExclusionKind.VOLUME: (volume, alert.volume.working if alert.volume else None),
    }
    return [_line(one, looked, *computed.get(one.kind, ("", None)), of="an alert by this channel") for one in lines]


def applied_in_words(working: Step) -> list[Line]:
    """S6: what a claim's working has of exclusions that were applied, live or as a decision froze it."""
    whole = (step for _, step in working.walk() if step.name == "excluded by its cause")
    return [_as_kept(line) for step in whole for line in step.steps]


def _as_kept(line: Step) -> Line:
    kind = next(one for one in ExclusionKind if f"exclusion ({one.numeral})" == line.name)
    spans = dict(line.inputs)["spans"]
    kept = tuple(one for one in spans if isinstance(one, Span)) if isinstance(spans, tuple) else ()
    return Line(
        kind.numeral,
        in_words(kind),
        Outcome.FOUND,
        _minutes(kept),
        kept,
        tuple(_found(kind, one) for one in line.steps),
    )


def _found(kind: ExclusionKind, step: Step) -> Finding:
    inputs = {label: str(figure) for label, figure in step.inputs}
    assert isinstance(step.result, Span)
    return Finding(
        kind=kind,
        span=step.result,
        statement=step.note,
        evidence=inputs["evidence"],
        author=inputs["author"],
        detail=inputs["detail"],
        key=inputs["finding"],
        channel=inputs["channel"],
        incident=inputs["incident"],
    )


def detail_in_words(detail: str) -> str:
    """S6: which force majeure or responsibility it was."""
    return next((words for one, words in DETAILS.items() if one.value == detail), detail)


def _line(one: Examined, looked: dict[str, Examination], computed: str, working: Step | None, *, of: str) -> Line:
    examined = looked.get(one.kind.numeral) if one.outcome is Outcome.NOT_FOUND else None
    said = {
        Outcome.FOUND: computed or _minutes(one.spans),
        Outcome.NOT_FOUND: computed,
        Outcome.NOT_EXAMINED: "",
        Outcome.DOES_NOT_BIND: f"It does not speak of {of}.",
    }[one.outcome]
    return Line(one.kind.numeral, in_words(one.kind), one.outcome, said, one.spans, one.findings, working, examined)


def _maintenance(lines: Iterable[Examined]) -> str:
    (spans,) = (one.spans for one in lines if one.kind is ExclusionKind.MAINTENANCE)
    return _minutes(spans) if spans else "No maintenance that excuses ran in this time, or its ten hours were used up."


def _minutes(spans: Iterable[Span]) -> str:
    cut = total(spans)
    return f"{wording.duration_in_words(cut)} cut out." if cut > timedelta() else ""


def _by_kind(examined: Iterable[Examination]) -> dict[str, Examination]:
    """The newest of each."""
    found: dict[str, Examination] = {}
    for one in examined:
        found.setdefault(one.kind, one)
    return found
