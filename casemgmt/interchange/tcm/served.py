"""Elements 1 to 4: for whom, when, by whom, and what was done. All rows are asked for with `visible_to`."""

from collections import Counter, defaultdict
from itertools import groupby

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casemgmt.agencies.models import Credential
from casemgmt.agencies.words import cap, worded
from casemgmt.interchange.tcm.elements import Row, shown, source_of
from clients.banner import born
from clients.models import CaseAssignment, Visit, VisitAddendum, VisitParticipant
from serviceplans.billing import units_of
from serviceplans.models import GoalProgress


class Served:
    """The visits of a period with who led them, what was added later, which goals they moved, and their units.

    Twelve queries.
    """

    def __init__(self, staff, enrollments, period):
        self.staff, self.enrollments, self.period = staff, enrollments, period
        self.programs = {e.pk: e.program for e in enrollments}
        self.visits = list(
            self._of_days(Visit, "")
            .select_related("service_type", "enrollment__program")
            .order_by("started_at", "pk")
        )
        leads = self._of_days(VisitParticipant, "visit__").filter(role=VisitParticipant.Role.LEAD)
        self.leads = {row.visit_id: row.staff for row in leads.select_related("staff")}
        self.added = _by_visit(self._of_days(VisitAddendum, "visit__").select_related("author"))
        progress = self._of_days(GoalProgress, "visit__").select_related("goal", "objective")
        self.progress = _by_visit(progress)
        self.credentials = self._credentials()
        self.units = units_of(staff, [visit for visit in self.visits if not visit.source])

    def _of_days(self, model, way):
        """Rows of these enrollments and days; `way` leads to the visit."""
        days = (self.period.start, self.period.end)
        wanted = {f"{way}enrollment__in": self.enrollments, f"{way}started_at__date__range": days}
        rows = model.objects.visible_to(self.staff).filter(**wanted)
        return rows if model is Visit else rows.order_by("pk")

    def _credentials(self):
        """What each who led a visit held at some day of the period."""
        rows = (
            Credential.objects.visible_to(self.staff)
            .filter(
                Q(issued_on=None) | Q(issued_on__lte=self.period.end),
                Q(expires_on=None) | Q(expires_on__gte=self.period.start),
                staff__in={person.pk for person in self.leads.values()},
            )
            .order_by("kind")
        )
        found = defaultdict(list)
        for row in rows:
            found[row.staff_id].append(row.kind)
        return found

    def person(self, visit):
        """Who provided it, with what they hold."""
        staff = self.leads.get(visit.pk)
        return self.named(staff) if staff else ""

    def named(self, staff):
        return ", ".join([staff.name, *self.credentials.get(staff.pk, [])])


def _by_visit(rows):
    found = defaultdict(list)
    for row in rows:
        found[row.visit_id].append(row)
    return found


# --- 1: Name ---------------------------------------------------------------------------------------------------------


def names(client, enrollments):
    """Who it is about, and in which programs."""
    number = _("No. %(number)s") % {"number": client.no}
    yield Row(client.legal_name, source_of(client), detail=" · ".join(filter(None, (number, born(client)))))
    for enrollment in enrollments:
        end = enrollment.ended_on
        until = _("until %(day)s") % {"day": shown(end)} if end else ""
        yield Row(
            str(enrollment.program),
            source_of(enrollment),
            on=enrollment.enrolled_on,
            who=str(enrollment.agency),
            detail=" · ".join(filter(None, (enrollment.get_stage_display(), until))),
        )


# --- 2: Dates --------------------------------------------------------------------------------------------------------


def dates(served):
    """Every date of service, and every try, from when to when."""
    for visit in served.visits:
        begun, ended = timezone.localtime(visit.started_at), timezone.localtime(visit.ended_at)
        kept = visit.outcome == Visit.Outcome.KEPT
        span = (
            f"{date_format(begun, 'H:i')}–{date_format(ended, 'H:i')}" if kept else date_format(begun, "H:i")
        )
        yield Row(
            visit.get_outcome_display(),
            source_of(visit),
            on=begun.date(),
            who=served.leads[visit.pk].name if visit.pk in served.leads else "",
            detail=" · ".join(filter(None, (span, visit.get_mode_display(), visit.get_place_display()))),
        )
    yield from _mix(served)


def _mix(served):
    """How the contacts that took place were made: so many in person, so many by phone (REQ-75)."""
    ways = Counter(v.get_mode_display() for v in served.visits if v.outcome == Visit.Outcome.KEPT)
    if ways:
        whole = sum(ways.values())
        said = (f"{way} {n} ({round(100 * n / whole)} %)" for way, n in ways.most_common())
        yield Row(_("Ways of contact"), source_of(served.enrollments[0]), detail=", ".join(said))


# --- 3: Who provided it ----------------------------------------------------------------------------------------------


