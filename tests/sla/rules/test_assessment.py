import json
from datetime import date
from decimal import Decimal

import pytest

from entitlements.rules.working import Step
from sla.rules.assessment import Rates, assess
from sla.rules.delivery import delivery
from sla.rules.outages import availability_outages
from sla.rules.remedy import failure_of_alert, failure_of_outage
from sla.rules.replay import replay
from tests.sla.rules.given import NEW_YORK, TERMS, alert, at, attempt, down, fee, maintenance, month, spans

COMMITTED = at("2026-05-20 12:00")
MONTHS = {month(f"2026-{n:02}"): [fee("20.00", 100)] for n in range(2, 5)}
OUTAGE = failure_of_outage("o", *availability_outages([down("10:00", "11:00")], [], TERMS, None))
LATE = failure_of_alert("b", delivery(alert("10:50", "11:10"), TERMS, None), caused_by_outage=False)
LONG_AGO = failure_of_alert(
    "x", delivery(alert("2026-04-12 10:50", "2026-04-12 11:10"), TERMS, None), caused_by_outage=False
)
LINES = (attempt("a", "10:30", "1000.005"), attempt("b", "11:05", "7"), attempt("c", "11:30", "99"))
RATES = Rates(profit=Decimal("128100"), completed=Decimal("3.50"), reason="The order log was on the host that failed.")


def assessed(failures=(OUTAGE, LATE, LONG_AGO), loss=LINES, **facts):
    known = {"months": MONTHS, "start": date(2025, 1, 1), **facts}
    return assess(failures, COMMITTED, NEW_YORK, TERMS, loss=loss, **known)


class TestAnAssessment:
    """S8, S9, S10, S11, S13"""

    def test_goes_from_the_failures_in_time_to_the_credit(self):
        found = assessed()

        assert found.union.counted.spans == spans(("10:10", "11:10"))
        assert [failure.key for failure, _ in found.union.late] == ["x"]
        assert (found.assessed, found.capped) == (Decimal("1007.01"), Decimal("1007.01"))
        assert found.fees.annual == Decimal("24000.00")

    def test_looks_back_from_the_earliest_failure_that_counts(self):
        found = assessed(loss=RATES)

        assert found.loss.window.end == at("10:00")
        assert found.fees.occurrence == at("10:30")

    def test_by_the_rate_multiplies_by_the_time_of_the_union(self):
        found = assessed(loss=RATES)

        assert found.loss.window_minutes == 128100  # 89 days less an hour: back to 06:00 EST
        assert found.assessed == Decimal("56.50")  # 60 of the union − 3.50
        assert found.method_reason == RATES.reason

    def test_hands_on_the_exact_loss(self):
        assert assessed().credit.remedy_amount == assessed().loss.exact

    def test_hands_on_what_else_the_figures_rest_on(self):
        rates = Rates(profit=Decimal(7), completed=Decimal(0), reason="x", evidence=spans(("00:00", "09:00")))
        found = assessed(loss=rates, start=date(2026, 3, 2), credited_before=Decimal(9))

        assert found.loss.evidence == rates.evidence
        assert found.fees.months == (month("2026-04"),)
        assert found.credit.credited_before == 9

    def test_is_limited_by_the_recorded_cap(self):
        assert assessed(cap=Decimal("5")).capped == Decimal("5.00")

    def test_has_no_figure_without_fees(self):
        assert assessed(months={}).capped is None

    def test_needs_a_failure_in_time(self):
        with pytest.raises(ValueError, match=r"^no failure of the claim was in time$"):
            assessed([LONG_AGO])

    @pytest.mark.parametrize("reason", ["", " "])
    def test_by_the_rate_needs_a_reason(self, reason):
        with pytest.raises(ValueError, match=r"^the method of the rate needs a reason$"):
            Rates(profit=Decimal(1), completed=Decimal(0), reason=reason)

    def test_shows_every_part(self):
        found = assessed()

        assert found.working.result == Decimal("1007.01")
        assert dict(found.working.inputs) == {"assessed": Decimal("1007.01"), "method_reason": ""}
        assert found.working.steps == (
            TERMS.working,
            found.union.working,
            found.loss.working,
            found.fees.working,
            found.credit.working,
        )


class TestADecidedClaim:
    """S11, S19"""

    @pytest.mark.parametrize(
        "facts",
        [
            {},
            {"loss": RATES},
            {"loss": Rates(profit=Decimal(7), completed=Decimal(0), reason="x", evidence=spans(("00:00", "09:00")))},
            {"loss": ()},
            {"months": {}},
            {"months": {month("2026-04"): [fee("20", 100, "2026-04-11")]}, "start": None},
            {"cap": Decimal("100.005"), "credited_before": Decimal("2999999")},
        ],
    )
    def test_is_replayed_from_its_stored_working(self, facts):
        decided = assessed(**facts)
        stored = json.dumps(decided.working.as_json())

        again = replay(Step.from_json(json.loads(stored)))

        assert again.working == decided.working
        assert again.credit.amount == decided.credit.amount

    def test_is_not_replayed_from_a_working_that_lacks_a_step(self):
        with pytest.raises(LookupError, match="0 steps are named 'terms'"):
            replay(assessed().credit.working)

    def test_keeps_the_working_of_an_outage_in_json(self):
        (outage,) = availability_outages([down("10:00", None)], [maintenance("09:00", "10:05")], TERMS, at("11:00"))

        assert Step.from_json(json.loads(json.dumps(outage.working.as_json()))) == outage.working
