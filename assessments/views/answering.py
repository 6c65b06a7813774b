"""The pages of questionnaires: what there is to ask somebody, asking it, and reading what came out."""

from datetime import date

from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments import asking, results, scoring
from assessments.domains import Domain
from assessments.due import questionnaires_due
from assessments.forms import AboutForm, BeginForm
from assessments.models import (
    Concern,
    Instrument,
    InstrumentVersion,
    Need,
    Response,
    ResponseSignature,
    Unanswered,
)
from assessments.rows import crisis
from casemgmt.core.models import Refused
from casemgmt.core.paging import cut
from casemgmt.core.views import check_version, done, page
from clients.banner import banner
from clients.models import Client, Enrollment

READ = ("GET", "HEAD")
MOST = 20  # answered questionnaires on a page


# --- What there is to ask -------------------------------------------------------------------------------------------


@page("client.view", records=True, methods=READ)
def response_list(request, pk):
    """What was begun, what can be asked now, and what was answered, the latest first."""
    staff = request.staff
    client = Client.objects.visible_to(staff).fetch(pk)
    periods = _open_enrollments(staff, client)
    wanted = request.GET.get("enrollment", "")
    chosen = next((e for e in periods if str(e.pk) == wanted), periods[0] if periods else None)
    own = Response.objects.visible_to(staff).filter(client=client)
    told = own.select_related("instrument_version__instrument", "by", "enrollment__program")
    drafts = list(told.drafts())
    before = day_of(request.GET.get("before", ""))
    history, more = history_of(told, before)
    begun = {d.instrument_version.instrument_id for d in drafts if d.enrollment == chosen}
    return render(
        request,
        "assessments/response_list.html",
        {
            "banner": banner(request, client, chosen),
            "client": client,
            "enrollment": chosen,
            "periods": periods if len(periods) > 1 else [],
            "drafts": drafts,
            "kinds": _kinds(staff, Instrument.Audience.CLIENT, client.language, chosen, begun)
            if staff.may("assessment.write")
            else [],
            "history": history,
            "page": {"next_url": _next_url(chosen, history)} if more else None,
            "is_later": before is not None,
        },
    )


def _open_enrollments(staff, client):
    rows = Enrollment.objects.visible_to(staff).filter(client=client).open().select_related("program")
    return list(rows.order_by("-enrolled_on", "-pk"))


def day_of(text):
    """The day in an address; None when it is none."""
    try:
        return parse_date(text)
    except ValueError:
        return None


def _next_url(enrollment, history):
    tab = f"enrollment={enrollment.pk}&" if enrollment is not None else ""
    return f"?{tab}before={history[-1]['held_on'].isoformat()}"


def history_of(rows, before):
    """One page of answered questionnaires with what they add up to, and whether there are more."""
    rows = rows.exclude(completed_at=None)
    if before is not None:
        rows = rows.filter(held_on__lt=before)
    found, more = cut(list(rows.order_by("-held_on", "-pk")[: MOST + 1]), MOST, lambda row: row.held_on)
    return [results.in_short(row) for row in found], more


def kinds_of(staff, audiences):
    """The questionnaires in use for these audiences, each with its current version by language. One query."""
    offered = Instrument.objects.visible_to(staff).offered().filter(audience__in=audiences)
    versions = InstrumentVersion.objects.visible_to(staff).answered().filter(instrument__in=offered)
    found = {}
    for version in versions.select_related("instrument").defer("definition"):
        kind = found.setdefault(
            version.instrument_id, {"instrument": version.instrument, "versions": {}, "due_on": None}
        )
        kind["versions"].setdefault(version.language, version)
    return sorted(found.values(), key=lambda kind: kind["instrument"].title.casefold())


