"""Pages on which two records turn out to be one person, or not."""

from types import SimpleNamespace

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused
from casemgmt.core.views import check_version, done, form_page, page, show
from clients.banner import banner, born
from clients.forms.merging import MergeForm, UndoForm
from clients.models import Client, Document, Enrollment, Merge

FOUND = 20


@page("client.merge", records=True, methods=("GET", "HEAD"))
def merge_find(request, pk):
    """Find the other record: who looks alike, or whom one searches."""
    people = Client.objects.visible_to(request.staff).by_right(request.staff)
    client = people.fetch(pk)
    strip = banner(request, client)
    words = request.GET.get("q", "").strip()[:100]
    others = people.exclude(pk=pk)
    if words:
        found = list(others.search(words).order_by("name_key", "pk")[: FOUND + 1])
    else:
        found = others.alike(client, most=FOUND)
    show(request, found)
    context = {
        "banner": strip,
        "client": client,
        "words": words,
        "more": len(found) > FOUND,
        "people": [_card(c) | {"url": _compare(client, c), **_likeness(c)} for c in found[:FOUND]],
    }
    return render(request, "clients/merge_find.html", context)


def _card(client):
    return {
        "name": client.name,
        "born": born(client),
        "number": client.no,
        "phone": client.phone,
        "pk": client.pk,
    }


def _likeness(client):
    """How likely it is the same person, where they were found by that."""
    match = getattr(client, "match", None)
    if match is None:
        return {}
    return {"score": match.score, "verdict": match.words, "reasons": "; ".join(match.reasons)}


def _compare(kept, gone):
    return f"{reverse('clients:merge', kwargs={'pk': kept.pk})}?with={gone.pk}"


@page("client.merge", records=True)
def merge(request, pk):
    """Both records side by side, field by field where they differ; and one of them."""
    staff = request.staff
    people = Client.objects.visible_to(staff).by_right(staff)
    kept = people.fetch(pk)
    show(request, [kept])
    wanted = request.GET.get("with", "")
    if not (wanted.isascii() and wanted.isdecimal() and len(wanted) < 19) or int(wanted) == pk:
        return redirect("clients:merge-find", pk=pk)
    gone = people.fetch(int(wanted))
    show(request, [kept, gone])
    form = MergeForm(request.POST or None, staff=staff, kept=kept, gone=gone)
    if form.is_bound:
        check_version(form, SimpleNamespace(version=form.version))
        if form.is_valid():
            try:
                Merge.of(kept, gone, by=staff, reason=form.cleaned_data["reason"], choices=form.choices())
            except Refused as refused:
                form.refuse(refused)
            else:
                return done(
                    request,
                    "workspace:client",
                    pk=kept.pk,
                    message=_("No. %(number)s is part of this record now.") % {"number": gone.no},
                )
    return form_page(
        request,
        form,
        "clients/merge.html",
        kept=_side(staff, kept),
        gone=_side(staff, gone),
        likeness=next((_likeness(c) for c in people.filter(pk=gone.pk).alike(kept)), {}),
        warnings=_warnings(staff, kept, gone),
        swap_url=_compare(gone, kept),
        cancel_url=reverse("workspace:client", kwargs={"pk": kept.pk}),
    )


def _side(staff, client):
    """What helps to see whether it is the same person, and which record is the fuller one."""
    enrollments = list(Enrollment.objects.visible_to(staff).filter(client=client).select_related("program"))
    papers = Document.objects.visible_to(staff).filter(client=client).count()
    return _card(client) | {
        "url": reverse("workspace:client", kwargs={"pk": client.pk}),
        "enrollments": enrollments,
        "papers": papers,
        "restricted": client.restricted_on is not None,
    }


def _warnings(staff, kept, gone):
    """What somebody has to know before the two are one."""
    if kept.restricted_on or gone.restricted_on:
        yield _("The record will be restricted: only who may see both now sees it then.")
    rows = Enrollment.objects.visible_to(staff).select_related("program")
    ours, theirs = ({e.program for e in rows.filter(client=client).open()} for client in (kept, gone))
    for program in sorted(ours & theirs, key=str):
        yield worded(
            _("Both have an open {enrollment} in %(program)s. Both stay; end one of them afterwards.")
            % {"program": program}
        )
    sealed = [rows.filter(client=client, program__is_part_2=True).exists() for client in (kept, gone)]
    if any(sealed) and not all(sealed):
        yield worded(
            _(
                "One has been in a substance use program. What hangs on that {enrollment} stays sealed; papers and "
                "consents that hang on none are seen by whoever works with the person."
            )
        )


@page("client.history", records=True, methods=("GET", "HEAD"))
def merge_list(request, pk):
    """Which records were merged into this one, and the way back."""
    client = Client.objects.visible_to(request.staff).fetch(pk)
    strip = banner(request, client)
    rows = list(
        Merge.objects.visible_to(request.staff)
        .filter(kept=client)
        .select_related("gone", "merged_by", "undone_by")
        .order_by("-merged_at", "-pk")
    )
    newest = next((row.pk for row in rows if row.undone_at is None), None)
    for row in rows:
        row.may_undo = row.pk == newest and request.staff.may("client.merge")
    return render(request, "clients/merge_list.html", {"banner": strip, "client": client, "merges": rows})


@page("client.merge", records=True)
def merge_undo(request, pk):
    """Two people after all: every row goes back."""
    row = Merge.objects.visible_to(request.staff).select_related("kept", "gone", "merged_by").fetch(pk)
    strip = banner(request, row.kept)
    form = UndoForm(request.POST or None, staff=request.staff)
    if form.is_bound and form.is_valid():
        try:
            notes = row.undo(by=request.staff, why=form.cleaned_data["why"])
        except Refused as refused:
            form.refuse(refused)
        else:
            for note in notes:
                messages.warning(request, note)
            said = _("No. %(number)s is a record of its own again.") % {"number": row.gone.no}
            return done(request, "clients:merge-list", pk=row.kept_id, message=said)
    said = {"number": row.gone.no, "day": row.day, "name": row.merged_by.name, "why": row.reason}
    return form_page(
        request,
        form,
        banner=strip,
        title=_("Two people after all"),
        intro=_(
            "No. %(number)s, merged on %(day)s by %(name)s: “%(why)s” Everything goes back to its record."
        )
        % said,
        submit=_("Undo the merge"),
        danger=True,
        cancel_url=reverse("clients:merge-list", kwargs={"pk": row.kept_id}),
    )
