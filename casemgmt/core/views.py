"""What a page declares, and the four scoped bases for nouns. Verbs are functions under `page`."""

from contextlib import nullcontext
from decimal import Decimal
from functools import wraps

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.generic import CreateView, DetailView, ListView, UpdateView

from casemgmt.core.forms import MISSING_KEY

PAGE_METHODS = ("GET", "HEAD", "POST")


def page(permission, *, records=False, methods=PAGE_METHODS):
    """Declare who may open a view; `records` says that it shows clients' records and must log whose.

    agencies.middleware.House refuses a view without a declaration, a method not named here, and a page of records that
    called `show` for nobody.
    """

    def declare(view):
        @wraps(view)
        def whole(request, *args, **kwargs):
            # A refusal halfway undoes what the view wrote, and leaves the transaction fit to log it.
            with transaction.atomic() if request.method == "POST" else nullcontext():
                return view(request, *args, **kwargs)

        whole.permission, whole.records, whole.methods = permission, records, methods
        return whole

    return declare


def show(request, people, purpose="care"):
    """Note that this response shows these people's records: keys or rows; an empty list is an empty list."""
    shown = request.shown if request.shown is not None else set()
    shown.update(getattr(p, "pk", p) for p in people)
    request.shown = shown
    request.purpose = purpose


class StaleVersion(Exception):
    """Somebody else changed the row since this page was opened."""

    def __init__(self, form, row=None, sent=""):
        self.form, self.row, self.sent = form, row, sent
        super().__init__("stale")

    def rows(self):
        """What you typed beside what stands now, field by field, where they differ, and what stood there before."""
        was = self._was()
        for name, field in self.form.fields.items():
            if field.widget.is_hidden:
                continue
            yours = self.form[name].value()
            theirs = self.form.get_initial_for_field(field, name)
            if _plain(yours) != _plain(theirs):
                row = {"label": field.label, "yours": _said(field, yours), "theirs": _said(field, theirs)}
                if name in was:
                    row |= {"was": _said(field, was[name]), "is_theirs": _plain(was[name]) == _plain(yours)}
                yield row

    def form_again(self):
        """The form to send once more on the version of now, for those that say `merges`; else None.

        What only the other person changed is taken over; what you typed stays.
        """
        if not getattr(self.form, "merges", False) or self.row is None:
            return None
        form, was = self.form, self._was()
        data = form.data.copy()
        data[form.add_prefix("version")] = str(self.row.version)
        for name, old in was.items():
            theirs = form.get_initial_for_field(form.fields[name], name)
            if _plain(form[name].value()) == _plain(old) != _plain(theirs):
                data[form.add_prefix(name)] = "" if theirs is None else str(theirs)
        form.data = data
        return form

    def _was(self):
        """What the fields of the row said when the page was opened, as far as history has it."""
        # What is compared need not be a row: a merge has the version of two.
        if not hasattr(self.row, "history") or not str(self.sent).isdecimal() or len(str(self.sent)) > 9:
            return {}
        old = self.row.history.filter(version=int(self.sent)).first()
        if old is None:
            return {}
        columns = {field.name: field.attname for field in self.row._meta.concrete_fields}
        said = {name: getattr(old, columns[name]) for name in self.form.fields if name in columns}
        return {name: _plain(value) if isinstance(value, Decimal) else value for name, value in said.items()}


def _plain(value):
    """A value as it can be compared: as typed, without a difference that nobody sees."""
    # 0 is an answer.
    if value is None or value is False or value in ("", [], ()):
        return ""
    if isinstance(value, list | tuple):
        return sorted(str(one) for one in value)
    text = str(value).strip().replace("\r\n", "\n")
    number = text.lstrip("-").replace(".", "", 1)
    return text.rstrip("0").rstrip(".") if "." in text and number.isdecimal() else text


def _said(field, value):
    if value in (None, ""):
        return _("Not provided")
    choices = getattr(field, "choices", None)
    if choices is not None:
        wanted = {str(v) for v in value} if isinstance(value, list | tuple) else {str(value)}
        return ", ".join(str(label) for key, label in choices if str(key) in wanted)
    return str(value)


def check_version(form, row):
    """Raise `StaleVersion` when `row`, locked by the caller, is not the version the form was filled on.

    A form that does not say on which version it was filled is shown again, with what was typed.
    """
    if not form.is_bound:
        return
    name = form.add_prefix("version")
    sent = form.data.get(name)
    if not sent:
        form.add_error(None, MISSING_KEY)
        form.data = form.data.copy()
        form.data[name] = row.version
    elif sent != str(row.version):
        raise StaleVersion(form, row, sent)


def form_page(request, form, template="form_page.html", **context):
    """Render a form: 422 when what was sent cannot be accepted, so that nothing typed is lost."""
    return render(request, template, {"form": form, **context}, status=422 if form.is_bound else 200)


def done(request, to, *args, message=None, **kwargs):
    """After a write: say what happened and go on (POST, redirect, GET)."""
    if message:
        messages.success(request, message)
    return redirect(to, *args, **kwargs)


class Scoped:
    """A class view over rows that the person may see; it must name its `permission`."""

    permission = None
    records = False
    http_method_names = ("get", "head", "post")

    def dispatch(self, request, *args, **kwargs):
        with transaction.atomic() if request.method == "POST" else nullcontext():
            return super().dispatch(request, *args, **kwargs)

    def get_queryset(self):
        return self.model.objects.visible_to(self.request.staff)

    def get_object(self, queryset=None):
        return (queryset if queryset is not None else self.get_queryset()).fetch(self.kwargs["pk"])


class ScopedList(Scoped, ListView):
    """A list of what one may see."""

    http_method_names = ("get", "head")


class ScopedDetail(Scoped, DetailView):
    """One row one may see."""

    http_method_names = ("get", "head")


class ScopedForm(Scoped):
    """What create and update share."""

    template_name = "form_page.html"

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"staff": self.request.staff}

    def form_invalid(self, form):
        response = super().form_invalid(form)
        response.status_code = 422
        return response


class ScopedCreate(ScopedForm, CreateView):
    """A form for a new row."""


class ScopedUpdate(ScopedForm, UpdateView):
    """A form for one row, locked while it is written."""

    def get_object(self, queryset=None):
        rows = self.get_queryset()
        if self.request.method == "POST":
            rows = rows.select_for_update(of=("self",))
        return super().get_object(rows)

    def get_form(self, form_class=None):
        form = super().get_form(form_class)
        check_version(form, self.object)
        return form
