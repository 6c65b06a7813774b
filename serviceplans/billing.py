"""Billing: which visits of a period a funding source pays, in units; what was sent already, and what changed since.

Every run works out the whole of its period anew and compares it with the lines that stand: what is the same stays,
what differs is taken back as a whole and sent anew, so that nothing is billed twice and nothing is edited (PR-19).
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casemgmt.agencies.models import StaffMember
from casemgmt.agencies.models.program import ConsentKind
from casemgmt.core.models import Refused
from clients.models import Consent, Visit, VisitActivity, VisitCorrection, VisitParticipant
from serviceplans.billable import Facts, Judged, Kind, judge, stints
from serviceplans.models import (
    Authorization,
    BilledVisit,
    BillingLine,
    BillingRun,
    CoveredWork,
    EnrollmentFunding,
    FundingSource,
    WorkedDay,
)
from serviceplans.units import Together, at_most, minutes_of_a_unit, together_by, units

NO_CONSENT = gettext_lazy("no consent to tell the payer of it (42 CFR Part 2)")
CHANGED_DAYS = 60  # so many earlier days with corrections are looked at again in one run


@dataclass
class Group:
    """What becomes one line: the stints that are rounded together."""

    on: date
    enrollment: int
    stints: list = field(default_factory=list)  # (facts, colleague, minutes)
    units: Decimal = Decimal(0)
    authorization: Authorization | None = None
    is_billed: bool = False  # one of its visits stands in a line already

    @property
    def minutes(self):
        return sum(minutes for _facts, _staff, minutes in self.stints)

    @property
    def visits(self):
        return sorted({facts.pk for facts, _staff, _minutes in self.stints})

    @property
    def staff(self):
        """Who worked most of it."""
        worked = Counter()
        for _facts, staff, minutes in self.stints:
            worked[staff] += minutes
        return worked.most_common(1)[0][0]

    def shares(self):
        """(colleague, day): their share of it."""
        found = Counter()
        for facts, staff, minutes in self.stints:
            found[staff, facts.on] += minutes
        return {key: Decimal(n) / self.minutes for key, n in found.items()} if self.minutes else {}


@dataclass(frozen=True)
class Left:
    """What is not billed, and why; `units` where only some are cut off."""

    facts: Facts
    why: str
    units: Decimal | None = None


@dataclass
class Sheet:
    """What a run would send: new lines, lines to take back, and what stays out."""

    source: FundingSource
    start: date
    end: date
    groups: list = field(default_factory=list)
    reversals: list = field(default_factory=list)
    left: list = field(default_factory=list)
    standing: int = 0
    tried: int = 0

    @property
    def units(self):
        return sum((group.units for group in self.groups), Decimal(0))

    @property
    def is_empty(self):
        return not (self.groups or self.reversals)


# --- The facts -------------------------------------------------------------------------------------------------------


def zone_of(agency):
    return ZoneInfo(agency.time_zone)


def days_to_moments(name, first, last, zone):
    """A `Q` for moments from the beginning of a day to the end of another, in the agency's time."""
    begin = datetime.combine(first, time.min, tzinfo=zone)
    end = datetime.combine(last + timedelta(days=1), time.min, tzinfo=zone)
    return Q(**{f"{name}__gte": begin, f"{name}__lt": end})


def funding_of(rows, day):
    """Whose money it is on a day: the row in force that began last."""
    in_force = [row for row in rows if row.started_on <= day and (row.ended_on is None or row.ended_on > day)]
    return max(in_force, key=lambda row: (row.started_on, row.pk), default=None)


def covered_by(staff, source):
    """The kinds of work in a source's list; empty: it has none. One query."""
    rows = CoveredWork.objects.visible_to(staff).filter(source=source)
    return frozenset(rows.values_list("service_type", flat=True))


def kind_of(service_type):
    return (
        Kind(service_type.pk, service_type.name, service_type.component) if service_type is not None else None
    )


