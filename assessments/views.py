"""The pages of an assessment: start, fill in, sign, read, compare."""

from django.http import Http404

from casemgmt.core.views import page


@page("assessment.write", records=True)
def administration_create(request, pk):
    raise Http404


@page("assessment.write", records=True)
def administration_edit(request, pk):
    raise Http404


@page("client.view", records=True, methods=("GET", "HEAD"))
def administration_detail(request, pk):
    raise Http404


@page("client.view", records=True, methods=("GET", "HEAD"))
def administration_list(request, pk):
    raise Http404
