"""S4, S5 (B), S8 (B): the delivery period of one alert, whether it is a delivery failure, and its remedy period."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from entitlements.rules.refusals import Refusal
from entitlements.rules.spans import Span, cut, intersection, span_or_none, total, union
from entitlements.rules.working import Figure, Step
from sla.rules.exclusions import Examined, ExclusionKind, Finding, Side, binding, checklist
from sla.rules.maintenance import first_of
from sla.rules.terms import EnterpriseTerms
from sla.rules.volume import VolumeExclusion

COVERED_COUNTRIES = frozenset({"US", "CA"})
DELIVERY_RECEIPT = "delivery_receipt"
"""The kind of log entry by which a provider reports that it delivered; any channel may have one."""

LogEntry = tuple[str, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One notification: one channel, one configured delay. Instants are UTC; countries are ISO codes as the logs show, or None.

    `initial`: the first alert of a new incident. `acknowledged` and `resolved` are the incident's; `incident` is its name.
    """

    received: datetime
    channel: str
    logs: tuple[LogEntry, ...]
    delay: timedelta
    high_urgency: bool
    first_responder: bool
    registered: str | None
    located: str | None
    acknowledged: datetime | None
    resolved: datetime | None
    initial: bool = True
    incident: str = ""

    @property
    def due(self) -> datetime:
        """When it was to leave: the receipt of the trigger and the configured delay."""
        return self.received + self.delay

    @property
    def figures(self) -> tuple[tuple[str, Figure], ...]:
        logs: Figure = tuple(self.logs)
        return (
            ("received", self.received),
            ("channel", self.channel),
            ("logs", logs),
            ("delay", self.delay),
            ("high_urgency", self.high_urgency),
            ("first_responder", self.first_responder),
            ("registered", self.registered),
            ("located", self.located),
            ("acknowledged", self.acknowledged),
            ("resolved", self.resolved),
            ("initial", self.initial),
        )


class OutOfScope(StrEnum):
    """S4: why an alert has no delivery period in the sense of the document."""

    CHANNEL = "channel"
    COUNTRY = "country"
    RESPONDER = "responder"
    URGENCY = "urgency"
    NOT_INITIAL = "not_initial"


