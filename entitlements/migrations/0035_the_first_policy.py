"""E2: the first edition of the usage policy, published and locked.

It came with the installation: nobody proposed it, and the two checks of later ones are not asked of it (NOT VALID).
"""

from datetime import UTC, date, datetime

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

from entitlements.migrations import _paper as paper

PUBLISHED = datetime(2025, 1, 1, tzinfo=UTC)
INSTALLATION = "installation@makegood.example"


def load(apps, schema_editor):
    db = schema_editor.connection.alias
    model = lambda name: apps.get_model("entitlements", name).objects.using(db)  # noqa: E731
    installer, _ = model("User").get_or_create(
        email=INSTALLATION, defaults={"name": "The installation", "is_active": False, "password": "!"}
    )
    model("Product").bulk_create(
        model("Product").model(key=key, name=name, position=place)
        for place, (key, name) in enumerate(paper.PRODUCTS.items())
    )
    model("Activity").bulk_create(
        model("Activity").model(key=key, name=name, plural=plural, position=place, outcome=paper.OUTCOMES[key])
        for place, (key, (name, plural, _)) in enumerate(paper.TABLE.items())
    )
    edition = model("PolicyEdition").create(
        name="CSE usage policy, first edition",
        valid_from=date(2025, 1, 1),
        advice_wording=paper.ADVICE_WORDING,
        drafted_at=PUBLISHED,
        drafted_by=installer,
    )
    pool = model("PolicyPool").create(edition=edition, **paper.POOL)
    for key, (_, _, caps) in paper.TABLE.items():
        for level, cap in zip(paper.LEVELS, caps, strict=True):
            own = {"pool": pool} if cap == "pool" else {"cap": cap}
            model("PolicyCell").create(edition=edition, level=level, activity_id=key, **own)
        for kind, products in paper.REQUIREMENTS[key].items():
            for product in products:
                model("ProductRequirement").create(edition=edition, activity_id=key, product_id=product, kind=kind)
        for part, (name, minutes) in enumerate(paper.SESSIONS[key], start=1):
            model("SessionLength").create(edition=edition, activity_id=key, part=part, name=name, minutes=minutes)
        summary, outcome, bring, recommended = paper.DESCRIPTIONS[key]
        model("ActivityDescription").create(
            edition=edition,
            activity_id=key,
            summary=summary,
            outcome=outcome,
            should_bring=bring,
            recommended=recommended,
        )
    edition.published_at, edition.published_by = PUBLISHED, installer
    edition.save()


class Migration(migrations.Migration):
    replaces = [("entitlements", "0003_policy_of_the_paper")]

    dependencies = [("entitlements", "0001_squashed_0034_tables")]

    operations = [
        migrations.RunPython(load, migrations.RunPython.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),  # nothing waits for the commit
        AddConstraintNotValid(
            "policyedition",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("published_by__isnull", False), _negated=True),
                    ("proposed_by__isnull", False),
                    _connector="OR",
                ),
                name="policy_is_proposed_before_it_is_published",
            ),
        ),
        AddConstraintNotValid(
            "policyedition",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("published_by__isnull", False), _negated=True),
                    models.Q(
                        models.Q(("published_by", models.F("proposed_by")), _negated=True),
                        models.Q(("published_by", models.F("drafted_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="policy_is_published_by_a_second_person",
            ),
        ),
    ]
