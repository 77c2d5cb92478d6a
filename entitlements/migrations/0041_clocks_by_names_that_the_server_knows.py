from django.db import migrations

# Of these names the server has abbreviations too, which have no summer time; entitlements/server_zones.py says the same.
SERVER_ZONE = """
CREATE FUNCTION server_zone(zone text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE zone WHEN 'CET' THEN 'Europe/Brussels' WHEN 'MET' THEN 'Europe/Brussels'
                     WHEN 'EET' THEN 'Europe/Athens' WHEN 'WET' THEN 'Europe/Lisbon' ELSE zone END
$$
"""

WORKS_THROUGH = """
CREATE OR REPLACE FUNCTION works_through(of_engineer bigint, span tstzrange) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT NOT EXISTS (
        SELECT FROM entitlements_engineer AS engineer
         CROSS JOIN generate_series(date_trunc('minute', lower(span)), upper(span) - interval '1 microsecond',
                                    interval '1 minute') AS minute
         CROSS JOIN LATERAL (SELECT minute AT TIME ZONE {zone} AS clock) AS local
         WHERE engineer.id = of_engineer
           AND NOT EXISTS (SELECT FROM entitlements_workinghours AS worked
                            WHERE worked.engineer_id = of_engineer AND worked.days @> clock::date
                              AND worked.weekday = extract(isodow FROM clock)::int - 1
                              AND worked.minutes @> (extract(hour FROM clock) * 60 + extract(minute FROM clock))::int))
$$
"""


class Migration(migrations.Migration):
    """E15: working hours of an engineer whose zone is named CET, EET, MET or WET are those of its clock in summer, too."""

    dependencies = [
        ("entitlements", "0040_lists_by_their_index"),
    ]

    operations = [
        migrations.RunSQL(SERVER_ZONE, "DROP FUNCTION server_zone"),
        migrations.RunSQL(
            WORKS_THROUGH.format(zone="server_zone(engineer.zone)"), WORKS_THROUGH.format(zone="engineer.zone")
        ),
    ]
