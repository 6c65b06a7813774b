"""Look whether every signed plan still says what was signed."""

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from casemgmt.agencies.models import Agency, acting_as
from serviceplans.models import PlanSeal, ServicePlan


class Command(BaseCommand):
    help = (
        "Compare every signed plan, every signature and every seal with the digest that was made when it was signed. "
        "Names each field that differs, writes nothing, and ends with status 1 when one does."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--agency", metavar="SLUG", help="Only this agency; else all, one after the other."
        )

    def handle(self, *, agency, **options):
        agencies = Agency.objects.order_by("pk")
        if agency:
            agencies = agencies.filter(slug=agency)
            if not agencies:
                raise CommandError(_("There is no agency “%(slug)s”.") % {"slug": agency}, returncode=2)
        seen = broken = 0
        for row in agencies:
            with acting_as(row, by=None):
                for line in _lines(row):
                    seen += 1
                    if line:
                        broken += 1
                        self.stdout.write(f"{row.slug}: {line}")
        words = _("%(seen)s seals, %(broken)s broken.")
        said = words % {"seen": f"{seen:,}", "broken": f"{broken:,}"}
        if broken:
            raise CommandError(said, returncode=1)
        self.stdout.write(said)


def _lines(agency):
    """For each seal what is broken, in one line; an empty one where it is whole. A plan that lost its seal is one."""
    seals = PlanSeal.objects.filter(agency=agency).select_related("plan").order_by("pk")
    for seal in seals.iterator(chunk_size=200):
        paths = list(seal.broken())
        yield f"{_where(seal.plan)}: {', '.join(paths)}" if paths else ""
    presented = ServicePlan.objects.filter(agency=agency).exclude(presented_at=None)
    for plan in presented.exclude(pk__in=PlanSeal.objects.filter(agency=agency).values("plan")):
        yield f"{_where(plan)}: seal"


def _where(plan):
    return _("plan %(plan)s of enrollment %(enrollment)s, version %(n)s") % {
        "plan": plan.pk,
        "enrollment": plan.enrollment_id,
        "n": plan.number,
    }
