"""Figures without names: what the agency did in a period and what became of it."""

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from casemgmt.core.views import page
from casemgmt.reports.forms import PeriodForm, presets
from casemgmt.reports.outcomes import Period, outcome_tables
from casemgmt.reports.tables import as_csv
from casemgmt.reports.time_study import as_file, time_study
from casemgmt.reports.work import work_tables

BOM = "\ufeff"  # or Excel takes UTF-8 for something else


def _limit():
    """The smallest group of people that a figure may show."""
    return getattr(settings, "REPORT_SMALL_GROUP", 5)


def _query(start, end):
    return urlencode({"start": start.isoformat(), "end": end.isoformat()})


def _looked_at(request, template, tables, file):
    """All tables of a period, drawn and written; without one, of the last 90 days."""
    usual = presets()
    _label, start, end = usual[0]
    form = PeriodForm(request.GET if "start" in request.GET else None, initial={"start": start, "end": end})
    period = Period(start, end)
    if form.is_valid():
        period = Period(form.cleaned_data["start"], form.cleaned_data["end"])
    limit = _limit()
    return render(
        request,
        template,
        {
            "form": form,
            "period": period,
            "periods": [
                {
                    "label": label,
                    "url": f"?{_query(first, last)}",
                    "active": (first, last) == (period.start, period.end),
                }
                for label, first, last in usual
            ],
            "tables": [] if form.errors else tables(request.staff, period, limit),
            "limit": limit,
            "made_on": timezone.localdate(),
            "may_study": request.staff.may("caseload.view"),
            "query": _query(period.start, period.end),
            "csv_url": f"{reverse(file)}?{_query(period.start, period.end)}",
        },
        status=422 if form.errors else 200,
    )


def _as_file(request, name, written, back):
    """`written(staff, period)` as a file to save; back to the page without a period that can be."""
    form = PeriodForm(request.GET)
    if not form.is_valid():
        return redirect(back)
    period = Period(form.cleaned_data["start"], form.cleaned_data["end"])
    return HttpResponse(
        BOM + written(request.staff, period),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}-{period.start}-{period.end}.csv"'},
    )


def _tables_of(tables):
    return lambda staff, period: as_csv(tables(staff, period, _limit()))


@page("report.view", methods=("GET", "HEAD"))
def outcomes(request):
    """What became of what the agency did."""
    return _looked_at(request, "reports/outcomes.html", outcome_tables, "reports:outcomes-csv")


@page("report.view", methods=("GET", "HEAD"))
def outcomes_csv(request):
    """The same tables as one file."""
    return _as_file(request, "outcomes", _tables_of(outcome_tables), "reports:outcomes")


@page("report.view", methods=("GET", "HEAD"))
def work(request):
    """How the work was done: time, places, distance, help."""
    return _looked_at(request, "reports/work.html", work_tables, "reports:work-csv")


@page("report.view", methods=("GET", "HEAD"))
def work_csv(request):
    """The same tables as one file."""
    return _as_file(request, "work", _tables_of(work_tables), "reports:work")


@page("caseload.view", methods=("GET", "HEAD"))
def time_study_csv(request):
    """Each worker's minutes of each day, by what they went into."""
    return _as_file(request, "time-study", lambda *asked: as_file(time_study(*asked)), "reports:work")
