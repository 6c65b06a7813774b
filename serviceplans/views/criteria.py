"""What has to be so before service ends: written in a draft, ticked while the plan is worked by."""

from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casemgmt.core.models import Refused
from casemgmt.core.views import done, form_page, page
from serviceplans.forms.plan import CriterionForm
from serviceplans.models import DischargeCriterion
from serviceplans.views.finding import back_to, criterion_of, plan_of, pressed, removed, strip_of


@page("plan.write", records=True)
def criterion_create(request, pk):
    """One more thing that has to be so."""
    plan = plan_of(request, pk)
    strip = strip_of(request, plan.enrollment)
    form = CriterionForm(request.POST or None, instance=DischargeCriterion(plan=plan), staff=request.staff)
    if form.is_valid():
        try:
            form.save(commit=False).put()
            return done(request, back_to(plan, "criteria"), message=_("Saved."))
        except Refused as refused:
            form.refuse(refused)
    return form_page(
        request, form, banner=strip, title=_("When can service end?"), cancel_url=back_to(plan, "criteria")
    )


@page("plan.write", records=True, methods=("POST",))
def criterion_met(request, pk):
    """One tap: it is so, or it is not after all."""
    criterion = criterion_of(request, pk)
    strip_of(request, criterion.plan.enrollment)
    if pressed(request):
        criterion.meet(by=request.staff)
    return redirect(back_to(criterion.plan, "criteria"))


@page("plan.write", records=True)
def criterion_remove(request, pk):
    """Take a criterion out of a draft."""
    criterion = criterion_of(request, pk)
    kept = gettext_lazy("History keeps what was there.")
    return removed(request, criterion, criterion.plan, _("Remove this criterion?"), kept)
