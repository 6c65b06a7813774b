"""Pages of the plan."""

from django.http import Http404

from casemgmt.core.views import page


@page("plan.write", records=True)
def plan_begin(request, pk):
    raise Http404


@page("client.view", records=True)
def plan_list(request, pk):
    raise Http404


@page("plan.write", records=True)
def referral_create(request, pk):
    raise Http404


@page("plan.write", records=True)
def referral_edit(request, pk):
    raise Http404


@page("client.view", records=True)
def plan_detail(request, pk):
    raise Http404


@page("plan.write", records=True)
def plan_edit(request, pk):
    raise Http404


@page("plan.write", records=True)
def plan_sign(request, pk):
    raise Http404


@page("plan.write", records=True)
def plan_review(request, pk):
    raise Http404


@page("client.view", records=True)
def plan_print(request, pk):
    raise Http404


@page("plan.write", records=True)
def need_left(request, pk):
    raise Http404


@page("plan.write", records=True)
def goal_create(request, pk):
    raise Http404


@page("plan.write", records=True)
def goal_edit(request, pk):
    raise Http404


@page("plan.write", records=True)
def goal_end(request, pk):
    raise Http404


@page("plan.write", records=True)
def goal_remove(request, pk):
    raise Http404


@page("plan.write", records=True)
def objective_create(request, pk):
    raise Http404


@page("plan.write", records=True)
def objective_edit(request, pk):
    raise Http404


@page("plan.write", records=True)
def objective_remove(request, pk):
    raise Http404


@page("plan.write", records=True)
def action_create(request, pk):
    raise Http404


@page("plan.write", records=True)
def action_done(request, pk):
    raise Http404


@page("plan.write", records=True)
def action_remove(request, pk):
    raise Http404
