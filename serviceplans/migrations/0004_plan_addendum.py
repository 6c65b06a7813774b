import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

from casemgmt.core.db import Wall


class Migration(migrations.Migration):

    dependencies = [
        ('agencies', '0004_service_plans'),
        ('serviceplans', '0003_service_plans'),
    ]

    operations = [
        migrations.CreateModel(
            name='PlanAddendum',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(verbose_name='addendum')),
                ('written_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='written')),
                ('agency', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agencies.agency', verbose_name='agency')),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agencies.staffmember', verbose_name='author')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='addenda', to='serviceplans.serviceplan')),
            ],
            options={
                'verbose_name': 'addendum',
                'abstract': False,
            },
        ),
        Wall(),
    ]
