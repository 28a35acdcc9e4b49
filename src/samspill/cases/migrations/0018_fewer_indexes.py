"""An index costs every new case and every change: one that no question used goes, two hold only rows with a value.

Hardly any case was sent by somebody else than the applicant, and few letters go to others.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0017_letters_not_sent'),
        ('identity', '0006_isolation'),
        ('municipalities', '0002_contacts'),
    ]

    operations = [
        migrations.RemoveIndex(model_name='case', name='case_situation'),
        migrations.AlterField(
            model_name='case',
            name='submitted_by',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person'),
        ),
        migrations.AlterField(
            model_name='letter',
            name='recipient',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('submitted_by__isnull', False)), fields=['submitted_by'], name='case_submitted_by'),
        ),
        migrations.AddIndex(
            model_name='letter',
            index=models.Index(condition=models.Q(('recipient__isnull', False)), fields=['recipient'], name='letter_recipient'),
        ),
    ]
