"""National numbers in answers, texts and letters are hidden behind tokens; what was stored before is rewritten.

What is never changed may get new tokens (`samspill keys rotate`), in a transaction that says so, and nothing else.
"""

import samspill.infra.encryption.fields
from django.db import migrations

from samspill.infra.encryption import numbers

_GUARD = r"""
CREATE FUNCTION cases_without_tokens(value text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT regexp_replace(value, '~n[.][a-z0-9-]+[.][A-Za-z0-9_-]+~', '#', 'g')
$$;
CREATE OR REPLACE FUNCTION cases_never_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND current_setting('samspill.disposal', true) = 'on' THEN
    RETURN OLD;
  END IF;
  IF TG_OP = 'UPDATE' AND current_setting('samspill.new_keys', true) = 'on'
    AND cases_without_tokens(to_jsonb(OLD)::text) = cases_without_tokens(to_jsonb(NEW)::text) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'rows of % are never changed: add a new row that replaces this one', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""
_COLUMNS = {
    "cases_draft": ("answers", "facts", "reasons"),
    "cases_attachment": ("why",),
    "cases_case": ("amended",),
    "cases_application": ("answers", "facts", "reasons"),
    "cases_amendment": ("before", "after", "reason"),
    "cases_task": ("values", "reason"),
    "cases_informationrequest": ("items", "text"),
    "cases_message": ("text",),
    "cases_letter": ("html",),
    "cases_appeal": ("text", "late_reason", "clarification", "outcome_reason"),
    "cases_decision": ("inputs", "trace", "facts"),
}
_FIXED = ("cases_application", "cases_amendment", "cases_decision")
_AT_A_TIME = 1000


def hide(apps, schema_editor):
    """Hide every number in the rows that are there."""
    with schema_editor.connection.cursor() as cursor:
        for table, columns in _COLUMNS.items():
            if table in _FIXED:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_fixed")
            for column in columns:
                _hide(cursor, table, column)
            if table in _FIXED:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {table}_fixed")


def _hide(cursor, table, column):
    last, key = None, "case_id" if table == "cases_application" else "id"
    cursor.execute(
        "SELECT data_type = 'jsonb' FROM information_schema.columns "
        "WHERE table_schema = current_schema() AND table_name = %s AND column_name = %s",
        [table, column],
    )
    is_json = cursor.fetchone()[0]
    while True:
        cursor.execute(
            f'SELECT {key}, "{column}"::text FROM {table} WHERE (%s::uuid IS NULL OR {key} > %s) '
            f"""AND "{column}"::text ~ '[0-9]{{6}}.?[0-9]{{5}}' ORDER BY {key} LIMIT %s""",
            [last, last, _AT_A_TIME],
        )
        rows = cursor.fetchall()
        if not rows:
            return
        last = rows[-1][0]
        for pk, value in rows:
            hidden = numbers.hide_json(value) if is_json else numbers.hide(value)
            cursor.execute(
                f'UPDATE {table} SET "{column}" = %s{"::jsonb" if is_json else ""} WHERE {key} = %s',
                [hidden, pk],
            )


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0010_access_outside_tasks'),
    ]

    operations = [
        migrations.RunSQL(_GUARD, migrations.RunSQL.noop),
        migrations.RunPython(hide, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='amendment',
            name='after',
            field=samspill.infra.encryption.fields.AnswersField(default=dict),
        ),
        migrations.AlterField(
            model_name='amendment',
            name='before',
            field=samspill.infra.encryption.fields.AnswersField(default=dict),
        ),
        migrations.AlterField(
            model_name='amendment',
            name='reason',
            field=samspill.infra.encryption.fields.ProseField(blank=True, default=''),
        ),
        migrations.AlterField(
            model_name='appeal',
            name='clarification',
            field=samspill.infra.encryption.fields.ProseField(blank=True, default=''),
        ),
        migrations.AlterField(
            model_name='appeal',
            name='late_reason',
            field=samspill.infra.encryption.fields.ProseField(blank=True, default=''),
        ),
        migrations.AlterField(
            model_name='appeal',
            name='outcome_reason',
            field=samspill.infra.encryption.fields.ProseField(blank=True, default=''),
        ),
        migrations.AlterField(
            model_name='appeal',
            name='text',
            field=samspill.infra.encryption.fields.ProseField(),
        ),
        migrations.AlterField(
            model_name='application',
            name='answers',
            field=samspill.infra.encryption.fields.AnswersField(),
        ),
        migrations.AlterField(
            model_name='application',
            name='facts',
            field=samspill.infra.encryption.fields.AnswersField(default=dict),
        ),
        migrations.AlterField(
            model_name='application',
            name='reasons',
            field=samspill.infra.encryption.fields.AnswersField(default=dict),
        ),
        migrations.AlterField(
            model_name='attachment',
            name='why',
            field=samspill.infra.encryption.fields.ProseField(blank=True, db_default='', default=''),
        ),
        migrations.AlterField(
            model_name='case',
            name='amended',
            field=samspill.infra.encryption.fields.AnswersField(blank=True, default=dict),
        ),
        migrations.AlterField(
            model_name='decision',
            name='facts',
            field=samspill.infra.encryption.fields.AnswersField(default=dict),
        ),
        migrations.AlterField(
            model_name='decision',
            name='inputs',
            field=samspill.infra.encryption.fields.AnswersField(),
        ),
        migrations.AlterField(
            model_name='decision',
            name='trace',
            field=samspill.infra.encryption.fields.AnswersField(),
        ),
        migrations.AlterField(
            model_name='draft',
            name='answers',
            field=samspill.infra.encryption.fields.AnswersField(blank=True, default=dict),
        ),
        migrations.AlterField(
            model_name='draft',
            name='facts',
            field=samspill.infra.encryption.fields.AnswersField(blank=True, default=dict),
        ),
        migrations.AlterField(
            model_name='draft',
            name='reasons',
            field=samspill.infra.encryption.fields.AnswersField(blank=True, default=dict),
        ),
        migrations.AlterField(
            model_name='informationrequest',
            name='items',
            field=samspill.infra.encryption.fields.AnswersField(),
        ),
        migrations.AlterField(
            model_name='informationrequest',
            name='text',
            field=samspill.infra.encryption.fields.ProseField(blank=True, default=''),
        ),
        migrations.AlterField(
            model_name='letter',
            name='html',
            field=samspill.infra.encryption.fields.ProseField(blank=True, default=''),
        ),
        migrations.AlterField(
            model_name='message',
            name='text',
            field=samspill.infra.encryption.fields.ProseField(),
        ),
        migrations.AlterField(
            model_name='task',
            name='reason',
            field=samspill.infra.encryption.fields.ProseField(blank=True, default=''),
        ),
        migrations.AlterField(
            model_name='task',
            name='values',
            field=samspill.infra.encryption.fields.AnswersField(blank=True, default=dict),
        ),
    ]
