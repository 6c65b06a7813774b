"""A visit's note after it is written: read, signed, signed a second time, asked about, added to, put right."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from casemgmt.agencies.words import worded
from casemgmt.core.forms import ConfirmForm
from casemgmt.core.models import Refused
from casemgmt.core.views import done, form_page, page
from casemgmt.workspace.notes.earlier import checked, text_of
from casemgmt.workspace.notes.forms import (
    AddendumForm,
    AnswerForm,
    AskForm,
    AttachmentForm,
    CorrectionForm,
    CosignerForm,
    SignForm,
)
from casemgmt.workspace.notes.rows import cosigners, lead_of, note_of
from clients.banner import banner
from clients.models import (
    Document,
    Enrollment,
    Visit,
    VisitAddendum,
    VisitCorrection,
    VisitParticipant,
    VisitQuestion,
)

READ = ("GET", "HEAD")


def _visit(request, pk):
    """The visit, locked while it is written; also for who only took part or signs second."""
    rows = Visit.objects.visible_to(request.staff).select_related(
        "enrollment__client", "enrollment__program", "service_type", "cosigner"
    )
    return (rows.select_for_update(of=("self",)) if request.method == "POST" else rows).fetch(pk)


def _strip(request, visit):
    """The banner, and whether this colleague sees the whole record; else it is logged as mentoring."""
    own = Enrollment.objects.visible_to(request.staff).filter(pk=visit.enrollment_id).exists()
    strip = banner(request, visit.enrollment.client, visit.enrollment, purpose="care" if own else "mentoring")
    if not own:
        strip["url"] = ""
    return strip, own


def _people(request, visit):
    return list(VisitParticipant.objects.of_visit(request.staff, visit).select_related("staff"))


def _url(pk):
    return reverse("workspace:visit-detail", kwargs={"pk": pk})


@page("client.view", records=True, methods=READ)
def visit_detail(request, pk):
    """One visit: what happened, who was there, who signed, what was asked and added later."""
    staff, visit = request.staff, _visit(request, pk)
    strip, own = _strip(request, visit)
    people = _people(request, visit)
    lead = lead_of(people)
    leads = lead is not None and lead.pk == staff.pk
    answers_for = not leads and visit.is_answered_for_by(staff, lead)
    is_asked = not leads and visit.cosigner_id == staff.pk
    was_there = any(p.staff_id == staff.pk for p in people)
    waits = visit.cosign_asked_at is not None and visit.cosigned_at is None
    is_draft = not visit.is_locked and not visit.source
    may_write = staff.may("visit.log")
    note = note_of(staff, visit)
    for row in note["questions"]:
        is_open = row.answered_at is None and row.kind != VisitQuestion.Kind.THANKS
        row.can_answer = is_open and may_write and row.may_be_answered_by(staff, lead)
    context = note | {
        "banner": strip,
        "own": own,
        "people": people,
        "lead": lead,
        "waits": waits,
        "is_asked_about": any(
            q.answered_at is None and q.kind != VisitQuestion.Kind.THANKS for q in note["questions"]
        ),
        "sign_form": _sign_form(request, visit) if leads and is_draft and may_write else None,
        "cosigner_form": _cosigner_form(request, visit) if leads and waits and may_write else None,
        "can_cosign": waits and staff.may("note.cosign") and (answers_for or is_asked),
        "can_ask": lead is not None and not leads and may_write and (answers_for or is_asked or was_there),
        "ask_form": AskForm(staff=staff),
        "can_add": own and visit.is_locked and may_write,
        "can_correct": visit.is_locked and may_write and (leads or answers_for),
    }
    return render(request, "workspace/visit_detail.html", context)


# --- Names under it ---------------------------------------------------------------------------------------------------


def _sign_form(request, visit):
    """Asks for the second name only where one is needed."""
    needed = visit.needs_cosigning(request.staff)
    offered = cosigners(request.staff, visit.enrollment) if needed else None
    return SignForm(request.POST or None, staff=request.staff, cosigners=offered)


def _cosigner_form(request, visit):
    return CosignerForm(
        request.POST or None,
        staff=request.staff,
        cosigners=cosigners(request.staff, visit.enrollment),
        initial={"cosigner": visit.cosigner_id},
    )


@page("visit.log", records=True)
def visit_sign(request, pk):
    """Sign a draft as it stands; where it says what the last note said, only after a second look."""
    visit = _visit(request, pk)
    strip, _own = _strip(request, visit)
    lead = lead_of(_people(request, visit))
    if visit.is_locked or visit.source or lead is None or lead.pk != request.staff.pk:
        messages.info(request, worded(_("Only who led the {visit} signs its note, and once.")))
        return redirect(_url(pk))
    form = _sign_form(request, visit)
    if form.is_bound and form.is_valid() and checked(form, visit.enrollment, text_of(visit), exclude_pk=pk):
        said = form.cleaned_data
        try:
            visit.sign(by=request.staff, typed_name=said["typed_name"], cosigner=said.get("cosigner"))
        except Refused as refused:
            form.refuse(refused)
        else:
            return done(request, _url(pk), message=_("Signed."))
    return form_page(
        request,
        form,
        banner=strip,
        title=worded(_("Sign the note")),
        intro=str(visit),
        submit=_("Sign"),
        plain=True,
        cancel_url=_url(pk),
    )


@page("visit.log", records=True, methods=("POST",))
def visit_cosigner(request, pk):
    """Ask somebody else for the second name."""
    visit = _visit(request, pk)
    strip, _own = _strip(request, visit)
    form = _cosigner_form(request, visit)
    if form.is_valid():
        try:
            visit.ask_cosigner(form.cleaned_data["cosigner"], by=request.staff)
        except Refused as refused:
            form.refuse(refused)
        else:
            return done(request, _url(pk), message=_("Asked."))
    return form_page(
        request,
        form,
        banner=strip,
        title=_("Second signature"),
        intro=str(visit),
        submit=_("Ask"),
        plain=True,
        cancel_url=_url(pk),
    )


@page("note.cosign", records=True, methods=("POST",))
def visit_cosign(request, pk):
    """Put the second name under a note: one tap, from the queue or the page."""
    visit = _visit(request, pk)
    strip, _own = _strip(request, visit)
    form = ConfirmForm(request.POST, staff=request.staff)
    if form.is_valid():
        try:
            visit.cosign(by=request.staff)
        except Refused as refused:
            form.refuse(refused)
        else:
            return done(request, _after(request, pk), message=_("Signed as second."))
    return form_page(
        request,
        form,
        banner=strip,
        title=_("Sign as second"),
        intro=str(visit),
        plain=True,
        cancel_url=_url(pk),
    )


def _after(request, pk):
    """Back to the queue for who came from there."""
    return reverse("workspace:review-list") if "queue" in request.POST else _url(pk)


# --- Asked and answered -----------------------------------------------------------------------------------------------


@page("note.cosign", records=True)
def visit_ask(request, pk):
    """Ask about a colleague's note, have something followed up, or say thanks."""
    visit = _visit(request, pk)
    strip, _own = _strip(request, visit)
    lead = lead_of(_people(request, visit))
    if lead is None or lead.pk == request.staff.pk:
        return redirect(_url(pk))
    form = AskForm(request.POST or None, staff=request.staff)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            row = VisitQuestion.ask(visit, kind=said["kind"], text=said["text"], by=request.staff)
        except Refused as refused:
            form.refuse(refused)
        else:
            thanks = row.kind == VisitQuestion.Kind.THANKS
            return done(request, _after(request, pk), message=_("Thanked.") if thanks else _("Asked."))
    return form_page(
        request,
        form,
        banner=strip,
        title=_("About this note"),
        intro=str(visit),
        submit=_("Send"),
        cancel_url=_url(pk),
    )


