"""The scheduled look at a plan, and putting it off."""

from datetime import timedelta

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused
from casemgmt.core.views import check_version, done, form_page, page
from clients.models import SafetyPlan
from serviceplans.forms.review import PutOffForm, ReviewForm, first_summary
from serviceplans.models import PlanReview, ReviewExemption
from serviceplans.reviewing import brought
from serviceplans.views.finding import back_to, plan_of, strip_of


@page("plan.write", records=True)
def plan_review(request, pk):
    """The scheduled look: what moved since the last one, what becomes of each goal, and what follows."""
    plan = plan_of(request, pk)
    staff = request.staff
    strip = strip_of(request, plan.enrollment)
    if request.method != "POST" and not (plan.is_in_force or (plan.signed_at and plan.ended_on is None)):
        messages.warning(request, worded(_("Only a {plan} in force is reviewed.")))
        return redirect("serviceplans:plan-detail", pk=plan.pk)
    before = PlanReview.objects.visible_to(staff).filter(plan=plan).first()
    # The first review looks at everything from the first day on.
    since = before.reviewed_on if before else plan.starts_on - timedelta(days=1)
    shown = brought(staff, plan, since)
    safety_plan = (
        SafetyPlan.objects.visible_to(staff).filter(client=plan.enrollment.client_id).current().first()
    )
    form = ReviewForm(
        request.POST or None,
        staff=staff,
        plan=plan,
        goals=shown["goals"],
        has_safety_plan=safety_plan is not None,
        initial={"summary": first_summary(shown["visits"], shown["goals"])},
    )
    # Two who review at the same time write one review: the second sees the first.
    form.fields["version"].initial = plan.version
    check_version(form, plan)
    if form.is_valid():
        try:
            review = PlanReview.hold(plan, by=staff, **form.held())
        except Refused as refused:
            form.refuse(refused)
        else:
            return done(request, back_to(plan, "reviews"), message=_told(review))
    return form_page(
        request,
        form,
        "serviceplans/plan_review.html",
        banner=strip,
        plan=plan,
        before=before,
        since=before.reviewed_on if before else plan.starts_on,
        shown=shown,
        safety_plan=safety_plan,
        safety_url=reverse("clients:safety", kwargs={"pk": plan.enrollment.client_id}),
        title=worded(_("Review the {plan}")),
        submit=_("Save the review"),
        cancel_url=back_to(plan),
    )


def _told(review):
    if review.wants_version:
        return worded(
            _("The review is written down. What changes is written in the next version of the {plan}.")
        )
    return _("The review is written down.")


@page("plan.write", records=True)
def review_put_off(request, pk):
    """Move the next review to a later day, with a reason; the day it was due stays readable (PR-29)."""
    plan = plan_of(request, pk)
    strip = strip_of(request, plan.enrollment)
    if not plan.is_in_force or plan.review_on is None:
        messages.warning(request, worded(_("Only a {plan} in force is reviewed.")))
        return redirect("serviceplans:plan-detail", pk=plan.pk)
    form = PutOffForm(request.POST or None, staff=request.staff)
    if form.is_valid():
        said = {name: form.cleaned_data[name] for name in PutOffForm.Meta.fields}
        try:
            row = ReviewExemption.grant(plan, by=request.staff, **said)
        except Refused as refused:
            form.refuse(refused)
        else:
            message = _("The review moved to %(day)s.") % {"day": date_format(row.moved_to, "j M Y")}
            return done(request, back_to(plan, "reviews"), message=message)
    return form_page(
        request,
        form,
        banner=strip,
        title=_("Put off the review"),
        intro=_("It is due on %(day)s.") % {"day": date_format(plan.review_on, "j M Y")},
        cancel_url=back_to(plan, "reviews"),
    )
