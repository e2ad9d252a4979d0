from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0009_owed_alerts_and_retention"),
    ]

    operations = [
        migrations.AddField(
            model_name="alertchunk",
            name="is_owed",
            field=models.BooleanField(
                db_comment="to be sent: its User had an address when it was raised", db_default=False
            ),
        ),
        migrations.AddField(
            model_name="alertchunk",
            name="told_count",
            field=models.IntegerField(
                db_comment="of how many Devices, from the first, the message was written", db_default=0
            ),
        ),
        migrations.AddIndex(
            model_name="alertchunk",
            index=models.Index(
                condition=models.Q(("is_owed", True)),
                fields=["raised_at", "alert_chunk_id"],
                name="alert_chunk_owed",
            ),
        ),
    ]
