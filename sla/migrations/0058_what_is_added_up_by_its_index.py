"""S7: the index of the quarter hours that are to be added up holds their counts, or the longer one of all would be read for them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sla", "0057_shift_credits_so_far_have_memos")]

    operations = [
        migrations.RemoveIndex(model_name="alertquarter", name="alert_quarters_to_add_up"),
        migrations.AddIndex(
            model_name="alertquarter",
            index=models.Index(
                condition=models.Q(("alone", False)),
                fields=["customer", "start"],
                include=("volume", "incidents"),
                name="alert_quarters_to_add_up",
            ),
        ),
    ]
