"""The pages of questionnaires: found, begun, answered, read."""

from django.shortcuts import render

from assessments.models import Response
from casemgmt.core.views import page
from clients.banner import banner


def _with_person(request):
    return Response.objects.visible_to(request.staff).select_related(
        "client", "enrollment__program", "by", "instrument_version__instrument"
    )


@page("client.view", records=True, methods=("GET", "HEAD"))
def response_detail(request, pk):
    """What was answered, and what it adds up to."""
    row = _with_person(request).fetch(pk)
    return render(
        request,
        "assessments/response_detail.html",
        {"banner": banner(request, row.client, row.enrollment), "response": row},
    )
