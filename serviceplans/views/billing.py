"""Billing: choose who pays and which days, look at what would be sent, send it once, and take it as a file."""

import csv
import io
from datetime import date, timedelta
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Count, Sum
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casemgmt.agencies.models import StaffMember
from casemgmt.agencies.words import cap
from casemgmt.core.cells import safe
from casemgmt.core.models import Refused
from casemgmt.core.views import done, form_page, page, show
from clients.models import Enrollment, VisitParticipant
from serviceplans.billable import documented
from serviceplans.billing import days_to_moments, funding_of, make_run, plain, sheet, zone_of
from serviceplans.forms.funding import BilledPeriodForm, HoursForm, MakeRunForm, billed_periods
from serviceplans.models import (
    BillingLine,
    BillingRun,
    EnrollmentFunding,
    FundingSource,
    WorkedDay,
)

READ = ("GET", "HEAD")
BOM = "\ufeff"
MOST_SHOWN = 200  # lines and exceptions on the page; the files hold all
RUNS = 30


@page("billing.view", methods=READ)
def billing(request):
    """The funding sources that are billed, and what was sent lately."""
    sources = FundingSource.objects.visible_to(request.staff).in_use().select_related("payer")
    runs = BillingRun.objects.visible_to(request.staff).select_related("source", "by")[:RUNS]
    sums = BillingLine.objects.visible_to(request.staff).filter(run__in=[run.pk for run in runs])
    sums = sums.order_by().values("run").annotate(units=Sum("units"), lines=Count("pk"))
    by_run = {row["run"]: row for row in sums}
    return render(
        request,
        "serviceplans/billing.html",
        {
            "sources": sources,
            "runs": [
                {
                    "run": run,
                    "lines": by_run.get(run.pk, {}).get("lines", 0),
                    "units": plain(by_run.get(run.pk, {}).get("units", 0)),
                }
                for run in runs
            ],
            "may_certify": request.staff.may("billing.run"),
        },
    )


def _source_of(request, pk):
    return FundingSource.objects.visible_to(request.staff).select_related("agency", "payer").fetch(pk)


def _query(start, end):
    return urlencode({"start": start.isoformat(), "end": end.isoformat()})


@page("billing.view", records=True, methods=READ)
def billing_source(request, pk):
    """What a run of these days would send, what it would take back, and what stays out and why."""
    source = _source_of(request, pk)
    usual = billed_periods(timezone.localdate())
    form = BilledPeriodForm(request.GET if "start" in request.GET else None)
    start, end = usual[0][1:]
    if form.is_valid():
        start, end = form.cleaned_data["start"], form.cleaned_data["end"]
    elif not form.is_bound:
        form.initial = {"start": start, "end": end}
    found = None if form.errors or source.counts_only else sheet(request.staff, source, start, end)
    rows = _rows(request.staff, found) if found else {}
    show(request, rows.pop("people", []))
    return render(
        request,
        "serviceplans/billing_source.html",
        {
            "source": source,
            "form": form,
            "start": start,
            "end": end,
            "periods": [
                {"label": label, "url": f"?{_query(a, b)}", "active": (a, b) == (start, end)}
                for label, a, b in usual
            ],
            "sheet": found,
            "make": MakeRunForm(staff=request.staff, initial={"start": start, "end": end}),
            "make_url": reverse("serviceplans:billing-run", kwargs={"pk": pk}),
            "left_url": f"{reverse('serviceplans:billing-left', kwargs={'pk': pk})}?{_query(start, end)}",
            "may_run": request.staff.may("billing.run"),
            **rows,
        },
        status=422 if form.errors else 200,
    )


def _rows(staff, found):
    """The rows of the page, with names; three queries."""
    groups, left = found.groups[:MOST_SHOWN], found.left[:MOST_SHOWN]
    keys = {group.enrollment for group in groups} | {row.facts.enrollment for row in left}
    keys |= {line.enrollment_id for line in found.reversals}
    people = _people(staff, keys)
    names = dict(StaffMember.objects.visible_to(staff).values_list("pk", "name"))
    return {
        "people": {row.client_id for row in people.values()},
        "units": plain(found.units),
        "taken": plain(sum((line.units for line in found.reversals), 0)),
        "lines": [
            {
                "on": group.on,
                "enrollment": people[group.enrollment],
                "client": people[group.enrollment].client,
                "staff": names.get(group.staff, ""),
                "minutes": group.minutes,
                "units": plain(group.units),
                "visit": group.visits[0],
                "visits": len(group.visits),
            }
            for group in groups
        ],
        "reversals": [
            {"line": line, "client": line.enrollment.client, "units": plain(-line.units)}
            for line in found.reversals
        ],
        "left": [_left(row, people[row.facts.enrollment].client, names) for row in left],
        "more_lines": len(found.groups) - len(groups),
        "more_left": len(found.left) - len(left),
    }


