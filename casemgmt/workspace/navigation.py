"""The way around, per role: what one may open, in the order in which one needs it."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from casemgmt.agencies.words import cap, term, terms

# permission, URL name, icon, words; the first five are the tabs on a phone
ITEMS = (
    ("caseload.view", "workspace:caseload", "people-fill", lambda: cap(term("caseload"))),
    ("today.view", "workspace:today", "calendar-check", lambda: _("Today")),
    ("client.view", "clients:client-list", "people", lambda: cap(terms("client"))),
    ("today.view", "workspace:calendar", "calendar-event", lambda: _("Calendar")),
    ("intake.record", "clients:intake-list", "door-open", lambda: _("Front door")),
    ("mentoring.use", "mentoring:pairing-list", "mortarboard", lambda: _("Mentoring")),
    ("resource.view", "resources:resource-list", "geo-alt", lambda: _("Resources")),
    ("assignment.write", "workspace:assignment-list", "person-plus", lambda: _("To assign")),
    ("board.view", "workspace:board", "kanban", lambda: _("Pipeline")),
    ("emergency.review", "workspace:emergency-list", "shield-lock", lambda: _("Emergency access")),
    ("incident.view", "workspace:incident-list", "flag", lambda: _("Incidents")),
    ("billing.view", "serviceplans:billing", "file-earmark-text", lambda: _("Billing")),
    ("report.view", "reports:outcomes", "graph-up", lambda: _("Reports")),
    ("import.use", "interchange:import-list", "inbox", lambda: _("Import")),
    ("agency.configure", "admin:index", "gear", lambda: _("Set-up")),
)


def nav(request):
    """Context for every page: the navigation of the person's roles."""
    staff = getattr(request, "staff", None)
    if staff is None:
        return {}
    items = []
    for permission, name, icon, words in ITEMS:
        if not staff.may(permission):
            continue
        url = reverse(name)
        active = request.path == url or (url.count("/") > 1 and request.path.startswith(url))
        items.append({"label": words(), "url": url, "icon": icon, "active": active})
    return {"nav": items, "device_days": settings.DEVICE_DAYS}
