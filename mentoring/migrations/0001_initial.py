import casemgmt.core.db
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import simple_history.models
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('agencies', '0001_initial'),
        ('clients', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='ActivityType',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('code', models.CharField(max_length=20, verbose_name='code')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('group', models.CharField(choices=[('practice', 'Direct practice'), ('skill', 'Skill and paperwork'), ('support', 'Reflection and support')], max_length=10, verbose_name='group')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='order')),
                ('ended_on', models.DateField(blank=True, null=True, verbose_name='no longer used from')),
                ('agency', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agencies.agency', verbose_name='agency')),
            ],
            options={
                'verbose_name': 'mentoring activity type',
                'verbose_name_plural': 'mentoring activity types',
                'ordering': ['position', 'name'],
                'constraints': [models.UniqueConstraint(fields=('agency', 'code'), name='activity_type_once')],
            },
        ),
        migrations.CreateModel(
            name='HistoricalActivityType',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('history_change_reason', models.TextField(null=True)),
                ('code', models.CharField(max_length=20, verbose_name='code')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('group', models.CharField(choices=[('practice', 'Direct practice'), ('skill', 'Skill and paperwork'), ('support', 'Reflection and support')], max_length=10, verbose_name='group')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='order')),
                ('ended_on', models.DateField(blank=True, null=True, verbose_name='no longer used from')),
                ('history_id', models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('agency', models.ForeignKey(blank=True, db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='agencies.agency', verbose_name='agency')),
                ('history_user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agencies.staffmember')),
            ],
            options={
                'verbose_name': 'historical mentoring activity type',
                'verbose_name_plural': 'historical mentoring activity types',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
                'indexes': [models.Index(fields=['history_user', '-history_date'], name='mentoring_h_history_32150e_idx')],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalPairing',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('history_change_reason', models.TextField(null=True)),
                ('weekly_minutes', models.PositiveSmallIntegerField(default=60, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(2400)], verbose_name='protected minutes a week')),
                ('learning_needs', models.TextField(blank=True, verbose_name='what the new hire wants to learn')),
                ('proposed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('mentor_accepted_at', models.DateTimeField(editable=False, null=True)),
                ('mentee_accepted_at', models.DateTimeField(editable=False, null=True)),
                ('started_on', models.DateField(editable=False, null=True, verbose_name='from')),
                ('ended_on', models.DateField(editable=False, null=True, verbose_name='until')),
                ('end_reason', models.CharField(blank=True, max_length=200, verbose_name='why it ended')),
                ('history_id', models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('agency', models.ForeignKey(blank=True, db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='agencies.agency', verbose_name='agency')),
                ('history_user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agencies.staffmember')),
                ('mentee', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='agencies.staffmember', verbose_name='new hire')),
                ('mentor', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='agencies.staffmember', verbose_name='mentor')),
                ('proposed_by', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='agencies.staffmember')),
            ],
            options={
                'verbose_name': 'historical pairing',
                'verbose_name_plural': 'historical pairings',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
                'indexes': [models.Index(fields=['history_user', '-history_date'], name='mentoring_h_history_1a8f28_idx')],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='MentoringActivity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('held_on', models.DateField(default=django.utils.timezone.localdate, verbose_name='when')),
                ('minutes', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1440)], verbose_name='minutes')),
                ('note', models.TextField(blank=True, verbose_name='note, shared by the two')),
                ('helpfulness', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(5)], verbose_name='how helpful')),
                ('confirmed_at', models.DateTimeField(editable=False, null=True)),
                ('agency', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agencies.agency', verbose_name='agency')),
                ('logged_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agencies.staffmember')),
                ('visit', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.visit')),
            ],
            options={
                'verbose_name': 'mentoring activity',
                'verbose_name_plural': 'mentoring activities',
                'ordering': ['-held_on', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='HistoricalActivityKind',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_id', models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('agency', models.ForeignKey(blank=True, db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='agencies.agency', verbose_name='agency')),
                ('history_user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agencies.staffmember')),
                ('type', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='mentoring.activitytype')),
                ('activity', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='mentoring.mentoringactivity')),
            ],
            options={
                'verbose_name': 'historical kind of activity',
                'verbose_name_plural': 'historical kind of activitys',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
                'indexes': [models.Index(fields=['history_user', '-history_date'], name='mentoring_h_history_db924c_idx')],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='ActivityKind',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('agency', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agencies.agency', verbose_name='agency')),
                ('type', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='mentoring.activitytype')),
                ('activity', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='kinds', to='mentoring.mentoringactivity')),
            ],
            options={
                'verbose_name': 'kind of activity',
                'constraints': [models.UniqueConstraint(fields=('activity', 'type'), name='activity_kind_once')],
            },
        ),
        migrations.CreateModel(
            name='Pairing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('weekly_minutes', models.PositiveSmallIntegerField(default=60, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(2400)], verbose_name='protected minutes a week')),
                ('learning_needs', models.TextField(blank=True, verbose_name='what the new hire wants to learn')),
                ('proposed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('mentor_accepted_at', models.DateTimeField(editable=False, null=True)),
                ('mentee_accepted_at', models.DateTimeField(editable=False, null=True)),
                ('started_on', models.DateField(editable=False, null=True, verbose_name='from')),
                ('ended_on', models.DateField(editable=False, null=True, verbose_name='until')),
                ('end_reason', models.CharField(blank=True, max_length=200, verbose_name='why it ended')),
                ('agency', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agencies.agency', verbose_name='agency')),
                ('mentee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mentee_pairings', to='agencies.staffmember', verbose_name='new hire')),
                ('mentor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mentor_pairings', to='agencies.staffmember', verbose_name='mentor')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agencies.staffmember')),
            ],
            options={
                'verbose_name': 'pairing',
                'verbose_name_plural': 'pairings',
                'ordering': ['-proposed_at'],
                'constraints': [models.CheckConstraint(condition=models.Q(('mentor', models.F('mentee')), _negated=True), name='nobody_mentors_themselves'), models.UniqueConstraint(condition=models.Q(('ended_on', None)), fields=('mentor', 'mentee'), name='one_open_pairing_of_two')],
            },
        ),
        migrations.AddField(
            model_name='mentoringactivity',
            name='pairing',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='activities', to='mentoring.pairing'),
        ),
        migrations.CreateModel(
            name='HistoricalMentoringActivity',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('history_change_reason', models.TextField(null=True)),
                ('held_on', models.DateField(default=django.utils.timezone.localdate, verbose_name='when')),
                ('minutes', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1440)], verbose_name='minutes')),
                ('note', models.TextField(blank=True, verbose_name='note, shared by the two')),
                ('helpfulness', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(5)], verbose_name='how helpful')),
                ('confirmed_at', models.DateTimeField(editable=False, null=True)),
                ('history_id', models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('agency', models.ForeignKey(blank=True, db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='agencies.agency', verbose_name='agency')),
                ('history_user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agencies.staffmember')),
                ('logged_by', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='agencies.staffmember')),
                ('visit', models.ForeignKey(blank=True, db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='clients.visit')),
                ('pairing', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='mentoring.pairing')),
            ],
            options={
                'verbose_name': 'historical mentoring activity',
                'verbose_name_plural': 'historical mentoring activities',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
                'indexes': [models.Index(fields=['history_user', '-history_date'], name='mentoring_h_history_af1a64_idx')],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.AddConstraint(
            model_name='mentoringactivity',
            constraint=models.UniqueConstraint(condition=models.Q(('visit__isnull', False)), fields=('pairing', 'visit'), name='one_activity_per_joint_visit'),
        ),
        migrations.AddConstraint(
            model_name='mentoringactivity',
            constraint=models.CheckConstraint(condition=models.Q(('helpfulness', None), ('helpfulness__range', (1, 5)), _connector='OR'), name='helpfulness_1_to_5'),
        ),
        casemgmt.core.db.Wall(
        ),
    ]
