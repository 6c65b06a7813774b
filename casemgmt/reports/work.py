"""How the work was done: time, places and ways of contact, distance, help, and the counts that Canada asks for.

Tables without names are asked for with `for_figures`; those by worker show only what the person may see anyway.
"""

from collections import defaultdict

from django.db.models import CharField, Count, Exists, OuterRef, Q, Sum, Value
from django.db.models.functions import Cast, Concat, TruncDate, TruncMonth
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from casemgmt.agencies.models import Agency, Program
from casemgmt.agencies.words import capital, worded
from casemgmt.reports.counting import cross, named
from casemgmt.reports.figures import percent
from casemgmt.reports.outcomes import EVERYTHING
from casemgmt.reports.tables import Counts, Table, draw_shares, fill
from clients.models import Visit, VisitParticipant
from serviceplans.models import EnrollmentFunding

KEPT = Q(outcome=Visit.Outcome.KEPT)
IN_PERSON = Q(mode=Visit.Mode.IN_PERSON)
COMMUNITY = (Visit.Place.HOME, Visit.Place.COMMUNITY, Visit.Place.SHELTER)
METERS = {Agency.Distance.MILES: 1609.344, Agency.Distance.KILOMETERS: 1000}


def work_tables(staff, period, limit):
    """Every table of the page, for this person; `limit` is the smallest group that is shown."""
    programs = [(row.pk, row.name) for row in Program.objects.visible_to(staff)]
    visits = Visit.objects.for_figures(staff).filter(period.moments("started_at"), KEPT)
    tables = [
        minutes(visits, programs, limit),
        places(visits, programs, limit),
        ways(visits, programs, limit),
        level_of_help(visits, limit),
        education(visits, limit),
        counted(staff, visits, dict(programs), limit),
    ]
    if staff.may("caseload.view"):
        tables[1:1] = [mileage(staff, period), places_of_workers(staff, period)]
    return tables


def minutes(visits, programs, limit):
    """The share of direct, travel and note minutes (PR-59, REQ-89)."""
    parts = ("direct_minutes", "travel_minutes", "documentation_minutes")

    def hours(row):
        whole = sum(row[name] for name in parts)
        return [round(row[parts[0]] / 60), *(percent(row[name], whole) for name in parts)]

    lines, whole = cross(
        visits,
        "enrollment__program",
        [IN_PERSON, ~IN_PERSON],
        "enrollment__client",
        programs,
        extra={name: Sum(name, default=0) for name in parts},
        values=hours,
    )
    table = Table(
        "time",
        _("Where the time goes"),
        worded(_("Minutes that were written down of {visits} that took place.")),
        [
            _("Program"),
            _("Face to face"),
            _("Otherwise"),
            _("All"),
            _("Hours with people"),
            _("With people, %"),
            _("Travel, %"),
            _("Notes, %"),
        ],
    )
    shown = fill(table, lines, named(whole, EVERYTHING), limit, draw=None)
    last = next((row for row in reversed(shown) if row.values), None)
    if last is not None:
        words = (_("With people"), _("Travel"), _("Notes"))
        draw_shares(
            table, [(w, n, 100) for w, n in zip(words, last.values[1:], strict=True) if n is not None]
        )
    return table


def _in_places(rows, by, labels, person):
    return cross(
        rows.filter(IN_PERSON),
        by,
        [Q(place__in=COMMUNITY), ~Q(place__in=COMMUNITY)],
        person,
        labels,
        values=lambda row: [percent(row["n0"], row["n2"])],
    )


def _places_head(first):
    return [
        first,
        _("Home, community, street"),
        _("Office, facility, elsewhere"),
        _("All"),
        _("In the community, %"),
    ]


def places(visits, programs, limit):
    """How much of what was face to face happened where people live (REQ-35)."""
    lines, whole = _in_places(visits, "enrollment__program", programs, "enrollment__client")
    table = Table(
        "places", _("Where people were met"), _("Contacts face to face."), _places_head(_("Program"))
    )
    shown = fill(table, lines, named(whole, EVERYTHING), limit, draw=None)
    draw_shares(table, [(row.label, row.counts[0], row.counts[-1]) for row in shown])
    return table


def _led(staff, period):
    """Who led which visit that took place, of those whose records the colleague may open."""
    return VisitParticipant.objects.visible_to(staff).filter(
        period.moments("visit__started_at"),
        role=VisitParticipant.Role.LEAD,
        visit__outcome=Visit.Outcome.KEPT,
        visit__source="",
    )


def places_of_workers(staff, period):
    """The same by worker."""
    community = Q(visit__place__in=COMMUNITY)
    rows = (
        _led(staff, period)
        .filter(visit__mode=Visit.Mode.IN_PERSON)
        .order_by("staff__name", "staff")
        .values_list("staff", "staff__name")
        .annotate(there=Count("pk", filter=community), met=Count("pk"))
    )
    table = Table(
        "places-workers",
        worded(_("Where people were met, by {worker}")),
        _("Contacts face to face of those whose records you may open."),
        _places_head(capital("worker")),
    )
    found = [(name, there, met) for _pk, name, there, met in rows]
    for name, there, met in found:
        table.add(name, [there, met - there, met, percent(there, met)])
    draw_shares(table, found)
    return table


