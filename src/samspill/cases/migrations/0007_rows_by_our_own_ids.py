"""Documents of a row, and requests for them, name a person by our own id; they held the identity number."""

from django.db import migrations, models
from django.db.models import Q

# Persons whom only such a name knew become known; the next reading of the case makes the same id of them.
_MAKE_KNOWN = """
INSERT INTO identity_person (id, national_id, created_at)
SELECT gen_random_uuid(), number, now() FROM (
    SELECT substring(document FROM ':([0-9]{11})$') AS number FROM cases_attachment
    UNION
    SELECT substring(item ->> 'id' FROM ':([0-9]{11})$')
    FROM cases_informationrequest, jsonb_array_elements(items) item
) named WHERE number IS NOT NULL
ON CONFLICT (national_id) DO NOTHING
"""
_ATTACHMENTS = """
UPDATE cases_attachment a SET document = split_part(a.document, ':', 1) || ':' || p.id
FROM identity_person p WHERE substring(a.document FROM ':([0-9]{11})$') = p.national_id
"""
_REQUESTS = """
UPDATE cases_informationrequest r SET items = (
    SELECT jsonb_agg(
        CASE WHEN p.id IS NULL THEN item
        ELSE jsonb_set(item, '{id}', to_jsonb(split_part(item ->> 'id', ':', 1) || ':' || p.id)) END
        ORDER BY place)
    FROM jsonb_array_elements(r.items) WITH ORDINALITY AS each(item, place)
    LEFT JOIN identity_person p ON substring(item ->> 'id' FROM ':([0-9]{11})$') = p.national_id
)
WHERE EXISTS (SELECT 1 FROM jsonb_array_elements(r.items) item WHERE item ->> 'id' ~ ':[0-9]{11}$')
"""


class Migration(migrations.Migration):
    # Rows are rewritten before the tables are altered, each in a transaction of its own.
    atomic = False
    dependencies = [
        ("identity", "0001_initial"),
        ("cases", "0006_draft_told"),
    ]

    operations = [
        migrations.AlterField(
            model_name="attachment",
            name="document",
            field=models.CharField(max_length=120),
        ),
        migrations.RunSQL([_MAKE_KNOWN, _ATTACHMENTS, _REQUESTS], migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="attachment",
            constraint=models.CheckConstraint(
                condition=~Q(document__regex=r"[0-9]{11}$"), name="attachment_names_no_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.CheckConstraint(
                condition=~Q(key__regex=r"[0-9]{11}$"), name="task_names_no_number"
            ),
        ),
    ]
