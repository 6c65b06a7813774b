"""Who pays for somebody's service, and what a visit comes to while it is typed."""

from datetime import date

from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from casemgmt.agencies.models import ServiceType
from casemgmt.core.models import Refused
from casemgmt.core.views import check_version, done, form_page, page, show
from clients.models import Enrollment
from serviceplans.billable import Facts
from serviceplans.billing import kind_of, told
from serviceplans.forms.funding import FundingForm
from serviceplans.models import EnrollmentFunding
from serviceplans.views.finding import enrollment_of, fetch, strip_of

# What the page of a visit calls its other work, see casemgmt.workspace.log.forms.
OTHER_KINDS = {f"other_kind_{n}": f"other_minutes_{n}" for n in (1, 2)}


@page("client.view", records=True, methods=("GET", "HEAD"))
def funding_list(request, pk):
    """Who pays, and who paid before."""
    enrollment = enrollment_of(request, pk)
    today = timezone.localdate()
    rows = (
        EnrollmentFunding.objects.visible_to(request.staff)
        .filter(enrollment=enrollment)
        .select_related("source__payer", "authorization")
    )
    return render(
        request,
        "serviceplans/funding_list.html",
        {
            "banner": strip_of(request, enrollment),
            "enrollment": enrollment,
            "rows": [
                {
                    "row": row,
                    "is_over": row.ended_on is not None and row.ended_on <= today,
                    "is_ahead": row.started_on > today,
                }
                for row in rows
            ],
            "may_write": request.staff.may("plan.write"),
        },
    )


@page("plan.write", records=True)
def funding_create(request, pk):
    """Somebody else pays from a day on."""
    row = EnrollmentFunding(enrollment=enrollment_of(request, pk))
    return _write(request, row, "begin", title=_("Who pays"), intro=row.enrollment.program)


@page("plan.write", records=True)
def funding_edit(request, pk):
    """When they stop, and which numbers they know the person by."""
    row = fetch(request, EnrollmentFunding, pk, "enrollment__client", "enrollment__program", "source")
    return _write(request, row, "put", title=row.source.name)


def _write(request, row, verb, **context):
    strip = strip_of(request, row.enrollment)
    form = FundingForm(request.POST or None, instance=row, staff=request.staff, enrollment=row.enrollment)
    if row.pk:
        check_version(form, row)
    to = reverse("serviceplans:funding-list", kwargs={"pk": row.enrollment_id})
    if form.is_valid():
        try:
            getattr(form.save(commit=False), verb)()
            return done(request, to, message=_("Saved."))
        except Refused as refused:
            form.refuse(refused)
    return form_page(request, form, banner=strip, cancel_url=to, **context)


@page("visit.log", records=True, methods=("POST",))
def billable_check(request, pk):
    """What the visit that is being typed comes to; nothing is kept."""
    enrollment = Enrollment.objects.visible_to(request.staff).select_related("client", "program").fetch(pk)
    show(request, [enrollment.client_id])
    return render(
        request,
        "serviceplans/_billable.html",
        {"told": told(request.staff, enrollment, _typed(request.staff, request.POST))},
    )


def _typed(staff, sent):
    """The facts as far as they are typed; what is no number or no day counts as none."""
    wanted = {name: _number(sent.get(name)) for name in ("service_type", *OTHER_KINDS)}
    kinds = ServiceType.objects.visible_to(staff).filter(pk__in=set(wanted.values()))
    kinds = {row.pk: kind_of(row) for row in kinds}
    others = [
        (kinds[wanted[kind]], _minutes(sent.get(minutes)))
        for kind, minutes in OTHER_KINDS.items()
        if wanted[kind] in kinds
    ]
    return Facts(
        on=_day(sent.get("day")),
        outcome=sent.get("outcome", ""),
        mode=sent.get("mode", ""),
        held_with=sent.get("held_with", ""),
        minutes=_minutes(sent.get("direct_minutes")),
        kind=kinds.get(wanted["service_type"]),
        other_work=others,
    )


def _minutes(text):
    return min(_number(text), 24 * 60)


def _number(text):
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def _day(text):
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return timezone.localdate()
