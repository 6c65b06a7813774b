"""The one e-mail a day: numbers and links, to whoever wants it."""

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from casemgmt.agencies.models import Agency, acting_as
from casemgmt.workspace.day.mail import readers, send_to


class Command(BaseCommand):
    help = (
        "Send everybody who wants it the e-mail of the day: how much is late and for today, without a client's data. "
        "Run it once every morning; run again, it sends nothing twice, and what failed is tried anew."
    )

    def add_arguments(self, parser):
        parser.add_argument("--agency", default="", metavar="SLUG", help="Only this one.")
        parser.add_argument(
            "--dry-run", action="store_true", help="Say how many would be sent, and send none."
        )

    def handle(self, *, agency, dry_run, **options):
        agencies = Agency.objects.order_by("slug")
        if agency:
            agencies = agencies.filter(slug=agency)
            if not agencies:
                raise CommandError(_("There is no agency “%(slug)s”.") % {"slug": agency}, returncode=2)
        sent = failed = 0
        for row in agencies:
            with acting_as(row, by=None):
                people = readers(row)
            for staff in people:
                try:
                    sent += bool(send_to(staff, dry_run=dry_run))
                except OSError as error:  # the mail server; the next person may be reached
                    failed += 1
                    self.stderr.write(f"{row.slug}, {staff.pk}: {type(error).__name__}")
        words = _("%(n)d would be sent.") if dry_run else _("%(n)d sent.")
        self.stdout.write(words % {"n": sent})
        if failed:
            raise CommandError(_("%(n)d could not be sent.") % {"n": failed}, returncode=1)
