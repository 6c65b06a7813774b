"""What the agency did in a period and what became of it: counted over all of it, told without names.

Each function asks one question in a query or two, and answers with a table. Rows are asked for with `for_figures`,
save the workers' timeliness, which shows only what the person may see anyway.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median

from django.db.models import Case, Count, DurationField, ExpressionWrapper, F, Q, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from assessments.domains import Domain
from assessments.models import Need
from casemgmt.agencies.models import PickItem, Program
from casemgmt.agencies.models.program import PickList
from casemgmt.agencies.words import capital, worded
from casemgmt.reports.counting import cross, named
from casemgmt.reports.figures import hidden, is_small, percent, percentile
from casemgmt.reports.gaps import gap_tables
from casemgmt.reports.notes import untied_notes
from casemgmt.reports.rates import rate_tables
from casemgmt.reports.scores import score_tables, staff_scores
from casemgmt.reports.tables import NOTHING, Hidden, Table, draw_shares, few, fill
from clients.models import (
    Discharge,
    EligibilityDecision,
    Enrollment,
    Intake,
    KeyEvent,
    Visit,
    VisitParticipant,
)
from clients.models.visit import CRISIS
from clients.pipeline import OPEN_STAGES, Stage
from serviceplans.models import Goal, GoalProgress
from serviceplans.outcomes import mean_changes

NO_PROGRAM = gettext_lazy("No program named")
EVERYTHING = gettext_lazy("All programs")
# Days in the present stage: words, from, up to (None: no end).
AGES = [
    (gettext_lazy("Up to 30 days"), 0, 30),
    (gettext_lazy("31 to 90 days"), 31, 90),
    (gettext_lazy("Over 90 days"), 91, None),
]


@dataclass(frozen=True)
class Period:
    """From a day to a day, both counted, in the agency's time."""

    start: date
    end: date

    def days(self, name):
        """A `Q` for a date within the period."""
        return Q(**{f"{name}__gte": self.start, f"{name}__lte": self.end})

    def moments(self, name):
        """A `Q` for a moment within the period."""
        begin = timezone.make_aware(datetime.combine(self.start, time.min))
        end = timezone.make_aware(datetime.combine(self.end + timedelta(days=1), time.min))
        return Q(**{f"{name}__gte": begin, f"{name}__lt": end})

    def quarters(self):
        """The whole quarters of the year that this period touches."""
        begin = self.start.replace(month=self.start.month - (self.start.month - 1) % 3, day=1)
        last_month = self.end.month - (self.end.month - 1) % 3 + 2
        # 31 days after the first of a month lies in the next one.
        after = self.end.replace(month=last_month, day=1) + timedelta(days=31)
        return Period(begin, after.replace(day=1) - timedelta(days=1))


def outcome_tables(staff, period, limit):
    """Every table of the page, for this person; `limit` is the smallest group that is shown."""
    programs = list(Program.objects.visible_to(staff))
    tables = [
        stages(staff, programs, limit),
        ages(staff, limit),
        decisions(staff, programs, period, limit),
        waits(staff, programs, period, limit),
        visits(staff, programs, period, limit),
        timeliness(staff, programs, period, limit),
        needs(staff, programs, period, limit),
        needs_by_domain(staff, period, limit),
        barriers(staff, period, limit),
        *gap_tables(staff, period, limit),
        *score_tables(staff, programs, period, limit),
        events(staff, programs, period, limit),
        *rate_tables(staff, programs, limit),
        goals(staff, programs, period, limit),
        measures(staff, period, limit),
        discharges(staff, programs, period, limit),
        dispositions(staff, period, limit),
        staff_scores(staff, period, limit),
    ]
    if staff.may("caseload.view"):
        tables[5:5] = [timeliness_of_workers(staff, period), untied_notes(staff, period)]
    return tables


def _by_program(programs, loose=False):
    rows = [(p.pk, p.name) for p in programs]
    return [*rows, (None, str(NO_PROGRAM))] if loose else rows


def stages(staff, programs, limit):
    """Who is being served today, by program and stage."""
    lines, whole = cross(
        Enrollment.objects.for_figures(staff).open(),
        "program",
        [Q(stage=stage) for stage in OPEN_STAGES],
        "client",
        _by_program(programs),
    )
    table = Table(
        "stages",
        worded(_("Open {enrollments} by stage")),
        _("As of today."),
        [_("Program"), *(Stage(s).label for s in OPEN_STAGES), _("All")],
    )
    fill(table, lines, named(whole, EVERYTHING), limit)
    return table


