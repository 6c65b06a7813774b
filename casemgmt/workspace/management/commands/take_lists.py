"""Give agencies what they choose from and what comes with the product: items of lists, goals to start from."""

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from casemgmt.agencies.models import Agency, acting_as
from casemgmt.workspace.opening import take_lists, take_service_types
from serviceplans.library import take_goals


class Command(BaseCommand):
    help = (
        "Give every agency, or the one named, those items of its lists, kinds of work and goals that come with the "
        "product and it never had. What it changed or no longer offers stays as it is; said again, it adds nothing."
    )

    def add_arguments(self, parser):
        parser.add_argument("--agency", default="", metavar="SLUG", help="Only this one.")
        parser.add_argument("--dry-run", action="store_true", help="Do everything, then take it back.")

    def handle(self, *, agency, dry_run, **options):
        agencies = Agency.objects.order_by("slug")
        if agency:
            agencies = agencies.filter(slug=agency)
        if not agencies:
            raise CommandError(_("There is no agency “%(slug)s”.") % {"slug": agency}, returncode=2)
        for into in agencies:
            with acting_as(into, by=None, reason=_("Items of lists were taken.")), transaction.atomic():
                added = len(take_lists(into)) + len(take_service_types(into)) + len(take_goals(into))
                transaction.set_rollback(dry_run)
            self.stdout.write(_("%(agency)s: %(n)s items added") % {"agency": into.slug, "n": added})
        if dry_run:
            self.stdout.write(_("Nothing was written."))
