"""The tree of the access log: leaves, nodes, checkpoints, countersignatures. All INSERT-only (SP-29)."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

_GUARDS = """
-- A leaf never changes, but its salt may be deleted: then nobody can tell what it was made of.
CREATE FUNCTION samspill_leaf_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.salt IS NULL AND OLD.salt IS NOT NULL
     AND (NEW.position, NEW.entry_id, NEW.hash) = (OLD.position, OLD.entry_id, OLD.hash) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '% is a log: rows can only be added', TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END $$;

-- An access entry never changes, and is deleted only after its salt.
CREATE FUNCTION samspill_access_entry_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE'
     AND EXISTS (SELECT FROM infra_log_leaf WHERE entry_id = OLD.id AND salt IS NULL) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION '% is a log: rows can only be added', TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER infra_log_leaf_rows BEFORE UPDATE OR DELETE ON infra_log_leaf
  FOR EACH ROW EXECUTE FUNCTION samspill_leaf_guard();
CREATE TRIGGER infra_log_leaf_whole BEFORE TRUNCATE ON infra_log_leaf
  FOR EACH STATEMENT EXECUTE FUNCTION samspill_insert_only();
DROP TRIGGER infra_access_entry_rows ON infra_access_entry;
CREATE TRIGGER infra_access_entry_rows BEFORE UPDATE OR DELETE ON infra_access_entry
  FOR EACH ROW EXECUTE FUNCTION samspill_access_entry_guard();
"""
_BACK = """
DROP TRIGGER infra_access_entry_rows ON infra_access_entry;
CREATE TRIGGER infra_access_entry_rows BEFORE UPDATE OR DELETE ON infra_access_entry
  FOR EACH ROW EXECUTE FUNCTION samspill_insert_only();
DROP TRIGGER infra_log_leaf_rows ON infra_log_leaf;
DROP TRIGGER infra_log_leaf_whole ON infra_log_leaf;
DROP FUNCTION samspill_access_entry_guard();
DROP FUNCTION samspill_leaf_guard();
"""


def _guard(table):
    return migrations.RunSQL(
        f"""
        CREATE TRIGGER {table}_rows BEFORE UPDATE OR DELETE ON {table}
          FOR EACH ROW EXECUTE FUNCTION samspill_insert_only();
        CREATE TRIGGER {table}_whole BEFORE TRUNCATE ON {table}
          FOR EACH STATEMENT EXECUTE FUNCTION samspill_insert_only();
        """,
        f"DROP TRIGGER {table}_rows ON {table}; DROP TRIGGER {table}_whole ON {table};",
    )


class Migration(migrations.Migration):

    dependencies = [
        ('infra', '0003_generation'),
    ]

    operations = [
        migrations.CreateModel(
            name='LogCheckpoint',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('size', models.BigIntegerField(db_index=True)),
                ('root', models.BinaryField()),
                ('at', models.DateTimeField()),
                ('through', models.BigIntegerField()),
                ('absent', models.BigIntegerField()),
                ('note', models.TextField()),
            ],
            options={
                'db_table': 'infra_log_checkpoint',
            },
        ),
        migrations.CreateModel(
            name='LogLeaf',
            fields=[
                ('position', models.BigIntegerField(primary_key=True, serialize=False)),
                ('entry_id', models.BigIntegerField(unique=True)),
                ('hash', models.BinaryField()),
                ('salt', models.BinaryField(null=True)),
            ],
            options={
                'db_table': 'infra_log_leaf',
            },
        ),
        migrations.CreateModel(
            name='LogNode',
            fields=[
                ('pk', models.CompositePrimaryKey('level', 'index', blank=True, editable=False, primary_key=True, serialize=False)),
                ('level', models.SmallIntegerField()),
                ('index', models.BigIntegerField()),
                ('hash', models.BinaryField()),
            ],
            options={
                'db_table': 'infra_log_node',
            },
        ),
        migrations.CreateModel(
            name='LookReport',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('entry_id', models.BigIntegerField()),
                ('subject_id', models.UUIDField(db_index=True)),
                ('org_no', models.CharField(blank=True, max_length=9)),
                ('protected', models.BooleanField()),
                ('text', models.TextField()),
                ('reported_at', models.DateTimeField()),
                ('answer', models.TextField(blank=True, default='')),
                ('answered_by', models.UUIDField(null=True)),
                ('answered_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'infra_look_report',
                'indexes': [models.Index(condition=models.Q(('answered_at', None)), fields=['org_no', 'reported_at'], name='infra_look_report_open')],
                'constraints': [models.UniqueConstraint(fields=('entry_id',), name='infra_look_report_one'), models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_at', None), ('answered_by', None)), models.Q(models.Q(('answer', ''), _negated=True), ('answered_at__isnull', False)), _connector='OR'), name='infra_look_report_answered')],
            },
        ),
        migrations.CreateModel(
            name='LogCosignature',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('witness', models.CharField(max_length=200)),
                ('line', models.CharField(max_length=600)),
                ('seen_at', models.DateTimeField()),
                ('checkpoint', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='infra.logcheckpoint')),
            ],
            options={
                'db_table': 'infra_log_cosignature',
                'constraints': [models.UniqueConstraint(fields=('checkpoint', 'witness'), name='infra_log_cosignature_one')],
            },
        ),
        migrations.RunSQL(_GUARDS, _BACK),
        _guard("infra_log_node"),
        _guard("infra_log_checkpoint"),
        _guard("infra_log_cosignature"),
    ]
