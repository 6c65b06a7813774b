"""A device that was handed over: nobody is signed in, and it opens one questionnaire and nothing else (REQ-47)."""

from contextlib import contextmanager

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.messages import get_messages

from assessments.models import Response
from casemgmt.agencies.models import Agency, StaffMember, acting_as
from clients.models import AccessLog

KEY = "handed"


def hand_over(request, response):
    """Sign the worker out, and leave in the new session nothing but which questionnaire is answered, and for whom."""
    staff, agency = request.staff, request.staff.agency
    list(get_messages(request))  # read out, so that none of the worker's is shown to who answers
    logout(request)
    request.session[KEY] = [agency.pk, staff.pk, response.pk]
    request.session.set_expiry(settings.HAND_OVER_MINUTES * 60)


@contextmanager
def handed(request):
    """The questionnaire that is answered on this device and who handed it over, inside the agency's walls.

    Both are None where nothing was handed over, it is finished, or the colleague may not see it any more.
    """
    agency_pk, staff_pk, pk = request.session.get(KEY) or (None, None, None)
    agency = Agency.objects.filter(pk=agency_pk).first() if not request.user.is_authenticated else None
    if agency is None:
        yield None, None
        return
    with acting_as(agency, by=None, reason=""):
        staff = StaffMember.objects.filter(agency=agency, pk=staff_pk).working().first()
        rows = Response.objects.visible_to(staff).drafts().filter(mode=Response.Mode.ALONE)
        if request.method == "POST":
            rows = rows.select_for_update(of=("self",))
        row = rows.select_related("client", "instrument_version__instrument").filter(pk=pk).first()
        if row is not None:
            AccessLog.objects.create(
                agency_id=agency.pk,
                staff=staff,
                page=request.resolver_match.view_name[:100],
                method=request.method[:8],
                status=200,
                purpose="handed over",
                people=[row.client_id],
            )
        yield row, staff


def give_back(request):
    """Nothing can be opened on this device until somebody signs in."""
    request.session.flush()
