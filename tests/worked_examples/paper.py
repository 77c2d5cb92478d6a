"""The usage policy as the paper has it, typed by hand from its table, so that nothing here is checked against itself."""

from datetime import date

from entitlements.rules.editions import PolicyEdition, Pool
from entitlements.rules.products import Requirement

ANY_OF_THE_SIX = Requirement(any_of=("im", "aiops", "cso", "rba", "rba_sh", "wa"))

PAPER = PolicyEdition(
    name="paper",
    valid_from=date(2020, 1, 1),
    caps={
        ("premium", "integration"): 2,
        ("premium", "maturity"): 1,
        ("premium", "product_feature"): 1,
        ("silver", "automation_ideation"): 1,
        ("silver", "incident_lifecycle"): 1,
        ("silver", "integration"): 4,
        ("silver", "maturity"): 2,
        ("silver", "roadmap"): 1,
        ("silver", "product_feature"): 2,
        ("gold", "alert_strategies"): 1,
        ("gold", "automation_ideation"): 2,
        ("gold", "incident_lifecycle"): 2,
        ("gold", "integration"): 6,
        ("gold", "maturity"): 3,
        ("gold", "roadmap"): 2,
        ("gold", "product_feature"): 4,
    },
    pools=(Pool("consultation", "none", ("integration", "product_feature"), 1, "Consultation"),),
    requirements={
        "alert_strategies": Requirement(required=("im",), recommended=("aiops",)),
        "automation_ideation": Requirement(any_of=("rba", "rba_sh", "wa")),
        "incident_lifecycle": Requirement(required=("im",), optional=("aiops", "cso", "rba", "rba_sh", "wa")),
        "integration": ANY_OF_THE_SIX,
        "maturity": Requirement(any_of=("im", "aiops", "cso", "rba", "rba_sh")),
        "roadmap": ANY_OF_THE_SIX,
        "product_feature": ANY_OF_THE_SIX,
    },
    sessions={
        "alert_strategies": (60,),
        "automation_ideation": (60,),
        "incident_lifecycle": (60, 30),
        "integration": (30,),
        "maturity": (60,),
        "roadmap": (30,),
        "product_feature": (30,),
    },
)