def facts_of(staff, visits, zone):
    """The facts of these visits, which come with service type and program. Three queries."""
    visits = list(visits)
    keys = [visit.pk for visit in visits]
    joined, work, corrections = defaultdict(list), defaultdict(list), {}
    for row in VisitParticipant.objects.visible_to(staff).filter(visit__in=keys).order_by("pk"):
        joined[row.visit_id].append(row)
    others = VisitActivity.objects.visible_to(staff).filter(visit__in=keys).select_related("service_type")
    for row in others.order_by("pk"):
        work[row.visit_id].append((kind_of(row.service_type), row.minutes))
    rows = VisitCorrection.objects.visible_to(staff).filter(visit__in=keys).select_related("service_type")
    for row in rows.order_by("at", "pk"):
        corrections[row.visit_id] = row
    return [_facts(v, joined[v.pk], work[v.pk], corrections.get(v.pk), zone) for v in visits]


def _facts(visit, people, work, correction, zone):
    minutes, kind = visit.direct_minutes, visit.service_type
    if correction is not None:
        minutes = minutes if correction.direct_minutes is None else correction.direct_minutes
        kind = correction.service_type or kind
    lead = next((row.staff_id for row in people if row.role == VisitParticipant.Role.LEAD), None)
    return Facts(
        on=timezone.localtime(visit.started_at, zone).date(),
        outcome=visit.outcome,
        mode=visit.mode,
        held_with=visit.held_with,
        minutes=minutes,
        kind=kind_of(kind),
        pk=visit.pk,
        enrollment=visit.enrollment_id,
        started_at=visit.started_at,
        other_work=work,
        is_signed=visit.signed_at is not None,
        is_waiting=visit.cosign_asked_at is not None and visit.cosigned_at is None,
        is_void=correction is not None and correction.is_void,
        staff=lead,
        joined=[(row.staff_id, row.role, row.minutes) for row in people if row.staff_id != lead],
        together=visit.together,
        most_staff=visit.enrollment.program.max_billable_staff,
    )


# --- Working it out --------------------------------------------------------------------------------------------------


@dataclass
class Limits:
    """What must not be exceeded: worked time, what approvals hold, and what others sent already."""

    worked: dict  # (colleague, day): minutes certified
    usual: dict  # colleague: minutes of a usual day
    claimed: Counter  # (colleague, day): minutes in the lines of other sources
    approved: dict  # enrollment: authorizations of this payer
    left: dict  # authorization: units left

    def free(self, staff, day):
        worked = self.worked.get((staff, day), self.usual.get(staff, settings.WORKDAY_MINUTES))
        return worked - self.claimed[staff, day]


def work_out(source, judged, limits, billed=frozenset()):
    """Groups with their units, and what is left out, from visits with the minutes that are paid.

    What stands in a line already (`billed`) comes first where something is not enough for all.
    """
    left = []
    groups = _grouped(source, _without_doubles(judged, left))
    for group in groups:
        group.is_billed = any(pk in billed for pk in group.visits)
        group.units = units(
            group.minutes,
            source.unit_rule,
            unit_minutes=source.unit_minutes,
            least_minutes=source.least_minutes,
            contacts=len(group.visits),
            least_contacts=source.least_contacts,
        )
        if not group.units:
            left.append(Left(group.stints[0][0], _too_little(source, group)))
    groups = [group for group in groups if group.units]
    groups.sort(key=lambda g: (not g.is_billed, g.on, g.stints[0][0].started_at, g.stints[0][0].pk))
    for limit in (_limit_together, _limit_person, _limit_time, _limit_approved):
        limit(source, groups, limits, left)
        groups = [group for group in groups if group.units]
    return groups, left


def _too_little(source, group):
    if together_by(source.unit_rule, source.together) == Together.MONTH and not group.minutes:
        return _("too few contacts in the month for a unit")
    return _("%(n)s min are too few for a unit") % {"n": group.minutes}


