"""Services of others as the pages show them: how each stands, and its way from asking to receiving."""

from django.urls import reverse
from django.utils import timezone

from serviceplans.models import ServiceReferral

Status = ServiceReferral.Status
LOOKS = {
    Status.ASKED: ("muted", "clock"),
    Status.ACCEPTED: ("info", "check"),
    Status.WAITING: ("warn", "clock"),
    Status.BOOKED: ("info", "calendar-event"),
    Status.ATTENDED: ("info", "person"),
    Status.RUNNING: ("ok", "check-circle"),
    Status.DONE: ("ok", "check-circle"),
    Status.DECLINED: ("warn", "x-lg"),
    Status.FAILED: ("warn", "x-lg"),
}
# The way, in the order in which it is usually gone; what stands together are two words for one place on it.
WAY = [
    (Status.ASKED,),
    (Status.ACCEPTED, Status.WAITING),
    (Status.BOOKED,),
    (Status.ATTENDED,),
    (Status.RUNNING, Status.DONE),
]


def shown(referral):
    """How it stands, in words, a colour and a symbol, and when to ask; `referral` with its need and program."""
    kind, icon = LOOKS[referral.status]
    today = timezone.localdate()
    asks_on = referral.ask_on() if referral.status in ServiceReferral.UNCONFIRMED else referral.next_on
    if referral.ended_on is not None:
        asks_on = None
    gone = referral.resource is not None and not referral.resource.is_open and referral.ended_on is None
    need = referral.need
    return {
        "service": referral,
        "url": reverse("serviceplans:referral-detail", kwargs={"pk": referral.pk}),
        "label": referral.get_status_display(),
        "kind": kind,
        "icon": icon,
        "asks_on": asks_on,
        "late": asks_on is not None and asks_on < today,
        "need": str(need or ""),
        "barrier": need.barrier.label if need and need.barrier else "",
        "gone": gone,
    }


def way(referral, steps):
    """The stages of its way: what was reached and when, where it stands, and what is still to come."""
    reached = {step.status: step.on for step in steps}
    reached.setdefault(referral.status, None)
    stages, stands = [], _place(referral.status)
    for place, stati in enumerate(WAY):
        status = next((one for one in reversed(stati) if one in reached), None)
        if referral.status in stati:
            status = referral.status
        if status is None and (referral.is_over or (stands is not None and place < stands)):
            continue  # a place that was passed over was not reached, and will not be
        stages.append(_stage(status or stati[0], reached, referral, is_reached=status is not None))
    if stands is None:
        stages.append(_stage(referral.status, reached, referral, is_reached=True))
    return stages


def _place(status):
    return next((n for n, stati in enumerate(WAY) if status in stati), None)


def _stage(status, reached, referral, *, is_reached):
    state = "done" if is_reached else "todo"
    if status == referral.status and status != Status.DONE:
        state = "current"
    return {"label": Status(status).label, "state": state, "on": reached.get(status)}


def told(steps):
    """Each step with who vouches for it, the latest first."""
    rows = []
    for step in reversed(steps):
        kind, icon = LOOKS[step.status]
        rows.append({"step": step, "kind": kind, "icon": icon})
    return rows
