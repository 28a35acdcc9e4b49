"""What Enhetsregisteret said of organisations and roles, a day at most; grants that bind together with others."""

import datetime
import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('identity', '0001_initial'),
        ('mandates', '0003_notices'),
    ]

    operations = [
        migrations.AddField(
            model_name='grant',
            name='joint',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.CreateModel(
            name='Organisation',
            fields=[
                ('org_no', models.CharField(max_length=9, primary_key=True, serialize=False)),
                ('name', models.CharField(blank=True, default='', max_length=200)),
                ('form', models.CharField(blank=True, default='', max_length=10)),
                ('deleted_on', models.DateField(null=True)),
                ('bankrupt', models.BooleanField()),
                ('told_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField(db_index=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('expires_at__lte', django.db.models.expressions.CombinedExpression(models.F('told_at'), '+', models.Value(datetime.timedelta(days=1))))), name='mandates_organisation_a_day')],
            },
        ),
        migrations.CreateModel(
            name='Role',
            fields=[
                ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ('code', models.CharField(max_length=10)),
                ('level', models.CharField(max_length=5)),
                ('joint', models.BooleanField()),
                ('court_appointed', models.BooleanField()),
                ('ended', models.BooleanField()),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='roles', to='mandates.organisation')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organisation', 'person', 'code'), name='mandates_role_once'), models.CheckConstraint(condition=models.Q(('level__in', ('read', 'write'))), name='mandates_role_level')],
            },
        ),
    ]
