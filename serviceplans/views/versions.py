"""After signing: what changed from version to version, and what was added."""

from django.shortcuts import redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused
from casemgmt.core.views import done, form_page, page
from serviceplans.compared import changes
from serviceplans.forms.signing import AddendumForm
from serviceplans.inwords import read
from serviceplans.models import PlanAddendum, ServicePlan
from serviceplans.views.finding import back_to, plan_of, strip_of


def before(staff, plan):
    """The version before this one; None for the first."""
    earlier = ServicePlan.objects.visible_to(staff).filter(
        enrollment=plan.enrollment_id, number__lt=plan.number
    )
    return earlier.order_by("-number").first()


def changes_since(staff, plan):
    """What changed since the version before, and that version; (None, []) for the first."""
    earlier = before(staff, plan)
    return earlier, list(changes(read(staff, earlier), read(staff, plan))) if earlier else []


@page("client.view", records=True, methods=("GET", "HEAD"))
def plan_changes(request, pk):
    """What this version changed, in words."""
    plan = plan_of(request, pk)
    earlier, found = changes_since(request.staff, plan)
    context = {
        "banner": strip_of(request, plan.enrollment),
        "plan": plan,
        "earlier": earlier,
        "changes": found,
    }
    return render(request, "serviceplans/plan_changes.html", context)


@page("plan.write", records=True)
def plan_addendum(request, pk):
    """Add to a signed plan; the plan itself stays as it was signed."""
    plan = plan_of(request, pk)
    strip = strip_of(request, plan.enrollment)
    if plan.signed_at is None and request.method != "POST":
        return redirect("serviceplans:plan-detail", pk=plan.pk)
    row = PlanAddendum(plan=plan, author=request.staff)
    form = AddendumForm(request.POST or None, instance=row, staff=request.staff)
    if form.is_valid():
        try:
            form.save(commit=False).put()
            return done(request, "serviceplans:plan-detail", pk=plan.pk, message=_("Added."))
        except Refused as refused:
            form.refuse(refused)
    return form_page(
        request,
        form,
        banner=strip,
        title=worded(_("Add to the {plan}")),
        intro=_("What was signed stays as it is. To change it, write the next version."),
        submit=_("Add"),
        cancel_url=back_to(plan),
        back_label=capfirst(plan),
    )
