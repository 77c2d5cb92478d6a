"""The year's statement as a paper (E13): the same figures as its page, and the same bytes for the same facts."""

from __future__ import annotations

from typing import Any

from entitlements import outcomes, pdf
from entitlements.links import link
from entitlements.models import Outcome
from entitlements.rules.days import day_in_words
from entitlements.wording import day_in_short, days_in_words, moment_in_words, state_of
from entitlements.year_statements import YearStatement

COLUMNS = ["Activity", "Entitled", "Used", "Unused", "Advised", "Done", "To do", "Declined"]
FIGURES = tuple(range(1, len(COLUMNS)))
HOW_TO_READ = [
    "Used are the places that count in the contract year, those of requests and booked sessions too. Unused places do not roll over.",
    "Advised are the recommendations given in the year; what to do with them is the customer's decision.",
]


def paper_of(one: YearStatement) -> bytes:
    """The statement as PDF."""
    year, contract = one.year, one.contract
    return pdf.paper(
        title=f"Statement of contract year {year.n}: {contract.customer}",
        reference=f"{contract.order_form}, year {year.n}",
        address=link("year_statement", year.pk),
        at=one.changed_at,
        facts=_identity(one),
        sections=[
            pdf.section("Places and advice", table=_places(one), text=HOW_TO_READ),
            *([_scorecard(one.drawing)] if one.drawing else []),
            *(_outcome(outcome) for outcome in one.outcomes),
            pdf.section("Sessions", **_sessions(one)),
        ],
    )


def _identity(one: YearStatement) -> pdf.Facts:
    levels = "; ".join(
        f"{span.level}, {days_in_words(span.first, span.last)}" if len(one.card.levels) > 1 else span.level
        for span in one.card.levels
    )
    return [
        ("Customer", one.contract.customer.name),
        ("Order form", one.contract.order_form),
        (f"Contract year {one.year.n}", days_in_words(one.year.first_day, one.year.last_day)),
        ("Counted in", one.card.zone_in_words),
        ("Level", levels),
        ("Governed by", one.card.edition.name),
        ("As of the last change", moment_in_words(one.changed_at, one.contract.tz)),
    ]


def _places(one: YearStatement) -> dict[str, Any]:
    rows = [
        [line.row.name, line.entitled, str(line.figures.used), line.unused, *_of_advice(line.figures)]
        for line in one.lines
    ]
    sums = [str(figure) for figure in one.totals.values()]
    return pdf.table(COLUMNS, [*rows, ["Sum of the numbers", *sums]], wide=0, right=FIGURES)


def _of_advice(figures: Any) -> list[str]:
    return [str(figures.advised), str(figures.done), str(figures.to_do), str(figures.declined)]


def _scorecard(drawing: outcomes.Drawing) -> dict[str, Any]:
    rows = [
        [
            row.change.name,
            f"{row.change.level}, {row.change.word}",
            "–" if row.change.before is None else str(row.change.before),
            row.change.in_words or "not assessed then",
        ]
        for row in drawing.rows
    ]
    shown = pdf.table(["Dimension", "Now, of 5", "Year before", "Change"], rows, wide=0)
    return pdf.section("Automation maturity", text=[drawing.message], table=shown)


def _outcome(outcome: Outcome) -> dict[str, Any]:
    content, engagement = outcomes.in_words(outcome), outcome.engagement
    heading = f"{engagement.activity}, {day_in_words(engagement.day)}: {content['title'].lower()}"
    rows = [
        [str(one.number), one.text, str(one.owner), day_in_short(one.due), state_of(one.state).word]
        for one in outcome.recommendations.all()
    ]
    advised = pdf.table(["No.", "Recommendation", "Owner", "Due", "State"], rows, wide=1) if rows else None
    worth: pdf.Facts = [(one["what"], f"{one['amount']} {one['unit']}") for one in content["figures"]]
    lines = [f"{content['line']}: {line}" for line in content["lines"]] if content["line"] else []
    return pdf.section(heading, text=[content["summary"], *lines], facts=worth, table=advised)


def _sessions(one: YearStatement) -> dict[str, Any]:
    behind = sorted((e for row in one.card.rows for e in row.engagements), key=lambda e: (e.day, e.pk))
    if not behind:
        return {"text": ["None was asked for in this year."]}
    names = {row.line.target: row.name for row in one.card.rows}
    of = {activity: names[row.line.target] for row in one.card.rows for activity in row.line.activities}
    rows = [
        [e.reference, of[e.activity_id], day_in_short(e.day), state_of(e.state).word, "yes" if e.counts else "no"]
        for e in behind
    ]
    return {"table": pdf.table(["Reference", "Activity", "Day", "State", "Counts"], rows, wide=1)}