_SENTENCES = {
    OutOfScope.CHANNEL: "The terms name no log for this channel.",
    OutOfScope.COUNTRY: "The address or device was not both registered and located in the United States or Canada.",
    OutOfScope.RESPONDER: "It did not go to the first responder.",
    OutOfScope.URGENCY: "It was not of high urgency.",
    OutOfScope.NOT_INITIAL: "It was not the initial alert of a new incident.",
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """S4, S5: what became of an alert.

    `ended` is the instant that ends its delivery period (still open: the moment asked; None where nobody asked);
    `cuts` is what excludes parts of it (S3, S6), `maintenance` that of it which is computed (S3); `volume` the computed exclusion (v).
    """

    alert: Alert
    out_of_scope: tuple[OutOfScope, ...]
    attempted: bool
    ended: datetime | None
    open: bool
    cuts: tuple[Span, ...]
    volume: VolumeExclusion | None
    findings: tuple[Finding, ...]
    terms: EnterpriseTerms
    maintenance: tuple[Span, ...] = ()

    @property
    def in_scope(self) -> bool:
        return not self.out_of_scope

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """S4: why it is out of scope, each reason in a sentence."""
        return tuple(Refusal("S4", why.value, _SENTENCES[why]) for why in self.out_of_scope)

    @property
    def counted(self) -> tuple[Span, ...]:
        """The delivery period from the instant due, without what is cut out of it."""
        whole = self.ended and span_or_none(self.alert.due, self.ended)
        return cut([whole], self.cuts) if whole else ()

    @property
    def period(self) -> timedelta | None:
        """S4: the delivery period, less the configured delay, never below zero. None where its end is not known."""
        return None if self.ended is None else total(self.counted)

    @property
    def failure(self) -> bool:
        """S5 (B): more than five minutes (exactly five are in time), in scope, and not excluded by volume (S7)."""
        late = self.period is not None and self.period > self.terms.delivery_limit
        return late and self.in_scope and not (self.volume and self.volume.excluded)

    @property
    def occurrence(self) -> datetime | None:
        """S5: the instant at which it has become one, five minutes after the alert was due. Where parts are cut out, it
        has become one only when what counts has passed five minutes."""
        return self.remedy[0].start if self.remedy else None

    @property
    def remedy(self) -> tuple[Span, ...]:
        """S8 (B): from five minutes after the alert was due to its end, without what is cut out; empty if it was no failure."""
        if not self.failure:
            return ()
        return cut(self.counted, first_of(self.counted, self.terms.delivery_limit))

    def exclusions(self, examined: Collection[ExclusionKind] = ()) -> tuple[Examined, ...]:
        """S6: all eight, with what each cuts out of the time from due to its end; `examined` are those that somebody looked for."""
        waited = self.ended and span_or_none(self.alert.due, self.ended)
        quarter = (
            self.volume and self.volume.excluded and Span(self.volume.until, self.volume.until + self.terms.quarter)
        )
        return checklist(
            Side.DELIVERY,
            self.findings,
            examined=examined,
            maintenance=intersection([waited], self.maintenance) if waited else (),
            volume=[quarter] if quarter else [],
            channel=self.alert.channel,
            within=(waited,) if waited else (),
        )

    @property
    def shares_with_an_outage(self) -> bool:
        """S6, S8: whether anything is cut out of it because an outage is presumed its cause."""
        return any(finding.by_outage for finding in self.findings)

    @property
    def working(self) -> Step:
        return Step(
            "delivery period",
            "S4",
            self.period,
            inputs=(
                *self.alert.figures,
                ("deciding_log", self.terms.deciding_logs.get(self.alert.channel)),
                ("delivery_limit_minutes", self.terms.delivery_limit_minutes),
                ("ended", self.ended),
                ("open", self.open),
                ("attempted", self.attempted),
                ("out_of_scope", tuple(why.value for why in self.out_of_scope)),
                ("cuts", self.cuts),
                ("failure", self.failure),
                ("occurrence", self.occurrence),
                ("remedy", self.remedy),
            ),
            steps=(
                *((self.volume.working,) if self.volume else ()),
                *(finding.working for finding in self.findings),
            ),
        )


def delivery(
    alert: Alert,
    terms: EnterpriseTerms,
    now: datetime | None,
    *,
    maintenance: Iterable[Span] = (),
    findings: Iterable[Finding] = (),
    volume: VolumeExclusion | None = None,
    found_otherwise: bool = False,
) -> Delivery:
    """S4, S5 (B): the delivery period of an alert and whether it is a failure, for causes within the vendor's control.

    `now` (UTC) ends what is still open; without it the period of such an alert is not known, and no failure is found.
    `maintenance` is what cuts (`MaintenanceAccount.cutting`), `findings` those of S6.
    `found_otherwise`: no outage caused it (S8), so that what was found of one excludes nothing of it.
    """
    logged = _logged(alert, terms)
    closed = min((at for at in (alert.acknowledged, alert.resolved) if at is not None), default=None)
    ended = logged or closed
    until = ended or now
    waited = span_or_none(alert.due, until) if until else None
    bound = tuple(
        finding
        for finding in binding(findings, Side.DELIVERY, alert.channel, alert.incident)
        if waited and finding.span.overlaps(waited) and not (found_otherwise and finding.by_outage)
    )
    maintained = tuple(one for one in maintenance if waited and one.overlaps(waited))
    return Delivery(
        alert=alert,
        out_of_scope=_out_of_scope(alert, terms),
        attempted=logged is not None,
        ended=until,
        open=ended is None,
        cuts=union((*maintained, *(finding.span for finding in bound))),
        volume=volume,
        findings=bound,
        terms=terms,
        maintenance=maintained,
    )


def _logged(alert: Alert, terms: EnterpriseTerms) -> datetime | None:
    """S4: the earliest entry of the channel's own log, or a receipt of delivery if that is earlier. Entries of another
    channel's log belong to another notification."""
    deciding = (terms.deciding_logs.get(alert.channel), DELIVERY_RECEIPT)
    return min((at for kind, at in alert.logs if kind in deciding), default=None)


def _out_of_scope(alert: Alert, terms: EnterpriseTerms) -> tuple[OutOfScope, ...]:
    reasons = {
        OutOfScope.CHANNEL: alert.channel not in terms.deciding_logs,
        OutOfScope.COUNTRY: not {alert.registered, alert.located} <= COVERED_COUNTRIES,
        OutOfScope.RESPONDER: not alert.first_responder,
        OutOfScope.URGENCY: not alert.high_urgency,
        OutOfScope.NOT_INITIAL: not alert.initial,
    }
    return tuple(why for why, holds in reasons.items() if holds)
