"""Forget forms that were typed and never sent, once they are older than a device keeps them."""

from datetime import timedelta

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from casemgmt.agencies.models import Agency, KeptForm, acting_as


class Command(BaseCommand):
    """Run daily; a second run on the same day finds nothing."""

    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="count them, and leave them there")

    def handle(self, *args, dry_run, **options):
        # 0: nothing is kept on devices, and a week on the server.
        before = timezone.now() - timedelta(days=settings.DEVICE_DAYS or 7)
        gone = 0
        for agency in Agency.objects.order_by("pk"):
            with acting_as(agency, by=None):
                rows = KeptForm.objects.filter(agency=agency, kept_at__lt=before)
                gone += rows.count() if dry_run else rows.delete()[0]
        self.stdout.write(f"{gone} forms that were not sent {'would be' if dry_run else 'are'} forgotten")
