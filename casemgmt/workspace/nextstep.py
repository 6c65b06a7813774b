"""The one next step of an enrollment (REQ-100), from its stage and what is missing."""

from django.urls import reverse
from django.utils.translation import gettext as _

from casemgmt.agencies.words import worded
from clients.pipeline import ORDER, Stage


def next_step(enrollment, *, draft_plan=None, draft_discharge=False, due=None, follow_up=None, at, may):
    """Words and address of what comes next; None when all is done or the person may not do it.

    While a plan is worked on, it is what falls `due` first: an item of the work list, in words for the day `at`.
    """
    pk = {"pk": enrollment.pk}
    step = None
    if draft_discharge:
        url = reverse("workspace:discharge", kwargs=pk)
        step = ("discharge.write", _("Finish the discharge"), url)
    elif enrollment.stage == Stage.ENROLLED:
        step = (
            "assessment.write",
            _("Do the first assessment"),
            reverse("assessments:administration-create", kwargs=pk),
        )
    elif enrollment.stage == Stage.ASSESSED:
        if draft_plan:
            url = reverse("serviceplans:plan-detail", kwargs={"pk": draft_plan})
            step = ("plan.write", worded(_("Finish the {plan}")), url)
        else:
            step = (
                "plan.write",
                worded(_("Write the {plan}")),
                reverse("serviceplans:plan-begin", kwargs=pk),
            )
    elif enrollment.stage == Stage.PLANNED:
        step = ("visit.log", worded(_("Log the first {visit}")), reverse("workspace:visit-log", kwargs=pk))
    elif enrollment.stage == Stage.ACTIVE:
        url = due.url if due.kind != "contact" else reverse("workspace:visit-log", kwargs=pk)
        step = ("visit.log", _("%(what)s, %(when)s") % {"what": due.what, "when": due.said(at)}, url)
    elif enrollment.stage == Stage.CONCLUDING:
        step = ("discharge.write", _("Write the discharge"), reverse("workspace:discharge", kwargs=pk))
    elif enrollment.stage == Stage.DISCHARGED and follow_up:
        url = reverse("clients:follow-up", kwargs={"pk": follow_up})
        step = ("discharge.write", _("Ask how they are (aftercare)"), url)
    if step is None or not may(step[0]):
        return None
    return {"label": str(step[1]), "url": step[2]}


def stage_path(enrollment, entered):
    """The stages for the drawn path; `entered` maps a stage to the day it was last entered."""
    here = ORDER.index(Stage(enrollment.stage))
    path = []
    for n, stage in enumerate(ORDER):
        state = "done" if n < here or enrollment.stage == Stage.CLOSED else "current" if n == here else "todo"
        skipped = state == "done" and stage not in entered
        path.append(
            {
                "label": stage.label,
                "state": "todo" if skipped else state,
                "on": entered.get(stage) if n <= here else None,
            }
        )
    return path
