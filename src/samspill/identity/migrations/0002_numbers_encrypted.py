"""National numbers become ciphertext, and persons are found by a keyed hash of the number.

Old code cannot read what this leaves, so web and workers are stopped while it is run (docs/run/upgrade.md).
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Func, Q
from django.db.models.lookups import Exact

from samspill.infra.encryption import keyring, values

_AT_A_TIME = 5000


def encrypt(apps, schema_editor):
    """Encrypt every number, bound to its row, and store its hash under every key in use."""
    with schema_editor.connection.cursor() as cursor:
        last = None
        while rows := _next(cursor, last):
            last = rows[-1][0]
            sealed = [values.encrypt(number, bound_to=f"identity_person {pk}") for pk, number in rows]
            cursor.execute(
                "UPDATE identity_person p SET number = one.sealed "
                "FROM unnest(%s::uuid[], %s::text[]) one(id, sealed) WHERE p.id = one.id",
                [[pk for pk, _ in rows], sealed],
            )
            for key in keyring.ring().hashing:
                cursor.execute(
                    "INSERT INTO identity_number_hash (hash, key, person_id) "
                    "SELECT hash, %s, id FROM unnest(%s::bytea[], %s::uuid[]) one(hash, id)",
                    [
                        key.id,
                        [values.keyed_hash(number, key=key) for _, number in rows],
                        [pk for pk, _ in rows],
                    ],
                )


def _next(cursor, last):
    cursor.execute(
        "SELECT id, national_id FROM identity_person WHERE %s::uuid IS NULL OR id > %s::uuid "
        "ORDER BY id LIMIT %s",
        [last, last, _AT_A_TIME],
    )
    return cursor.fetchall()


class Migration(migrations.Migration):
    # The migrations of `cases` that name the plain column must have been run before it goes.
    dependencies = [("identity", "0001_initial"), ("cases", "0007_rows_by_our_own_ids")]

    operations = [
        migrations.AddField("person", "number", models.CharField(max_length=100, default="")),
        migrations.CreateModel(
            name="NumberHash",
            fields=[
                ("hash", models.BinaryField(max_length=32, primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=20)),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="identity.person",
                    ),
                ),
            ],
            options={"db_table": "identity_number_hash"},
        ),
        migrations.RunPython(encrypt, migrations.RunPython.noop),
        migrations.RemoveConstraint("person", "identity_person_eleven_digits"),
        migrations.RemoveField("person", "national_id"),
        migrations.AlterField("person", "number", models.CharField(max_length=100)),
        migrations.AddConstraint(
            "person",
            models.CheckConstraint(
                condition=Q(number__regex=r"^[a-z0-9-]{8,20}\.[A-Za-z0-9_-]{52}$"),
                name="identity_person_encrypted",
            ),
        ),
        migrations.AddConstraint(
            "numberhash",
            models.UniqueConstraint(fields=["person", "key"], name="identity_number_hash_once"),
        ),
        migrations.AddConstraint(
            "numberhash",
            models.CheckConstraint(
                condition=Exact(
                    Func("hash", function="octet_length", output_field=models.IntegerField()), 32
                ),
                name="identity_number_hash_of_32_bytes",
            ),
        ),
    ]
