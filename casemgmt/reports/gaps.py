"""What people were referred to and did not get, and why; how long it took where they did (REQ-32, 155).

As all figures: counted over the agency, no names, small groups hidden with what would give them away.
"""

from statistics import median

from django.db.models import CharField, Count, Q, Value
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from assessments.domains import Domain, Rating
from casemgmt.agencies.models import PickItem
from casemgmt.agencies.models.program import PickList
from casemgmt.reports.counting import cross, named
from casemgmt.reports.figures import is_small, percent
from casemgmt.reports.tables import NOTHING, Table, few, fill
from serviceplans.models import ServiceReferral

NOT_AVAILABLE = "NOT_AVAILABLE"
PERSON = "enrollment__client"


def gap_tables(staff, period, limit):
    """Unmet referrals by need and by reason, and how referrals went."""
    return [
        gaps(staff, period, limit),
        missing_services(staff, period, limit),
        loops(staff, period, limit),
    ]


def _unmet(staff, period):
    return ServiceReferral.objects.for_figures(staff).filter(
        period.days("ended_on"), status__in=ServiceReferral.UNMET
    )


def _domains():
    return [*((domain.value, domain.label) for domain in Domain), (None, _("No need named"))]


def _urgency():
    """Two columns: the need is urgent now, or it is not."""
    urgent = Q(need__severity=Rating.URGENT)
    return [urgent, Q(need=None) | ~Q(need__severity=Rating.URGENT)]


URGENCY = [gettext_lazy("Urgent now"), gettext_lazy("Others"), gettext_lazy("All")]


def gaps(staff, period, limit):
    """Referrals that came to nothing, by need and reason; what is not to be had here at all stands apart."""
    reasons = PickItem.objects.visible_to(staff).filter(pick_list=PickList.GAP).values_list("pk", "label")
    reasons = [*reasons, ("", _("No reason said"))]
    pairs = [
        (f"{domain or ''}:{reason}", f"{need}: {why}")
        for domain, need in _domains()
        for reason, why in reasons
    ]
    reason = Coalesce(Cast("gap", CharField()), Value(""))
    pair = Concat(Coalesce("need__domain", Value("")), Value(":"), reason, output_field=CharField())
    rows = _unmet(staff, period).exclude(gap__code=NOT_AVAILABLE).annotate(pair=pair)
    lines, whole = cross(rows, "pair", _urgency(), PERSON, pairs)
    table = Table(
        "gaps",
        _("Referrals that came to nothing"),
        _("Ended in the period, by the need they were for and by the reason."),
        [_("Need and reason"), *map(str, URGENCY)],
    )
    fill(table, lines, named(whole, _("All needs")), limit, draw="rows")
    return table


def missing_services(staff, period, limit):
    """Where the community has no such service: for whoever plans services."""
    rows = _unmet(staff, period).filter(gap__code=NOT_AVAILABLE)
    lines, whole = cross(rows, "need__domain", _urgency(), PERSON, _domains())
    table = Table(
        "missing-services",
        _("No such service here"),
        _("Referrals that ended in the period because there is no such service."),
        [_("Need"), *map(str, URGENCY)],
    )
    fill(table, lines, named(whole, _("All needs")), limit, draw="rows")
    return table


def loops(staff, period, limit):
    """Of what was asked for in the period: how much was received and confirmed, and how many days it took."""
    received, unmet = Q(received_on__isnull=False), Q(status__in=ServiceReferral.UNMET)
    rows = ServiceReferral.objects.for_figures(staff).filter(period.days("asked_on"))
    days, people = {}, {}
    known = rows.filter(received).order_by().values_list("need__domain", PERSON, "asked_on", "received_on")
    for domain, person, asked_on, received_on in known:
        for key in (domain, "all"):
            days.setdefault(key, []).append(max((received_on - asked_on).days, 0))
            people.setdefault(key, set()).add(person)

    def middle(key):
        if key not in days or is_small(len(people[key]), limit):
            return NOTHING if key not in days else few(limit)
        n = round(median(days[key]))
        return ngettext("%(n)d day", "%(n)d days", n) % {"n": n}

    columns = [received, unmet & ~received, ~unmet & ~received]
    confirmed = {"confirmed": Count("pk", filter=received & ~Q(confirmed_by=""))}
    lines, whole = cross(
        rows,
        "need__domain",
        columns,
        PERSON,
        _domains(),
        extra=confirmed,
        values=lambda row: [percent(row["confirmed"], row["n3"]), middle(row.get("need__domain", "all"))],
    )
    table = Table(
        "loops",
        _("From asking to receiving"),
        _("Of the referrals made in the period. Days: the median of those received."),
        [
            _("Need"),
            _("Received"),
            _("Came to nothing"),
            _("Open"),
            _("All"),
            _("Confirmed, %"),
            _("Days"),
        ],
    )
    fill(table, lines, named(whole, _("All needs")), limit)
    return table