@page("visit.log", records=True)
def question_answer(request, pk):
    """Answer what a colleague asked about a note; that closes it."""
    rows = VisitQuestion.objects.visible_to(request.staff).select_related(
        "by", "visit__enrollment__client", "visit__enrollment__program"
    )
    question = (rows.select_for_update(of=("self",)) if request.method == "POST" else rows).fetch(pk)
    visit = question.visit
    strip, _own = _strip(request, visit)
    form = AnswerForm(request.POST or None, staff=request.staff)
    if form.is_bound and form.is_valid():
        try:
            question.reply(form.cleaned_data["answer"], by=request.staff)
        except Refused as refused:
            form.refuse(refused)
        else:
            return done(request, _url(visit.pk), message=_("Answered."))
    return form_page(
        request,
        form,
        banner=strip,
        title=question.get_kind_display(),
        intro=f"{question.by.name}: {question.text}",
        submit=_("Answer"),
        plain=True,
        cancel_url=_url(visit.pk),
    )


# --- Added and put right ----------------------------------------------------------------------------------------------


@page("visit.log", records=True)
def visit_addendum(request, pk):
    """Add to a signed note; the note itself stays."""
    visit = (
        Visit.objects.visible_to(request.staff)
        .of_care(request.staff)
        .select_related("enrollment__client")
        .fetch(pk)
    )
    strip = banner(request, visit.enrollment.client, visit.enrollment)
    form = AddendumForm(
        request.POST or None, instance=VisitAddendum(visit=visit, author=request.staff), staff=request.staff
    )
    if not visit.is_locked:
        return redirect("workspace:visit-edit", pk=pk)
    if form.is_bound and form.is_valid():
        form.save()
        return done(request, "workspace:visit-detail", pk=pk, message=_("Added."))
    return form_page(
        request,
        form,
        banner=strip,
        title=_("Add to the note"),
        intro=str(visit),
        submit=_("Add"),
        cancel_url=_url(pk),
    )


