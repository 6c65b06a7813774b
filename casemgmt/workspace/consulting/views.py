"""Two pages: ask for advice about somebody, and answer."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from casemgmt.core.models import Refused
from casemgmt.core.views import done, form_page, page, show
from casemgmt.workspace.consulting.forms import AnswerForm, AskForm, CloseForm
from casemgmt.workspace.consulting.verbs import (
    answer,
    ask,
    may_answer,
    mentors_of,
    sees,
    supervisors_of,
    team_of,
    why_not,
)
from clients.banner import banner
from clients.models import Consultation, Enrollment


@page("visit.log", records=True)
def consultation_ask(request, pk):
    """Say what one is stuck on, to whoever may know."""
    staff = request.staff
    enrollment = Enrollment.objects.visible_to(staff).select_related("client", "program").fetch(pk)
    strip = banner(request, enrollment.client, enrollment)
    if not enrollment.is_open:
        messages.warning(request, _("Service has ended."))
        return redirect(strip["url"])

    def possible(people):
        return [person for person in people if not why_not(enrollment, person, by=staff)]

    form = AskForm(
        request.POST or None,
        staff=staff,
        mentors=possible(mentors_of(staff)),
        supervisors=possible(supervisors_of(staff)),
        team=team_of(enrollment, staff),
    )
    if not form.fields["who"].choices:
        messages.warning(request, _("There is nobody else who may be asked about this person."))
        return redirect(strip["url"])
    if form.is_bound and form.is_valid():
        try:
            ask(enrollment, by=staff, asked_of=form.asked_of(), text=form.cleaned_data["text"])
        except Refused as refused:
            form.refuse(refused)
        else:
            return done(request, strip["url"], message=_("Sent. You are told when there is an answer."))
    return form_page(
        request,
        form,
        banner=strip,
        title=_("Ask for advice"),
        submit=_("Send"),
        plain=True,
        cancel_url=strip["url"],
    )


@page("today.view", records=True)
def consultation(request, pk):
    """The request and its answer; who is asked writes it, and who asked may close it."""
    staff = request.staff
    rows = Consultation.objects.visible_to(staff).select_related(
        "by", "asked_of", "answered_by", "enrollment__client", "enrollment__program"
    )
    row = rows.fetch(pk)
    strip = None
    if sees(row.enrollment, staff):
        strip = banner(request, row.enrollment.client, row.enrollment)
    else:
        # The words alone, and yet they are of a record.
        show(request, [row.enrollment.client], "mentoring")
    is_own = row.by_id == staff.pk
    back = strip["url"] if strip else reverse("workspace:today")
    form = None
    if request.method == "POST" or (row.answered_at is None and may_answer(row, staff)):
        form = (CloseForm if is_own else AnswerForm)(request.POST or None, staff=staff)
    if form is not None and form.is_bound and form.is_valid():
        try:
            answer(row, form.cleaned_data["answer"], by=staff)
        except Refused as refused:
            form.refuse(refused)
            row = rows.fetch(pk)  # with what a colleague has answered meanwhile
        else:
            return done(request, back, message=_("Closed.") if is_own else _("Answered."))
    return render(
        request,
        "workspace/consultation.html",
        {
            "form": form,
            "row": row,
            "banner": strip,
            "title": _("Asked for advice"),
            "submit": _("Close") if is_own else _("Answer"),
            "plain": True,
            "cancel_url": back,
        },
        status=422 if form is not None and form.is_bound else 200,
    )
