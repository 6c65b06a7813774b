"""A visit's note after it is written: read, signed, added to."""

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from casemgmt.core.forms import ConfirmForm
from casemgmt.core.views import done, form_page, page, show
from casemgmt.workspace.notes.forms import AddendumForm
from clients.banner import banner
from clients.models import Enrollment, Visit, VisitAddendum, VisitParticipant, VisitSignature
from serviceplans.models import GoalProgress

READ = ("GET", "HEAD")


@page("client.view", records=True, methods=READ)
def visit_detail(request, pk):
    """One visit: what happened, who was there, what was added later."""
    staff = request.staff
    visit = (
        Visit.objects.visible_to(staff)
        .select_related("enrollment__client", "enrollment__program", "service_type")
        .fetch(pk)
    )
    own = Enrollment.objects.visible_to(staff).filter(pk=visit.enrollment_id).exists()
    strip = banner(request, visit.enrollment.client, visit.enrollment, purpose="care" if own else "mentoring")
    people = list(VisitParticipant.objects.of_visit(staff, visit).select_related("staff"))
    leads = any(p.staff_id == staff.pk and p.role == VisitParticipant.Role.LEAD for p in people)
    if not own:
        strip["url"] = ""
    context = {
        "visit": visit,
        "banner": strip,
        "own": own,
        "people": people,
        "progress": GoalProgress.objects.visible_to(staff)
        .filter(visit=visit)
        .select_related("goal", "objective"),
        "addenda": VisitAddendum.objects.visible_to(staff).filter(visit=visit).select_related("author"),
        "signatures": VisitSignature.objects.visible_to(staff).filter(visit=visit),
        "can_sign": leads and not visit.is_locked and not visit.source,
        "can_add": own and visit.is_locked and staff.may("visit.log"),
    }
    return render(request, "workspace/visit_detail.html", context)


@page("visit.log", records=True, methods=("POST",))
def visit_sign(request, pk):
    """Sign a draft as it stands."""
    rows = Visit.objects.visible_to(request.staff).select_related("enrollment__client", "enrollment__program")
    visit = rows.select_for_update(of=("self",)).fetch(pk)
    show(request, [visit.enrollment.client_id])
    form = ConfirmForm(request.POST, staff=request.staff)
    if form.is_valid():
        visit.sign(by=request.staff)
        return done(request, "workspace:visit-detail", pk=pk, message=_("Signed."))
    return redirect("workspace:visit-detail", pk=pk)


@page("visit.log", records=True)
def visit_addendum(request, pk):
    """Add to a signed note; the note itself stays."""
    visit = (
        Visit.objects.visible_to(request.staff)
        .of_care(request.staff)
        .select_related("enrollment__client")
        .fetch(pk)
    )
    strip = banner(request, visit.enrollment.client, visit.enrollment)
    form = AddendumForm(
        request.POST or None, instance=VisitAddendum(visit=visit, author=request.staff), staff=request.staff
    )
    if not visit.is_locked:
        return redirect("workspace:visit-edit", pk=pk)
    if form.is_bound and form.is_valid():
        form.save()
        return done(request, "workspace:visit-detail", pk=pk, message=_("Added."))
    return form_page(
        request,
        form,
        banner=strip,
        title=_("Add to the note"),
        intro=str(visit),
        submit=_("Add"),
        cancel_url=reverse("workspace:visit-detail", kwargs={"pk": pk}),
    )
