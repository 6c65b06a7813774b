"""Opening a colleague's record, and reviewing that somebody did."""

from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from casemgmt.agencies.words import worded
from casemgmt.core.views import done, form_page, page, show
from casemgmt.workspace.forms import (
    EmergencyForm,
    ReviewForm,
)
from clients.models import (
    Client,
    EmergencyAccess,
)

READ = ("GET", "HEAD")


@page("emergency.use", records=True)
def emergency(request, pk):
    """Open a colleague's record: why, for how long; a supervisor reviews it."""
    staff = request.staff
    show(request, [])
    if Client.objects.visible_to(staff).filter(pk=pk).exists():
        return redirect("workspace:client", pk=pk)
    person = Client.objects.visible_to(staff).outside(pk)
    form = EmergencyForm(request.POST or None, staff=staff)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        EmergencyAccess.begin(person, by=staff, reason=said["reason"], detail=said["detail"])
        return done(
            request, "workspace:client", pk=pk, message=_("The record is open. This is written down.")
        )
    return form_page(
        request,
        form,
        title=_("Emergency access"),
        intro=worded(
            _("This record is in a colleague's {caseload}. A {supervisor} will review why you opened it.")
        ),
        submit=_("Open the record"),
        danger=True,
    )


@page("emergency.review", records=True, methods=READ)
def emergency_list(request):
    """Emergency accesses that nobody has reviewed, and those reviewed lately."""
    rows = EmergencyAccess.objects.visible_to(request.staff).select_related(
        "client", "staff", "reason", "reviewed_by"
    )
    waiting = list(rows.unreviewed())
    reviewed = list(rows.exclude(reviewed_at=None)[:20])
    seen = set(
        Client.objects.visible_to(request.staff)
        .filter(pk__in={r.client_id for r in waiting + reviewed})
        .values_list("pk", flat=True)
    )
    show(request, seen)
    for row in waiting + reviewed:
        row.who = row.client.name if row.client_id in seen else worded("{client}") + f" {row.client_id}"
        row.is_own = row.staff_id == request.staff.pk
    return render(request, "workspace/emergency_list.html", {"waiting": waiting, "reviewed": reviewed})


@page("emergency.review", methods=("POST",))
def emergency_review(request, pk):
    """A supervisor looked at it."""
    row = EmergencyAccess.objects.visible_to(request.staff).select_for_update(of=("self",)).fetch(pk)
    form = ReviewForm(request.POST, staff=request.staff)
    if form.is_valid():
        row.review(by=request.staff, note=form.cleaned_data["note"])
        return done(request, "workspace:emergency-list", message=_("Reviewed."))
    return redirect("workspace:emergency-list")
