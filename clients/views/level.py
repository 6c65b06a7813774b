"""The level of care between two looks at the plan."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from casemgmt.agencies.models import LevelOfCare
from casemgmt.core.models import Refused
from casemgmt.core.views import check_version, done, form_page, page
from clients.banner import banner
from clients.forms.level import LevelForm
from clients.models import Enrollment, LevelDecision


@page("plan.write", records=True)
def level(request, pk):
    """Decide on the level outside of a review, with all that was decided before (PR-34)."""
    rows = Enrollment.objects.visible_to(request.staff).select_related("client", "program", "level")
    enrollment = rows.fetch(pk)
    strip = banner(request, enrollment.client, enrollment)
    levels = LevelOfCare.objects.visible_to(request.staff).filter(program=enrollment.program_id).in_use()
    if not enrollment.is_open or not levels.exists():
        messages.info(request, _("This program has no levels of care, or service has ended."))
        return redirect(strip["url"])
    form = LevelForm(
        request.POST or None,
        staff=request.staff,
        enrollment=enrollment,
        initial={"version": enrollment.version},
    )
    check_version(form, enrollment)
    if form.is_valid():
        try:
            row = LevelDecision.make(
                enrollment, form.cleaned_data["level"], why=form.cleaned_data["why"], by=request.staff
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            message = (
                _("Level of care: %(level)s.") % {"level": row} if row else _("The level stays as it is.")
            )
            return done(request, strip["url"], message=message)
    decisions = LevelDecision.objects.visible_to(request.staff).filter(enrollment=enrollment)
    return form_page(
        request,
        form,
        "clients/level.html",
        banner=strip,
        title=_("Level of care"),
        decisions=list(decisions.select_related("level", "by")),
        cancel_url=strip["url"],
    )