def _without_doubles(judged, left):
    """One visit of a person at a time, unless the program lets more colleagues bill (PR-17)."""
    kept, by_person = [], defaultdict(list)
    for facts, minutes in sorted(judged, key=lambda row: (row[0].started_at, row[0].pk)):
        end = facts.started_at + timedelta(minutes=facts.minutes)
        before = [
            staff
            for staff, until in by_person[facts.enrollment]
            if until > facts.started_at and staff != facts.staff
        ]
        if len(before) >= facts.most_staff:
            left.append(Left(facts, _("a colleague bills the same time")))
            continue
        by_person[facts.enrollment].append((facts.staff, end))
        kept += [(facts, staff, share) for staff, share in stints(facts, minutes)]
        billing = {staff for staff, _share in stints(facts, minutes)}
        left += [
            Left(facts, _("%(n)s min of a second colleague are team time: one bills") % {"n": theirs})
            for staff, _role, theirs in facts.joined
            if theirs and staff not in billing
        ]
    return kept


def _grouped(source, found):
    how = together_by(source.unit_rule, source.together)
    groups = {}
    for facts, staff, minutes in found:
        on = facts.on.replace(day=1) if how == Together.MONTH else facts.on
        alone = (facts.pk, staff) if how == Together.CONTACT else None
        group = groups.setdefault((facts.enrollment, on, alone), Group(on, facts.enrollment))
        group.stints.append((facts, staff, minutes))
    return list(groups.values())


def _cut(group, most, rule, why, left):
    """Leave out the units of a group that are too many, and say so."""
    kept = at_most(group.units, most, rule)
    if kept < group.units:
        left.append(Left(group.stints[0][0], why, group.units - kept))
        group.units = kept


def _limit_together(source, groups, limits, left):
    """The minutes of several people seen together are rounded once."""
    if minutes_of_a_unit(source.unit_rule, source.unit_minutes) is None:
        return
    visits = defaultdict(list)
    for group in groups:
        if len(group.stints) == 1 and group.stints[0][0].together:
            facts, staff, _minutes = group.stints[0]
            visits[facts.together, staff].append(group)
    for several in visits.values():
        free = units(
            sum(group.minutes for group in several), source.unit_rule, unit_minutes=source.unit_minutes
        )
        for group in several:
            why = _("the minutes of several people together count once")
            _cut(group, free, source.unit_rule, why, left)
            free -= group.units


def _limit_person(source, groups, limits, left):
    """Most units of a person in a day and in a month."""
    of_day, of_month = Counter(), Counter()
    for group in groups:
        day, month = (group.enrollment, group.on), (group.enrollment, group.on.replace(day=1))
        if source.most_a_day is not None:
            why = _("at most %(n)s units a day") % {"n": source.most_a_day}
            _cut(group, source.most_a_day - of_day[day], source.unit_rule, why, left)
        if source.most_a_month is not None:
            why = _("at most %(n)s units a month") % {"n": source.most_a_month}
            _cut(group, source.most_a_month - of_month[month], source.unit_rule, why, left)
        of_day[day] += group.units
        of_month[month] += group.units


def _limit_time(source, groups, limits, left):
    """Never more units than worked time (PR-14)."""
    length = minutes_of_a_unit(source.unit_rule, source.unit_minutes)
    if length is None:
        return
    claimed = Counter()
    for group in groups:
        shares = group.shares()
        for (staff, day), share in shares.items():
            free = max(limits.free(staff, day) - claimed[staff, day], Decimal(0))
            why = _("more than the minutes worked on that day")
            _cut(group, Decimal(free) / (length * share), source.unit_rule, why, left)
        for key, share in shares.items():
            claimed[key] += group.units * length * share


