from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from entitlements.rules.working import Step
from sla.rules.assessment import Rates, assess
from sla.rules.causes import merge
from sla.rules.claim_window import claim_window
from sla.rules.credits import credit
from sla.rules.delivery import delivery
from sla.rules.elections import election
from sla.rules.emergencies import emergency_reading
from sla.rules.exclusions import ExclusionKind, Side, checklist
from sla.rules.fees import annual_fees
from sla.rules.losses import realized_loss
from sla.rules.maintenance_notice import cost_of_no_notice, notice_deadline
from sla.rules.outages import pieces
from sla.rules.plans import Prepaid, offer
from sla.rules.remedy import failure_of_alert, presumed_cause
from sla.rules.terms import terms_for
from sla.rules.volume import volume_exclusion
from tests.sla.rules.given import (
    NEW_YORK,
    TERMS,
    alert,
    at,
    attempt,
    down,
    emergency,
    fee,
    finding,
    maintenance,
    month,
    span,
)
from tests.sla.rules.test_causes import given as credit_given
from tests.sla.rules.test_plans import BASIC

NOW = at("12:00")
LATE = delivery(alert(logged="10:20"), TERMS, None, volume=volume_exclusion(at("10:00"), [], NEW_YORK, TERMS))
NETWORK = finding(ExclusionKind.CUSTOMER_NETWORK, "11:55", "12:00")
LOGS = [down("10:00", "10:40"), down("11:00", "11:10")]
PERIODS = [maintenance("09:00", "09:10")]
OUTAGE, SHORT = pieces(LOGS, PERIODS, TERMS, None, [NETWORK])
MONTHS = {month("2026-04"): [fee("20", 100)]}
PREPAID = Prepaid(Decimal(100), date(2026, 1, 1), date(2026, 12, 31))


def assessment(loss):
    failure = failure_of_alert("b", LATE, caused_by_outage=False)
    return assess(
        [failure], NOW, NEW_YORK, TERMS, loss=loss, months=MONTHS, start=None, credited_before=Decimal(3000000)
    )


ANSWERS = {
    "assessment": assessment([attempt()]),
    "rate": assessment(Rates(profit=Decimal(1), completed=Decimal(0), reason="lost")),
    "terms in force": terms_for(NOW, NEW_YORK, date(2026, 1, 1), date(2026, 12, 31), []),
    "outage": OUTAGE,
    "short": SHORT,
    "emergency": emergency_reading(LOGS, [emergency("10:00", "10:20")], TERMS, None),
    "delivery": LATE,
    "presumption": presumed_cause(LATE, [OUTAGE]),
    "window": claim_window(NOW, NEW_YORK, TERMS),
    "notice": notice_deadline(NOW, NEW_YORK, (), (), TERMS),
    "cost": cost_of_no_notice(span("10:00", "11:00"), [], TERMS),
    "checklist": checklist(Side.AVAILABILITY, [], within=[], examined=[])[7],
    "election": election([], NEW_YORK, NOW, [], None, TERMS),
    "offer": offer(BASIC, Decimal(0), Decimal(41), date(2026, 6, 9), PREPAID, TERMS),
    "merge": merge(["c"], [credit_given("1", "c", "10")]),
}
NAMES = {
    "assessment of the claim": "S11",
    "terms": "S1",
    "terms in force": "S1",
    "failures in time": "S13",
    "union of the remedy periods": "S8",
    "remedy period": "S8",
    "presumed cause": "S8",
    "realized loss": "S9",
    "transaction": "S9",
    "attempt": "S9",
    "loss by the rate of the months before": "S10",
    "annual fees": "S11",
    "fees of the month": "S11",
    "credit": "S11",
    "other reading: cap on annual fees": "S11",
    "other reading: cap on all credits together": "S11",
    "Availability Outage": "S2",
    "not an Availability Outage": "S2",
    "server logs": "S2",
    "maintenance": "S3",
    "maintenance period": "S3",
    "allowance of the month": "S3",
    "emergency maintenance read the other way": "S3",
    "exclusion (i)": "S6",
    "exclusion (viii)": "S6",
    "delivery period": "S4",
    "volume of the quarter hour": "S7",
    "claim window": "S13",
    "notice of maintenance": "S15",
    "cost of a late notice": "S15",
    "election": "S16",
    "both options": "S17",
    "shift to the next lower plan": "S17",
    "stay on the plan, days that it lasts": "S17",
    "merge of causes": "S12",
    "credit for a cause": "S12",
}


class TestTheWorkingOfEveryAnswer:
    """S1, S2, S3, S4, S6, S7, S8, S9, S10, S11, S12, S13, S15, S16, S17"""

    def test_names_each_step_and_the_clause_that_it_carries_out(self):
        found = {(step.name, step.clause) for answer in ANSWERS.values() for _, step in answer.working.walk()}

        assert found == set(NAMES.items())

    @pytest.mark.parametrize("name", ANSWERS)
    def test_comes_back_from_json_as_it_was(self, name):
        working = ANSWERS[name].working

        assert Step.from_json(working.as_json()) == working

    def test_keeps_fractions_even_where_nothing_is_summed(self):
        figures = [
            attempt().profit,
            realized_loss([], []).exact,
            annual_fees({month("2026-04"): []}, NOW, NEW_YORK, None, TERMS).exact,
            annual_fees({month("2026-04"): []}, NOW, NEW_YORK, None, TERMS).counted[0].fee,
            credit(Decimal(0), None, TERMS).remedy_amount,
        ]

        assert {type(figure) for figure in figures} == {Fraction}