def mileage(staff, period):
    """What each worker drove in each month, in the agency's unit (REQ-171)."""
    unit = staff.agency.distance_unit
    rows = (
        VisitParticipant.objects.visible_to(staff)
        .filter(
            period.moments("visit__started_at"),
            role=VisitParticipant.Role.LEAD,
            visit__source="",
            visit__distance_m__gt=0,
        )
        .annotate(month=TruncMonth("visit__started_at"))
        .order_by("month", "staff__name", "staff")
        .values_list("month", "staff", "staff__name")
        .annotate(Count("pk"), Sum("visit__distance_m"), Sum("visit__travel_minutes"))
    )
    table = Table(
        "mileage",
        _("Mileage"),
        _("Drives of those whose records you may open, attempts included."),
        [
            worded(_("Month and {worker}")),
            _("Drives"),
            staff.agency.get_distance_unit_display(),
            _("Minutes"),
        ],
    )
    by_worker, trips, way, spent = defaultdict(float), 0, 0.0, 0
    for month, _key, name, drives, meters, travel in rows:
        distance = round(meters / METERS[unit], 1)
        table.add(f"{_month(month)}, {name}", [drives, distance, travel])
        by_worker[name] += distance
        trips, way, spent = trips + drives, way + distance, spent + travel
    if table.rows:
        table.add(_("All"), [trips, round(way, 1), spent], total=True)
        table.draw((name, distance, f"{distance:.1f} {unit}") for name, distance in by_worker.items())
    return table


def _month(moment):
    return date_format(moment, "M Y")


def _by_month(visits, columns):
    """(lines by month, whole) for columns that do not overlap."""
    rows = visits.annotate(month=TruncMonth("started_at"))
    months = rows.order_by("month").values_list("month", flat=True).distinct()
    return cross(rows, "month", columns, "enrollment__client", [(m, _month(m)) for m in months])


def ways(visits, programs, limit):
    """In person, by phone and so on (REQ-75)."""
    lines, whole = cross(
        visits,
        "enrollment__program",
        [Q(mode=mode) for mode in Visit.Mode],
        "enrollment__client",
        programs,
    )
    table = Table(
        "ways",
        _("Ways of contact"),
        _("Contacts that took place."),
        [_("Program"), *(mode.label for mode in Visit.Mode), _("All")],
    )
    fill(table, lines, named(whole, EVERYTHING), limit)
    return table


def level_of_help(visits, limit):
    """Whether people do more themselves, month by month (REQ-161)."""
    lines, whole = _by_month(visits.exclude(help=""), [Q(help=level) for level in Visit.Help])
    table = Table(
        "help",
        _("Level of help, month by month"),
        _("The bars show how often somebody went along or did it for them: less of it is more independence."),
        [_("Month"), *(level.label for level in Visit.Help), _("All")],
    )
    shown = fill(table, lines, named(whole, _("All months")), limit, draw=None)
    draw_shares(
        table, [(row.label, sum(row.counts[2:4]), row.counts[-1]) for row in shown if row is not whole]
    )
    return table


def education(visits, limit):
    """What was taught and handed out (REQ-109)."""
    handed = ~Q(materials="")
    taught = Q(materials="", service_type__code="EDUCATION")
    lines, whole = _by_month(visits.filter(handed | taught), [handed, taught])
    table = Table(
        "education",
        _("Education"),
        _("Contacts at which something was handed out, or that were education alone."),
        [_("Month"), _("Handed out"), _("Education"), _("All")],
    )
    fill(table, lines, named(whole, _("All months")), limit, draw="rows")
    return table


def counted(staff, visits, programs, limit):
    """What a payer that counts asks for (PR-20): people, contacts face to face or not, and days of attendance."""
    paying = EnrollmentFunding.objects.for_figures(staff).filter(
        Q(ended_on=None) | Q(ended_on__gt=OuterRef("day")),
        enrollment=OuterRef("enrollment"),
        source__counts_only=True,
        started_on__lte=OuterRef("day"),
    )
    rows = visits.annotate(day=TruncDate("started_at"), month=TruncMonth("started_at"))
    rows = rows.filter(Exists(paying), source="").order_by()
    attended = Concat(
        Cast("enrollment__client", CharField()),
        Value(" "),
        Cast("day", CharField()),
        output_field=CharField(),
    )
    columns = [IN_PERSON, ~IN_PERSON, Q()]
    asked = {"days": Count(attended, filter=IN_PERSON, distinct=True)}
    asked["interactions"] = Count("pk", filter=Q(held_with__in=(Visit.With.CLIENT, Visit.With.BOTH)))
    for n, column in enumerate(columns):
        asked[f"n{n}"] = Count("pk", filter=column)
        asked[f"p{n}"] = Count("enrollment__client", filter=column, distinct=True)
    table = Table(
        "counted",
        _("Counted for who pays"),
        _("For funding sources that count instead of being billed."),
        [
            _("Program and month"),
            _("Face to face"),
            _("Not face to face"),
            _("All"),
            _("People served"),
            _("Interactions with them"),
            _("Days of attendance"),
        ],
    )

    def counts(label, row):
        found = [[row[f"{letter}{n}"] for n in range(3)] for letter in "np"]
        return Counts(label, *found, values=[row["p2"], row["interactions"], row["days"]])

    lines = [
        counts(f"{programs.get(row['enrollment__program'], '')}, {_month(row['month'])}", row)
        for row in rows.values("enrollment__program", "month")
        .annotate(**asked)
        .order_by("enrollment__program__name", "month")
    ]
    if lines:
        fill(table, lines, counts(str(EVERYTHING), rows.aggregate(**asked)), limit, draw="rows")
    return table