def ages(staff, limit):
    """How long they have been in their present stage."""
    today = timezone.localdate()
    columns = []
    for _words, first, last in AGES:
        within = Q(staged_on__lte=today - timedelta(days=first)) if first else Q(staged_on__isnull=False)
        if last is not None:
            within &= Q(staged_on__gte=today - timedelta(days=last))
        columns.append(within)
    lines, whole = cross(
        Enrollment.objects.for_figures(staff).open(),
        "stage",
        columns,
        "client",
        [(stage, Stage(stage).label) for stage in OPEN_STAGES],
    )
    table = Table(
        "ages",
        _("Time in the present stage"),
        _("As of today, all programs."),
        [_("Stage"), *(str(words) for words, _first, _last in AGES), _("All")],
    )
    fill(table, lines, named(whole, _("All stages")), limit)
    return table


def decisions(staff, programs, period, limit):
    """What was decided at the front door."""
    begun = Intake.objects.for_figures(staff).filter(period.days("started_on")).count()
    outcomes = EligibilityDecision.Outcome
    lines, whole = cross(
        EligibilityDecision.objects.for_figures(staff)
        .filter(period.days("decided_on"))
        .annotate(at_program=Coalesce("program", "intake__program")),
        "at_program",
        [Q(outcome=outcome) for outcome in outcomes],
        "intake__client",
        _by_program(programs, loose=True),
    )
    table = Table(
        "decisions",
        _("Intakes and decisions"),
        _("Intakes begun: %(n)s. The table counts decisions; somebody who waited first has two.")
        % {"n": few(limit) if is_small(begun, limit) else begun},
        [_("Program"), *outcomes.labels, _("All")],
    )
    fill(table, lines, named(whole, EVERYTHING), limit)
    return table


def waits(staff, programs, period, limit):
    """How long people waited from the referral, or else the first meeting, to the day they were enrolled (REQ-77)."""
    rows = (
        EligibilityDecision.objects.for_figures(staff)
        .filter(period.days("enrollment__enrolled_on"))
        .annotate(came_on=Coalesce("intake__referral__received_on", "intake__started_on"))
        .values_list("enrollment__program", "intake__client", "came_on", "enrollment__enrolled_on")
    )
    days, people = {}, {}
    for program, client, came_on, enrolled_on in rows.order_by():
        for key in (program, None):
            days.setdefault(key, []).append(max((enrolled_on - came_on).days, 0))
            people.setdefault(key, set()).add(client)
    table = Table(
        "waits",
        worded(_("Wait from referral to {enrollment}")),
        _("In days. Nine of ten people waited no longer than the last column says."),
        [_("Program"), _("People"), _("Median"), _("90th percentile")],
    )
    lines = [(key, label) for key, label in _by_program(programs) if key in days]
    veil = hidden([[len(people[key])] for key, _label in lines], limit)
    if len(lines) > 1:
        lines.append((None, str(EVERYTHING)))
    bars = []
    for (key, label), hides in zip(lines, veil, strict=False):
        count, found = len(people[key]), days[key]
        if any(hides):
            said = few(limit) if is_small(count, limit) else Hidden(_("not shown"), "*")
            table.add(label, [said, NOTHING, NOTHING], total=key is None)
            continue
        middle = round(median(found))
        table.add(label, [count, middle, percentile(found, 90)], total=key is None)
        bars.append((label, middle, ngettext("%(n)d day", "%(n)d days", middle) % {"n": middle}))
    table.draw(bars)
    return table


def visits(staff, programs, period, limit):
    """How many people were seen, how often and for how long; attempts are told apart."""
    kept = Q(outcome=Visit.Outcome.KEPT)
    lines, whole = cross(
        Visit.objects.for_figures(staff).filter(period.moments("started_at")),
        "enrollment__program",
        [kept, ~kept],
        "enrollment__client",
        _by_program(programs),
        extra={
            "people": Count("enrollment__client", distinct=True),
            "minutes": Sum("direct_minutes", filter=kept, default=0),
            "travel": Sum("travel_minutes", default=0),
        },
        values=lambda row: [row["people"], round(row["minutes"] / 60), round(row["travel"] / 60)],
    )
    table = Table(
        "visits",
        capital("visit", True),
        _("Attempts: did not come, not reached or cancelled."),
        [
            _("Program"),
            _("Took place"),
            _("Attempts"),
            _("All"),
            _("People"),
            _("Hours with people"),
            _("Hours of travel"),
        ],
    )
    fill(table, lines, named(whole, EVERYTHING), limit, draw="rows")
    return table


def _due(visits):
    """Notes whose time is over or that are signed, and a `Q` for those signed in time, from the end of service on."""
    program = "enrollment__program__"
    hours = Case(
        When(service_type__code=CRISIS, then=F(f"{program}crisis_note_due_hours")),
        default=F(f"{program}note_due_hours"),
    )
    minutes = F("direct_minutes") + hours * 60
    length = ExpressionWrapper(minutes * Value(timedelta(minutes=1)), DurationField())
    rows = visits.filter(source="").annotate(due_at=F("started_at") + length)
    over = Q(due_at__lte=timezone.now()) | Q(signed_at__isnull=False)
    return rows.filter(over), Q(signed_at__isnull=False, signed_at__lte=F("due_at"))


