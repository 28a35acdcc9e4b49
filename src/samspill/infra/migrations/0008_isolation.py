"""The access log is read by whom it is about and by the organisation that acted; anybody who acts adds to it."""

from django.db import migrations

from samspill.infra.policies import BY_ME, OWN, insert_only, isolate, open_again, scope

_ENTRY = f"""
  {OWN.format(column="subject_id")} OR {BY_ME.format(column="actor_id")}
  OR actor_org_no = (SELECT samspill_organisation()) OR {scope("operator")}
"""
_REPORT = f"""
  {OWN.format(column="subject_id")} OR org_no = (SELECT samspill_organisation()) OR {scope("operator")}
"""


class Migration(migrations.Migration):
    dependencies = [("infra", "0007_roles")]

    operations = [
        migrations.RunSQL(insert_only("infra_access_entry", _ENTRY), open_again("infra_access_entry")),
        migrations.RunSQL(isolate("infra_look_report", _REPORT), open_again("infra_look_report")),
    ]
