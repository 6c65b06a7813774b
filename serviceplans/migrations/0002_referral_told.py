import django.db.models.deletion
from django.db import migrations, models

from casemgmt.core.db import Wall


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0004_consent_gate'),
        ('serviceplans', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='historicalservicereferral',
            name='disclosure',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, editable=False, help_text='Nothing where the person goes themselves.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='clients.disclosure', verbose_name='what the provider was told'),
        ),
        migrations.AddField(
            model_name='servicereferral',
            name='disclosure',
            field=models.ForeignKey(editable=False, help_text='Nothing where the person goes themselves.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.disclosure', verbose_name='what the provider was told'),
        ),
        Wall(),
    ]
