"""The lists of appeals, and of cases with a task of a kind, are found from the appeal and the task."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0007_rows_by_our_own_ids'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='appeal',
            index=models.Index(condition=models.Q(('state__in', ('received', 'clarified', 'forwarded'))), fields=['received_at', 'id'], name='appeal_open'),
        ),
        migrations.AddIndex(
            model_name='task',
            index=models.Index(condition=models.Q(('state', 'open')), fields=['key', 'case'], name='task_open_kind', opclasses=['varchar_pattern_ops', 'uuid_ops']),
        ),
    ]
