"""Write a questionnaire of an agency into a file."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from assessments.definition import Malformed
from assessments.exchange import FORMATS, to_file
from assessments.management.commands import import_instrument
from assessments.models import InstrumentVersion
from casemgmt.agencies.models import acting_as


class Command(BaseCommand):
    help = (
        "Write a questionnaire as FHIR R4 Questionnaire or in our own JSON (docs/instruments.md); it holds no answers. "
        "Without --edition the one that is answered now, else the newest draft."
    )

    def add_arguments(self, parser):
        parser.add_argument("code", metavar="CODE")
        parser.add_argument(
            "--agency", default="", metavar="SLUG", help="That of this agency; else of the first that has it."
        )
        parser.add_argument("--edition", default="", metavar="N", help="This version.")
        parser.add_argument("--format", choices=FORMATS, default="own")
        parser.add_argument("--output", default="", metavar="FILE", help="Otherwise it is printed.")

    def handle(self, *, code, agency, edition, output, **options):
        for of in import_instrument.Command.agencies(agency):
            with acting_as(of, by=None):
                version = self._version(of, code, edition)
                text = self._text(version, options["format"]) if version is not None else ""
            if version is not None:
                break
        else:
            words = _("There is no questionnaire “%(code)s” of that version.")
            raise CommandError(words % {"code": code}, returncode=2)
        if not output:
            self.stdout.write(text, ending="")
            return
        try:
            Path(output).write_text(text, encoding="utf-8")
        except OSError as error:
            words = _("%(file)s cannot be written: %(why)s.") % {"file": output, "why": error.strerror}
            raise CommandError(words, returncode=2) from error

    @staticmethod
    def _version(agency, code, edition):
        versions = InstrumentVersion.objects.filter(agency=agency, instrument__code=code)
        if edition:
            found = versions.filter(edition=edition).first()
        else:
            found = versions.answered().first() or versions.order_by("-pk").first()
        return found

    @staticmethod
    def _text(version, form):
        try:
            return to_file(version, form)
        except Malformed as malformed:
            raise CommandError(
                "\n".join(f"{where}: {what}" for where, what in malformed.faults), returncode=1
            ) from malformed
