"""Sharing: choose what and to whom, pass the gate, get the paper; it prints on that day alone."""

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments import fhir
from casemgmt.core.models import Refused
from casemgmt.core.views import done, form_page, page, show
from casemgmt.workspace.share.content import PARTS, last_answers, paper
from casemgmt.workspace.share.forms import ShareForm
from clients.banner import banner
from clients.models import Client, DirectiveStands, Disclosure, Enrollment

READ = ("GET", "HEAD")


@page("disclosure.make", records=True)
def share(request, pk):
    """What goes out, to whom, on what ground; the gate is asked when the button is pressed."""
    client = Client.objects.visible_to(request.staff).select_related("agency").fetch(pk)
    strip = banner(request, client)
    wanted = [key for key, _label in PARTS if key in request.GET.getlist("part")]
    form = ShareForm(request.POST or None, staff=request.staff, client=client, initial={"parts": wanted})
    if form.is_bound and form.is_valid():
        try:
            made = Disclosure.make(client, by=request.staff, **form.disclosure())
        except DirectiveStands as refused:
            form.warn(refused)
        except Refused as refused:
            form.refuse(refused)
        else:
            return done(request, "workspace:share-paper", pk=made.pk, message=_("Written down as shared."))
    return form_page(
        request,
        form,
        "workspace/share_form.html",
        banner=strip,
        title=_("Share"),
        submit=_("Share and print"),
        consents_url=reverse("clients:consent-list", kwargs={"pk": pk}),
        cancel_url=strip["url"],
    )


@page("disclosure.make", records=True, methods=READ)
def share_paper(request, pk):
    """The paper that was just made, to print."""
    return _paper(request, pk, lambda context: render(request, "workspace/share_paper.html", context))


@page("disclosure.make", records=True, methods=READ)
def share_file(request, pk):
    """The same paper as a file that opens anywhere."""

    def download(context):
        name = f"{timezone.localdate():%Y-%m-%d}-{context['client'].number or context['client'].pk}.html"
        return HttpResponse(
            render_to_string("workspace/share_file.html", context),
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    return _paper(request, pk, download)


@page("disclosure.make", records=True, methods=READ)
def share_answers(request, pk):
    """The answers on the paper as FHIR R4 QuestionnaireResponses, to be taken into another system."""

    def download(context):
        if "answers" not in context["parts"]:
            raise Http404
        rows = last_answers(request.staff, context["client"], context["disclosure"].enrollments)
        told = [fhir.response(r.definition, r.answers, authored=r.completed_at) for r in rows]
        bundle = {
            "resourceType": "Bundle",
            "type": "collection",
            "timestamp": context["disclosure"].at.isoformat(),
            "entry": [{"resource": one} for one in told],
        }
        answer = JsonResponse(bundle, json_dumps_params={"ensure_ascii": False, "indent": 1})
        answer["Content-Type"] = "application/fhir+json; charset=utf-8"
        name = f"{timezone.localdate():%Y-%m-%d}-{context['client'].number or context['client'].pk}.json"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer

    return _paper(request, pk, download)


def _paper(request, pk, answer):
    """What a disclosure holds, asked of the doors again; another day, or without its consent, it is made anew."""
    disclosure = (
        Disclosure.objects.visible_to(request.staff)
        .select_related("client__agency", "consent", "by")
        .fetch(pk)
    )
    client = disclosure.client
    show(request, [client], "disclosure")
    try:
        disclosure.require_printable(by=request.staff)
    except Refused as refused:
        for sentence in refused.sentences:
            messages.warning(request, sentence)
        return redirect("clients:disclosure-list", pk=client.pk)
    enrollments = list(
        Enrollment.objects.visible_to(request.staff)
        .filter(pk__in=disclosure.enrollments)
        .select_related("program")
    )
    context = paper(request.staff, client, disclosure.parts, enrollments)
    return answer(context | {"client": client, "disclosure": disclosure})
