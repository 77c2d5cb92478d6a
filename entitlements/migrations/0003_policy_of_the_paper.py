"""E2: the first edition of the usage policy, published and locked."""

from datetime import UTC, date, datetime

from django.db import migrations

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
        model("Activity").model(key=key, name=name, plural=plural, position=place)
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
    dependencies = [("entitlements", "0002_guards")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
