"""Employees as their last login described them, so that their leader knows them by name."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('identity', '0002_numbers_encrypted'),
    ]

    operations = [
        migrations.CreateModel(
            name='Employee',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('org_no', models.CharField(max_length=9)),
                ('name', models.CharField(blank=True, default='', max_length=200)),
                ('roles', models.JSONField(default=list)),
                ('units', models.JSONField(default=list)),
                ('services', models.JSONField(default=list)),
                ('municipality_id', models.UUIDField(blank=True, null=True)),
                ('seen_at', models.DateTimeField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='identity.person')),
            ],
            options={
                'db_table': 'identity_employee',
                'indexes': [models.Index(fields=['org_no', 'name'], name='identity_employee_of')],
                'constraints': [models.UniqueConstraint(fields=('person', 'org_no'), name='identity_employee_once')],
            },
        ),
    ]
