from django.db import migrations, models

WHAT_WAS_TOLD = """
UPDATE sla_failure AS failure
   SET told_times = opening.letters, told_remedy = opening.told_remedy
  FROM sla_opening AS opening, entitlements_contract AS contract
 WHERE opening.outage_id = failure.outage_id AND contract.id = failure.contract_id
   AND contract.customer_id = opening.customer_id AND opening.letters > 0
   AND EXISTS (SELECT FROM entitlements_letter WHERE matter = failure.reference AND kind IN ('outage_published', 'outage_longer'))
"""


class Migration(migrations.Migration):
    dependencies = [
        ("entitlements", "0034_matters_in_quarantine"),
        ("sla", "0027_a_list_of_losses_comes_by_file"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="failure", name="an_outage_is_put_on_record_once_for_a_contract"),
        migrations.AddField(
            model_name="failure",
            name="told_remedy",
            field=models.DurationField(blank=True, help_text="S8: as last told so; empty: it lasted then.", null=True),
        ),
        migrations.AddField(
            model_name="failure",
            name="told_times",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="How often the customer was written to about it by our logs."
            ),
        ),
        migrations.RunSQL(WHAT_WAS_TOLD, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="failure",
            constraint=models.UniqueConstraint(
                condition=models.Q(("found_by_us", True)),
                fields=("outage", "contract", "occurred_at"),
                name="a_piece_of_an_outage_is_put_on_record_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="failure",
            constraint=models.CheckConstraint(
                condition=models.Q(("told_times__gt", 0), ("told_remedy__isnull", True), _connector="OR"),
                name="what_was_told_was_written",
            ),
        ),
        migrations.RemoveConstraint(model_name="claim", name="a_claim_under_way_has_its_receipt"),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["draft", "lapsed", "withdrawn", "covered"]),
                    ("received_at__isnull", False),
                    _connector="OR",
                ),
                name="a_claim_under_way_has_its_receipt",
            ),
        ),
        migrations.RemoveField(model_name="opening", name="letters"),
        migrations.RemoveField(model_name="opening", name="told_remedy"),
    ]