def _limit_approved(source, groups, limits, left):
    """What the payer approved is drawn down, in the order of the days."""
    for group in groups:
        fitting = [row for row in limits.approved.get(group.enrollment, ()) if _covers(row, group)]
        # Another one may be in force too, when the first is used up.
        group.authorization = next((row for row in fitting if limits.left[row.pk] > 0), None) or next(
            iter(fitting), None
        )
        if source.needs_authorization and group.authorization is None:
            left.append(Left(group.stints[0][0], _("no authorization for this day"), group.units))
            group.units = Decimal(0)
        elif source.needs_authorization:
            why = _("authorization %(number)s is used up") % {"number": group.authorization.number}
            _cut(group, limits.left[group.authorization.pk], source.unit_rule, why, left)
        if group.authorization is not None:
            limits.left[group.authorization.pk] -= group.units


def _covers(authorization, group):
    days = [facts.on for facts, _staff, _minutes in group.stints]
    return authorization.starts_on <= min(days) and max(days) <= authorization.ends_on


# --- A period of a source --------------------------------------------------------------------------------------------


def sheet(staff, source, start, end):
    """What a run of this source and period would send, of the people whom this colleague sees.

    The same number of queries for any number of visits.
    """
    found = Sheet(source, start, end)
    zone = zone_of(source.agency)
    live = BillingLine.objects.visible_to(staff).filter(run__source=source).live()
    spans = [_whole(source, start, end), *_changed_days(live, source, start, end)]
    ours = _ours(staff, source, live)
    fundings = _fundings(staff, ours)
    visits = _visits(staff, ours, spans, zone)
    facts = facts_of(staff, visits, zone)
    lines, of_line, elsewhere = _lines(staff, source, live, {visit.pk for visit in visits})
    covered, judged = covered_by(staff, source), []
    billed = {pk for keys in of_line.values() for pk in keys}
    sealed = _sealed(staff, visits)
    for row in facts:
        paying = funding_of(fundings[row.enrollment], row.on)
        if paying is None or paying.source_id != source.pk:
            continue
        said = judge(row, source, covered)
        if row.pk in elsewhere:
            said = Judged(None, [_("%(source)s has it already") % {"source": elsewhere[row.pk]}])
        elif row.enrollment in sealed and row.pk not in billed:
            said = Judged(None, [NO_CONSENT])
        if said.minutes is None:
            if row.outcome != Visit.Outcome.KEPT:
                found.tried += start <= row.on <= end
            else:
                found.left.append(Left(row, "; ".join(map(str, said.why))))
        else:
            found.left += [Left(row, why) for why in said.why]
            judged.append((row, said.minutes))
    limits = _limits(staff, source, judged, lines, fundings)
    groups, cut = work_out(source, judged, limits, billed)
    found.left += cut
    _compare(found, groups, lines, of_line)
    found.left = sorted(
        (row for row in found.left if start <= row.facts.on <= end),
        key=lambda row: (row.facts.started_at, row.facts.pk),
    )
    return found


def _whole(source, start, end):
    """The period, as whole months where units or limits are of a month."""
    monthly = together_by(source.unit_rule, source.together) == Together.MONTH
    if not monthly and source.most_a_month is None:
        return start, end
    after = end.replace(day=28) + timedelta(days=4)
    return start.replace(day=1), after - timedelta(days=after.day)


def _changed_days(live, source, start, end):
    """Earlier and later days of which something was put right after it was sent."""
    corrected = live.exclude(on__range=(start, end)).filter(visits__visit__corrections__at__gt=F("run__at"))
    days = corrected.order_by("-on").values_list("on", flat=True).distinct()[:CHANGED_DAYS]
    return [_whole(source, day, day) for day in days]


def _ours(staff, source, live):
    """A `Q` for rows of those for whom the source pays, or paid until somebody said otherwise."""
    paid = EnrollmentFunding.objects.visible_to(staff).filter(source=source)
    return Q(enrollment__in=paid.values("enrollment")) | Q(enrollment__in=live.values("enrollment"))