@page("visit.log", records=True)
def visit_correct(request, pk):
    """Put right what is billed of a signed visit; the note stays as it was signed (PR-19)."""
    visit = _visit(request, pk)
    strip, _own = _strip(request, visit)
    if not visit.is_locked:
        return redirect(_url(pk))
    form = CorrectionForm(request.POST or None, instance=VisitCorrection(visit=visit), staff=request.staff)
    if form.is_bound and form.is_valid():
        try:
            VisitCorrection.record(visit, by=request.staff, **form.said())
        except Refused as refused:
            form.refuse(refused)
        else:
            return done(request, _url(pk), message=_("Put right."))
    return form_page(
        request,
        form,
        banner=strip,
        title=_("Put right what is billed"),
        intro=_("The note stays as it was signed. What went out before is reversed with the next export."),
        submit=_("Put right"),
        cancel_url=_url(pk),
    )


@page("visit.log", records=True)
def visit_attach(request, pk):
    """Put a file to a draft; signing locks it with the note."""
    visit = _visit(request, pk)
    strip, _own = _strip(request, visit)
    lead = lead_of(_people(request, visit))
    if visit.is_locked or visit.source or lead is None or lead.pk != request.staff.pk:
        return redirect(_url(pk))
    client = visit.enrollment.client
    form = AttachmentForm(
        request.POST or None,
        request.FILES or None,
        client=client,
        staff=request.staff,
        instance=Document(client=client, enrollment=visit.enrollment, visit=visit),
    )
    if form.is_bound and form.is_valid():
        form.save(commit=False).keep(form.cleaned_data["file"], by=request.staff)
        return done(request, _url(pk), message=_("The file is with the note."))
    return form_page(
        request,
        form,
        banner=strip,
        title=_("Add a file to the note"),
        intro=str(visit),
        submit=_("Add file"),
        cancel_url=_url(pk),
    )
