"""The published usage policy as data: its table, pool, requirements and session lengths; descriptions in our own words."""

LEVELS = ("none", "premium", "silver", "gold")

# activity: (name, plural, caps at the four levels; None is N/A, "pool" the share of one consultation)
TABLE = {
    "alert_strategies": ("Alert Strategies Workshop", "Alert Strategies Workshops", (None, None, None, 1)),
    "automation_ideation": (
        "Automation Ideation & Guidance",
        "Automation Ideation & Guidance Sessions",
        (None, None, 1, 2),
    ),
    "incident_lifecycle": (
        "Incident Lifecycle Assessment",
        "Incident Lifecycle Assessments",
        (None, None, 1, 2),
    ),
    "integration": ("Integration Consultation", "Integration Consultations", ("pool", 2, 4, 6)),
    "maturity": ("Maturity Assessment", "Maturity Assessments", (None, 1, 2, 3)),
    "roadmap": ("Product Roadmap Session", "Product Roadmap Sessions", (None, None, 1, 2)),
    "product_feature": ("Product/Feature Consultation", "Product/Feature Consultations", ("pool", 1, 2, 4)),
}
POOL = {"key": "consultation", "name": "Integration or Product/Feature Consultation", "level": "none", "cap": 1}

PRODUCTS = {
    "im": "Incident Management",
    "aiops": "AIOps",
    "cso": "Customer Service Ops",
    "rba": "Runbook Automation",
    "rba_sh": "Runbook Automation Self-Hosted",
    "wa": "Workflow Automation",
}

ALL_SIX = tuple(PRODUCTS)
REQUIREMENTS = {
    "alert_strategies": {"required": ("im",), "recommended": ("aiops",)},
    "automation_ideation": {"any_of": ("rba", "rba_sh", "wa")},
    "incident_lifecycle": {"required": ("im",), "optional": ("aiops", "cso", "rba", "rba_sh", "wa")},
    "integration": {"any_of": ALL_SIX},
    "maturity": {"any_of": ("im", "aiops", "cso", "rba", "rba_sh")},
    "roadmap": {"any_of": ALL_SIX},
    "product_feature": {"any_of": ALL_SIX},
}

SESSIONS = {
    "alert_strategies": (("workshop", 60),),
    "automation_ideation": (("session", 60),),
    "incident_lifecycle": (("discovery", 60), ("follow-up", 30)),
    "integration": (("session", 30),),
    "maturity": (("session", 60),),
    "roadmap": (("session", 30),),
    "product_feature": (("session", 30),),
}

# E13: the kind of outcome of each activity; a maturity assessment has one of two forms, by the contract's products.
OUTCOMES = {
    "alert_strategies": "recommendations",
    "automation_ideation": "recommendations",
    "incident_lifecycle": "findings",
    "integration": "approach",
    "maturity": "maturity",
    "product_feature": "recommendations",
    "roadmap": "feedback",
}

ADVICE_WORDING = (
    "I understand that a CSE gives advice. My firm decides what to do with it and carries it out, "
    "and results differ from one environment to another."
)

# activity: (summary, outcome, what the customer should bring, what is good to have)
DESCRIPTIONS = {
    "alert_strategies": (
        "A workshop on fewer, better alerts.",
        "Recommendations made for your set-up: less noise, richer incidents, and the steps to get there.",
        "You know how events, alerts and incidents work, and how your services and Event Orchestration are set up.",
        "If you use AIOps: how it is configured.",
    ),
    "automation_ideation": (
        "Find out what is worth automating first.",
        "A list of automation opportunities in order of value, with guidance for your own use cases.",
        "You know how your operations run today, and the basics of the automation products that you have.",
        "Some idea of scripting or automation logic.",
    ),
    "incident_lifecycle": (
        "A review of how you handle incidents, in two sessions: discovery, then follow-up.",
        "Findings and recommendations on process, tools and long-term maturity.",
        "You know your incident process from the first alert to the last action.",
        "Roles, lifecycle stages and how postmortems are done, as you use them.",
    ),
    "integration": (
        "Advice on connecting another system.",
        "An integration approach that suits your case: design, API use, prerequisites and good practice.",
        "You know what the integration is for, and the technical environment around it.",
        "Its APIs, how it authenticates, and the product functions involved.",
    ),
    "maturity": (
        "A check of how far you have come: a review of your configuration, or a scorecard of your automation.",
        "For incident management and AIOps: a detailed review with actions. "
        "For Runbook Automation: a scorecard, quick wins, a roadmap and value figures.",
        "The people who take part know the configuration, or use the automation every day, "
        "and can speak of use cases and tools.",
        "Those responsible for operations, SRE, incident management or outcomes.",
    ),
    "roadmap": (
        "What is coming, and what is new.",
        "A view of the product direction for your planning; your feedback is taken and passed on.",
        "You know your firm's priorities and which of the products you use.",
        "Technical stakeholders and people who plan for the long term.",
    ),
    "product_feature": (
        "A close look at one product or feature.",
        "A better understanding of it, and recommendations for your question.",
        "You have one question or topic in mind, and know your present set-up.",
        "A single product, feature or outcome to concentrate on.",
    ),
}
