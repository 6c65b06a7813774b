"""Throw away rows of tables that were sent and not fetched again for 30 days; for a nightly job."""

from django.core.management.base import BaseCommand
from django.db import transaction

from casemgmt.agencies.models import Agency, acting_as
from casemgmt.interchange.models import KEEP_DAYS, ImportRun


class Command(BaseCommand):
    help = f"Throw away what is left of imported tables after {KEEP_DAYS} days. Run it every night."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="say how many, and throw nothing away")

    def handle(self, *args, dry_run=False, **options):
        for agency in Agency.objects.order_by("pk"):
            with acting_as(agency, by=None, reason="Rows of imports are kept for 30 days."):
                dropped = ImportRun.drop_old(agency)
                if dry_run:
                    transaction.set_rollback(True)
            self.stdout.write(f"{agency.slug}: {dropped}")
