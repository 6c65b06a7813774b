"""Signing a plan."""

from django.shortcuts import redirect
from django.utils.translation import gettext as _

from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused
from casemgmt.core.views import done, form_page, page
from serviceplans.forms.signing import SignForm
from serviceplans.views.finding import back_to, mendable, plan_of, strip_of


@page("plan.write", records=True)
def plan_sign(request, pk):
    """What is missing; when nothing is, one's name signs it."""
    plan = plan_of(request, pk)
    strip = strip_of(request, plan.enrollment)
    if plan.is_locked and request.method != "POST":
        return redirect("serviceplans:plan-detail", pk=plan.pk)
    form = SignForm(request.POST or None, staff=request.staff)
    if form.is_valid():
        try:
            plan.present(
                by=request.staff,
                typed_name=form.cleaned_data["typed_name"],
                answers=[{"answer": "signed", "typed_name": plan.enrollment.client.name}],
            )
            said = worded(_("The {plan} is signed."))
            return done(request, "serviceplans:plan-detail", pk=plan.pk, message=said)
        except Refused as refused:
            form.refuse(refused)
    return form_page(
        request,
        form,
        "serviceplans/plan_sign.html",
        banner=strip,
        plan=plan,
        title=worded(_("Sign the {plan}")),
        missing=mendable(plan, plan.missing()),
        warnings=mendable(plan, plan.warnings()),
        submit=_("Sign"),
        cancel_url=back_to(plan),
    )