def _left(row, client, names):
    return {
        "client": client,
        "on": row.facts.on,
        "staff": names.get(row.facts.staff, ""),
        "why": cap(row.why),
        "units": None if row.units is None else plain(row.units),
        "visit": row.facts.pk,
    }


def _people(staff, keys):
    rows = Enrollment.objects.visible_to(staff).filter(pk__in=keys).select_related("client", "program")
    return {row.pk: row for row in rows}


@page("billing.run", records=True, methods=("POST",))
def billing_run(request, pk):
    """Send it: what the days hold now becomes lines that stay."""
    source = _source_of(request, pk)
    show(request, [])
    form, days = MakeRunForm(request.POST, staff=request.staff), BilledPeriodForm(request.POST)
    back = reverse("serviceplans:billing-source", kwargs={"pk": pk})
    if not (form.is_valid() and days.is_valid()):
        messages.error(request, _("Look at the days once more, then press the button again."))
        return redirect(back)
    start, end = days.cleaned_data["start"], days.cleaned_data["end"]
    try:
        run = make_run(request.staff, source, start, end)
    except Refused as refused:
        messages.info(request, " ".join(refused.sentences))
        return redirect(f"{back}?{_query(start, end)}")
    return done(request, "serviceplans:run-detail", pk=run.pk, message=_("The run is made."))


@page("billing.view", records=True, methods=READ)
def billing_left(request, pk):
    """What stays out of these days, as a file."""
    source, form = _source_of(request, pk), BilledPeriodForm(request.GET)
    if not form.is_valid() or source.counts_only:
        show(request, [])
        return redirect("serviceplans:billing-source", pk=pk)
    start, end = form.cleaned_data["start"], form.cleaned_data["end"]
    found = sheet(request.staff, source, start, end)
    people = _people(request.staff, {row.facts.enrollment for row in found.left})
    names = dict(StaffMember.objects.visible_to(request.staff).values_list("pk", "name"))
    show(request, {row.client_id for row in people.values()})
    head = ["date", "client_number", "client", "program", "worker", "why", "units_left_out", "visit"]
    rows = (
        [
            row.facts.on.isoformat(),
            people[row.facts.enrollment].client.no,
            people[row.facts.enrollment].client.legal_name,
            str(people[row.facts.enrollment].program),
            names.get(row.facts.staff, ""),
            row.why,
            "" if row.units is None else plain(row.units),
            row.facts.pk,
        ]
        for row in found.left
    )
    return _file(f"exceptions-{start}-{end}.csv", head, rows)


def _file(name, head, rows):
    file = io.StringIO()
    file.write(BOM)
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow(head)
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return HttpResponse(
        file.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": content_disposition_header(True, name)},
    )


# --- What was sent ---------------------------------------------------------------------------------------------------


def _run_of(request, pk):
    """A run with the lines that this colleague may see, and how many there are of others."""
    run = BillingRun.objects.visible_to(request.staff).select_related("source", "by").fetch(pk)
    lines = list(
        BillingLine.objects.visible_to(request.staff)
        .filter(run=run)
        .select_related("enrollment__client", "enrollment__program", "staff", "authorization")
        .order_by("on", "pk")
    )
    show(request, {line.enrollment.client_id for line in lines})
    return run, lines, run.size() - len(lines)


@page("billing.view", records=True, methods=READ)
def run_detail(request, pk):
    """What was sent in one run."""
    run, lines, hidden = _run_of(request, pk)
    return render(
        request,
        "serviceplans/run_detail.html",
        {
            "run": run,
            "lines": [
                {"line": line, "client": line.enrollment.client, "units": plain(line.units)}
                for line in lines[:MOST_SHOWN]
            ],
            "more": max(len(lines) - MOST_SHOWN, 0),
            "hidden": hidden
            and ngettext(
                "%(n)s line is of somebody whose record you do not see.",
                "%(n)s lines are of people whose records you do not see.",
                hidden,
            )
            % {"n": hidden},
            "units": plain(sum((line.units for line in lines), 0)),
        },
    )


