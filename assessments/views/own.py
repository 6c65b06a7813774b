"""Questionnaires that staff answer about their own work: the same pages, for nobody's eyes but their own."""

from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from assessments import asking
from assessments.forms import BeginForm
from assessments.models import Instrument, StaffResponse
from assessments.views.answering import ask, day_of, history_of, kinds_of, reading, say
from casemgmt.core.forms import ConfirmForm
from casemgmt.core.views import done, page

READ = ("GET", "HEAD")


def _own(request):
    return StaffResponse.objects.visible_to(request.staff).select_related("instrument_version__instrument")


@page("account.use", methods=READ)
def own_list(request):
    """What somebody can answer about their own work, and what they answered."""
    rows = _own(request)
    drafts = list(rows.drafts())
    begun = {d.instrument_version.instrument_id for d in drafts}
    kinds = kinds_of(request.staff, [Instrument.Audience.STAFF, Instrument.Audience.PAIR])
    kinds = [kind for kind in kinds if kind["instrument"].pk not in begun]
    for kind in kinds:
        kind["choices"] = asking.by_language(kind["versions"], "")
    before = day_of(request.GET.get("before", ""))
    history, more = history_of(rows, before)
    context = {
        "drafts": drafts,
        "kinds": kinds,
        "history": history,
        "page": {"next_url": f"?before={history[-1]['held_on'].isoformat()}"} if more else None,
        "is_later": before is not None,
    }
    return render(request, "assessments/own_list.html", context)


@page("account.use", methods=("POST",))
def own_begin(request):
    """One tap: begin a questionnaire about one's own work, or go on with it."""
    form = BeginForm(request.POST, staff=request.staff)
    if not form.is_valid():
        messages.error(request, _("Choose a questionnaire from this page."))
        return redirect("assessments:own-list")
    row = StaffResponse.begin(form.cleaned_data["version"], request.staff)
    return redirect("assessments:own-answer", pk=row.pk)


@page("account.use")
def own_answer(request, pk):
    """The questions, a few at a time."""
    found = _own(request)
    row = (found.select_for_update(of=("self",)) if request.method == "POST" else found).fetch(pk)
    if row.is_complete:
        message = _("This questionnaire is finished.")
        return done(request, "assessments:own-detail", pk=pk, message=message)
    form = ConfirmForm(request.POST or None, staff=request.staff)
    context = {
        "back": {"url": reverse("assessments:own-list"), "label": _("My questionnaires")},
        "say_url": reverse("assessments:own-say", kwargs={"pk": pk}),
        "is_own": True,
    }
    doors = {
        "detail": lambda: done(request, "assessments:own-detail", pk=pk),
        "later": lambda: done(request, "assessments:own-list", message=_("Saved.")),
    }
    return ask(request, row, form, before=_own(request).before(row).first(), context=context, doors=doors)


@page("account.use", methods=("POST",))
def own_say(request, pk):
    """One answer, kept as it is given."""
    answer = say(request, _own(request).fetch(pk))
    return JsonResponse(answer | {"concerns": [], "alarm": ""}, status=422 if answer["error"] else 200)


@page("account.use", methods=READ)
def own_detail(request, pk):
    """What came out, for whoever answered it."""
    row = _own(request).fetch(pk)
    before = _own(request).before(row).first() if row.is_complete else None
    context = {
        "back": {"url": reverse("assessments:own-list"), "label": _("My questionnaires")},
        "answer_url": reverse("assessments:own-answer", kwargs={"pk": pk}),
        "before_url": reverse("assessments:own-detail", kwargs={"pk": before.pk}) if before else "",
        "may_answer": not row.is_complete,
        "is_own": True,
    }
    return render(request, "assessments/response_detail.html", context | reading(row, before))
