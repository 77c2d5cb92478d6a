"""S6: the eight causes that exclude a failure. Each is a finding with evidence, author and a from–to; none is silent."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from enum import Enum, StrEnum

from entitlements.rules.spans import Span, cut, intersection, union
from entitlements.rules.working import Step


class Side(StrEnum):
    """S5: the two ways in which the service fails."""

    AVAILABILITY = "A"
    DELIVERY = "B"


_BOTH = frozenset(Side)
_DELIVERY_ONLY = frozenset({Side.DELIVERY})
PUSH = "push"


class ExclusionKind(Enum):
    """S6: the numeral of an exclusion, the side that it binds, and whether it is computed rather than found."""

    CUSTOMER_NETWORK = ("i", _BOTH, False)
    FORCE_MAJEURE = ("ii", _BOTH, False)
    INTERNET = ("iii", _BOTH, False)
    MAINTENANCE = ("iv", _BOTH, True)
    VOLUME = ("v", _DELIVERY_ONLY, True)
    CUSTOMER_RESPONSIBILITY = ("vi", _BOTH, False)
    PUSH_CHANNEL = ("vii", _DELIVERY_ONLY, False)
    OUTSIDE_CONTROL = ("viii", _BOTH, False)

    def __init__(self, numeral: str, sides: frozenset[Side], is_computed: bool) -> None:
        self.numeral = numeral
        self.sides = sides
        self.is_computed = is_computed

    def binds(self, side: Side, channel: str | None = None) -> bool:
        """Whether it can exclude a failure of this side; (vii) only alerts by push."""
        if self is ExclusionKind.PUSH_CHANNEL and channel != PUSH:
            return False
        return side in self.sides


class ForceMajeure(StrEnum):
    """S6 (ii): the six kinds."""

    GOVERNMENT = "government"
    LABOR = "labor"
    DISASTER = "disaster"
    WAR = "war"
    PROVIDER = "provider"
    BEYOND_CONTROL = "beyond_control"


class Responsibility(StrEnum):
    """S6 (vi): the customer's responsibilities."""

    CONFIGURATION = "configuration"
    PROCEDURE = "procedure"
    CONTACTS = "contacts"


