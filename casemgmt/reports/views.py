"""Figures without names: what the agency did and what became of it."""

from django.http import Http404

from casemgmt.core.views import page


@page("report.view")
def outcomes(request):
    raise Http404


@page("report.view")
def outcomes_csv(request):
    raise Http404