def _kinds(staff, audience, language, enrollment, begun):
    """What can be begun with somebody, what is due first, in their language where there is one."""
    due = {}
    if enrollment is not None:
        due = {ask.instrument.pk: ask.due_on for ask in questionnaires_due([enrollment])[enrollment.pk]}
    kinds = [k for k in kinds_of(staff, [audience]) if k["instrument"].pk not in begun]
    for kind in kinds:
        kind["due_on"] = due.get(kind["instrument"].pk)
        kind["choices"] = asking.by_language(kind["versions"], language)
    return sorted(kinds, key=lambda kind: kind["due_on"] or date.max)


@page("assessment.write", methods=("POST",))
def response_begin(request, pk):
    """One tap: begin a questionnaire, or go on with the one that was begun."""
    client = Client.objects.visible_to(request.staff).fetch(pk)
    form = BeginForm(request.POST, client=client, staff=request.staff)
    if not form.is_valid():
        messages.error(request, _("Choose a questionnaire from this page."))
        return redirect("assessments:response-list", pk=pk)
    version, enrollment = form.cleaned_data["version"], form.cleaned_data["enrollment"]
    row = Response.begin(version, client, enrollment=enrollment, by=request.staff)
    return redirect("assessments:response-answer", pk=row.pk)


# --- Asking ---------------------------------------------------------------------------------------------------------


def _with_person(request):
    return Response.objects.visible_to(request.staff).select_related(
        "client", "enrollment__program", "by", "instrument_version__instrument"
    )


@page("assessment.write", records=True)
def response_answer(request, pk):
    """The questions, a few at a time: each answer is kept as it is given, and the last page finishes."""
    staff, found = request.staff, _with_person(request)
    row = (found.select_for_update(of=("self",)) if request.method == "POST" else found).fetch(pk)
    strip = banner(request, row.client, row.enrollment)
    if row.is_complete or row.set_aside_on:
        message = _("This questionnaire is finished.")
        return done(request, "assessments:response-detail", pk=pk, message=message)
    form = AboutForm(request.POST or None, instance=row, staff=staff)
    earlier = Response.objects.visible_to(staff).select_related("instrument_version")
    concerns = Concern.objects.visible_to(staff).filter(response=row).open()
    context = {
        "banner": strip,
        "back": {"url": strip["url"], "label": strip["name"]},
        "say_url": reverse("assessments:response-say", kwargs={"pk": pk}),
        "hand_over_url": reverse("assessments:response-hand-over", kwargs={"pk": pk}),
        "about": form,
        "about_open": any(form[name].errors for name in form.Meta.fields),
        "notes": _alarm(request, row.client, concerns),
    }
    doors = {
        "detail": lambda: done(request, "assessments:response-detail", pk=pk),
        "later": lambda: done(request, "assessments:response-list", pk=row.client_id, message=_("Saved.")),
    }
    return ask(request, row, form, before=earlier.before(row).first(), context=context, doors=doors)


def _alarm(request, client, concerns):
    """What must be acted upon now, with the way to help."""
    return {"concerns": list(concerns), "client": client, "crisis": crisis(request.staff.agency)}


class Incomplete(Refused):
    """Something that counts has no answer: said once, and then it may be left out."""

    def __init__(self, items):
        self.items = [item.code for item in items]
        words = ngettext(
            "One question that counts has no answer. Answer it, or press “Finish” again to leave it out.",
            "%(n)s questions that count have no answer. Answer them, or press “Finish” again to leave them out.",
            len(items),
        )
        super().__init__(words % {"n": len(items)})


