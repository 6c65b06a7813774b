"""Take a questionnaire from a file, or those that come with the product, into an agency."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from assessments.definition import Malformed
from assessments.exchange import MOST_BYTES, from_file
from assessments.models import InstrumentVersion
from assessments.shipped import take_shipped
from casemgmt.agencies.models import Agency, acting_as
from casemgmt.core.models import Refused


class Command(BaseCommand):
    help = (
        "Take a questionnaire (FHIR R4 Questionnaire or our own JSON, docs/instruments.md) into an agency as a draft, "
        "or with --publish at once. The same file again changes nothing. "
        "Exit code 0: taken; 1: the file was refused, nothing written; 2: it could not even be tried."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", nargs="?", metavar="FILE")
        parser.add_argument(
            "--agency", default="", metavar="SLUG", help="Only into this one; else into every agency."
        )
        parser.add_argument("--publish", action="store_true", help="Answered from today on.")
        parser.add_argument("--dry-run", action="store_true", help="Do everything, then take it back.")
        parser.add_argument("--edition", default="", metavar="N", help="Take it as this version.")
        parser.add_argument("--code", default="", help="Take it under this code.")
        parser.add_argument("--shipped", action="store_true", help="Take what comes with the product.")

    def handle(self, *, file, agency, publish, dry_run, edition, code, shipped, **options):
        if bool(file) == shipped:
            raise CommandError(_("Name a file, or say --shipped."), returncode=2)
        data = b"" if shipped else self._read(file)
        reason = _("Questionnaires taken from %(file)s") % {"file": Path(file or "casemgmt").name[:200]}
        refusals = []
        agencies = self.agencies(agency)
        for into in agencies:
            name = f"{into.slug}: " if len(agencies) > 1 else ""
            try:
                with acting_as(into, by=None, reason=reason), transaction.atomic():
                    if shipped:
                        lines = self._take_shipped(into)
                    else:
                        lines = self._take(into, data, code=code, edition=edition, publish=publish)
                    for line in lines:
                        self.stdout.write(name + line)
                    transaction.set_rollback(dry_run)
            except Malformed as malformed:  # for every agency alike
                raise CommandError(
                    "\n".join(f"{where}: {what}" for where, what in malformed.faults), returncode=1
                ) from malformed
            except Refused as refused:
                refusals += [f"{name}{sentence}" for sentence in refused.sentences]
        if refusals:
            raise CommandError("\n".join(refusals), returncode=1)
        if dry_run:
            self.stdout.write(_("Nothing was written."))

    @staticmethod
    def _read(file):
        try:
            with open(file, "rb") as opened:
                return opened.read(MOST_BYTES + 1)
        except OSError as error:
            words = _("%(file)s cannot be read: %(why)s.") % {"file": file, "why": error.strerror}
            raise CommandError(words, returncode=2) from error

    @staticmethod
    def agencies(slug):
        """The agency of that short name, or all: a questionnaire holds nothing of anybody."""
        found = Agency.objects.order_by("slug")
        if slug:
            found = found.filter(slug=slug)
        if not found:
            words = (
                _("There is no agency “%(slug)s”.") % {"slug": slug} if slug else _("There is no agency yet.")
            )
            raise CommandError(words, returncode=2)
        return list(found)

    def _take_shipped(self, agency):
        before = set(InstrumentVersion.objects.filter(agency=agency).values_list("pk", flat=True))
        for version in take_shipped(agency):
            words = _("%(version)s: unchanged") if version.pk in before else _("%(version)s: taken")
            yield words % {"version": version}

    def _take(self, agency, data, *, code, edition, publish):
        raw, left_out = from_file(data, code=code, edition=edition)
        before = {row.pk: row.definition for row in InstrumentVersion.objects.filter(agency=agency)}
        version = InstrumentVersion.take_in(agency, raw)
        is_same = version.pk in before and before[version.pk] == version.definition
        if publish and version.is_draft:
            version.publish()
            is_same = False
        for sentence in left_out:
            yield _("left out: %(what)s") % {"what": sentence}
        told = version.parsed
        what = {"version": version, "items": len(told.items), "scales": len(told.scales)}
        words = (
            _("%(version)s: unchanged")
            if is_same
            else _("%(version)s: taken, %(items)s items, %(scales)s scales")
        )
        yield words % what
