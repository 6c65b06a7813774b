"""Take a directory of community services into an agency."""

import json

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from casemgmt.agencies.models import Agency
from casemgmt.interchange.hmis.reader import Unusable
from casemgmt.interchange.hsds.importer import import_hsds


class Command(BaseCommand):
    help = (
        "Take a directory of community services (Open Referral HSDS 1.1 and 3.0, CSV or JSON; Ohana's CSV; "
        "folder, zip or one file) into an agency. Run it again as often as you like: services are found again. "
        "Exit code 0: all in; 1: some rows refused; 2: nothing written."
    )

    def add_arguments(self, parser):
        parser.add_argument("path", metavar="FILE_OR_FOLDER")
        parser.add_argument("--agency", required=True, metavar="SLUG", help="Short name of the agency.")
        parser.add_argument("--dry-run", action="store_true", help="Do everything, then take it back.")
        parser.add_argument("--json", action="store_true", help="Print the report as JSON.")
        parser.add_argument(
            "--source", default="", help="The feed's own mark; without it, a feed is known by its services."
        )
        parser.add_argument(
            "--close-missing", action="store_true", help="Close services that the feed no longer has."
        )
        parser.add_argument(
            "--close-most", action="store_true", help="With --close-missing, also more than half of them."
        )

    def handle(self, *, path, agency, dry_run, source, close_missing, close_most, **options):
        as_json = options["json"]
        try:
            into = Agency.objects.filter(slug=agency).first()
            if into is None:
                raise Unusable(_("There is no agency “%(slug)s”.") % {"slug": agency})
            report = import_hsds(
                path,
                into,
                source=source[:400],
                close_missing=close_missing or close_most,
                close_most=close_most,
                dry_run=dry_run,
                progress=self.show_progress,
            )
        except Unusable as error:
            if as_json:
                self.stdout.write(json.dumps({"error": str(error), "exit_code": 2}, ensure_ascii=False))
            raise CommandError(str(error), returncode=2) from error
        if as_json:
            self.stdout.write(json.dumps(report.as_dict(), ensure_ascii=False, indent=2))
        else:
            for line in report.lines():
                self.stdout.write(line)
        if report.exit_code:
            refused = _("%(rows)s rows were refused.") % {"rows": len(report.refused)}
            raise CommandError(refused, returncode=report.exit_code)

    def show_progress(self, file, done, total):
        """A line now and then, so that it reads well in a log, too."""
        self.stderr.write(f"{file} {done}/{total}", lambda text: text)