def providers(served):
    """The agency and each person who provided something, then who was accountable when."""
    ordered = sorted(
        (v for v in served.visits if v.pk in served.leads),
        key=lambda v: (served.leads[v.pk].name, served.leads[v.pk].pk, v.enrollment_id),
    )
    for (_name, _pk, enrollment), group in groupby(
        ordered, key=lambda v: (served.leads[v.pk].name, served.leads[v.pk].pk, v.enrollment_id)
    ):
        visits = list(group)
        staff, program = served.leads[visits[0].pk], served.programs[enrollment]
        kept = [v for v in visits if v.outcome == Visit.Outcome.KEPT]
        said = ngettext("%(n)d date of service", "%(n)d dates of service", len(kept)) % {"n": len(kept)}
        yield Row(
            f"{staff.agency}, {program}",
            source_of(staff),
            on=timezone.localtime(min(v.started_at for v in visits)).date(),
            who=served.named(staff),
            detail=said,
        )
    yield from _accountable(served)


def _accountable(served):
    rows = (
        CaseAssignment.objects.visible_to(served.staff)
        .filter(
            Q(ended_on=None) | Q(ended_on__gte=served.period.start),
            enrollment__in=served.enrollments,
            kind=CaseAssignment.Kind.ACCOUNTABLE,
            started_on__lte=served.period.end,
        )
        .select_related("staff")
        .order_by("started_on", "pk")
    )
    for row in rows:
        until = _("until %(day)s") % {"day": shown(row.ended_on)} if row.ended_on else ""
        program = served.programs[row.enrollment_id]
        yield Row(
            str(worded(_("Accountable {worker}, %(program)s") % {"program": _plain(program)})),
            source_of(row),
            on=row.started_on,
            who=row.staff.name,
            detail=until,
        )


def _plain(said):
    """Words that stand in a sentence with the agency's own words: braces would be taken for one of those."""
    return str(said).replace("{", "(").replace("}", ")")


# --- 4: What was done ------------------------------------------------------------------------------------------------


def contents(served, goals):
    """What each visit that took place was, its minutes and its note; then how the goals stand."""
    for visit in served.visits:
        if visit.outcome != Visit.Outcome.KEPT:
            continue
        kind = str(visit.service_type or cap(str(visit._meta.verbose_name)))
        yield Row(
            " · ".join((kind, visit.get_mode_display())),
            source_of(visit),
            on=timezone.localtime(visit.started_at).date(),
            who=served.person(visit),
            detail="\n".join(_said(served, visit)),
            units=_units(served, visit),
        )
    yield from _goals(served, goals)


def _units(served, visit):
    """Units where it is known who pays by which rule, and the minutes."""
    spent = _("%(n)d min") % {"n": visit.direct_minutes}
    if visit.pk not in served.units:
        return spent
    n = served.units[visit.pk]
    return " · ".join((ngettext("%(n)s unit", "%(n)s units", n) % {"n": n}, spent))


def _said(served, visit):
    """The signed note with what was added, the goals it worked on, and whether it was signed in time."""
    if visit.signed_at is None and not visit.source:
        yield _("Not signed yet, so its note is not part of this record.")
    else:
        if visit.note:
            yield visit.note
        if visit.source:
            yield _("Taken over from another system.")
    for more in served.added[visit.pk]:
        day = shown(timezone.localtime(more.written_at).date())
        said = {"day": day, "who": more.author.name, "text": more.text}
        yield _("Added %(day)s by %(who)s: %(text)s") % said
    for row in served.progress[visit.pk]:
        said = {"goal": row.goal.title, "step": row.get_step_display()}
        yield _("Goal “%(goal)s”: %(step)s") % said
    if visit.signed_at is not None:
        # It was reached through its enrollment, which is known here: no query for each.
        visit.enrollment = next(e for e in served.enrollments if e.pk == visit.enrollment_id)
        day = shown(timezone.localtime(visit.signed_at).date())
        late = visit.is_late_entry
        yield (_("Signed %(day)s, late") if late else _("Signed %(day)s")) % {"day": day}


def _goals(served, goals):
    """Whether each goal was achieved, and if it is still worked on, how it moved last."""
    last = {}
    for visit in served.visits:
        for row in served.progress[visit.pk]:
            last[row.goal_id] = (row, visit)
    for goal in goals:
        said = _("Worked on")
        if goal.result:
            said = goal.get_result_display()
        elif goal.paused_on:
            said = _("Rests since %(day)s: %(why)s") % {
                "day": shown(goal.paused_on),
                "why": goal.paused_why,
            }
        elif goal.pk in last:
            row, visit = last[goal.pk]
            day = shown(timezone.localtime(visit.started_at).date())
            said = _("Worked on; last seen %(day)s: %(step)s") % {"day": day, "step": row.get_step_display()}
        yield Row(_("Goal: %(goal)s") % {"goal": goal.title}, source_of(goal), on=goal.ended_on, detail=said)
