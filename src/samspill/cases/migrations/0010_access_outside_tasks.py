"""Who comes to a case outside the queue: reasons, hand-overs, findings, incidents; and who is named in a case."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import samspill.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0009_agents_name'),
        ('identity', '0003_employees'),
        ('municipalities', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='EmployeeTies',
            fields=[
                ('person_id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ('told_at', models.DateTimeField()),
                ('family', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None)),
                ('surname_key', models.CharField(blank=True, default='', max_length=64)),
                ('home_key', models.CharField(blank=True, default='', max_length=64)),
                ('street_key', models.CharField(blank=True, default='', max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name='Finding',
            fields=[
                ('id', models.UUIDField(default=samspill.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('rule', models.CharField(max_length=32)),
                ('org_no', models.CharField(max_length=9)),
                ('employee_id', models.UUIDField(blank=True, null=True)),
                ('day', models.DateField()),
                ('key', models.CharField(max_length=200, unique=True)),
                ('count', models.PositiveIntegerField(default=1)),
                ('cases', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None)),
                ('hidden', models.BooleanField(default=False)),
                ('made_at', models.DateTimeField()),
                ('state', models.CharField(default='new', max_length=10)),
                ('reason', models.TextField(blank=True, default='')),
                ('looked_by', models.UUIDField(blank=True, null=True)),
                ('looked_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='HandOver',
            fields=[
                ('id', models.UUIDField(default=samspill.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('to_employee', models.UUIDField()),
                ('by_employee', models.UUIDField()),
                ('org_no', models.CharField(max_length=9)),
                ('why', models.TextField()),
                ('at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Incident',
            fields=[
                ('id', models.UUIDField(default=samspill.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('org_no', models.CharField(max_length=9)),
                ('at', models.DateTimeField()),
                ('seen_by', models.JSONField(default=list)),
                ('state', models.CharField(default='open', max_length=10)),
                ('note', models.TextField(blank=True, default='')),
                ('done_by', models.UUIDField(blank=True, null=True)),
                ('done_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Opening',
            fields=[
                ('id', models.UUIDField(default=samspill.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('employee_id', models.UUIDField()),
                ('org_no', models.CharField(max_length=9)),
                ('units', models.JSONField(default=list)),
                ('reason', models.TextField()),
                ('hidden', models.BooleanField(default=False)),
                ('opened_at', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('state', models.CharField(default='new', max_length=10)),
                ('looked_by', models.UUIDField(blank=True, null=True)),
                ('looked_at', models.DateTimeField(blank=True, null=True)),
                ('question', models.TextField(blank=True, default='')),
                ('answer', models.TextField(blank=True, default='')),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AddField(
            model_name='case',
            name='persons',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), blank=True, default=list, size=None),
        ),
        migrations.AddIndex(
            model_name='case',
            index=django.contrib.postgres.indexes.GinIndex(fields=['persons'], name='case_persons'),
        ),
        migrations.AddIndex(
            model_name='finding',
            index=models.Index(fields=['org_no', '-made_at'], name='finding_of_org'),
        ),
        migrations.AddConstraint(
            model_name='finding',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('new', 'dismissed', 'acted'))), name='finding_state_known'),
        ),
        migrations.AddConstraint(
            model_name='finding',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('looked_at__isnull', True), ('state', 'new')), models.Q(models.Q(('state', 'new'), _negated=True), ('looked_at__isnull', False), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='finding_settled_says_why'),
        ),
        migrations.AddField(
            model_name='handover',
            name='case',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='hand_overs', to='cases.case'),
        ),
        migrations.AddField(
            model_name='incident',
            name='case',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='incidents', to='cases.case'),
        ),
        migrations.AddField(
            model_name='opening',
            name='case',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='openings', to='cases.case'),
        ),
        migrations.AddIndex(
            model_name='handover',
            index=models.Index(fields=['case'], name='hand_over_of_case'),
        ),
        migrations.AddConstraint(
            model_name='handover',
            constraint=models.CheckConstraint(condition=models.Q(('why', ''), _negated=True), name='hand_over_says_why'),
        ),
        migrations.AddConstraint(
            model_name='handover',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('to_employee', 'case'), name='hand_over_once'),
        ),
        migrations.AddIndex(
            model_name='incident',
            index=models.Index(fields=['org_no', '-at'], name='incident_of_org'),
        ),
        migrations.AddConstraint(
            model_name='incident',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('case',), name='incident_open_once'),
        ),
        migrations.AddConstraint(
            model_name='incident',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('done_at__isnull', True), ('state', 'open')), models.Q(('state', 'done'), ('done_at__isnull', False), models.Q(('note', ''), _negated=True)), _connector='OR'), name='incident_done_says_what'),
        ),
        migrations.AddIndex(
            model_name='opening',
            index=models.Index(fields=['org_no', '-opened_at'], name='opening_of_org'),
        ),
        migrations.AddIndex(
            model_name='opening',
            index=models.Index(fields=['employee_id', 'case', 'until'], name='opening_of_employee'),
        ),
        migrations.AddIndex(
            model_name='opening',
            index=models.Index(fields=['case'], name='opening_of_case'),
        ),
        migrations.AddConstraint(
            model_name='opening',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='opening_says_why'),
        ),
        migrations.AddConstraint(
            model_name='opening',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('new', 'seen', 'asked', 'answered'))), name='opening_state_known'),
        ),
        migrations.AddConstraint(
            model_name='opening',
            constraint=models.CheckConstraint(condition=models.Q(('until__gte', models.F('opened_at'))), name='opening_ends_after'),
        ),
        migrations.AddConstraint(
            model_name='opening',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'new'), ('looked_at__isnull', False), _connector='OR'), name='opening_looked_at'),
        ),
        # Rows that are stored past the models name nobody but the applicant.
        migrations.RunSQL(
            "ALTER TABLE cases_case ALTER COLUMN persons SET DEFAULT '{}'",
            "ALTER TABLE cases_case ALTER COLUMN persons DROP DEFAULT",
        ),
    ]
