from __future__ import annotations

from itertools import combinations

import pytest

from entitlements.rules.products import PRODUCTS, Requirement, maturity_forms, product_check
from entitlements.rules.working import Step
from tests.worked_examples.paper import PAPER

SIX = ("im", "aiops", "cso", "rba", "rba_sh", "wa")


def check(activity, *products):
    return product_check(activity, products, PAPER.requirements)


class TestProductRequirements:
    """E9"""

    @pytest.mark.parametrize(
        ("activity", "accepted_alone"),
        [
            ("alert_strategies", {"im"}),
            ("incident_lifecycle", {"im"}),
            ("automation_ideation", {"rba", "rba_sh", "wa"}),
            ("maturity", {"im", "aiops", "cso", "rba", "rba_sh"}),
            ("integration", set(SIX)),
            ("roadmap", set(SIX)),
            ("product_feature", set(SIX)),
        ],
    )
    def test_are_met_or_not_by_every_set_of_products(self, activity, accepted_alone):
        for size in range(7):
            for held in combinations(SIX, size):
                assert check(activity, *held).refused == accepted_alone.isdisjoint(held), held

    def test_name_what_is_required_and_missing(self):
        answer = check("incident_lifecycle", "aiops", "wa")

        assert answer.missing == ("im",)
        assert answer.refusal.clause == "E9"
        assert answer.refusal.sentence == (
            "This activity needs Incident Management, which the contract does not include on that day."
        )
        assert answer.refusal.what_helps

    def test_name_every_product_of_which_one_would_do(self):
        answer = check("automation_ideation", "im")

        assert answer.missing == ("rba", "rba_sh", "wa")
        assert answer.refusal.sentence == (
            "The contract includes none of the products of which this activity needs one: "
            "Runbook Automation, Runbook Automation Self-Hosted, Workflow Automation."
        )

    @pytest.mark.parametrize(
        ("products", "lacking"),
        [
            (["wa"], "Incident Management and AIOps"),
            (["im", "aiops"], "Runbook Automation or Workflow Automation"),
            (["im", "wa"], "AIOps"),
            (["im", "aiops", "wa"], ""),
        ],
    )
    def test_name_what_is_lacking_in_short(self, products, lacking):
        asked = {"war_game": Requirement(required=("im", "aiops"), any_of=("rba", "wa"))}

        assert product_check("war_game", products, asked).lacking == lacking

    def test_recommend_without_refusing(self):
        answer = check("alert_strategies", "im")

        assert (answer.refused, answer.refusal, answer.recommended_missing) == (False, None, ("aiops",))
        assert check("alert_strategies", "im", "aiops").recommended_missing == ()
        assert check("incident_lifecycle", "im").recommended_missing == ()

    def test_can_ask_for_both_kinds_at_once(self):
        both = {"war_game": Requirement(required=("im", "aiops"), any_of=("im", "wa"))}

        assert product_check("war_game", ["rba"], both).missing == ("im", "aiops", "wa")
        assert product_check("war_game", ["wa"], both).missing == ("im", "aiops")
        assert product_check("war_game", ["wa"], both).refusal.sentence.startswith(
            "This activity needs Incident Management and AIOps,"
        )
        assert not product_check("war_game", ["im", "aiops"], both).refused

    def test_show_their_whole_working(self):
        """E9: every requirement of its kind, what is missing of it, and how that is read."""
        working = product_check(
            "maturity", ["wa"], {"maturity": Requirement(("im",), ("aiops", "rba"), ("cso",))}
        ).working

        assert working == Step(
            "product requirements",
            "E9",
            "refused",
            (("activity", "maturity"), ("products", ("wa",))),
            (
                Step("required", "E9", ("im",), (("asked", ("im",)),), note="what is missing"),
                Step(
                    "any of",
                    "E9",
                    ("aiops", "rba"),
                    (("asked", ("aiops", "rba")),),
                    note="all of them, if none is there",
                ),
                Step("recommended", "E9", ("cso",), (("asked", ("cso",)),), note="not refused"),
            ),
        )

    def test_show_their_working(self):
        working = check("alert_strategies", "wa", "im").working

        assert (working.result, working.clause) == ("met", "E9")
        assert dict(working.inputs) == {"activity": "alert_strategies", "products": ("im", "wa")}
        assert [(step.name, step.result, step.inputs[0][1]) for step in working.steps] == [
            ("required", (), ("im",)),
            ("any of", (), ()),
            ("recommended", ("aiops",), ("aiops",)),
        ]
        refused = check("automation_ideation").working
        assert refused.result == "refused"
        assert refused.steps[1].result == ("rba", "rba_sh", "wa")
        assert check("incident_lifecycle").working.steps[0].result == ("im",)

    def test_are_not_asked_of_products_or_activities_that_do_not_exist(self):
        with pytest.raises(ValueError, match="no such product: \\['abacus'\\]"):
            check("maturity", "im", "abacus")
        with pytest.raises(ValueError, match="no such product"):
            Requirement(optional=("abacus",))
        with pytest.raises(ValueError, match="no product requirement for 'juggling'"):
            check("juggling", "im")

    def test_name_six_products(self):
        assert tuple(PRODUCTS) == SIX


class TestTheFormsOfAMaturityAssessment:
    """E13"""

    @pytest.mark.parametrize(
        ("products", "forms"),
        [
            (("im",), ("configuration_review",)),
            (("aiops",), ("configuration_review",)),
            (("cso",), ("configuration_review",)),
            (("rba",), ("scorecard",)),
            (("rba_sh",), ("scorecard",)),
            (("im", "rba_sh"), ("configuration_review", "scorecard")),
            (("wa",), ()),
        ],
    )
    def test_follow_from_the_products(self, products, forms):
        assert maturity_forms(products) == forms

    def test_are_not_asked_of_products_that_do_not_exist(self):
        with pytest.raises(ValueError, match="no such product"):
            maturity_forms(["abacus"])
