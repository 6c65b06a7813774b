"""What follows from an answered questionnaire: a name under it, a second look, needs, and answers to act upon."""

from django.urls import reverse
from django.utils.translation import gettext as _

from assessments import scoring
from assessments.forms import HandleForm, SetAsideForm
from assessments.models import Administration, Concern, Need, Response
from assessments.rows import crisis
from casemgmt.core.models import Refused
from casemgmt.core.views import check_version, done, form_page, page
from clients.banner import banner


def _response(request, pk):
    rows = Response.objects.visible_to(request.staff).select_related(
        "client", "enrollment__program", "instrument_version__instrument"
    )
    return (rows.select_for_update(of=("self",)) if request.method == "POST" else rows).fetch(pk)


@page("assessment.write", records=True, methods=("POST",))
def response_sign(request, pk):
    """Put one's name to what somebody answered alone, or what a colleague without the credential asked."""
    row = _response(request, pk)
    banner(request, row.client, row.enrollment)
    row.sign(by=request.staff)
    return done(request, "assessments:response-detail", pk=pk, message=_("Signed."))


@page("assessment.review", records=True, methods=("POST",))
def response_review(request, pk):
    """A second look, where the program wants one."""
    row = _response(request, pk)
    banner(request, row.client, row.enrollment)
    row.review(by=request.staff)
    return done(request, "assessments:response-detail", pk=pk, message=_("Reviewed."))


@page("assessment.review", records=True, methods=("POST",))
def administration_review(request, pk):
    """A second look at a review of needs and strengths, where the program wants one."""
    rows = Administration.objects.visible_to(request.staff).select_related(
        "enrollment__client", "enrollment__program"
    )
    row = rows.select_for_update(of=("self",)).fetch(pk)
    banner(request, row.enrollment.client, row.enrollment)
    row.review(by=request.staff)
    return done(request, "assessments:administration-detail", pk=pk, message=_("Reviewed."))


@page("assessment.write", records=True)
def response_set_aside(request, pk):
    """Leave a mistaken questionnaire out of everything that is counted and drawn, with the reason."""
    row = _response(request, pk)
    strip = banner(request, row.client, row.enrollment)
    form = SetAsideForm(request.POST or None, instance=row, staff=request.staff)
    if form.is_bound:
        check_version(form, row)
        if form.is_valid():
            try:
                row.refresh_from_db()
                row.set_aside(form.cleaned_data["set_aside_why"], by=request.staff)
            except Refused as refused:
                form.refuse(refused)
            else:
                return done(request, "assessments:response-list", pk=row.client_id, message=_("Set aside."))
    return form_page(
        request,
        form,
        banner=strip,
        title=_("Set aside: %(what)s") % {"what": row},
        intro=_("It stays in the record with your reason. No picture and no figure counts it."),
        submit=_("Set aside"),
        cancel_url=reverse("assessments:response-detail", kwargs={"pk": pk}),
    )


@page("assessment.write", records=True, methods=("POST",))
def response_need(request, pk):
    """Open a need that the answers point at: one tap (REQ-53)."""
    row = _response(request, pk)
    banner(request, row.client, row.enrollment)
    stands = row.is_complete and not row.set_aside_on
    offered = scoring.suggested(row.definition, row.answers) if stands else []
    found = next((s for s in offered if s.domain == request.POST.get("domain")), None)
    if found is None:
        raise Refused(_("These answers do not point at that need."))
    need = Need.take_suggestion(row, found)
    message = _("%(need)s is among the open needs.") % {"need": need}
    return done(request, "assessments:response-detail", pk=pk, message=message)


@page("assessment.write", records=True)
def concern_handle(request, pk):
    """Say what was done about an answer that had to be acted upon."""
    rows = Concern.objects.visible_to(request.staff).select_related(
        "response__client",
        "response__enrollment__program",
        "response__instrument_version__instrument",
        "alert",
    )
    row = (rows.select_for_update(of=("self",)) if request.method == "POST" else rows).fetch(pk)
    client = row.response.client
    strip = banner(request, client, row.response.enrollment)
    if row.handled_on:
        message = _("Somebody has said already what was done.")
        return done(request, "assessments:response-detail", pk=row.response_id, message=message)
    form = HandleForm(request.POST or None, instance=row, staff=request.staff)
    if form.is_bound:
        check_version(form, row)
        if form.is_valid():
            said = form.cleaned_data["done"]
            row.handle(said, by=request.staff)
            return done(request, "workspace:client", pk=client.pk, message=_("Noted. The alert is closed."))
    return form_page(
        request,
        form,
        "assessments/concern_handle.html",
        banner=strip,
        title=_("An answer to act upon"),
        concern=row,
        client=client,
        crisis=crisis(request.staff.agency),
        submit=_("This was done"),
        cancel_url=strip["url"],
    )