_DETAILS: dict[ExclusionKind, frozenset[str]] = {
    ExclusionKind.FORCE_MAJEURE: frozenset(ForceMajeure),
    ExclusionKind.CUSTOMER_RESPONSIBILITY: frozenset(Responsibility),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """S6: one finding of cause. `span` is its from–to (UTC); `detail` the kind of force majeure or of responsibility;
    `statement` says in words what was found (of a responsibility: by which document, and its state then). With a `channel` or an
    `incident` it is of alerts by that channel or of that incident only; `key` is its reference. `by_outage`: it was found of an
    outage, and excludes alerts only as those that the outage is presumed to have caused.

    Raises ValueError where evidence, author, statement or a known detail is missing, and for (iv) and (v), which are computed.
    """

    kind: ExclusionKind
    span: Span
    evidence: str
    author: str
    statement: str
    detail: str = ""
    key: str = ""
    channel: str = ""
    incident: str = ""
    by_outage: bool = False

    def __post_init__(self) -> None:
        if self.kind.is_computed:
            raise ValueError(f"({self.kind.numeral}) is computed, not found")
        if not (self.evidence.strip() and self.author.strip() and self.statement.strip()):
            raise ValueError(f"({self.kind.numeral}) needs evidence, an author and a statement")
        if self.detail not in _DETAILS.get(self.kind, {self.detail}):
            raise ValueError(f"({self.kind.numeral}) has no such kind: {self.detail!r}")

    @property
    def working(self) -> Step:
        return Step(
            f"exclusion ({self.kind.numeral})",
            "S6",
            self.span,
            inputs=(
                ("finding", self.key),
                ("detail", self.detail),
                ("evidence", self.evidence),
                ("author", self.author),
                ("channel", self.channel),
                ("incident", self.incident),
            ),
            note=self.statement,
        )

    def binds(self, side: Side, channel: str | None = None, incident: str = "") -> bool:
        """Whether it can exclude a failure of this side, by this channel and of this incident."""
        if side is Side.AVAILABILITY:
            return self.kind.binds(side) and not (self.channel or self.incident)
        meant = self.channel in ("", channel) and self.incident in ("", incident)
        return meant and self.kind.binds(side, channel)


def binding(
    findings: Iterable[Finding], side: Side, channel: str | None = None, incident: str = ""
) -> tuple[Finding, ...]:
    """S6: the findings that bind a failure of this side (by this channel, of this incident), in order of time."""
    bound = (finding for finding in findings if finding.binds(side, channel, incident))
    return tuple(sorted(bound, key=lambda finding: (finding.span, finding.kind.numeral)))


def of_outage(finding: Finding, down: Iterable[Span], others: Iterable[Span]) -> tuple[Finding, ...]:
    """S6, S8: a finding upon an outage as it holds for everything that a customer had then.

    An outage is presumed the cause of alerts that are late in it, so what excludes it excludes them; but only in the minutes in
    which the outage has the customer down, and no other one has (`others`).
    """
    own = cut(intersection([finding.span], down), others)
    return tuple(replace(finding, span=span, by_outage=True) for span in own)


class Outcome(StrEnum):
    """S6: what the checklist says of one exclusion. Not examined counts as not found."""

    FOUND = "found"
    NOT_FOUND = "not_found"
    NOT_EXAMINED = "not_examined"
    DOES_NOT_BIND = "does_not_bind"


@dataclass(frozen=True, slots=True)
class Examined:
    """S6: one line of the checklist."""

    kind: ExclusionKind
    outcome: Outcome
    spans: tuple[Span, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def working(self) -> Step:
        return Step(
            f"exclusion ({self.kind.numeral})",
            "S6",
            self.outcome.value,
            inputs=(("spans", self.spans),),
            steps=tuple(finding.working for finding in self.findings),
        )


def applied(key: str, lines: Iterable[Examined]) -> Step | None:
    """S6: what excluded something of a failure, named by `key`, for the file of its claim; None where nothing did."""
    found = tuple(line for line in lines if line.outcome is Outcome.FOUND)
    spans = union(span for line in found for span in line.spans)
    steps = tuple(line.working for line in found)
    return Step("excluded by its cause", "S6", spans, inputs=(("failure", key),), steps=steps) if found else None


def checklist(
    side: Side,
    findings: Iterable[Finding],
    *,
    examined: Collection[ExclusionKind],
    maintenance: Iterable[Span] = (),
    volume: Iterable[Span] = (),
    channel: str | None = None,
    within: Collection[Span],
) -> tuple[Examined, ...]:
    """S6: all eight exclusions, each found, not found, not examined, or not binding this side: nothing is left out.

    (iv) and (v) are computed: what they cut is handed in, and they count as examined. `within` is the time that is asked about: a finding
    that reaches further cuts nothing there.
    """
    computed = {ExclusionKind.MAINTENANCE: tuple(maintenance), ExclusionKind.VOLUME: tuple(volume)}
    found = tuple(findings)
    lines = ((kind, tuple(one for one in found if one.kind is kind)) for kind in ExclusionKind)
    return tuple(
        _line(kind, side, own, (*computed.get(kind, ()), *_cut_by(own, within)), examined, channel)
        for kind, own in lines
    )


def _cut_by(found: Iterable[Finding], within: Iterable[Span]) -> tuple[Span, ...]:
    return intersection((one.span for one in found), within)


def _line(
    kind: ExclusionKind,
    side: Side,
    found: tuple[Finding, ...],
    parts: tuple[Span, ...],
    examined: Collection[ExclusionKind],
    channel: str | None,
) -> Examined:
    if not kind.binds(side, channel):
        return Examined(kind, Outcome.DOES_NOT_BIND, ())
    if spans := union(parts):
        return Examined(kind, Outcome.FOUND, spans, found)
    looked_at = kind.is_computed or kind in examined
    return Examined(kind, Outcome.NOT_FOUND if looked_at else Outcome.NOT_EXAMINED, ())
