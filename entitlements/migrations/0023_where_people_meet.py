from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("entitlements", "0022_letters_keep_their_course")]

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
