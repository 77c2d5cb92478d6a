"""What an import changed, what was received and what was chosen stay as they are, for the application too."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("sla", "0042_in_time_is_not_late")]

    operations = [
        migrations.RunSQL(
            "REVOKE UPDATE, DELETE, TRUNCATE ON sla_alerteffect, sla_receipt, sla_electionchoice FROM makegood_app",
            migrations.RunSQL.noop,
        )
    ]
