"""Take an HMIS CSV export into an agency."""

import json

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from casemgmt.agencies.models import Agency
from casemgmt.interchange.hmis.importer import import_hmis
from casemgmt.interchange.hmis.reader import Unusable


class Command(BaseCommand):
    help = (
        "Take a HUD HMIS CSV export (FY2022 to FY2026; folder or zip) into an agency. Run it again as often as you "
        "like: rows are found again by their keys. Exit code 0: all in; 1: some rows refused; 2: nothing written."
    )

    def add_arguments(self, parser):
        parser.add_argument("path", metavar="FILE_OR_FOLDER")
        parser.add_argument("--agency", required=True, metavar="SLUG", help="Short name of the agency.")
        parser.add_argument("--dry-run", action="store_true", help="Do everything, then take it back.")
        parser.add_argument(
            "--with-ssn",
            action="store_true",
            help="Keep whole social security numbers, encrypted, for matching.",
        )
        parser.add_argument("--json", action="store_true", help="Print the report as JSON.")

    def handle(self, *, path, agency, dry_run, with_ssn, **options):
        as_json = options["json"]
        try:
            into = Agency.objects.filter(slug=agency).first()
            if into is None:
                raise Unusable(_("There is no agency “%(slug)s”.") % {"slug": agency})
            report = import_hmis(path, into, dry_run=dry_run, with_ssn=with_ssn, progress=self.show_progress)
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
            refused = _("%(rows)s rows were refused.") % {"rows": len(report.refused) + report.more_refused}
            raise CommandError(refused, returncode=report.exit_code)

    def show_progress(self, file, done, total):
        """A line now and then, so that it reads well in a log, too."""
        self.stderr.write(f"{file} {done}/{total}", lambda text: text)
