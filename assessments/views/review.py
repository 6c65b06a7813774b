"""The pages of an assessment: start, fill in, sign, read, compare."""

from datetime import timedelta

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from assessments import rows
from assessments.domains import Domain
from assessments.due import assessment_due
from assessments.forms import ReviewForm, StartForm
from assessments.models import Administration, AdministrationSignature
from casemgmt.core.models import Refused
from casemgmt.core.views import check_version, done, form_page, page
from clients.banner import banner
from clients.models import Enrollment
from clients.pipeline import Stage

SOON = timedelta(days=14)


def _enrollment(request, pk):
    return Enrollment.objects.visible_to(request.staff).select_related("client", "program").fetch(pk)


def _with_person(request):
    return Administration.objects.visible_to(request.staff).select_related(
        "enrollment__client", "enrollment__program", "by"
    )


@page("assessment.write", records=True)
def administration_create(request, pk):
    """Start an assessment, or go on with the one that was begun."""
    enrollment = _enrollment(request, pk)
    strip = banner(request, enrollment.client, enrollment)
    own = Administration.objects.visible_to(request.staff).filter(enrollment=enrollment)
    draft = own.drafts().first()
    if draft is not None:
        return redirect("assessments:administration-edit", pk=draft.pk)
    form = StartForm(request.POST or None, staff=request.staff)
    if form.is_bound and form.is_valid():
        try:
            row = Administration.begin(enrollment, by=request.staff, **form.answers())
        except Refused as refused:
            form.refuse(refused)
        else:
            return done(request, "assessments:administration-edit", pk=row.pk)
    last = own.signed().first()
    return form_page(
        request,
        form,
        "assessments/administration_create.html",
        banner=strip,
        title=_("Needs and strengths review"),
        submit=_("Start"),
        cancel_url=strip["url"],
        last=last,
    )


@page("assessment.write", records=True)
def administration_edit(request, pk):
    """Sixteen domains on one page: save and finish later, or sign."""
    found = _with_person(request)
    row = (found.select_for_update(of=("self",)) if request.method == "POST" else found).fetch(pk)
    strip = banner(request, row.enrollment.client, row.enrollment)
    if row.is_locked:
        return done(request, "assessments:administration-detail", pk=pk, message=_("This is signed already."))
    before = Administration.objects.visible_to(request.staff).before(row).first()
    ratings = rows.ratings_of(request.staff, row, before)
    own, earlier = ratings[row.pk], ratings[before.pk] if before else {}
    form = ReviewForm(request.POST or None, instance=row, ratings=own.values(), staff=request.staff)
    if form.is_bound:
        check_version(form, row)
        if form.is_valid():
            try:
                return _write(request, row, form)
            except Refused as refused:
                form.refuse(refused)
    domains = rows.fields_of(form, before, earlier)
    return form_page(
        request,
        form,
        "assessments/administration_edit.html",
        banner=strip,
        title=_("Needs and strengths review"),
        administration=row,
        program=row.enrollment.program,
        domains=domains,
        problems=rows.problems(form),
        rated=sum(d["is_rated"] for d in domains),
        total=len(Domain),
        about_open=any(form[name].errors for name in ("held_on", "mode", "informants")),
        crisis=rows.crisis(request.staff.agency),
    )


def _write(request, row, form):
    """Save what was sent and, if that was asked, sign it; a refusal undoes both."""
    signing = "sign" in request.POST
    row.fill_in(form.answers(), sign_by=request.staff if signing else None)
    if signing:
        return done(request, "assessments:administration-detail", pk=row.pk, message=_("Signed."))
    n = rows.rated(rows.ratings_of(request.staff, row)[row.pk].values())
    said = _("Saved. %(n)s of %(total)s rated.") % {"n": n, "total": len(Domain)}
    return done(request, "workspace:client", pk=row.enrollment.client_id, message=said)


@page("client.view", records=True, methods=("GET", "HEAD"))
def administration_detail(request, pk):
    """What came out, beside last time."""
    staff, row = request.staff, _with_person(request).fetch(pk)
    enrollment = row.enrollment
    before = Administration.objects.visible_to(staff).before(row).first()
    ratings = rows.ratings_of(staff, row, before)
    own, earlier = ratings[row.pk], ratings[before.pk] if before else {}
    signatures = AdministrationSignature.objects.visible_to(staff).filter(administration=row)
    picture = rows.picture(own, earlier)
    return render(
        request,
        "assessments/administration_detail.html",
        {
            "banner": banner(request, enrollment.client, enrollment),
            "administration": row,
            "enrollment": enrollment,
            "before": before,
            "rated": rows.rated(own.values()),
            "total": len(Domain),
            "figures": rows.figures(own.values()),
            "picture": picture,
            "moves": rows.moves(picture) if before else [],
            "needs": rows.needs(own, earlier),
            "strengths": rows.strengths(own),
            "remarks": rows.remarks(own),
            "signatures": list(signatures.order_by("signed_at")),
            "plan_is_next": row.is_locked and enrollment.stage == Stage.ASSESSED and staff.may("plan.write"),
            "may_edit": not row.is_locked and staff.may("assessment.write"),
            "may_review": staff.may("assessment.review")
            and row.is_locked
            and row.cosigned_at is None
            and enrollment.program.reviews_assessments
            and row.by_id != staff.pk,
            "crisis": rows.crisis(staff.agency),
        },
    )


@page("client.view", records=True, methods=("GET", "HEAD"))
def administration_list(request, pk):
    """Every assessment of an enrollment, the latest first, and when the next one is due."""
    staff, enrollment = request.staff, _enrollment(request, pk)
    found = list(
        Administration.objects.visible_to(staff).filter(enrollment=enrollment).select_related("by").reverse()
    )
    ratings = rows.ratings_of(staff, *found)
    history = [
        {
            "pk": row.pk,
            "held_on": row.held_on,
            "by": row.by.name,
            "is_draft": not row.is_locked,
            "rated": rows.rated(ratings[row.pk].values()),
            **rows.figures(ratings[row.pk].values()),
        }
        for row in found
    ]
    signed = [row for row in history if not row["is_draft"]]
    points = [
        {"label": date_format(r["held_on"], "j M Y"), "value": r["worker"]["unmet"] + r["worker"]["urgent"]}
        for r in signed
    ]
    due = assessment_due([enrollment])[enrollment.pk] if enrollment.is_open else None
    today = timezone.localdate()
    return render(
        request,
        "assessments/administration_list.html",
        {
            "banner": banner(request, enrollment.client, enrollment),
            "enrollment": enrollment,
            "drafts": [row for row in history if row["is_draft"]],
            "signed": signed[::-1],
            "points": points if len(points) > 1 else [],
            "most": max([p["value"] for p in points], default=0) or 1,
            "total": len(Domain),
            "due": due,
            "is_late": due is not None and due < today,
            "is_soon": due is not None and due - today <= SOON,
            "may_edit": staff.may("assessment.write"),
            "may_write": staff.may("assessment.write") and enrollment.is_open,
            "start_url": reverse("assessments:administration-create", kwargs={"pk": pk}),
        },
    )
