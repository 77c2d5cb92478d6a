from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("entitlements", "0023_the_clocks_work")]

    operations = [
        migrations.AddField(
            model_name="bookedsession",
            name="meet_at",
            field=models.CharField(
                blank=True,
                help_text="A link to the call, or a room. Empty: not said yet.",
                max_length=300,
                verbose_name="where to meet",
            ),
        ),
    ]
