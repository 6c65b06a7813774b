"""Mentoring's pages: pairs, what they did together, and what waits for an answer."""

from django.http import Http404

from casemgmt.core.views import page


@page("mentoring.use")
def pairing_list(request):
    raise Http404


@page("mentoring.propose")
def pairing_create(request):
    raise Http404


@page("mentoring.use")
def pairing_detail(request, pk):
    raise Http404


@page("mentoring.use")
def pairing_accept(request, pk):
    raise Http404


@page("mentoring.use")
def pairing_end(request, pk):
    raise Http404


@page("mentoring.use")
def activity_create(request, pk):
    raise Http404


@page("mentoring.use")
def activity_confirm(request, pk):
    raise Http404


@page("mentoring.use")
def activity_rate(request, pk):
    raise Http404
