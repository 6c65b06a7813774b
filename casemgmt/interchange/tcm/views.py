"""The record of case management for a period: looked at, released through the gate, and then on paper, PDF or CSV."""

import csv
import io
from datetime import date
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from casemgmt.core import pdf
from casemgmt.core.models import Refused
from casemgmt.core.views import done, form_page, page, show
from casemgmt.interchange.tcm.contents import lines, record
from casemgmt.interchange.tcm.elements import Period, presets
from casemgmt.interchange.tcm.forms import PeriodForm, ReleaseForm
from casemgmt.interchange.tcm.planned import BILLING
from clients import consents
from clients.banner import banner
from clients.models import Client, DirectiveStands, Disclosure, Enrollment

READ = ("GET", "HEAD")
BOM = "\ufeff"
MOST_ROWS = 400  # of a PDF: some twenty milliseconds each, and nobody waits longer than ten seconds


def _query(period, enrollment=None):
    asked = {"start": period.start.isoformat(), "end": period.end.isoformat()}
    return urlencode(asked | ({"enrollment": enrollment.pk} if enrollment else {}))


@page("record.release", records=True, methods=READ)
def preview(request, pk):
    """What the record of a period holds, element by element; nothing leaves yet."""
    client = Client.objects.visible_to(request.staff).select_related("agency").fetch(pk)
    strip = banner(request, client)
    usual = presets(timezone.localdate())
    form = PeriodForm(request.GET if "start" in request.GET else None)
    period = form.period() if form.is_valid() else usual[0][1]
    served = list(
        Enrollment.objects.visible_to(request.staff)
        .filter(client=client)
        .select_related("program", "agency")
        .order_by("-enrolled_on", "-pk")
    )
    asked = request.GET.get("enrollment")
    chosen = next((row for row in served if str(row.pk) == asked), None)
    return render(
        request,
        "interchange/tcm.html",
        {
            "banner": strip,
            "client": client,
            "form": form,
            "period": period,
            "periods": [
                {"label": label, "url": f"?{_query(one, chosen)}", "active": one == period}
                for label, one in usual
            ],
            "served": [
                {
                    "label": str(row.program),
                    "row": row,
                    "url": f"?{_query(period, row)}",
                    "active": row == chosen,
                }
                for row in served
            ],
            "all_url": f"?{_query(period)}",
            "chosen": chosen,
            "elements": []
            if form.errors
            else record(request.staff, client, [chosen] if chosen else served, period),
            "release_url": f"{reverse('tcm:release', kwargs={'pk': pk})}?{_query(period, chosen)}",
        },
        status=422 if form.errors else 200,
    )


@page("record.release", records=True)
def release(request, pk):
    """Say to whom it goes and why; the gate is asked, and writes it down, before there is any paper."""
    client = Client.objects.visible_to(request.staff).select_related("agency").fetch(pk)
    strip = banner(request, client)
    form = ReleaseForm(request.POST or None, staff=request.staff, client=client, initial=_asked(request))
    if not form.is_bound and not form.initial.get("enrollments"):
        form.initial["enrollments"] = [
            row.pk for row in form.fields["enrollments"].queryset if not row.program.is_part_2
        ]
    if form.is_bound and form.is_valid():
        try:
            made = Disclosure.make(client, by=request.staff, **form.disclosure())
        except DirectiveStands as refused:
            form.warn(refused)
        except Refused as refused:
            form.refuse(refused)
        else:
            return done(request, "tcm:paper", pk=made.pk, message=_("Written down as shared."))
    return form_page(
        request,
        form,
        banner=strip,
        title=_("Release the record of a period"),
        submit=_("Release"),
        cancel_url=reverse("tcm:preview", kwargs={"pk": pk}),
    )


def _asked(request):
    """What the preview was of; whatever else stands in the address says nothing."""
    form = PeriodForm(request.GET)
    period = form.period() if form.is_valid() else presets(timezone.localdate())[0][1]
    asked = request.GET.get("enrollment") or ""
    known = asked.isascii() and asked.isdecimal() and len(asked) < 19
    return {"start": period.start, "end": period.end} | ({"enrollments": [int(asked)]} if known else {})


# --- What was released -----------------------------------------------------------------------------------------------


@page("record.release", records=True, methods=READ)
def paper(request, pk):
    """The record that was just released, to print or to take as a file."""
    return _released(request, pk, lambda context: render(request, "interchange/tcm_paper.html", context))


@page("record.release", records=True, methods=READ)
def as_pdf(request, pk):
    """The same as PDF; where this server makes none, the page that prints, and why."""
    if not pdf.available():
        messages.info(request, pdf.why_not())
        return redirect("tcm:paper", pk=pk)

    def made(context):
        if sum(len(element.rows) for element in context["elements"]) > MOST_ROWS:
            messages.info(request, _("Too long for a PDF: print this page, or release a shorter period."))
            return redirect("tcm:paper", pk=pk)
        html = render_to_string("interchange/tcm_file.html", context)
        return pdf.pdf_response(html, _name(context, "pdf"))

    return _released(request, pk, made)


@page("record.release", records=True, methods=READ)
def as_csv(request, pk):
    """The same, one line for each row."""

    def made(context):
        file = io.StringIO()
        file.write(BOM)
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows(lines(context["elements"]))
        return HttpResponse(
            file.getvalue(),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": content_disposition_header(True, _name(context, "csv"))},
        )

    return _released(request, pk, made)


def _name(context, ending):
    client, period = context["client"], context["period"]
    return f"tcm-{client.number or client.pk}-{period.start:%Y-%m-%d}-{period.end:%Y-%m-%d}.{ending}"


def _released(request, pk, answer):
    """What a release holds, asked of the doors again; on another day, or by another colleague, it is made anew."""
    made = (
        Disclosure.objects.visible_to(request.staff)
        .select_related("client__agency", "consent", "by")
        .fetch(pk)
    )
    client = made.client
    show(request, [client], "release")
    try:
        made.require_printable(by=request.staff)
    except Refused:
        return redirect("tcm:preview", pk=client.pk)
    if made.parts[0] != BILLING:
        return redirect("tcm:preview", pk=client.pk)
    period = Period(*map(date.fromisoformat, made.parts[1:]))
    served = list(
        Enrollment.objects.visible_to(request.staff)
        .filter(pk__in=made.enrollments)
        .select_related("program", "agency")
        .order_by("-enrolled_on", "-pk")
    )
    if len(served) < len(made.enrollments):
        raise Http404
    return answer(
        {
            "client": client,
            "disclosure": made,
            "period": period,
            "elements": record(request.staff, client, served, period),
            "notice": next(filter(None, map(consents.redisclosure_notice, served)), ""),
            "no_pdf": pdf.why_not(),
        }
    )
