"""What Django's models cannot say: room for HOT updates, compact roll-ups, and a record that only grows."""

from django.db import migrations

STORAGE = """
ALTER TABLE communications_hub SET (fillfactor = 90);
ALTER TABLE hub_upgrade SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE tranche_count SET (fillfactor = 50);
ALTER TABLE supplier_count SET (fillfactor = 50);
ALTER TABLE portfolio_count SET (fillfactor = 50);
ALTER TABLE alert_count SET (fillfactor = 50);
"""

KEYS = """
ALTER TABLE campaign_target
    ADD FOREIGN KEY (campaign_id) REFERENCES campaign,
    ADD FOREIGN KEY (from_model_id) REFERENCES device_model,
    ADD FOREIGN KEY (to_model_id) REFERENCES device_model;
ALTER TABLE campaign_region
    ADD FOREIGN KEY (campaign_id) REFERENCES campaign,
    ADD FOREIGN KEY (region_id) REFERENCES csp_region;
ALTER TABLE supplier_notice
    ADD FOREIGN KEY (campaign_id) REFERENCES campaign,
    ADD FOREIGN KEY (party_id) REFERENCES party;
"""

APPEND_ONLY = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or removed', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER record_entry_append_only BEFORE UPDATE OR DELETE ON record_entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER gate_decision_append_only BEFORE UPDATE OR DELETE ON gate_decision
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER csp_event_append_only BEFORE UPDATE OR DELETE ON csp_event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""

REVERSE = """
DROP TRIGGER csp_event_append_only ON csp_event;
DROP TRIGGER gate_decision_append_only ON gate_decision;
DROP TRIGGER record_entry_append_only ON record_entry;
DROP FUNCTION refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("store", "0001_initial")]

    operations = [
        migrations.RunSQL(STORAGE, migrations.RunSQL.noop),
        # Small tables with composite keys: Django 5.2 makes no foreign keys inside one.
        migrations.RunSQL(KEYS, migrations.RunSQL.noop),
        migrations.RunSQL(APPEND_ONLY, REVERSE),
    ]
