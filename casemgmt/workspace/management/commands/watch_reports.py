"""Tell supervisors and directors what was not reported in time; for a job that runs every hour."""

from django.core.management.base import BaseCommand
from django.db import transaction

from casemgmt.agencies.models import Agency, acting_as
from casemgmt.workspace.reporting.verbs import escalate, late_reports


class Command(BaseCommand):
    help = (
        "Tell supervisors and directors of incidents and suspicions that are not reported in time. "
        "Nobody is told twice: run it every hour."
    )

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="say how many, and tell nobody")

    def handle(self, *args, dry_run=False, **options):
        for agency in Agency.objects.order_by("pk"):
            with acting_as(agency, by=None, reason="The time to report it has passed."):
                late = late_reports(agency)
                told = sum(escalate(row) for row in late)
                if dry_run:
                    transaction.set_rollback(True)
            self.stdout.write(f"{agency.slug}: {len(late)} late, {told} told")
