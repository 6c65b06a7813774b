"""The end of service."""

from django.shortcuts import render
from django.utils.translation import gettext as _

from casemgmt.core.models import Refused
from casemgmt.core.views import check_version, done, form_page, page
from casemgmt.workspace import verbs
from casemgmt.workspace.forms import (
    DischargeForm,
)
from clients.banner import banner
from clients.models import (
    AftercareFollowUp,
    Discharge,
    Enrollment,
    Lifeline,
)
from serviceplans.models import DischargeCriterion, ServiceReferral


@page("discharge.write", records=True)
def discharge(request, pk):
    """End service well: disposition, summary from the record, lifelines, signature."""
    staff = request.staff
    enrollment = Enrollment.objects.visible_to(staff).select_related("client", "program").fetch(pk)
    strip = banner(request, enrollment.client, enrollment)
    rows = Discharge.objects.visible_to(staff).select_related("disposition")
    row = (
        (rows.select_for_update(of=("self",)) if request.method == "POST" else rows)
        .filter(enrollment=enrollment)
        .first()
    )
    if row is not None and (row.is_locked or row.source or not enrollment.is_open):
        context = {
            "banner": strip,
            "row": row,
            "enrollment": enrollment,
            "lifelines": Lifeline.objects.visible_to(staff).filter(discharge=row),
            "follow_ups": AftercareFollowUp.objects.visible_to(staff)
            .filter(discharge=row)
            .select_related("assigned_to"),
            "criteria": _criteria(staff, enrollment),
        }
        return render(request, "workspace/discharge.html", context)
    if row is None:
        initial = {
            "summary": verbs.discharge_summary(enrollment),
            "unmet_needs": verbs.unmet_needs(enrollment),
            "reentry": _("Call us at any time. No new referral is needed."),
        }
        services = ServiceReferral.objects.visible_to(staff).filter(enrollment=enrollment).open()
        lifelines = [
            {"name": s.contact or s.provider, "phone": s.phone, "purpose": s.service} for s in services[:3]
        ]
    else:
        initial = {}
        lifelines = list(
            Lifeline.objects.visible_to(staff)
            .filter(discharge=row)
            .order_by("pk")
            .values("name", "phone", "purpose", "confirmed_on")
        )
    instance = row or Discharge(enrollment=enrollment)
    form = DischargeForm(
        request.POST or None, instance=instance, staff=staff, lifelines=lifelines, initial=initial
    )
    if form.is_bound:
        if row is not None:
            check_version(form, row)
        if form.is_valid():
            sign = "draft" not in request.POST
            fields = {name: form.cleaned_data[name] for name in form._meta.fields}
            if row is not None:
                row.refresh_from_db()
            try:
                verbs.discharge(
                    enrollment, by=staff, fields=fields, lifelines=form.lifelines(), row=row, sign=sign
                )
            except Refused as refused:
                form.refuse(refused)
            else:
                message = _("Discharged. Aftercare is on the list.") if sign else _("Draft saved.")
                return done(request, strip["url"], message=message)
    return form_page(
        request,
        form,
        "workspace/discharge_form.html",
        banner=strip,
        enrollment=enrollment,
        criteria=_criteria(staff, enrollment),
        title=_("Discharge"),
        submit=_("Sign and discharge"),
        second=_("Save as draft"),
        cancel_url=strip["url"],
    )


def _criteria(staff, enrollment):
    """What was agreed to be so before service ends, in the last signed plan (REQ-178)."""
    rows = DischargeCriterion.objects.visible_to(staff).filter(plan__enrollment=enrollment)
    return list(rows.filter(plan__ended_on=None, plan__signed_at__isnull=False))
