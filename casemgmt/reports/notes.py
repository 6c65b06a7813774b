"""Notes that say nothing of a goal, for each colleague: allowed, and counted (REQ-174)."""

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _

from casemgmt.agencies.words import capital, worded
from casemgmt.reports.figures import percent
from casemgmt.reports.tables import Table, draw_shares
from clients.models import Enrollment, Visit, VisitParticipant
from serviceplans.models import GoalProgress

TARGET = 20  # percent; fewer than that is what the field asks for


def untied_notes(staff, period):
    """Signed notes of visits that took place, and those without a goal, by who led them.

    Only those that this person may open anyway, so nothing is hidden.
    """
    own = Visit.objects.for_figures(staff).filter(enrollment__in=Enrollment.objects.visible_to(staff)).kept()
    tied = GoalProgress.objects.for_figures(staff).filter(visit=OuterRef("pk"))
    rows = own.filter(period.moments("started_at"), signed_at__isnull=False, source="").annotate(
        tied=Exists(tied)
    )
    found = (
        rows.filter(participants__role=VisitParticipant.Role.LEAD)
        .order_by("participants__staff__name")
        .values_list("participants__staff", "participants__staff__name")
        .annotate(without=Count("pk", filter=Q(tied=False)), signed=Count("pk"))
    )
    said = _("Signed notes that say nothing of a goal. Fewer than %(n)d %% is the aim.")
    table = Table(
        "untied",
        worded(_("Notes not tied to the {plan}, by {worker}")),
        said % {"n": TARGET},
        [capital("worker"), _("Without a goal"), _("With a goal"), _("All"), _("Without, %")],
    )
    found = [(name, without, signed) for _pk, name, without, signed in found]
    for name, without, signed in found:
        table.add(name, [without, signed - without, signed, percent(without, signed)])
    draw_shares(table, found)
    return table
