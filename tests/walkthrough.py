"""The booking and the claim of docs/rules.md, with their printed workings. `python -m tests.walkthrough` prints the page anew."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from string import Template
from zoneinfo import ZoneInfo

from entitlements.rules.caps import BookingAnswer, ContractFacts, EngagementFacts, check_booking
from entitlements.wording import working_as_lines
from sla.rules.assessment import Assessment, assess
from sla.rules.fees import FeeLine
from sla.rules.losses import Attempt
from sla.rules.outages import availability_outages
from sla.rules.remedy import failure_of_outage
from tests.worked_examples.paper import PAPER
from tests.worked_examples.paper_terms import PAPER_TERMS

NEW_YORK = ZoneInfo("America/New_York")
PAGE = Path(__file__).parent.parent / "docs" / "rules.md"
TEXT = Path(__file__).parent / "walkthrough.md"


def booking() -> BookingAnswer:
    """A fifth integration consultation of a Silver customer whose year allows four."""
    contract = ContractFacts(
        start=date(2026, 2, 1), last=date(2028, 1, 31), zone=NEW_YORK, levels=((date(2026, 2, 1), "silver"),)
    )
    held = [
        EngagementFacts("ENG-1", "integration", date(2026, 3, 3), "delivered"),
        EngagementFacts("ENG-2", "integration", date(2026, 5, 12), "delivered"),
        EngagementFacts("ENG-3", "integration", date(2026, 6, 9), "withdrawn"),
        EngagementFacts("ENG-4", "integration", date(2026, 9, 1), "scheduled"),
        EngagementFacts("ENG-5", "integration", date(2026, 11, 3), "requested"),
    ]
    return check_booking(contract, held, EngagementFacts("new", "integration", date(2026, 10, 6), "requested"), [PAPER])


def claim() -> Assessment:
    """An outage of 52 minutes, three transactions, fees of 80.00 a month."""
    logs = [(_at("2026-05-12T14:00:00Z"), _at("2026-05-12T14:52:00Z"))]
    outages = availability_outages(logs, (), PAPER_TERMS, None)
    return assess(
        [failure_of_outage(f"DF-1/{n}", outage) for n, outage in enumerate(outages, start=1)],
        _at("2026-05-20T15:04:05Z"),
        NEW_YORK,
        PAPER_TERMS,
        loss=[
            _attempt("1", "2026-05-12T14:12:00Z", "18400.00", "6120.00"),
            _attempt("2", "2026-05-12T14:05:00Z", "900.00", "100.00"),
            _attempt("3", "2026-05-12T14:34:00Z", "4100.00", "1275.40", completed=True),
        ],
        months={date(2026, month, 1): [FeeLine(Decimal("20.00"), 4)] for month in (2, 3, 4)},
        start=date(2026, 1, 1),
    )


def page() -> str:
    """The whole page: the text of walkthrough.md with the workings as they are printed today."""
    refusal = booking().refusal
    assert refusal is not None
    return Template(TEXT.read_text()).substitute(
        booking="\n".join(working_as_lines(booking().working, NEW_YORK)),
        refusal=str(refusal),
        claim="\n".join(working_as_lines(claim().working, NEW_YORK, "USD")),
    )


def _attempt(key: str, attempted: str, revenue: str, expenses: str, *, completed: bool = False) -> Attempt:
    return Attempt(
        key=key,
        attempted=_at(attempted),
        revenue=Decimal(revenue),
        documented_expenses=(Decimal(expenses),),
        undocumented_expenses=(),
        completed=completed,
        documented=True,
        third_party=True,
        due_to_failure=True,
        affected_systems=True,
        other_system_down=False,
    )


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


if __name__ == "__main__":
    PAGE.write_text(page())
