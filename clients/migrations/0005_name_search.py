from django.db import migrations

from casemgmt.core.db import NameSearch


class Migration(migrations.Migration):
    dependencies = [("clients", "0004_consent_gate")]

    operations = [
        NameSearch("Client", "name_key"),
        NameSearch("Client", "phone_key"),
        NameSearch("OtherName", "name_key", gives="client_id"),
    ]
