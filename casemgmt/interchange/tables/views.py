"""Tables of clients or staff, from the file to the report: send, say what the columns are, look, let in."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from casemgmt.agencies.logins import write_to
from casemgmt.core.forms import ConfirmForm
from casemgmt.core.views import done, form_page, page, show
from casemgmt.interchange.forms import MapForm, UploadForm, answer_label
from casemgmt.interchange.models import PERMISSION, ImportRow, ImportRun
from casemgmt.interchange.tables import refused, work
from casemgmt.interchange.tables.reader import Unreadable

DOUBLES = 20  # on a page
FAULTS = 50
SAMPLE = 3
RUNS = 50


def _run(request, pk, *, lock=False):
    runs = ImportRun.objects.visible_to(request.staff).select_related("by", "program")
    return (runs.select_for_update(of=("self",)) if lock else runs).fetch(pk)


def _rows(request, run):
    return ImportRow.objects.visible_to(request.staff).filter(run=run).exclude(state=ImportRow.State.HEADER)


@page("import.use", records=True, methods=("GET", "HEAD"))
def import_list(request):
    """The way in for a new file, and what became of earlier ones."""
    return _listed(request, UploadForm(staff=request.staff))


@page("import.use", records=True, methods=("POST",))
def import_create(request):
    """Read what was sent; then its columns are asked for."""
    form = UploadForm(request.POST, request.FILES, staff=request.staff)
    if form.is_valid():
        kind = form.cleaned_data["kind"]
        if not request.staff.may(PERMISSION[kind]):
            raise PermissionDenied
        file = form.cleaned_data["file"]
        try:
            run = work.begin(request.staff, kind, file.name, file.read())
        except Unreadable as error:
            form.add_error("file", str(error))
        else:
            return done(request, "interchange:import-map", pk=run.pk)
    return _listed(request, form)


def _listed(request, form):
    show(request, [])
    runs = ImportRun.objects.visible_to(request.staff).select_related("by")
    return form_page(
        request,
        form,
        "interchange/import_list.html",
        runs=runs[:RUNS],
        action=reverse("interchange:import-create"),
    )


@page("import.use", records=True)
def import_map(request, pk):
    """What each column is, guessed from its name, to be corrected."""
    run = _run(request, pk, lock=request.method == "POST")
    show(request, [])
    if run.started_at or not run.is_open:
        return redirect("interchange:import-detail", pk=pk)
    form = MapForm(request.POST or None, staff=request.staff, run=run)
    if form.is_bound and form.is_valid():
        form.save()
        return redirect("interchange:import-detail", pk=pk)
    return form_page(request, form, "interchange/import_map.html", run=run)


@page("import.use", records=True, methods=("GET", "HEAD"))
def import_detail(request, pk):
    """Where an import stands: being checked, to be looked at, on its way in, or through."""
    run = _run(request, pk)
    show(request, [])
    if run.is_open and run.mapped_at is None:
        return redirect("interchange:import-map", pk=pk)
    if run.is_open and run.checked_at is None:
        seen = _rows(request, run).exclude(state=ImportRow.State.READ).count()
        return _working(request, run, _("Checking the rows"), seen)
    if run.is_open and run.started_at is None:
        return _preview(request, run)
    if run.is_open:
        return _working(request, run, _("Taking the rows in"), run.through)
    kept = _rows(request, run).exists()
    return render(request, "interchange/import_report.html", {"run": run, "kept": kept})


def _working(request, run, title, seen):
    return render(request, "interchange/import_work.html", {"run": run, "title": title, "seen": seen})


def _preview(request, run):
    kind = work.KINDS[run.kind](run, request.staff)
    rows = _rows(request, run).order_by("line")
    bad, doubles = rows.exclude(problems=[]), rows.filter(problems=[]).exclude(matches=[])
    at = _page_number(request.GET.get("page", ""))
    shown = list(doubles[(at - 1) * DOUBLES : at * DOUBLES])
    cards = list(kind.cards(shown))
    show(request, kind.people_in(shown))
    counts = {"bad": bad.count(), "doubles": doubles.count(), "held": doubles.filter(answer="").count()}
    counts["ready"] = run.total - counts["bad"] - counts["held"]
    return render(
        request,
        "interchange/import_preview.html",
        {
            "run": run,
            "counts": counts,
            "faults": list(_faults(kind, bad)),
            "cards": [_with_answers(card) for card in cards],
            "page_at": at,
            "pages": max(-(-counts["doubles"] // DOUBLES), 1),
            "sample": [
                {"line": row.line, "title": kind.title(row), "said": kind.shown(row)}
                for row in rows.filter(problems=[], matches=[])[:SAMPLE]
            ],
        },
    )


def _page_number(text):
    return int(text) if text.isascii() and text.isdecimal() and 0 < len(text) < 6 and int(text) else 1


def _faults(kind, bad):
    """The first rows with a problem: where, what stands there, and why."""
    for row in bad[:FAULTS]:
        for code, sentence in row.problems:
            at = kind.run.columns.index(code) if code in kind.run.columns else None
            value = row.cells[at] if code and at is not None and at < len(row.cells) else ""
            yield {
                "line": row.line,
                "column": kind.labels.get(code, ""),
                "value": value[:40],
                "why": sentence,
            }


def _with_answers(card):
    """The choices of one row that may be known: hold back, new, or the same as one of those shown."""
    choices = [("", answer_label("")), ("new", answer_label("new"))]
    for match in card["matches"]:
        if match.get("pk") and match["may_fill"]:
            choices.append((f"fill:{match['pk']}", answer_label("fill", match["name"])))
    choices.append(("skip:", answer_label("skip")))
    card["choices"] = [
        {"value": value, "label": label, "chosen": value == card["row"].answer} for value, label in choices
    ]
    return card


@page("import.use", methods=("POST",))
def import_answer(request, pk):
    """Keep what was decided about rows that may be known; go on to the next of them, or let all rows in."""
    run = _run(request, pk, lock=True)
    if not ConfirmForm(request.POST, staff=request.staff).is_valid():
        return redirect("interchange:import-detail", pk=pk)
    answers = {
        int(name.removeprefix("row_")): said[:30]
        for name, said in request.POST.items()
        if name.startswith("row_") and name[4:].isascii() and name[4:].isdecimal() and len(name) < 22
    }
    work.answer(run, answers)
    if "start" in request.POST:
        run.start()
        return redirect("interchange:import-detail", pk=pk)
    at = _page_number(request.POST.get("page", ""))
    return redirect(f"{reverse('interchange:import-detail', kwargs={'pk': pk})}?page={at}")


@page("import.use", methods=("POST",))
def import_work(request, pk):
    """Do the next part of the work; the page calls again by itself, or by its button."""
    run = _run(request, pk)
    here = reverse("interchange:import-detail", kwargs={"pk": pk})
    if ConfirmForm(request.POST, staff=request.staff).is_valid():
        before = run.started_at
        for job in work.go_on(run, request.staff):
            write_to(request, job)
        run = _run(request, pk)
        goes_on = run.is_open and (run.started_at or run.checked_at is None)
        if request.htmx and (not goes_on or before != run.started_at):
            return HttpResponseClientRedirect(here)
    return redirect(here)


@page("import.use", methods=("POST",))
def import_drop(request, pk):
    """Throw away what is left of the file."""
    run = _run(request, pk, lock=True)
    if ConfirmForm(request.POST, staff=request.staff).is_valid():
        run.drop()
    return done(request, "interchange:import-list", message=_("The rows were thrown away."))


# --- The refused rows ---------------------------------------------------------------------------------------------


def _refused(request, pk):
    """Names of the columns, and the rows with their reasons; whom the reasons point at is logged."""
    run = _run(request, pk)
    rows = list(_rows(request, run).filter(state=ImportRow.State.REFUSED).order_by("line"))
    header = ImportRow.objects.visible_to(request.staff).filter(run=run, state=ImportRow.State.HEADER)
    kind = work.KINDS[run.kind]
    show(request, kind.people_in(rows))
    names = next((row.cells for row in header), [])
    return run, names, [(row.cells, row.reason) for row in rows]


def _download(content, kind, name):
    return HttpResponse(
        content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@page("import.use", records=True, methods=("GET", "HEAD"))
def refused_csv(request, pk):
    """The rows that were not taken in, to be corrected and sent again."""
    run, header, rows = _refused(request, pk)
    return _download(
        refused.as_csv(header, rows, run.delimiter), "text/csv; charset=utf-8", f"refused-{run.pk}.csv"
    )


@page("import.use", records=True, methods=("GET", "HEAD"))
def refused_workbook(request, pk):
    """The same as an Excel workbook."""
    run, header, rows = _refused(request, pk)
    return _download(refused.as_workbook(header, rows), XLSX, f"refused-{run.pk}.xlsx")


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