def _fundings(staff, ours):
    """All funding of these people, by enrollment."""
    found = defaultdict(list)
    for row in EnrollmentFunding.objects.visible_to(staff).filter(ours):
        found[row.enrollment_id].append(row)
    return found


def _visits(staff, ours, spans, zone):
    """Our own visits of these people in these spans of days."""
    days = Q()
    for first, last in spans:
        days |= days_to_moments("started_at", first, last, zone)
    return list(
        Visit.objects.visible_to(staff)
        .filter(days, ours, source="")
        .select_related("service_type", "enrollment__program", "enrollment__client")
        .order_by("started_at", "pk")
    )


def _sealed(staff, visits):
    """Enrollments under 42 CFR Part 2 of which nothing may go to a payer: nobody agreed to it."""
    part_2 = {v.enrollment_id: v.enrollment for v in visits if v.enrollment.program.is_part_2}
    if not part_2:
        return set()
    agreed = _payment_consents(staff, [row.client_id for row in part_2.values()])
    return {key for key, row in part_2.items() if not _agreed(agreed, row)}


def _payment_consents(staff, clients):
    rows = Consent.objects.visible_to(staff).in_force().filter(kind=ConsentKind.PART2_TPO, client__in=clients)
    return set(rows.values_list("client", "program"))


def _agreed(agreed, enrollment):
    return bool(agreed & {(enrollment.client_id, None), (enrollment.client_id, enrollment.program_id)})


def _lines(staff, source, live, keys):
    """The lines of this source that stand for these visits, their visits, and visits in lines of other sources."""
    rows = BilledVisit.objects.visible_to(staff).filter(visit__in=keys).live()
    mine, elsewhere = set(), {}
    for row in rows.select_related("line__run__source"):
        if row.line.run.source_id == source.pk:
            mine.add(row.line_id)
        else:
            elsewhere[row.visit_id] = row.line.run.source
    lines = list(live.filter(pk__in=mine).select_related("enrollment__client", "staff", "run"))
    of_line = defaultdict(list)
    for line, visit in (
        BilledVisit.objects.visible_to(staff).filter(line__in=mine).values_list("line", "visit")
    ):
        of_line[line].append(visit)
    # A line of which not all is seen here is left alone.
    lines = [line for line in lines if set(of_line[line.pk]) <= keys]
    return lines, {line.pk: sorted(of_line[line.pk]) for line in lines}, elsewhere


def _limits(staff, source, judged, lines, fundings):
    days = [facts.on for facts, _minutes in judged]
    first, last = min(days, default=timezone.localdate()), max(days, default=timezone.localdate())
    worked = WorkedDay.objects.visible_to(staff).filter(on__range=(first, last))
    fte = StaffMember.objects.visible_to(staff).values_list("pk", "fte")
    claimed = Counter()
    taken = BillingLine.claimed(source.agency, first, last, without=[line.pk for line in lines])
    for colleague, day, rule, unit_minutes, found in taken:
        claimed[colleague, day] += found * (minutes_of_a_unit(rule, unit_minutes) or 0)
    approved, left = defaultdict(list), {}
    named = {row.authorization_id for rows in fundings.values() for row in rows if row.source_id == source.pk}
    for row in _approvals(staff, source, set(fundings), named - {None}):
        approved[row.enrollment_id].append(row)
        left[row.pk] = row.units - row.used
    for line in lines:  # they are worked out anew
        if line.authorization_id in left:
            left[line.authorization_id] += line.units
    return Limits(
        worked={(row.staff_id, row.on): row.minutes for row in worked},
        usual={pk: int(share * settings.WORKDAY_MINUTES) for pk, share in fte},
        claimed=claimed,
        approved=approved,
        left=left,
    )