@page("billing.view", records=True, methods=READ)
def run_csv(request, pk):
    """The same as a file; reversals stand as negative lines that name the line they take back."""
    run, lines, _hidden = _run_of(request, pk)
    fundings = {}
    rows = EnrollmentFunding.objects.visible_to(request.staff).filter(
        source=run.source_id, enrollment__in={line.enrollment_id for line in lines}
    )
    for row in rows:
        fundings.setdefault(row.enrollment_id, []).append(row)
    head = [
        "run", "line", "reverses", "date", "client_number", "client", "born_on", "member_number", "program",
        "code", "modifier", "units", "minutes", "worker", "authorization",
    ]  # fmt: skip
    return _file(
        f"billing-{run.pk}-{run.starts_on}-{run.ends_on}.csv",
        head,
        (_cells(run, line, fundings.get(line.enrollment_id, [])) for line in lines),
    )


def _cells(run, line, fundings):
    client, paying = line.enrollment.client, funding_of(fundings, line.on) or next(iter(fundings), None)
    return [
        run.pk,
        line.pk,
        line.reverses_id or "",
        line.on.isoformat(),
        client.no,
        client.legal_name,
        client.born_on.isoformat() if client.born_on else "",
        paying.member_number if paying else "",
        str(line.enrollment.program),
        line.code,
        line.modifier,
        plain(line.units),
        line.minutes,
        line.staff.name,
        line.authorization.number if line.authorization else "",
    ]


# --- Hours that were worked ------------------------------------------------------------------------------------------


@page("billing.run", records=False)
def hours(request):
    """Certify what one's people worked in a week; what they wrote down stands beside it."""
    staff = request.staff
    monday = _monday(request.GET.get("week"))
    days = [monday + timedelta(days=n) for n in range(7)]
    people = StaffMember.objects.visible_to(staff).working(monday)
    if not staff.sees_all():
        people = people.supervised_by(staff)
    people = list(
        people.with_role("case_manager", "supervisor").exclude(pk=staff.pk).distinct().order_by("name")
    )
    rows = WorkedDay.objects.visible_to(staff).filter(staff__in=people, on__range=(days[0], days[-1]))
    certified = {(row.staff_id, row.on): row.minutes for row in rows}
    form = HoursForm(request.POST or None, staff=staff, people=people, days=days, certified=certified)
    url = f"{reverse('serviceplans:hours')}?week={monday}"
    if form.is_valid():
        changed = WorkedDay.certify(form.said(), by=staff)
        message = ngettext("%(n)s day certified.", "%(n)s days certified.", changed) % {"n": changed}
        return done(request, url, message=message)
    written = _written(staff, people, days)
    return form_page(
        request,
        form,
        "serviceplans/hours.html",
        days=days,
        week=monday,
        before_url=f"?week={monday - timedelta(days=7)}",
        after_url=f"?week={monday + timedelta(days=7)}"
        if monday + timedelta(days=7) <= timezone.localdate()
        else "",
        rows=[
            {
                "name": person.name,
                "cells": [
                    {
                        "day": day,
                        "field": form[form.name(person, day)],
                        "written": written.get((person.pk, day), 0),
                        "certified": (person.pk, day) in certified,
                    }
                    for day in days
                ],
            }
            for person in people
        ],
    )


def _monday(text):
    """The Monday of the week that is asked for; else of this one."""
    today = timezone.localdate()
    try:
        day = min(date.fromisoformat(text or ""), today)
    except ValueError:
        day = today
    day = max(day, date(1990, 1, 1))
    return day - timedelta(days=day.weekday())


def _written(staff, people, days):
    """(colleague, day): the minutes that they wrote down of visits, all kinds together."""
    zone = zone_of(staff.agency)
    rows = VisitParticipant.objects.visible_to(staff).filter(
        days_to_moments("visit__started_at", days[0], days[-1], zone),
        staff__in=people,
        visit__source="",
    )
    return documented(rows.select_related("visit"), zone)