def ask(request, row, form, *, before, context, doors):
    """Show one screen of a questionnaire, or keep what was sent of it and go where the button says.

    Whatever can be kept is kept; the rest comes back with a sentence beside it.
    """
    definition, errors, typed, instead = row.definition, {}, {}, {}
    told = row.said
    screens = asking.screens(asking.parts(definition, told))
    n = _screen(request, screens)
    if form.is_bound:
        if hasattr(form, "instance"):
            check_version(form, row)
        typed = asking.sent(definition, request.POST)
        errors, _concerns = asking.keep(row, typed, by=request.staff)
        valid = form.is_valid()
        try:
            answer = not errors and valid and _go(request, row, form, told, n, doors)
        except Incomplete as incomplete:
            errors = dict.fromkeys(incomplete.items, _("No answer yet."))
            instead = {_("No answer yet."): str(incomplete)}
            form.refuse(incomplete)
            context["anyway"] = True
        except Unanswered as unanswered:
            errors = dict.fromkeys(unanswered.items, _("This needs an answer."))
            instead = {_("This needs an answer."): str(unanswered)}
            n = _first_with(screens, errors)
        except Refused as refused:
            form.refuse(refused)
        else:
            if answer:
                return answer
    said = row.said | {code: typed[code] for code in errors if code in typed}
    found = asking.parts(definition, said, before=before, errors=errors, shuffle=row.pk)
    screens = asking.screens(found)
    answered, asked = asking.progress(definition, row.said)
    instrument = row.instrument_version.instrument
    open_screens = _open(screens)
    context |= {
        "form": form,
        "response": row,
        "instrument": instrument,
        "definition": definition,
        "intro": "" if definition.instructions == found[0]["title"] else definition.instructions,
        "parts": screens[n - 1],
        "n": n,
        "is_first": n <= open_screens[0],
        "is_last": n >= open_screens[-1],
        "answered": answered,
        "asked": asked,
        "show_last": before is not None,
        "problems": asking.problems(screens[n - 1], form, instead),
        "withdrawn_on": row.instrument_version.withdrawn_on if row.instrument_version.is_withdrawn else None,
    }
    return render(request, "assessments/response_answer.html", context, status=422 if form.is_bound else 200)


def _screen(request, screens):
    """The number of the screen that is asked for; the first when there is no such screen."""
    wanted = request.GET.get("part", "")
    numbers = {str(n): n for n in range(1, len(screens) + 1)}
    return numbers.get(wanted, 1)


def _open(screens):
    """The numbers of the screens on which something is asked now."""
    found = [
        n
        for n, screen in enumerate(screens, start=1)
        if any(question.shown for part in screen for question in part["questions"])
    ]
    return found or [1]


def _first_with(screens, codes):
    for n, screen in enumerate(screens, start=1):
        if any(question.code in codes for part in screen for question in part["questions"]):
            return n
    return 1


def _go(request, row, form, told, n, doors):
    """Where the button leads after everything was kept; finishing may still be refused."""
    definition, said, to = row.definition, row.said, request.POST.get("go", "")
    screens = asking.screens(asking.parts(definition, said))
    here = lambda k, anchor="": redirect(f"{request.path}?part={k}{anchor}")  # noqa: E731 (said five times below)
    if to == "finish":
        fresh = asking.newly_asked(definition, told, said)
        left = _first_with(screens, fresh) if fresh else _open(screens)[-1]
        if fresh or left > n:
            _keep_about(form)
            name = asking.name_of(min(map(list(definition.by_code).index, fresh))) if fresh else ""
            return here(left, f"#div_{name}" if name else "")
        declined = scoring.left_out(definition, said)
        if declined and not scoring.unanswered(definition, said) and "anyway" not in request.POST:
            raise Incomplete(declined)
        row.complete(by=request.staff)
        return doors["detail"]()
    _keep_about(form)
    if to == "later":
        return doors["later"]()
    if to == "back":
        return here(max((k for k in _open(screens) if k < n), default=n))
    fresh = {q.code for part in screens[n - 1] for q in part["questions"]} & set(
        asking.newly_asked(definition, told, said)
    )
    if to == "next" and not fresh:
        return here(min((k for k in _open(screens) if k > n), default=n))
    return here(n)


def _keep_about(form):
    if form.has_changed() and hasattr(form, "instance"):
        form.save()


