"""S17: what elections credited before there were memos gets its number, in the order of the effects."""

from django.db import migrations

MEMOS = """
INSERT INTO sla_shiftmemo (election_id, customer_id, amount, currency, made_out_to, issued_at)
SELECT election.id, customer.id, election.credit, contract.currency, customer.name, election.settled_at
  FROM sla_election AS election
  JOIN entitlements_contract AS contract ON contract.id = election.contract_id
  JOIN entitlements_customer AS customer ON customer.id = contract.customer_id
 WHERE election.state = 'decided' AND election.credit > 0
 ORDER BY election.settled_at, election.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("sla", "0056_two_people_end_enterprise_terms"),
    ]

    operations = [migrations.RunSQL(MEMOS, migrations.RunSQL.noop)]