TIMELY = [
    gettext_lazy("In time"),
    gettext_lazy("Late or not signed"),
    gettext_lazy("All"),
    gettext_lazy("In time, %"),
]


def timeliness(staff, programs, period, limit):
    """Notes signed within the program's hours, of those that were due (REQ-150)."""
    rows, in_time = _due(Visit.objects.for_figures(staff).filter(period.moments("started_at")))
    late = Q(signed_at__isnull=True) | Q(signed_at__gt=F("due_at"))
    lines, whole = cross(
        rows,
        "enrollment__program",
        [in_time, late],
        "enrollment__client",
        _by_program(programs),
        values=lambda row: [percent(row["n0"], row["n2"])],
    )
    for row in [*lines, whole] if lines else []:
        # Lateness tells about us, not about a person: only how many are served decides.
        row.people = [row.people[-1]] * len(row.people)
    table = Table(
        "timeliness",
        _("Notes signed in time"),
        _("Of the notes that were due, within the hours that the program allows after the service."),
        [_("Program"), *map(str, TIMELY)],
    )
    shown = fill(table, lines, named(whole, EVERYTHING), limit, draw=None)
    draw_shares(table, [(row.label, row.counts[0], row.counts[-1]) for row in shown])
    return table


def timeliness_of_workers(staff, period):
    """The same by who led the visit: only those that this person may open anyway, so nothing is hidden."""
    # The door stands in the question once: asked for visits and participants apart, PostgreSQL took minutes over it.
    own = Visit.objects.for_figures(staff).filter(enrollment__in=Enrollment.objects.visible_to(staff))
    rows, in_time = _due(own.filter(period.moments("started_at")))
    found = (
        rows.filter(participants__role=VisitParticipant.Role.LEAD)
        .order_by("participants__staff__name")
        .values_list("participants__staff", "participants__staff__name")
        .annotate(in_time=Count("pk", filter=in_time), due=Count("pk"))
    )
    table = Table(
        "workers",
        worded(_("Notes signed in time, by {worker}")),
        _("Those whose records you may open."),
        [capital("worker"), *map(str, TIMELY)],
    )
    found = [(name, in_time, due) for _pk, name, in_time, due in found]
    for name, in_time, due in found:
        table.add(name, [in_time, due - in_time, due, percent(in_time, due)])
    draw_shares(table, found)
    return table


def needs(staff, programs, period, limit):
    """From unmet to met, by program."""
    return _needs(
        Table("needs", _("Needs met, by program"), "", [_("Program")]),
        staff,
        period,
        limit,
        "enrollment__program",
        _by_program(programs),
        EVERYTHING,
    )


def needs_by_domain(staff, period, limit):
    """From unmet to met, by domain of life."""
    return _needs(
        Table("domains", _("Needs met, by domain"), "", [_("Domain")]),
        staff,
        period,
        limit,
        "domain",
        [(domain.value, domain.label) for domain in Domain],
        _("All domains"),
    )


def barriers(staff, period, limit):
    """What stood in the way of needs, and whether they were met all the same (REQ-168)."""
    items = PickItem.objects.visible_to(staff).filter(pick_list=PickList.BARRIER)
    return _needs(
        Table("barriers", _("Needs met, by what was in the way"), "", [_("Barrier")]),
        staff,
        period,
        limit,
        "barrier",
        [*items.values_list("pk", "label"), (None, _("None named"))],
        _("All needs"),
    )


def _needs(table, staff, period, limit, by, labels, total):
    met = period.days("met_on")
    rows = Need.objects.for_figures(staff).filter(
        Q(met_on=None) | Q(met_on__gte=period.start), seen_on__lte=period.end
    )
    still = Q(met_on__isnull=True) | Q(met_on__gt=period.end)
    lines, whole = cross(
        rows,
        by,
        [met, still],
        "enrollment__client",
        labels,
        values=lambda row: [row["p2"], percent(row["n0"], row["n2"])],
    )
    table.about = _("Needs that were open in the period: met by its end, or not.")
    table.head += [_("Met"), _("Still unmet"), _("All"), _("People"), _("Met, %")]
    shown = fill(table, lines, named(whole, total), limit, draw=None)
    draw_shares(table, [(row.label, row.counts[0], row.counts[-1]) for row in shown])
    return table


