"""Tell supervisors of colleagues who are out alone and did not come back in time."""

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from casemgmt.agencies.models import Agency, acting_as
from casemgmt.workspace.day.alarms import raise_alarms


class Command(BaseCommand):
    help = (
        "Tell supervisors of every colleague who has not checked out in time, once. Run it every five minutes; their "
        "page shows it without this command, too."
    )

    def add_arguments(self, parser):
        parser.add_argument("--agency", default="", metavar="SLUG", help="Only this one.")
        parser.add_argument("--dry-run", action="store_true", help="Say how many, and tell nobody.")

    def handle(self, *, agency, dry_run, **options):
        agencies = Agency.objects.order_by("slug")
        if agency:
            agencies = agencies.filter(slug=agency)
            if not agencies:
                raise CommandError(_("There is no agency “%(slug)s”.") % {"slug": agency}, returncode=2)
        raised = 0
        for row in agencies:
            with transaction.atomic(), acting_as(row, by=None, reason=_("Nobody checked out in time.")):
                raised += len(raise_alarms(row))
                if dry_run:
                    transaction.set_rollback(True)
        self.stdout.write(_("%(n)d not back in time.") % {"n": raised})