def _approvals(staff, source, enrollments, named):
    """The authorizations that our own work draws on: those named with the funding, and what followed them.

    Where a source needs one and none is named: those of its payer that are not for a service of somebody else.
    """
    rows = Authorization.objects.visible_to(staff).filter(enrollment__in=enrollments).with_used()
    first = {(row.enrollment_id, row.payer_id, row.service) for row in rows.filter(pk__in=named)}
    told = {enrollment for enrollment, _payer, _service in first}
    wanted = Q(enrollment__in=told)
    if source.needs_authorization:
        wanted |= Q(payer=source.payer_id, services=None)
    found = [
        row
        for row in rows.filter(wanted).distinct()
        if (row.enrollment_id, row.payer_id, row.service) in first or row.enrollment_id not in told
    ]
    return sorted(found, key=lambda row: (row.pk not in named, row.starts_on, row.pk))


def _compare(found, groups, lines, of_line):
    """What stands and is the same stays; the rest of the lines are taken back, the rest of the groups are new."""
    source = found.source
    standing = defaultdict(list)
    for line in lines:
        standing[_sameness(of_line[line.pk], line)].append(line)
    new = []
    for group in groups:
        same = standing[_sameness(group.visits, group, source)]
        if same:
            same.pop()
            found.standing += 1
        else:
            new.append(group)
    found.reversals = [line for rest in standing.values() for line in rest]
    taken_back = {pk for line in found.reversals for pk in of_line[line.pk]}
    found.groups = sorted(
        (g for g in new if _is_asked(found, g) or taken_back.intersection(g.visits)),
        key=lambda g: (g.on, g.stints[0][0].started_at, g.stints[0][0].pk),
    )


def _is_asked(found, group):
    return any(found.start <= facts.on <= found.end for facts, _staff, _minutes in group.stints)


def _sameness(visits, row, source=None):
    """What two must share to be the same to the payer; a line says its own code, a group its source's."""
    named = source or row
    staff = row.staff if source else row.staff_id
    return (tuple(visits), staff, row.on, row.minutes, row.units, named.code, named.modifier)


# --- Making a run ----------------------------------------------------------------------------------------------------


@transaction.atomic
def make_run(staff, source, start, end):
    """Write a run of what the sheet says now; whoever comes second finds nothing left. Raises Refused then."""
    # All sources of the agency: they share the time that was worked.
    rows = FundingSource.objects.visible_to(staff).select_for_update(of=("self",)).order_by("pk")
    source = next((row for row in rows.select_related("agency") if row.pk == source.pk), None)
    if source is None or source.counts_only:
        raise Refused(_("Nothing is billed to this funding source."))
    found = sheet(staff, source, start, end)
    if found.is_empty:
        raise Refused(_("There is nothing new to send for these days."))
    run = BillingRun.objects.create(source=source, starts_on=start, ends_on=end, by=staff)
    reversals = [_reversal(run, line) for line in found.reversals]
    lines = [_line(run, group) for group in found.groups]
    BillingLine.objects.bulk_create([*reversals, *lines])
    BilledVisit.objects.bulk_create(
        BilledVisit(agency_id=run.agency_id, line=line, visit_id=pk)
        for line, group in zip(lines, found.groups, strict=True)
        for pk in group.visits
    )
    return run


def _line(run, group):
    return BillingLine(
        agency_id=run.agency_id,
        run=run,
        enrollment_id=group.enrollment,
        staff_id=group.staff,
        authorization=group.authorization,
        on=group.on,
        code=run.source.code,
        modifier=run.source.modifier,
        minutes=group.minutes,
        units=group.units,
    )


def _reversal(run, line):
    """The negative of the whole of an earlier line."""
    return BillingLine(
        agency_id=run.agency_id,
        run=run,
        enrollment_id=line.enrollment_id,
        staff_id=line.staff_id,
        authorization_id=line.authorization_id,
        on=line.on,
        code=line.code,
        modifier=line.modifier,
        minutes=-line.minutes,
        units=-line.units,
        reverses=line,
        why=_("Put right after it was sent."),
    )


