"""From a need to the services of the directory that fit it."""

from django.shortcuts import render
from django.utils.translation import gettext as _

from assessments.models import Need
from casemgmt.core.views import page
from casemgmt.resources.finding import LAST_PAGE
from serviceplans import matching
from serviceplans.views.finding import enrollment_of, strip_of

MOST_TYPED = 100


def picked(request, rows, name):
    """The row that the address names under `name`, or None."""
    wanted = request.GET.get(name, "")
    if not (wanted.isascii() and wanted.isdecimal() and len(wanted) < 19):
        return None
    return rows.filter(pk=int(wanted)).first()


def need_of(request, enrollment):
    """The need that the address names, of this person's time with us or the one before."""
    periods = [pk for pk in (enrollment.pk, enrollment.continues_id) if pk]
    needs = Need.objects.visible_to(request.staff).filter(enrollment__in=periods).select_related("barrier")
    return picked(request, needs, "need")


@page("plan.write", records=True, methods=("GET", "HEAD"))
def resource_find(request, pk):
    """The services for a need, the nearest first; or what is typed instead."""
    enrollment = enrollment_of(request, pk)
    strip = strip_of(request, enrollment)
    client, need = enrollment.client, need_of(request, enrollment)
    shows = client.shows_address_to(request.staff, in_emergency=strip["emergency_until"] is not None)
    said = {
        name: request.GET.get(name, "").replace("\x00", "").strip()[:MOST_TYPED] for name in ("q", "place")
    }
    number = request.GET.get("page", "")
    number = min(max(int(number), 1), LAST_PAGE) if number.isdecimal() and len(number) < 9 else 0
    is_typed = any(said.values()) or number > 0
    if is_typed:
        rows, more = matching.search(request.staff, need, said, number or 1)
    else:
        rows, more = matching.best_matches(request.staff, need, client, shows_address=shows)
    return render(
        request,
        "serviceplans/resource_find.html",
        {
            "banner": strip,
            "enrollment": enrollment,
            "need": need,
            "said": said,
            "rows": matching.already_referred(request.staff, client, rows),
            "is_typed": is_typed,
            "page": _pager(request, number or (0 if not is_typed else 1), more),
            "title": _("Services for: %(need)s") % {"need": need} if need else _("Find a service"),
        },
    )


def _pager(request, number, more):
    def to(n):
        query = request.GET.copy()
        query["page"] = n
        return f"?{query.urlencode()}"

    pager = {}
    if more and number < LAST_PAGE:
        # The first page is chosen for the person; the list behind it begins at its own beginning.
        pager["next_url"] = to(number + 1)
    if number > 1:
        pager["previous_url"] = to(number - 1)
    return pager
