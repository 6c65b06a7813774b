"""Score answered questionnaires again from their answers."""

from django.core.cache import cache
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from assessments.models import Response, StaffResponse, scores_of
from casemgmt.agencies.models import Agency, acting_as
from casemgmt.core.models import update_many

KEPT_FOR = 60 * 60 * 24 * 30


class Command(BaseCommand):
    help = (
        "Score every finished questionnaire again from its answers and its version. Only what comes out differently "
        "is written, with its history. Interrupted, it goes on where it stopped when it is started again."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--agency", metavar="SLUG", help="Only this agency; else all, one after the other."
        )
        parser.add_argument("--code", help="Only this questionnaire.")
        parser.add_argument("--batch", type=int, default=500, help="Rows in one transaction.")
        parser.add_argument("--dry-run", action="store_true", help="Say what would change.")
        parser.add_argument("--from-start", action="store_true", help="Do not go on where it stopped.")

    def handle(self, *, agency, code, batch, dry_run, from_start, **options):
        if not 1 <= batch <= 10_000:
            raise CommandError(_("A batch has 1 to 10,000 rows."), returncode=2)
        agencies = Agency.objects.order_by("pk")
        if agency:
            agencies = agencies.filter(slug=agency)
            if not agencies:
                raise CommandError(_("There is no agency “%(slug)s”.") % {"slug": agency}, returncode=2)
        seen = changed = 0
        for row in agencies:
            for model in (Response, StaffResponse):
                run = _Run(model, row, code or "", batch, dry_run, self.stdout)
                run.go(from_start)
                seen, changed = seen + run.seen, changed + run.changed
        words = _("%(seen)s scored again, %(changed)s came out differently.")
        self.stdout.write(words % {"seen": f"{seen:,}", "changed": f"{changed:,}"})


class _Run:
    """One table of one agency: batch after batch in the order of keys, each in its own transaction."""

    def __init__(self, model, agency, code, batch, dry_run, out):
        self.model, self.agency, self.code, self.batch = model, agency, code, batch
        self.dry_run, self.out = dry_run, out
        self.seen = self.changed = 0
        self.definitions = {}
        self.bookmark = f"rescore:{agency.pk}:{model.__name__}:{code}"

    def go(self, from_start):
        last = 0 if from_start or self.dry_run else cache.get(self.bookmark, 0)
        with acting_as(self.agency, by=None):
            total = self._rows(last).count()
        while True:
            with acting_as(self.agency, by=None, reason=_("Scored again from the answers.")):
                rows = list(self._rows(last).order_by("pk")[: self.batch])
                if not rows:
                    break
                self._score(rows)
            last = rows[-1].pk
            if not self.dry_run:
                cache.set(self.bookmark, last, KEPT_FOR)
            self.seen += len(rows)
            done = {"agency": self.agency, "done": f"{self.seen:,}", "total": f"{total:,}"}
            self.out.write(_("%(agency)s: %(done)s of %(total)s") % done)
            self.out.flush()
        cache.delete(self.bookmark)

    def _rows(self, last):
        rows = self.model.objects.filter(agency=self.agency, pk__gt=last).exclude(completed_at=None)
        if self.code:
            rows = rows.filter(instrument_version__instrument__code=self.code)
        return rows

    def _score(self, rows):
        wanted = {row.instrument_version_id for row in rows} - self.definitions.keys()
        versions = self.model._meta.get_field("instrument_version").related_model.objects
        self.definitions |= {v.pk: v.parsed for v in versions.filter(pk__in=wanted)}
        differ = []
        for row in rows:
            scores = scores_of(self.definitions[row.instrument_version_id], row.answers)
            if scores != row.scores:
                row.scores = scores
                differ.append(row)
        self.changed += len(differ)
        if not self.dry_run:
            update_many(self.model, differ, ["scores"])
