import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0008_suspension"),
    ]

    operations = [
        migrations.AddField(
            model_name="dccalert",
            name="is_owed",
            field=models.BooleanField(
                db_comment="to be sent: its User had an address when it was raised", db_default=False
            ),
        ),
        migrations.AddIndex(
            model_name="dccalert",
            index=models.Index(
                condition=models.Q(("is_owed", True)), fields=["dcc_alert_id"], name="dcc_alert_owed"
            ),
        ),
        migrations.AddField(
            model_name="servicemessage",
            name="kept_since",
            field=models.DateTimeField(
                db_comment="the wall's time; deleted some time after it",
                db_default=django.db.models.functions.datetime.Now(),
            ),
        ),
        migrations.AddIndex(
            model_name="servicemessage",
            index=models.Index(fields=["kept_since"], name="service_message_by_age"),
        ),
        migrations.AddIndex(
            model_name="outgoingmessage",
            index=models.Index(
                condition=models.Q(("state", "DELIVERED")),
                fields=["settled_at"],
                name="outgoing_message_taken",
            ),
        ),
    ]