@page("assessment.write", records=True, methods=("POST",))
def response_say(request, pk):
    """One answer, kept as it is given; the reply says what changed on the page."""
    row = _with_person(request).fetch(pk)
    banner(request, row.client, row.enrollment)
    answer = say(request, row)
    alarm = _alarm(request, row.client, answer.pop("concerns"))
    alarm["concerns"] = [concern for concern in alarm["concerns"] if concern.handled_on is None]
    answer["alarm"] = render_to_string("assessments/_alarm.html", alarm, request) if alarm["concerns"] else ""
    return JsonResponse(answer, status=422 if answer["error"] else 200)


def say(request, row):
    """Keep one answer, and say what stands now: which questions are asked, how many have an answer."""
    definition, code = row.definition, request.POST.get("code", "")
    error, concerns = "", []
    try:
        item = definition.by_code.get(code)
        value = asking.typed(item, request.POST.getlist("value")) if item else ""
        concerns = row.say(code, value, by=request.staff)
    except Refused as refused:
        error = str(refused)
    answered, asked = asking.progress(definition, row.said)
    hidden = asking.hidden(definition, row.said)
    return {
        "error": error,
        "hidden": hidden,
        "answered": answered,
        "asked": asked,
        "was": asking.mark(row.said.get(code)),
        "concerns": concerns,
    }


# --- Reading --------------------------------------------------------------------------------------------------------


@page("client.view", records=True, methods=READ)
def response_detail(request, pk):
    """What came out, beside last time: the scores big, then every answer."""
    staff, row = request.staff, _with_person(request).fetch(pk)
    earlier = Response.objects.visible_to(staff).select_related("instrument_version")
    before = earlier.before(row).first() if row.is_complete else None
    signatures = ResponseSignature.objects.visible_to(staff).filter(response=row)
    strip = banner(request, row.client, row.enrollment)
    concerns = Concern.objects.visible_to(staff).filter(response=row).open()
    context = {
        "banner": strip,
        "back": {
            "url": reverse("assessments:response-list", kwargs={"pk": row.client_id}),
            "label": _("Questionnaires"),
        },
        "answer_url": reverse("assessments:response-answer", kwargs={"pk": pk}),
        "before_url": reverse("assessments:response-detail", kwargs={"pk": before.pk}) if before else "",
        "may_answer": not row.is_complete and not row.set_aside_on and staff.may("assessment.write"),
        "signatures": list(signatures.order_by("signed_at")),
        "may": _what_next(staff, row),
        "needs": _needs(staff, row) if row.is_complete and not row.set_aside_on else [],
        **_alarm(request, row.client, concerns),
    }
    return render(request, "assessments/response_detail.html", context | reading(row, before))


def _what_next(staff, row):
    """What this person may do with it now, as a set of words for the template."""
    found = set()
    if row.is_complete and not row.set_aside_on:
        if staff.may("assessment.write"):
            found.add("set_aside")
            if not row.signed_at:
                found.add("sign" if row.may_be_signed_by(staff) else "wait")
        if staff.may("assessment.review") and row.wants_review and row.by_id != staff.pk:
            found.add("review")
    return found


def _needs(staff, row):
    """The needs that the answers point at; those that are open already say so."""
    offered = scoring.suggested(row.definition, row.answers)
    open_now = {}
    if offered and row.enrollment is not None:
        rows = Need.objects.visible_to(staff).filter(enrollment=row.enrollment).open()
        open_now = {need.domain: need for need in rows}
    may = staff.may("assessment.write") and row.enrollment is not None and row.enrollment.is_open
    return [
        {
            "domain": found.domain,
            "label": Domain(found.domain).label,
            "words": found.words,
            "is_open": found.domain in open_now,
            "may_open": may and found.domain not in open_now,
        }
        for found in offered
    ]


def reading(row, before):
    """What a page shows of an answered questionnaire, whoever it is about."""
    answered, asked = asking.progress(row.definition, row.said)
    return {
        "response": row,
        "instrument": row.instrument_version.instrument,
        "definition": row.definition,
        "before": before,
        "results": results.results(row, before),
        "answers": results.answers(row, before),
        "is_boxes": all(item.kind == "forced" for item in row.definition.items),
        "answered": answered,
        "asked": asked,
    }
