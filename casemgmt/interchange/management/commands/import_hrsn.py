"""Take screenings of social needs into an agency."""

import json

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from casemgmt.agencies.models import Agency
from casemgmt.interchange.hmis.reader import Unusable
from casemgmt.interchange.hrsn.importer import import_hrsn


class Command(BaseCommand):
    help = (
        "Take screenings of social needs (SHIN-NY flat files SDOH_….csv, or FHIR bundles; folder, zip or one file) "
        "into an agency. Run it again as often as you like: screenings are found again by their keys. "
        "Exit code 0: all in; 1: some rows refused; 2: nothing written."
    )

    def add_arguments(self, parser):
        parser.add_argument("path", metavar="FILE_OR_FOLDER")
        parser.add_argument(
            "--agency",
            default="",
            metavar="SLUG",
            help="Short name of the agency; not needed where there is one.",
        )
        parser.add_argument("--dry-run", action="store_true", help="Do everything, then take it back.")
        parser.add_argument("--json", action="store_true", help="Print the report as JSON.")
        parser.add_argument(
            "--source", default="", help="A mark for the sender, where two use the same numbers."
        )
        parser.add_argument(
            "--with-protected",
            action="store_true",
            help="Take what is marked as 42 CFR Part 2, OMH or OPWDD like all else: only where a consent covers it.",
        )

    def handle(self, *, path, agency, dry_run, source, with_protected, **options):
        as_json = options["json"]
        try:
            report = import_hrsn(
                path,
                _agency(agency),
                source=source,
                with_protected=with_protected,
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
            refused = _("%(rows)s rows were refused.") % {"rows": len(report.refused) + report.more_refused}
            raise CommandError(refused, returncode=report.exit_code)

    def show_progress(self, file, done, total):
        """A line now and then, so that it reads well in a log, too."""
        self.stderr.write(f"{file} {done}/{total}", lambda text: text)


def _agency(slug):
    """The agency that is meant; without a name the only one there is."""
    if slug:
        found = Agency.objects.filter(slug=slug).first()
        if found is None:
            raise Unusable(_("There is no agency “%(slug)s”.") % {"slug": slug})
        return found
    several = list(Agency.objects.all()[:2])
    if len(several) != 1:
        raise Unusable(_("Say which agency is meant: --agency SLUG."))
    return several[0]
