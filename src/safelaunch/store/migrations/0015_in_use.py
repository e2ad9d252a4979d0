"""Hubs in use: COMMISSIONED, or SUSPENDED from it; the portfolio roll-up tells them apart and is counted anew."""

from django.db import migrations, models

REKEY = """
DELETE FROM portfolio_count;
ALTER TABLE portfolio_count
    DROP CONSTRAINT portfolio_count_pkey,
    ADD PRIMARY KEY (device_model_id, region_id, import_party_id, gas_party_id, smi_status, is_in_use);
INSERT INTO portfolio_count (
    device_model_id, region_id, import_party_id, gas_party_id, smi_status, is_in_use, hub_count
)
SELECT device_model_id, region_id, coalesce(import_party_id, 0), coalesce(gas_party_id, 0), smi_status,
       is_in_use, count(*)::integer
  FROM communications_hub
 GROUP BY device_model_id, region_id, coalesce(import_party_id, 0), coalesce(gas_party_id, 0), smi_status,
          is_in_use
"""


class Migration(migrations.Migration):
    dependencies = [("store", "0014_tenancy")]

    operations = [
        migrations.AddField(
            model_name="communicationshub",
            name="is_in_use",
            field=models.GeneratedField(
                db_comment="COMMISSIONED, or SUSPENDED from it",
                db_persist=True,
                expression=models.Case(
                    models.When(~models.Q(smi_status="SUSPENDED"), then=models.Q(smi_status="COMMISSIONED")),
                    models.When(status_before__isnull=False, then=models.Q(status_before="COMMISSIONED")),
                    default=models.Q(commissioned_on__isnull=False),
                ),
                output_field=models.BooleanField(),
            ),
        ),
        migrations.AddField(
            model_name="portfoliocount",
            name="is_in_use",
            field=models.BooleanField(db_comment="as of its hubs", default=False),
            preserve_default=False,
        ),
        # Django 5.2 cannot change a composite key.
        migrations.RunSQL(
            REKEY,
            state_operations=[
                migrations.AlterField(
                    model_name="portfoliocount",
                    name="pk",
                    field=models.CompositePrimaryKey(
                        "device_model_id",
                        "region_id",
                        "import_party_id",
                        "gas_party_id",
                        "smi_status",
                        "is_in_use",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
            ],
        ),
    ]
