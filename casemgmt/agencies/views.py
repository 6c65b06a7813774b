"""The way in: one's first page, one's other jobs, and the platform operator's entry into an agency."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from casemgmt.agencies.forms import EnterForm
from casemgmt.agencies.models import Agency, Notice, OperatorEntry, StaffMember
from casemgmt.core.views import done, form_page, page

# The first permission that somebody holds leads to their first page.
FIRST_PAGES = [
    ("caseload.view", "workspace:caseload"),
    ("today.view", "workspace:today"),
    ("report.view", "reports:outcomes"),
    ("agency.configure", "admin:index"),
]


@page("login", methods=("GET", "HEAD"))
def home(request):
    """Send a person to where their work begins. Open without a job, because it says so to who has none."""
    if request.staff is None and request.user.is_superuser:
        return redirect("agencies:operator-enter")
    if request.staff is not None:
        for permission, url_name in FIRST_PAGES:
            if request.staff.may(permission):
                return redirect(url_name)
    return render(request, "agencies/no_job.html")


@page("account.use", methods=("POST",))
def switch(request):
    """Work at another of one's own jobs from now on."""
    job = next((j for j in request.jobs if str(j.pk) == request.POST.get("job")), None)
    if job is None:
        raise Http404
    _work_as(request, job)
    return redirect("agencies:home")


@page("account.use", methods=("POST",))
def notice_open(request, pk):
    """Go where a notice leads; from then on it counts as read."""
    rows = Notice.objects.visible_to(request.staff).select_for_update(of=("self",))
    row = rows.fetch(pk)
    if row.read_at is None:
        row.read_at = timezone.now()
        row.save()
    return redirect(row.url or "agencies:home")


@page("login")
def operator_enter(request):
    """Enter an agency for a limited time and with a reason. Open without a job, because it gives the operator one."""
    if not request.user.is_superuser:
        raise PermissionDenied
    # The one who runs the platform sees which agencies there are, and nothing in them.
    agencies = {str(a.pk): a for a in Agency.objects.order_by("name")}
    form = EnterForm(request.POST or None, staff=request.staff, agencies=agencies.values())
    if not form.is_valid():
        return form_page(
            request,
            form,
            title=_("Enter an agency"),
            intro=_(
                "You work there for %(minutes)s minutes. The agency sees that you were there, when and why."
            )
            % {"minutes": settings.OPERATOR_ENTRY_MINUTES},
            submit=_("Enter"),
        )
    agency = agencies[form.cleaned_data["agency"]]
    OperatorEntry.begin(
        request.user, agency, form.cleaned_data["reason"], minutes=settings.OPERATOR_ENTRY_MINUTES
    )
    job = StaffMember.objects.jobs_of(request.user).filter(agency=agency).first()
    if job is not None:  # None: the operator once worked there, and has left
        _work_as(request, job)
    return done(request, "agencies:home", message=_("You are in %(agency)s.") % {"agency": agency})


@page("login", methods=("POST",))
def operator_leave(request):
    """End one's entry before its time. Open without a job: the entry may have ended meanwhile."""
    if not request.user.is_superuser:
        raise PermissionDenied
    for entry in OperatorEntry.objects.filter(user=request.user).live():
        entry.ends_at = timezone.now()
        entry.save()
    request.session.pop("job", None)
    return redirect("agencies:home")


def _work_as(request, job):
    # A form that another tab opened at the agency before must not be saved at this one.
    rotate_token(request)
    request.session["job"] = [job.pk, job.agency_id]
