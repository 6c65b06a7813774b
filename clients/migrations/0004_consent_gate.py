import django.db.models.deletion
from django.db import migrations, models

from casemgmt.core.db import Wall


class Migration(migrations.Migration):

    dependencies = [
        ('agencies', '0002_front_door'),
        ('clients', '0003_intake_paths'),
    ]

    operations = [
        migrations.AddField(
            model_name='consent',
            name='taken_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agencies.staffmember', verbose_name='explained by'),
        ),
        migrations.AddField(
            model_name='disclosure',
            name='enrollments',
            field=models.JSONField(default=list, editable=False, verbose_name='enrollments it was taken from'),
        ),
        migrations.AddField(
            model_name='disclosure',
            name='parts',
            field=models.JSONField(default=list, editable=False, verbose_name='parts of the paper'),
        ),
        migrations.AddField(
            model_name='historicalconsent',
            name='taken_by',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='agencies.staffmember', verbose_name='explained by'),
        ),
        migrations.AddField(
            model_name='historicaldisclosure',
            name='enrollments',
            field=models.JSONField(default=list, editable=False, verbose_name='enrollments it was taken from'),
        ),
        migrations.AddField(
            model_name='historicaldisclosure',
            name='parts',
            field=models.JSONField(default=list, editable=False, verbose_name='parts of the paper'),
        ),
        Wall(),
    ]
