"""The SLA half of the adapter: examples' vocabulary to the project's types and back. No rule lives here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from entitlements.rules.spans import Span
from sla.rules.claim_window import claim_window, report_flagged
from sla.rules.credits import credit
from sla.rules.delivery import delivery
from sla.rules.elections import NoticeDelivery, election
from sla.rules.losses import realized_loss
from sla.rules.maintenance import maintenance_account
from sla.rules.maintenance_notice import SATURDAY_AND_SUNDAY, inside_normal_hours, notice_deadline
from sla.rules.outages import AvailabilityOutage, availability_outages
from sla.rules.plans import next_lower_plan, shift, stay
from sla.rules.rates import rate_method
from sla.rules.remedy import claim_union, remedy_union
from sla.rules.terms import terms_for
from sla.rules.volume import Quarter, quarters_of, volume_exclusion
from tests.worked_examples.entitlements_half import day, fields, instant, rows, whole, word, written, yes_or_no, zone
from tests.worked_examples.paper_terms import PAPER_TERMS
from tests.worked_examples.sla_words import (
    PREPAID,
    TERMS,
    Data,
    alert,
    attempt,
    choice,
    clock,
    failures,
    fees,
    maintenances,
    moment,
    money,
    month,
    number,
    plan,
    prepaid,
    seconds,
    spans,
    weekday,
    written_month,
    written_number,
    written_span,
)


def of_terms_for(data: Data) -> Data:
    read = fields(data, "occurrence zone start last periods")
    periods = [(day(first), word(terms, TERMS)) for first, terms in rows(read["periods"])]
    found = terms_for(instant(read["occurrence"]), zone(read["zone"]), day(read["start"]), day(read["last"]), periods)
    return {"terms": found.kind}


def of_maintenance(data: Data) -> Data:
    read = fields(data, "maintenance month")
    account = maintenance_account(maintenances(read["maintenance"]), PAPER_TERMS)
    cutting = [written_span(one) for one in account.cutting()]
    return {"cutting": cutting, "left_seconds": seconds(account.left(month(read["month"])))}


def of_availability_outages(data: Data) -> list[Data]:
    read = fields(data, "down", "maintenance now")
    down = [(instant(start), moment(end)) for start, end in rows(read["down"])]
    periods = maintenances(read.get("maintenance") or [])
    found = availability_outages(down, periods, PAPER_TERMS, moment(read.get("now")))
    return [written_outage(one) for one in found]


def written_outage(one: AvailabilityOutage) -> Data:
    return {
        "start": written(one.start),
        "end": written(one.end),
        "seconds": seconds(one.span.length),
        "occurrence": written(one.occurrence),
        "remedy": written_span(one.remedy),
        "open": one.open,
    }


def of_delivery(data: Data) -> Data:
    read = fields(data, "alert", "now")
    found = delivery(alert(read["alert"]), PAPER_TERMS, moment(read.get("now")))
    return {
        "in_scope": found.in_scope,
        "why": found.out_of_scope[0].value if found.out_of_scope else None,
        "period_seconds": seconds(found.period),
        "failure": found.failure,
        "attempted": found.attempted,
        "occurrence": written(found.occurrence),
        "remedy": written_span(found.remedy[0] if found.remedy else None),
        "open": found.open,
    }


def of_volume_exclusion(data: Data) -> Data:
    if "quarters" in data:
        read = fields(data, "zone received quarters")
        quarters = [Quarter(instant(at), whole(volume), whole(begun)) for at, volume, begun in rows(read["quarters"])]
    else:
        read = fields(data, "zone received alerts incidents")
        alerts, incidents = ([instant(at) for at in rows(read[key])] for key in ("alerts", "incidents"))
        quarters = list(quarters_of(alerts, incidents, PAPER_TERMS))
    found = volume_exclusion(instant(read["received"]), quarters, zone(read["zone"]), PAPER_TERMS)
    return {
        "excluded": found.excluded,
        "median": written_number(found.median),
        "limit": written_number(found.limit),
        "volume": found.volume,
        "periods": found.periods,
        "from": written(found.since),
        "to": written(found.until),
    }


def of_remedy_union(data: Data) -> Data:
    found = remedy_union(failures(fields(data, "failures")["failures"]))
    return {"union": [written_span(one) for one in found.spans], "seconds": seconds(found.time)}


def of_claim_union(data: Data) -> Data:
    read = fields(data, "failures committed zone")
    found = claim_union(failures(read["failures"]), instant(read["committed"]), zone(read["zone"]), PAPER_TERMS)
    union = [written_span(one) for one in found.counted.spans]
    return {"union": union, "late": [failure.key for failure, _ in found.late]}


def of_realized_loss(data: Data) -> Data:
    read = fields(data, "transactions remedy")
    found = realized_loss([attempt(one) for one in rows(read["transactions"])], spans(read["remedy"]))
    struck = {key: [strike.value for strike in strikes] for key, strikes in found.struck.items()}
    return {"amount": money(found.amount), "struck": struck}


def of_rate_method(data: Data) -> Data:
    read = fields(data, "zone event profit remedy", "completed")
    found = rate_method(
        instant(read["event"]),
        number(read["profit"]),
        spans(read["remedy"]),
        number(read.get("completed", "0")),
        zone(read["zone"]),
        PAPER_TERMS,
    )
    minutes = found.window_minutes
    return {
        "from": written(found.window.start),
        "window_minutes": int(minutes) if minutes.denominator == 1 else written_number(minutes),
        "amount": money(found.amount),
    }


def of_annual_fees(data: Data) -> Data:
    found = fees(fields(data, "months occurrence zone", "start"))
    months = [written_month(one) for one in found.months]
    return {"annual": money(found.annual), "months": months, "flagged": found.flagged}


def of_credit(data: Data) -> Data:
    if "annual" in data:
        read = fields(data, "remedy_amount annual", "cap")
        annual = None if read["annual"] is None else Fraction(number(read["annual"]))
    else:
        read = fields(data, "remedy_amount months occurrence zone", "cap start")
        annual = fees(read).exact
    cap = None if read.get("cap") is None else number(read["cap"])
    found = credit(number(read["remedy_amount"]), annual, PAPER_TERMS, cap)
    return {"credit": money(found.amount), "bound": found.bound and found.bound.value}


def of_claim_deadline(data: Data) -> Data:
    read = fields(data, "occurrence zone", "days committed")
    terms = replace(PAPER_TERMS, claim_days=whole(read.get("days", PAPER_TERMS.claim_days)))
    window = claim_window(instant(read["occurrence"]), zone(read["zone"]), terms)
    committed = moment(read.get("committed"))
    return {
        "deadline": written(window.deadline),
        "in_time": None if committed is None else window.is_in_time(committed),
    }


def of_report_flagged(data: Data) -> Data:
    read = fields(data, "occurrence reported")
    return {"flagged": report_flagged(instant(read["occurrence"]), instant(read["reported"]), PAPER_TERMS)}


def of_notice_deadline(data: Data) -> Data:
    read = fields(data, "start zone", "holidays weekend accepted")
    holidays = {day(one) for one in rows(read.get("holidays") or [])}
    weekend = SATURDAY_AND_SUNDAY if read.get("weekend") is None else {weekday(one) for one in rows(read["weekend"])}
    found = notice_deadline(instant(read["start"]), zone(read["zone"]), holidays, weekend, PAPER_TERMS)
    accepted = moment(read.get("accepted"))
    return {"deadline": written(found.deadline), "in_time": found.is_in_time(accepted) if "accepted" in read else None}


def of_normal_hours(data: Data) -> Data:
    read = fields(data, "start end windows zone")
    windows = [(weekday(on), clock(begins), clock(ends)) for on, begins, ends in rows(read["windows"])]
    ran = Span(instant(read["start"]), instant(read["end"]))
    return {"inside": inside_normal_hours(ran, windows, zone(read["zone"]))}


def of_election(data: Data) -> Data:
    read = fields(data, "zone now", "accepted choices vendor_choice lowest_plan bounced")
    found = election(
        [NoticeDelivery(accepted=moment(read.get("accepted")), bounced=moment(read.get("bounced")))],
        zone(read["zone"]),
        instant(read["now"]),
        [(instant(at), choice(made)) for at, made in rows(read.get("choices") or [])],
        choice(read.get("vendor_choice")),
        PAPER_TERMS,
        lowest_plan=yes_or_no(read.get("lowest_plan", False)),
    )
    return {
        "state": found.state.value,
        "deadline": written(found.deadline),
        "choice": found.choice and found.choice.value,
        "by": found.by and found.by.value,
        "effect": written(found.effect),
    }


def of_next_lower_plan(data: Data) -> Data:
    read = fields(data, "plans current day")
    plans = {key: plan(key, one) for key, one in read["plans"].items()}
    found = next_lower_plan(plans.values(), plans[word(read["current"], plans)], day(read["day"]))
    return {"plan": found and found.key}


def of_shift(data: Data) -> Data:
    read = fields(data, f"new_list_price discount_percent old_fee {PREPAID}")
    found = shift(
        number(read["new_list_price"]),
        number(read["discount_percent"]),
        number(read["old_fee"]),
        day(read["effect"]),
        prepaid(read),
    )
    return {"new_fee": money(found.new_fee), "unused": money(found.unused), "credit": money(found.credit)}


def of_stay(data: Data) -> Data:
    read = fields(data, f"old_fee {PREPAID}")
    found = stay(number(read["old_fee"]), day(read["effect"]), prepaid(read), PAPER_TERMS)
    lasts_until = found.lasts_until and found.lasts_until.isoformat()
    return {
        "new_fee": money(found.new_fee),
        "unused": money(found.unused),
        "days": found.days,
        "lasts_until": lasts_until,
    }


FUNCTIONS: dict[str, Callable[[Data], Data | list[Data]]] = {
    "terms_for": of_terms_for,
    "maintenance": of_maintenance,
    "availability_outages": of_availability_outages,
    "delivery": of_delivery,
    "volume_exclusion": of_volume_exclusion,
    "remedy_union": of_remedy_union,
    "claim_union": of_claim_union,
    "realized_loss": of_realized_loss,
    "rate_method": of_rate_method,
    "annual_fees": of_annual_fees,
    "credit": of_credit,
    "claim_deadline": of_claim_deadline,
    "report_flagged": of_report_flagged,
    "notice_deadline": of_notice_deadline,
    "normal_hours": of_normal_hours,
    "election": of_election,
    "next_lower_plan": of_next_lower_plan,
    "shift": of_shift,
    "stay": of_stay,
}
