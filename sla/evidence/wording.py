"""What the assessment of alerts says in words, the same on every page and in every file."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from entitlements import wording
from sla.alerts.columns import BY_NAME
from sla.evidence.one_alert import Examined
from sla.evidence.questions import Verdict
from sla.models.alerts import LOG_KINDS
from sla.rules.delivery import OutOfScope
from sla.rules.terms import EnterpriseTerms
from sla.rules.volume import VolumeExclusion

VERDICTS: dict[Verdict, str] = {
    Verdict.FAILURE: "Delivery failure",
    Verdict.IN_OUTAGE: "Failure inside an outage",
    Verdict.BY_VOLUME: "Late, excluded by volume",
    Verdict.BY_CAUSE: "Late, excluded by its cause",
    Verdict.OFF_TERMS: "Late, not on Enterprise terms",
    Verdict.OPEN: "Still open",
    Verdict.IN_TIME: "In time",
    Verdict.OUT_OF_SCOPE: "Out of scope",
}

REASONS: dict[OutOfScope, str] = {
    OutOfScope.CHANNEL: "channel without a log in the terms",
    OutOfScope.COUNTRY: "not in the US or Canada",
    OutOfScope.RESPONDER: "not the first responder",
    OutOfScope.URGENCY: "not of high urgency",
    OutOfScope.NOT_INITIAL: "not the initial alert",
}

_A_LOG = {kind: BY_NAME[f"{kind}_at"].label for kind in LOG_KINDS}

CHANNELS = {"phone": "Phone call", "push": "Push notification", "sms": "SMS", "email": "E-mail"}


def channel_in_words(channel: str) -> str:
    return CHANNELS.get(channel, channel)


def log_in_words(kind: str) -> str:
    """What an entry of the log says: 'SMS: report that it was sent', or of another kind 'Log: fax sent'."""
    return _A_LOG.get(kind) or f"Log: {kind.replace('_', ' ')}"


def seconds_of(length: timedelta) -> Decimal:
    """A length of time for a file: seconds, exact."""
    return Decimal(length // timedelta(microseconds=1)).scaleb(-6)


def verdict_in_words(one: Examined) -> str:
    """S4, S5: why this alert is a delivery failure or not, in a sentence."""
    found, limit = one.delivery, wording.duration_in_words(one.ground.terms.delivery_limit)
    took = wording.duration_in_words(found.period or timedelta())
    match one.verdict:
        case Verdict.OUT_OF_SCOPE:
            return f"Not judged: {', '.join(REASONS[why] for why in found.out_of_scope)}."
        case Verdict.IN_TIME:
            return f"In time: its delivery period is {took}, and {limit} are allowed."
        case Verdict.OPEN:
            return f"Still open: {took} after it was due nothing was attempted, and the incident is not acknowledged or resolved."
        case Verdict.BY_VOLUME:
            return f"No failure: it took {took}, more than {limit}, but the customer's own volume excludes it."
        case Verdict.BY_CAUSE:
            return f"No failure: once what its cause excludes is cut out, {took} are left, and {limit} are allowed."
        case Verdict.OFF_TERMS:
            why = one.off_terms.sentence if one.off_terms else ""
            return f"Nothing to be claimed: it took {took}, more than {limit}, but no Enterprise terms held. {why}"
        case Verdict.IN_OUTAGE:
            return f"A delivery failure, since {took} are more than {limit}; an outage is presumed its cause and has the time."
        case Verdict.FAILURE:
            return f"A delivery failure: its delivery period is {took}, and {limit} are allowed."


def reading_in_words(terms: EnterpriseTerms) -> str:
    """S7: how the clause of the volume is read, with the figure of the edition."""
    multiple = Fraction(terms.volume_multiple)
    percent = wording.number_in_words((multiple - 1) * 100)
    times = wording.number_in_words(multiple)
    return (
        f"“Exceeds {percent} % over the median” is read as more than the median and {percent} %, that is {times} times the median;"
        f" exactly {times} times does not exclude ({terms.name})."
    )


def volume_in_words(test: VolumeExclusion) -> str:
    """S7: the test in a sentence."""
    if not test.incidents:
        return "No incident began in this quarter hour, so the volume cannot exclude the failure."
    if test.median is None or test.limit is None:
        return "No quarter hour of the months before had an incident, so the volume cannot exclude the failure."
    own, median = wording.counted(test.volume, "trigger"), wording.number_in_words(test.median)
    limit = wording.number_in_words(test.limit)
    verdict = "more, so the failure is excluded" if test.excluded else "not more, so the failure is not excluded"
    return (
        f"This quarter hour had {own}; the median of {wording.counted(test.periods, 'quarter hour')} with an incident is {median},"
        f" and the limit {limit}: {verdict}."
    )
