"""Answering alone, on a device that was handed over: one questionnaire, and no way to anything else."""

from django.http import Http404, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from assessments import handing
from assessments.models import Response
from assessments.rows import crisis
from assessments.views.answering import ask, say
from casemgmt.core.forms import ConfirmForm
from casemgmt.core.views import done, form_page, page
from clients.banner import banner


@page("assessment.write", records=True)
def response_hand_over(request, pk):
    """Hand the device over: the worker is signed out, and comes back by signing in."""
    rows = Response.objects.visible_to(request.staff).select_related(
        "client", "enrollment__program", "instrument_version__instrument"
    )
    row = (rows.select_for_update(of=("self",)) if request.method == "POST" else rows).fetch(pk)
    strip = banner(request, row.client, row.enrollment)
    if row.is_complete or row.set_aside_on:
        message = _("This questionnaire is finished.")
        return done(request, "assessments:response-detail", pk=pk, message=message)
    form = ConfirmForm(request.POST or None, staff=request.staff)
    if form.is_bound and form.is_valid():
        row.mode, row.informant = Response.Mode.ALONE, Response.Informant.CLIENT
        row.save()
        handing.hand_over(request, row)
        answer = redirect("assessments:handed-over")
        # Pages that this browser remembers must not come back with its back button.
        answer["Clear-Site-Data"] = '"cache"'
        return answer
    return form_page(
        request,
        form,
        banner=strip,
        title=_("Hand over the device"),
        intro=_(
            "You are signed out. Only “%(what)s” can be opened on this device until somebody signs in again. "
            "Close other tabs first."
        )
        % {"what": row},
        submit=_("Hand over"),
        plain=True,
        cancel_url=reverse("assessments:response-answer", kwargs={"pk": pk}),
    )


@page("public")
def handed_over(request):
    """The questions, for whoever holds the device. Open to all, because nobody is signed in on it."""
    with handing.handed(request) as (row, staff):
        if row is None:
            return render(request, "assessments/handed_back.html", {"is_over": True})
        form = ConfirmForm(request.POST or None, staff=staff)
        sign_in = (
            reverse("account_login")
            + "?next="
            + reverse("assessments:response-detail", kwargs={"pk": row.pk})
        )
        context = {"is_alone": True, "say_url": reverse("assessments:handed-say"), "sign_in_url": sign_in}
        context["notes"] = {"concerns": row.has_called_for_help, "crisis": crisis(row.agency)}
        doors = {
            "detail": lambda: _thanks(request, sign_in, is_finished=True),
            "later": lambda: _thanks(request, sign_in, is_finished=False),
        }
        return ask(request, row, form, before=None, context=context, doors=doors)


def _thanks(request, sign_in, *, is_finished):
    handing.give_back(request)
    context = {"is_finished": is_finished, "sign_in_url": sign_in}
    return render(request, "assessments/handed_back.html", context)


@page("public", methods=("POST",))
def handed_say(request):
    """One answer of whoever holds the device. Open to all, because nobody is signed in on it."""
    with handing.handed(request) as (row, _staff):
        if row is None:
            raise Http404
        answer = say(request, row)
        alarm = {"concerns": row.has_called_for_help, "crisis": crisis(row.agency)}
        answer.pop("concerns")
        words = render_to_string("assessments/_alarm_alone.html", alarm, request) if alarm["concerns"] else ""
        return JsonResponse(answer | {"alarm": words}, status=422 if answer["error"] else 200)