K = KeyEvent.Kind
EVENTS = [
    (gettext_lazy("Hospital"), (K.HOSPITAL_MH, K.HOSPITAL)),
    (gettext_lazy("Emergency or crisis"), (K.EMERGENCY, K.CRISIS)),
    (gettext_lazy("Arrest or jail"), (K.ARREST, K.JAIL)),
    (gettext_lazy("Lost their home"), (K.HOMELESS,)),
    (gettext_lazy("Moved into a home"), (K.HOUSED,)),
    (gettext_lazy("Started work"), (K.JOB_START,)),
]


def events(staff, programs, period, limit):
    """What lives were told by: stays in hospital, arrests, homes lost and found (REQ-175)."""
    counted = [kind for _words, kinds in EVENTS for kind in kinds]
    rows = KeyEvent.objects.for_figures(staff).filter(period.days("started_on"), kind__in=counted)
    lines, whole = cross(
        rows,
        "enrollment__program",
        [Q(kind__in=kinds) for _words, kinds in EVENTS],
        "client",
        _by_program(programs, loose=True),
    )
    table = Table(
        "events",
        _("Events in people's lives"),
        _("Those that began in the period. One person may have several."),
        [_("Program"), *(str(words) for words, _kinds in EVENTS), _("All")],
    )
    fill(table, lines, named(whole, EVERYTHING), limit)
    return table


def goals(staff, programs, period, limit):
    """How goals ended."""
    lines, whole = cross(
        Goal.objects.for_figures(staff).filter(period.days("ended_on")),
        "plan__enrollment__program",
        [Q(result=result) for result in Goal.Result],
        "plan__enrollment__client",
        _by_program(programs),
    )
    table = Table(
        "goals",
        _("Goals that ended"),
        _("How they turned out. Goals still worked on are not counted."),
        [_("Program"), *Goal.Result.labels, _("All")],
    )
    fill(table, lines, named(whole, EVERYTHING), limit)
    return table


def measures(staff, period, limit):
    """What changed, for measures that enough people share: the words of others could point to a person."""
    seen = (
        GoalProgress.objects.for_figures(staff)
        .filter(period.moments("visit__started_at"), objective__isnull=False, value__isnull=False)
        .order_by("visit__started_at", "pk")
        .values_list(
            "goal__plan__enrollment__client",
            "objective__measure",
            "objective__unit",
            "objective__baseline",
            "value",
        )
    )
    found = mean_changes(seen)
    shared = [change for change in found if change.n >= limit]
    left = len(found) - len(shared)
    about = _("Means over people, from the baseline to the last value in the period.")
    if left:
        about += " " + ngettext(
            "Left out: %(left)s measure of fewer than %(n)s people.",
            "Left out: %(left)s measures of fewer than %(n)s people.",
            left,
        ) % {"left": left, "n": limit}
    table = Table(
        "measures",
        _("What changed"),
        about,
        [_("Measure"), _("People"), _("Before"), _("Now"), _("Change")],
    )
    for change in shared:
        label = f"{change.measure} ({change.unit})" if change.unit else change.measure
        table.add(
            label, [change.n, *(float(round(v, 1)) for v in (change.baseline, change.last, change.mean))]
        )
    return table


def _discharges(staff, period):
    """Drafts are no discharges; what came from another system has no signature here."""
    real = Q(signed_at__isnull=False) | ~Q(source="")
    return Discharge.objects.for_figures(staff).filter(real, period.days("discharged_on"))


PLANNED = [Q(was_planned=True), Q(was_planned=False), Q(was_planned=None)]
PLANNED_WORDS = [
    gettext_lazy("Planned"),
    gettext_lazy("Not planned"),
    gettext_lazy("Not known"),
    gettext_lazy("All"),
]


def discharges(staff, programs, period, limit):
    """How many left, planned together or not."""
    person, labels = "enrollment__client", _by_program(programs)
    lines, whole = cross(_discharges(staff, period), "enrollment__program", PLANNED, person, labels)
    table = Table(
        "discharges",
        _("Discharges"),
        _("Planned together with the person, or not."),
        [_("Program"), *map(str, PLANNED_WORDS)],
    )
    fill(table, lines, named(whole, EVERYTHING), limit)
    return table


def dispositions(staff, period, limit):
    """How service ended."""
    items = PickItem.objects.visible_to(staff).filter(pick_list=PickList.DISPOSITION)
    labels = [*items.values_list("pk", "label"), (None, _("Not said"))]
    person = "enrollment__client"
    lines, whole = cross(_discharges(staff, period), "disposition", PLANNED, person, labels)
    table = Table(
        "dispositions",
        _("How service ended"),
        _("All programs."),
        [_("Disposition"), *map(str, PLANNED_WORDS)],
    )
    fill(table, lines, named(whole, _("All discharges")), limit, draw="rows")
    return table