# --- One visit, before it is signed ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """What a visit comes to, in words: units and what is left out, or why nothing of it is paid."""

    source: FundingSource
    units: Decimal | None  # None: known only with the rest of the day or month
    minutes: int
    why: list
    is_paid: bool

    @property
    def shown(self):
        """Units without needless zeros."""
        return plain(self.units)

    @property
    def words(self):
        return "; ".join(map(str, self.why))


def plain(number):
    """A whole number as one, else hundredths."""
    return int(number) if number == int(number) else number


def why_not_billable(staff, visit, *, before_signing=None):
    """What a visit, signed or a draft, comes to; None where nobody pays for it or it was imported. Six queries."""
    if visit.source:
        return None
    [facts] = facts_of(staff, [visit], zone_of(staff.agency))
    draft = visit.signed_at is None if before_signing is None else before_signing
    return told(staff, visit.enrollment, facts, before_signing=draft)


def told(staff, enrollment, facts, *, before_signing=True):
    """The same of what somebody types."""
    rows = EnrollmentFunding.objects.visible_to(staff).filter(enrollment=enrollment)
    paying = funding_of(rows.select_related("source"), facts.on)
    if paying is None:
        return None
    source = paying.source
    said = judge(facts, source, covered_by(staff, source), before_signing=before_signing)
    if source.counts_only:
        return Told(source, None, said.minutes or 0, said.why, True)
    if said.minutes is None:
        return Told(source, Decimal(0), 0, said.why, False)
    why, found = list(said.why), None
    if together_by(source.unit_rule, source.together) == Together.CONTACT:
        found = units(said.minutes, source.unit_rule, unit_minutes=source.unit_minutes)
        if not found:
            why.append(_("%(n)s min are too few for a unit") % {"n": said.minutes})
    lacks = []
    if enrollment.program.is_part_2:
        if not _agreed(_payment_consents(staff, [enrollment.client_id]), enrollment):
            lacks = [NO_CONSENT]
    if source.needs_authorization:
        lacks += _unapproved(staff, enrollment, source, paying, facts.on)
    is_paid = not lacks and (found is None or found > 0)
    return Told(source, found, said.minutes, lacks or why, is_paid)


def units_of(staff, visits):
    """The units of each visit that a source pays contact by contact, by key; six queries for any number of visits."""
    visits, found = list(visits), {}
    fundings, covered = defaultdict(list), defaultdict(set)
    paid = EnrollmentFunding.objects.visible_to(staff).filter(
        enrollment__in={visit.enrollment_id for visit in visits}
    )
    for row in paid.select_related("source"):
        fundings[row.enrollment_id].append(row)
    if not fundings:
        return found
    for source, kind in CoveredWork.objects.visible_to(staff).values_list("source", "service_type"):
        covered[source].add(kind)
    for facts in facts_of(staff, visits, zone_of(staff.agency)):
        paying = funding_of(fundings[facts.enrollment], facts.on)
        source = paying.source if paying else None
        if source is None or source.counts_only:
            continue
        if together_by(source.unit_rule, source.together) == Together.CONTACT:
            said = judge(facts, source, covered[source.pk])
            found[facts.pk] = plain(
                units(said.minutes or 0, source.unit_rule, unit_minutes=source.unit_minutes)
                if said.minutes is not None
                else Decimal(0)
            )
    return found


def _unapproved(staff, enrollment, source, paying, day):
    rows = _approvals(staff, source, [enrollment.pk], {paying.authorization_id} - {None})
    in_force = [row for row in rows if row.starts_on <= day <= row.ends_on]
    if not in_force:
        return [_("no authorization for this day")]
    if all(row.used >= row.units for row in in_force):
        return [_("authorization %(number)s is used up") % {"number": in_force[0].number}]
    return []
