"""How much of each planned service was given: planned against delivered, over all versions of the plan (REQ-140)."""

from collections import defaultdict
from datetime import timedelta

from django.db.models import Max, Sum
from django.utils import timezone

from clients.models import Visit
from serviceplans.models import Authorization, PlannedService, ServiceDelivered, ServiceInterruption


def delivered_rows(staff, plan, since=None, until=None):
    """One row for each service of the plan, in its order, counted from `since` to `until`. Five queries.

    `planned` is the whole of it, `planned_by_today` what should have been given in these days. A service counts what
    was given by the versions before; our own counts the visits that took place, without a word about each.
    """
    services = list(
        PlannedService.objects.visible_to(staff)
        .filter(objective__goal__plan=plan)
        .select_related("objective__goal", "funding", "authorization", "referral", "resource")
    )
    if not services:
        return []
    given = _given(staff, plan, since, until)
    visited = _visited(staff, plan, services)
    enrollment, stops = plan.enrollment_id, _stops(staff, services)
    return [
        _row(service, enrollment, given.get(service.pk, []), visited, since, until)
        | {"stops": stops.get(service.pk)}
        for service in services
    ]


def _given(staff, plan, since, until):
    """What was noted for each service of the plan and for the same service in the versions before."""
    ours = {"objective__goal__plan__enrollment": plan.enrollment_id}
    before = dict(PlannedService.objects.visible_to(staff).filter(**ours).values_list("pk", "before"))
    noted = ServiceDelivered.objects.visible_to(staff).filter(
        **{f"service__{way}": key for way, key in ours.items()}
    )
    if since is not None:
        noted = noted.filter(on__gte=since)
    if until is not None:
        noted = noted.filter(on__lte=until)
    noted = noted.order_by().values_list("service").annotate(Sum("times"), Sum("units"), Max("on"))
    by_service = {service: found for service, *found in noted}
    chains = defaultdict(list)
    for service in before:
        earlier = service
        while earlier is not None:
            if earlier in by_service:
                chains[service].append(by_service[earlier])
            earlier = before.get(earlier)
    return chains


def _stops(staff, services):
    """What was written down of services that stop and is not closed yet."""
    rows = ServiceInterruption.objects.visible_to(staff).open().filter(planned__in=services)
    return {row.planned_id: row for row in rows}


def _visited(staff, plan, services):
    """The days on which we ourselves were there, where the plan counts on us."""
    own = [service for service in services if not service.provider]
    if not own:
        return []
    kept = Visit.objects.visible_to(staff).filter(
        enrollment=plan.enrollment_id,
        outcome=Visit.Outcome.KEPT,
        started_at__date__gte=min(service.starts_on for service in own),
    )
    return [timezone.localtime(at).date() for at in kept.values_list("started_at", flat=True)]


def _row(service, enrollment, given, visited, since, until):
    today = timezone.localdate()
    last = min(until or today, service.stopped_on or today, today)
    first = max(since or service.starts_on, service.starts_on)
    planned_until = service.planned_times(last)
    planned_before = service.planned_times(first - timedelta(days=1)) if first > service.starts_on else 0
    is_own = not service.provider
    has_stopped = service.stopped_on is not None and service.stopped_on <= today
    if is_own:
        days = [day for day in visited if first <= day <= min(last, service.ends_on)]
        delivered, units, last_on = len(days), None, max(days, default=None)
    else:
        delivered = sum(times for times, _units, _on in given)
        counted = [units for _times, units, _on in given if units is not None]
        units = sum(counted) if counted else None
        last_on = max((on for _times, _units, on in given), default=None)
    planned = service.planned_times()
    return {
        "planned_service": service,
        "service": service.service,
        "provider": service.provider,
        "is_own": is_own,
        "planned": planned,
        "planned_by_today": max(planned_until - planned_before, 0),
        "delivered": delivered,
        "units": units,
        "last_on": last_on,
        "funding": service.funding.label if service.funding else "",
        "authorization": service.authorization,
        "referral": service.referral,
        "enrollment": enrollment,
        "gone": service.resource is not None and not service.resource.is_open,
        "stopped_on": service.stopped_on if has_stopped else None,
        "ends_on": min(service.ends_on, service.stopped_on or service.ends_on),
        "is_behind": not has_stopped
        and service.objective.goal.paused_on is None
        and delivered < max(planned_until - planned_before, 0),
    }


def authorization_rows(staff, enrollment):
    """The approvals of an enrollment with what is used of each. One query."""
    rows = Authorization.objects.visible_to(staff).filter(enrollment=enrollment)
    return [used(row) for row in rows.with_used().select_related("payer")]


def used(authorization):
    """How much of an approval is used and left, and whether to ask for more; wants `with_used`."""
    today = timezone.localdate()
    spent = authorization.used
    if spent == int(spent):  # else hundredths of an hour
        spent = int(spent)
    over = authorization.ends_on < today
    return {
        "authorization": authorization,
        "used": spent,
        "left": authorization.units - spent,
        "is_over": over,
        "runs_low": not over and authorization.runs_low(today),
    }
