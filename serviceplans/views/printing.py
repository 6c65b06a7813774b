"""The plan on paper: one plain page for the person, and the whole plan; what goes out is written down first."""

from django.conf import settings
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from assessments.asking import names_of
from casemgmt.agencies.words import worded
from casemgmt.core import pdf
from casemgmt.core.models import Refused
from casemgmt.core.views import done, page
from clients.consents import redisclosure_notice
from clients.models import Disclosure
from serviceplans.inwords import read
from serviceplans.models import PlanAddendum, PlanReview, ServicePlan, ServiceReferral
from serviceplans.rows import goal_rows
from serviceplans.signed import standing
from serviceplans.views.finding import plan_of, pressed, strip_of, version_of

READ = ("GET", "HEAD")


@page("disclosure.make", methods=("POST",))
def plan_give(request, pk):
    """Give the person their copy, the plain page or the whole plan: written down as given, then ready to print."""
    plan = plan_of(request, pk)
    whole = "whole" in request.POST
    name = "serviceplans:plan-print-whole" if whole else "serviceplans:plan-print"
    if not pressed(request):
        return redirect(name, pk=plan.pk)
    client = plan.enrollment.client
    what = _("Copy of the whole {plan} from %(day)s") if whole else _("Copy of the {plan} from %(day)s")
    made = Disclosure.make(
        client,
        by=request.staff,
        basis=Disclosure.Basis.PERSON,
        recipient=client.name,
        information=worded(what % {"day": plan.starts_on}),
        enrollments=[plan.enrollment],
        parts=["plan", "whole"] if whole else ["plan"],
        way=_("on paper"),
    )
    url = reverse(name, kwargs={"pk": plan.pk})
    return done(request, f"{url}?copy={made.pk}", message=_("Written down as given. Now print it."))


@page("client.view", records=True, methods=READ)
def plan_print(request, pk):
    """The person's own copy, on one plain page in large type and in their language where there are texts in it."""
    plan = plan_of(request, pk)
    services = ServiceReferral.objects.visible_to(request.staff).filter(enrollment=plan.enrollment_id).open()
    told = {"goals": goal_rows(request.staff, plan), "services": list(services)}
    return _paper(request, plan, "plan", "serviceplans/plan_print.html", told)


@page("client.view", records=True, methods=READ)
def plan_print_whole(request, pk):
    """Every field of the plan, its versions, reviews and signatures."""
    plan, staff = plan_of(request, pk), request.staff
    versions = ServicePlan.objects.visible_to(staff).filter(enrollment=plan.enrollment_id)
    reviews = PlanReview.objects.visible_to(staff).filter(plan=plan).select_related("by")
    told = {
        "whole": read(staff, plan),
        "versions": [version_of(row) for row in versions],
        "reviews": list(reviews),
    }
    return _paper(request, plan, "whole", "serviceplans/plan_print_whole.html", told)


def _paper(request, plan, part, template, told):
    """The page that prints: a preview until a copy is given. With ?format=pdf its PDF, where this server makes one."""
    given = _is_given(request, plan, part)
    addenda = PlanAddendum.objects.visible_to(request.staff).filter(plan=plan).select_related("author")
    context = {
        # Logs whose record is shown; the copy itself has no banner.
        "person": strip_of(request, plan.enrollment),
        "plan": plan,
        "agency": request.staff.agency,
        "given": given,
        "may_give": request.staff.may("disclosure.make"),
        "notice": redisclosure_notice(plan.enrollment),
        "signed": standing(request.staff, plan),
        "addenda": list(addenda.order_by("pk")),
        "paper_language": language_of(plan.enrollment.client),
        "no_pdf": pdf.why_not(),
    } | told
    if given and request.GET.get("format") == "pdf" and pdf.available():
        html = render_to_string(template.replace(".html", "_file.html"), context, request)
        return pdf.pdf_response(html, f"{slugify(plan)}.pdf")
    return render(request, template, context)


def _is_given(request, plan, part):
    """Whether the address names this plan's copy, made today by who prints it."""
    wanted = request.GET.get("copy", "")
    if not (wanted.isascii() and wanted.isdecimal() and len(wanted) < 19):
        return False
    made = Disclosure.objects.visible_to(request.staff).filter(
        pk=int(wanted),
        client=plan.enrollment.client_id,
        enrollments__holds=plan.enrollment_id,
        parts__holds=part,
    )
    copy = made.first()
    try:
        return copy is not None and copy.require_printable(by=request.staff) is None
    except Refused:
        return False


def language_of(client):
    """The person's language where the product has texts in it, else the one of the page."""
    wanted = client.language.strip().casefold()
    return next((code for code, _name in settings.LANGUAGES if wanted in names_of(code)), get_language())
