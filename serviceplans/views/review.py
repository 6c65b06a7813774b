"""The scheduled look at a plan."""

from datetime import timedelta

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused
from casemgmt.core.views import done, form_page, page
from serviceplans.forms.review import ReviewForm
from serviceplans.models import (
    PlanReview,
)
from serviceplans.rows import goal_rows, visits_since
from serviceplans.views.finding import back_to, plan_of, said_in, strip_of


@page("plan.write", records=True)
def plan_review(request, pk):
    """The scheduled look: what moved since the last one, and what follows."""
    plan = plan_of(request, pk)
    strip = strip_of(request, plan.enrollment)
    if request.method != "POST" and not (plan.is_locked and plan.ended_on is None):
        messages.warning(request, worded(_("Only a {plan} in force is reviewed.")))
        return redirect("serviceplans:plan-detail", pk=plan.pk)
    before = PlanReview.objects.visible_to(request.staff).filter(plan=plan).first()
    # The first review looks at everything from the first day on.
    since = before.reviewed_on if before else plan.starts_on - timedelta(days=1)
    form = ReviewForm(request.POST or None, staff=request.staff)
    if form.is_valid():
        try:
            PlanReview.hold(plan, by=request.staff, **said_in(form))
            return done(
                request, "serviceplans:plan-detail", pk=plan.pk, message=_("The review is written down.")
            )
        except Refused as refused:
            form.refuse(refused)
    return form_page(
        request,
        form,
        "serviceplans/plan_review.html",
        banner=strip,
        plan=plan,
        before=before,
        since=before.reviewed_on if before else plan.starts_on,
        visits=visits_since(request.staff, plan.enrollment, since),
        goals=goal_rows(request.staff, plan, since=since),
        title=worded(_("Review the {plan}")),
        cancel_url=back_to(plan),
    )
