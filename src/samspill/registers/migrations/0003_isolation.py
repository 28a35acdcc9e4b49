"""What a register has said is there for the person it is about, and for look-ups, which take it up and keep it."""

from django.db import migrations

from samspill.infra.policies import BY_ME, OWN, isolate, open_again, scope

_REPLY = f"{OWN.format(column='person_id')} OR {BY_ME.format(column='person_id')} OR {scope('replies')}"


class Migration(migrations.Migration):
    dependencies = [("registers", "0002_numbers_hidden"), ("infra", "0007_roles")]

    operations = [
        migrations.RunSQL(isolate("registers_reply", _REPLY), open_again("registers_reply")),
    ]
