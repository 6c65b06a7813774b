"""What is said about an objective while somebody types it."""

from django.shortcuts import render

from casemgmt.core.views import page
from serviceplans import smart
from serviceplans.forms.goals import is_begun, typed_draft
from serviceplans.models import ServicePlan

# Where the page has room for a remark.
PLACES = ("text", "measure", "baseline", "target", "target_on", "every_days", "actions")


@page("plan.write", methods=("POST",))
def objective_check(request, pk):
    """What is missing or unlikely in what was typed so far; nothing is kept, and nothing of the record is shown."""
    plan = ServicePlan.objects.visible_to(request.staff).select_related("enrollment").fetch(pk)
    remarks = []
    if is_begun(request.POST):
        remarks = smart.check(typed_draft(request.POST), plan.frame())
    # Where there is no first step on the page, the actions stand elsewhere.
    places = PLACES if "step" in request.POST else [name for name in PLACES if name != "actions"]
    remarks = [remark for remark in remarks if remark.field in places]
    return render(
        request,
        "serviceplans/checked.html",
        {
            "places": [(name, [r for r in remarks if r.field == name]) for name in places],
            "begun": is_begun(request.POST),
            "blocking": sum(remark.blocks for remark in remarks),
            "advice": sum(not remark.blocks for remark in remarks),
        },
    )
