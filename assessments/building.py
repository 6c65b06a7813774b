"""The page on which an agency admin builds a questionnaire: its forms, and the definition that they make together.

The definition stays the one source of truth: forms are filled from it and written into a copy of it, so that whatever
they do not ask (weights, labels of a line's ends, conditions of several parts) stays as it was.
"""

import re
from collections import Counter
from dataclasses import dataclass

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.forms import formset_factory
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop as _noop

from assessments import written
from assessments.definition import CHOICES, FORMAT, MOST_OPTIONS, Malformed, is_number, parse
from assessments.domains import Domain
from assessments.exchange import MOST_BYTES
from casemgmt.agencies.words import worded
from casemgmt.core.forms import HouseForm

MOST_QUESTIONS = 100  # more inputs than that do not fit into one form
ROWS = {"questions": "item", "scales": "scale", "alerts": "alert", "needs": "need"}
FROM_FILE = "file:"  # a condition that was imported and has more parts than the page asks for

KIND_WORDS = [
    ("matrix", _("Shared answers")),
    ("single", _("One of a list")),
    ("multi", _("Several of a list")),
    ("yesno", _("Yes or no")),
    ("scale", _("A number, low to high")),
    ("number", _("Any number")),
    ("date", _("A day")),
    ("text", _("Own words")),
    ("forced", _("One word of several")),
    ("info", _("No question, only words")),
]
OPERATOR_WORDS = [
    ("=", _("is")),
    ("!=", _("is not")),
    (">=", _("is at least")),
    (">", _("is more than")),
    ("<=", _("is at most")),
    ("<", _("is less than")),
    ("includes", _("is one of those chosen")),
    ("answered", _("is answered")),
]
METHOD_WORDS = [
    ("sum", _("Add them up")),
    ("mean", _("Average")),
    ("max", _("The highest")),
    ("count_at_least", _("How many reach a number")),
    ("weighted_mean", _("Average with weights from the file")),
    ("letters", _("How often each word was chosen")),
]
DIRECTION_WORDS = [
    ("neutral", _("neither good nor bad")),
    ("better", _("better")),
    ("worse", _("worse")),
]
ACTION_WORDS = [
    ("banner", _("Show it on top of the record")),
    ("notify", worded(_("Tell the {supervisor} at once"))),
    ("task", _("Put it on the list of things to do")),
    ("safety_plan", _("Open the safety plan")),
]


def _lines(rows, **more):
    return forms.CharField(
        required=False,
        strip=True,
        max_length=more.pop("most", 20_000),
        widget=forms.Textarea({"rows": rows}),
        **more,
    )


OFFERED = '<option value="{}">{}</option>'
CHOSEN = '<option value="{}" selected>{}</option>'


class QuickSelect(forms.Select):
    """A select written in one go: a hundred questions offer each other, and ten thousand templates take seconds."""

    def render(self, name, value, attrs=None, renderer=None):
        chosen = {str(one) for one in self.format_value(value)}
        options = format_html_join(
            "",
            "{}",
            (
                (format_html(CHOSEN if str(key) in chosen else OFFERED, key, label),)
                for key, label in self.choices
            ),
        )
        given = self.build_attrs(self.attrs, {"name": name} | (attrs or {}))
        return format_html("<select{}>{}</select>", flatatt(given), options)


class Dressed(forms.Form):
    """Gives every input the classes of our style sheet, and each row its own check for being empty."""

    said_by = ()  # a row that says none of these is no row

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        dress(self)

    @property
    def is_blank(self):
        said = getattr(self, "cleaned_data", {})
        return bool(said.get("remove")) or not any(
            said.get(name) not in (None, "", []) for name in self.said_by
        )


def dress(form):
    for field in form.fields.values():
        widget = field.widget
        if isinstance(widget, forms.CheckboxInput | forms.CheckboxSelectMultiple):
            widget.attrs["class"] = "form-check-input"
        elif isinstance(widget, forms.Select):
            widget.attrs["class"] = "form-select"
        elif not widget.is_hidden:
            widget.attrs["class"] = "form-control"


class WholeForm(HouseForm):
    """What is said once for the whole questionnaire."""

    title = forms.CharField(label=_("Title"), max_length=200)
    instructions = _lines(2, label=_("What stands above the questions"), most=5000)
    shared = _lines(
        5,
        label=_("Answers that most questions share"),
        most=5000,
        help_text=_("One to a line, with what it counts: 0 = Never"),
    )
    paste = _lines(
        6,
        label=_("Paste questions, one to a line"),
        help_text=_("They are added below. Numbers in front are left out."),
    )
    paste_kind = forms.ChoiceField(label=_("They are answered with"), choices=KIND_WORDS, initial="matrix")
    notice = _lines(2, label=_("Notice of rights, shown below it"), most=5000)
    edition = forms.CharField(label=_("Version"), max_length=40)
    language = forms.CharField(
        label=_("Language"), max_length=20, help_text=_("A short code: en, es, zh-hant.")
    )
    reassess_days = forms.IntegerField(
        label=_("Usually asked again after, in days"), required=False, min_value=1, max_value=3650
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        dress(self)

    def clean_shared(self):
        return _few_options(self.cleaned_data["shared"])

    def clean_paste(self):
        asked = written.questions_of(self.cleaned_data["paste"])
        if len(asked) > MOST_QUESTIONS:
            words = gettext("%(n)s questions are more than anybody answers. At most %(most)s.")
            raise forms.ValidationError(words % {"n": len(asked), "most": MOST_QUESTIONS})
        if any(len(one) > 2000 for one in asked):
            raise forms.ValidationError(gettext("A question has at most 2,000 characters."))
        return self.cleaned_data["paste"]


def _few_options(text):
    if len(written.lines(text)) > MOST_OPTIONS:
        raise forms.ValidationError(gettext("At most %(most)s answers.") % {"most": MOST_OPTIONS})
    if any(len(line) > 300 for line in written.lines(text)):
        raise forms.ValidationError(gettext("An answer has at most 300 characters."))
    return text


class TakeForm(HouseForm):
    """A questionnaire from a file, or some of those that come with the product."""

    file = forms.FileField(
        label=_("File"),
        required=False,
        help_text=_("A FHIR R4 Questionnaire or our own format, at most 1 MB."),
    )
    code = forms.CharField(
        label=_("Code"), required=False, max_length=60, help_text=_("Empty: as the file says.")
    )
    edition = forms.CharField(
        label=_("Version"), required=False, max_length=40, help_text=_("Empty: as the file says.")
    )
    shipped = forms.MultipleChoiceField(
        label=_("Those that come with the product and are not here yet"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args, offered, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["shipped"].choices = offered
        if not offered:
            del self.fields["shipped"]

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file is not None and file.size > MOST_BYTES:
            raise forms.ValidationError(gettext("The file is larger than 1 MB."))
        return file

    def clean(self):
        cleaned = super().clean()
        if not self.errors and not cleaned.get("file") and not cleaned.get("shipped"):
            self.add_error("file", gettext("Choose a file."))
        return cleaned


class Conditional(Dressed):
    """A row with a condition: which question, how it is compared, with what."""

    subject_label = ""

    subject = forms.ChoiceField(required=False, choices=(), widget=QuickSelect)
    op = forms.ChoiceField(
        label=_("Compared"), choices=OPERATOR_WORDS, required=False, initial="=", widget=QuickSelect
    )
    value = forms.CharField(label=_("With"), required=False, max_length=300)

    def __init__(self, *args, subjects=(), **kwargs):
        super().__init__(*args, **kwargs)
        own = (
            [(FROM_FILE, gettext("A condition from the file"))]
            if self.initial.get("subject") == FROM_FILE
            else []
        )
        self.fields["subject"].choices = [("", self.empty_words), *own, *subjects]
        self.fields["subject"].label = self.subject_label


class ItemForm(Conditional):
    """One question."""

    said_by = ("code", "text", "answers", "group")
    subject_label = _("Only asked if")
    empty_words = _("Always asked")

    code = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput)
    text = _lines(1, label=_("Question"), most=2000)
    kind = forms.ChoiceField(
        label=_("Answered with"), choices=KIND_WORDS, initial="matrix", widget=QuickSelect
    )
    answers = _lines(3, label=_("Answers of its own"), most=20_000, help_text=_("Empty: the shared ones."))
    reverse = forms.BooleanField(label=_("Counts in reverse"), required=False)
    required = forms.BooleanField(label=_("Must be answered"), required=False)
    low = forms.FloatField(label=_("Lowest number"), required=False, min_value=-1e9, max_value=1e9)
    high = forms.FloatField(label=_("Highest number"), required=False, min_value=-1e9, max_value=1e9)
    group = forms.CharField(label=_("Heading above it"), required=False, max_length=200)
    place = forms.IntegerField(label=_("Place in the order"), required=False, min_value=1, max_value=1000)
    remove = forms.BooleanField(label=_("Take this question out"), required=False)

    def clean_answers(self):
        return _few_options(self.cleaned_data["answers"])

    @property
    def stands(self):
        """Where it stands among the others: its place, and before or after whoever has that place already."""
        place, before = self.cleaned_data.get("place") or 10_000, self.initial.get("place") or 10_000
        return place, (place > before) - (place < before)

    @property
    def opens(self):
        """Whether what is folded away says something, or must be looked at."""
        seldom = ("answers", "low", "high", "group", "subject", "remove")
        return any(self[name].value() or self[name].errors for name in seldom)


class ScaleForm(Dressed):
    """One score."""

    said_by = ("code", "title", "items")

    code = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    title = forms.CharField(label=_("Name of the score"), required=False, max_length=200)
    items = forms.CharField(
        label=_("Which questions"), required=False, max_length=5000, help_text=_("By number: 1-6, 9")
    )
    method = forms.ChoiceField(label=_("How"), choices=METHOD_WORDS, initial="sum")
    at_least = forms.FloatField(
        label=_("Which number they must reach"), required=False, min_value=-1e9, max_value=1e9
    )
    least = forms.IntegerField(
        label=_("How many must be answered"), required=False, min_value=1, help_text=_("Empty: all.")
    )
    prorate = forms.BooleanField(label=_("Make up for those left out"), required=False)
    higher_is = forms.ChoiceField(label=_("A higher score is"), choices=DIRECTION_WORDS, initial="neutral")
    bands = _lines(
        4,
        label=_("What the numbers mean"),
        most=5000,
        help_text=_("One to a line, in brackets how grave from 0 to 4: 10-14 = moderate (2)"),
    )
    reliable_change = forms.FloatField(
        label=_("A change counts from"),
        required=False,
        validators=[MinValueValidator(0), MaxValueValidator(1e9)],
        help_text=_("Smaller ones are called the same."),
    )
    remove = forms.BooleanField(label=_("Take this score out"), required=False)

    @property
    def opens(self):
        """Whether what is folded away says something, or must be looked at."""
        seldom = ("least", "reliable_change", "at_least", "prorate", "remove")
        return any(self[name].value() or self[name].errors for name in seldom)

    def clean_bands(self):
        try:
            written.bands_of(self.cleaned_data["bands"])
        except written.Unreadable as unreadable:
            raise forms.ValidationError(str(unreadable)) from unreadable
        return self.cleaned_data["bands"]


class AlertForm(Conditional):
    """An answer that somebody must act upon."""

    said_by = ("key", "subject", "text")
    subject_label = _("If")
    empty_words = _("Choose…")

    key = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    text = forms.CharField(label=_("Then say"), required=False, max_length=500)
    actions = forms.MultipleChoiceField(
        label=_("And"),
        choices=ACTION_WORDS,
        required=False,
        initial=["banner", "notify"],
        widget=forms.CheckboxSelectMultiple,
    )
    remove = forms.BooleanField(label=_("Take this out"), required=False)

    def clean(self):
        """The engine would choose for whoever chose nothing."""
        said = super().clean()
        if not self.is_blank and not said.get("actions") and not self.has_error("actions"):
            self.add_error("actions", gettext("Choose at least one."))
        return said


class NeedForm(Conditional):
    """A need that an answer points at."""

    said_by = ("key", "subject", "domain")
    subject_label = _("If")
    empty_words = _("Choose…")

    key = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    domain = forms.ChoiceField(
        label=_("Suggest a need in"), choices=[("", _("Choose…")), *Domain.choices], required=False
    )
    words = forms.CharField(label=_("Beginning with these words"), required=False, max_length=300)
    remove = forms.BooleanField(label=_("Take this out"), required=False)


FORMS = {"questions": ItemForm, "scales": ScaleForm, "alerts": AlertForm, "needs": NeedForm}


# --- From a definition to the forms -----------------------------------------------------------------------------------


def _listed(raw, name):
    return [row for row in raw.get(name) or [] if isinstance(row, dict)]


def _tidy(raw):
    """A copy in which everything has the name that the engine gives it: files may leave out codes and labels."""
    found = dict(raw)
    found["items"] = [
        item | {"code": str(item.get("code") or n)} for n, item in enumerate(_listed(raw, "items"), start=1)
    ]
    found["scales"] = [scale | {"code": str(scale.get("code"))} for scale in _listed(raw, "scales")]
    for row in (found, *found["items"]):
        if row.get("options"):
            row["options"] = [o | {"label": str(o.get("label") or o["value"])} for o in row["options"]]
    return found


def _shared(raw):
    """The answers that most questions share: as said, else those that at least two have in common."""
    if raw.get("options"):
        return raw["options"]
    lists = [
        written.text_of_options(item["options"]) for item in _listed(raw, "items") if item.get("options")
    ]
    most = Counter(lists).most_common(1)
    if not most or most[0][1] < 2:
        return []
    return next(
        item["options"]
        for item in _listed(raw, "items")
        if item.get("options") and written.text_of_options(item["options"]) == most[0][0]
    )


def _subject(rule):
    """A condition as the row says it; one of several parts stays as it is."""
    if not rule:
        return {}
    kinds = [kind for kind in ("item", "scale") if kind in rule]
    if len(kinds) != 1 or set(rule) - {"item", "scale", "op", "value"} or rule.get("value", True) is False:
        return {"subject": FROM_FILE}
    value = "" if rule.get("op") == "answered" else str(rule.get("value", ""))
    return {"subject": f"{kinds[0]}:{rule[kinds[0]]}", "op": rule.get("op"), "value": value}


def initial_of(raw):
    """What the forms show of a definition: the whole, and the rows by their names."""
    items, shared = _listed(raw, "items"), _shared(raw)
    codes = [item["code"] for item in items]
    options = _options_by_code(raw)
    whole = {name: raw.get(name) for name in ("title", "instructions", "notice", "reassess_days")}
    whole["shared"] = written.text_of_options(shared)
    rows = {"questions": [], "scales": [], "alerts": [], "needs": []}
    for n, item in enumerate(items, start=1):
        shown = {
            name: item.get(name)
            for name in ("code", "text", "kind", "reverse", "required", "low", "high", "group")
        }
        own = item.get("options") or []
        shown["kind"] = item.get("kind") or "single"
        shown["answers"] = "" if own == shared else written.text_of_options(own)
        rows["questions"].append(shown | {"place": n} | _told(item.get("show_if"), options))
    for scale in _listed(raw, "scales"):
        names = ("code", "title", "method", "at_least", "least", "prorate", "higher_is", "reliable_change")
        shown = {name: scale[name] for name in names if scale.get(name) is not None}
        shown["items"] = written.text_of_codes([str(code) for code in scale.get("items") or []], codes)
        shown["bands"] = written.text_of_bands(scale.get("bands") or [])
        rows["scales"].append(shown)
    for n, alert in enumerate(_listed(raw, "alerts")):
        shown = {"key": n, "text": alert.get("text"), "actions": alert.get("actions") or ["banner", "notify"]}
        rows["alerts"].append(shown | _told(alert.get("when"), options))
    for n, need in enumerate(_listed(raw, "needs")):
        shown = {"key": n, "domain": need.get("domain"), "words": need.get("words")}
        rows["needs"].append(shown | _told(need.get("when"), options))
    return whole, rows


def _told(rule, options):
    """A condition as a row shows it; the answer that it compares with stands there in its words."""
    shown = _subject(rule)
    if shown.get("op") in ("=", "!=", "includes") and rule and "item" in rule:
        label = next((o["label"] for o in options.get(rule["item"], ()) if o["value"] == rule["value"]), None)
        shown["value"] = label or shown["value"]
    return shown


def _options_by_code(raw):
    """The answers of each question as they are asked, the shared ones too."""
    shared, found = raw.get("options") or [], {}
    for item in _listed(raw, "items"):
        own = item.get("options") or []
        if not own and item.get("kind") == "yesno":
            own = [{"value": 1, "label": gettext("Yes")}, {"value": 0, "label": gettext("No")}]
        elif not own and item.get("kind", "single") in (*CHOICES, "multi"):
            own = shared
        found[item.get("code")] = own
    return found


# --- The page --------------------------------------------------------------------------------------------------------


@dataclass
class Page:
    """All forms of one draft, empty or as they were sent."""

    stored: dict
    whole: WholeForm
    sets: dict

    @classmethod
    def of(cls, version, staff, data=None, more=0):
        """The page of this draft; `more` is how many empty rows stand at the end of the questions."""
        stored = _tidy(version.definition)
        whole, rows = initial_of(stored)
        whole |= {"edition": version.edition, "language": version.language}
        form = WholeForm(data, initial=whole, staff=staff)
        form.instance = version
        form.fields["version"].initial = version.version
        subjects = {"questions": _subjects(stored, scales=False)}
        sets = {}
        for name, form_class in FORMS.items():
            extra = (
                max(more, int(not rows[name])) if name == "questions" else int(bool(more) or not rows[name])
            )
            made = formset_factory(
                form_class,
                extra=extra,
                max_num=MOST_QUESTIONS,
                absolute_max=MOST_QUESTIONS,
                validate_max=True,
            )
            is_asked = issubclass(form_class, Conditional)
            kwargs = {"subjects": subjects.get(name) or _subjects(stored)} if is_asked else {}
            sets[name] = made(data, initial=rows[name], prefix=ROWS[name], form_kwargs=kwargs)
        return cls(stored, form, sets)

    @property
    def forms(self):
        return [self.whole, *(form for rows in self.sets.values() for form in rows.forms)]

    @property
    def empty_rows(self):
        """The empty row of each kind, for the script that adds rows."""
        return {name: rows.empty_form for name, rows in self.sets.items()}

    def is_valid(self):
        """Whether all of it can be kept; what is kept may still be faulty."""
        valid = [self.whole.is_valid(), *(rows.is_valid() for rows in self.sets.values())]
        asked = self._rows("questions")
        pasted = written.questions_of(getattr(self.whole, "cleaned_data", {}).get("paste", ""))
        if len(asked) + len(pasted) > MOST_QUESTIONS and not self.whole.has_error("paste"):
            words = gettext("At most %(most)s questions fit on this page.") % {"most": MOST_QUESTIONS}
            self.whole.add_error("paste", words)
            return False
        return all(valid)

    def said(self):
        """(what the page says, as far as it can be read; which row each part of it stands in)."""
        if not self.whole.is_bound:
            return self.stored, places_of(self.stored)
        self.is_valid()
        return self.definition()

    def mark(self, faults, *, with_fields=False):
        """Put beside each row what is wrong with it; `with_fields` also what is wrong with its fields."""
        for form in self.forms:
            told = list(faults.get(form.prefix or "whole", ()))
            if with_fields:
                told += [
                    f"{form[name].label}: {error}" for name in form.fields for error in form[name].errors
                ]
            form.problems = told

    # What a stale page shows beside what stands there now (core.views.StaleVersion).

    @property
    def fields(self):
        return {
            f"{form.prefix or ''} {name}": form.fields[name] for form in self.forms for name in form.fields
        }

    def __getitem__(self, name):
        return self._bound(name)

    def get_initial_for_field(self, field, name):
        return self._bound(name).initial

    def _bound(self, name):
        prefix, _space, field = name.partition(" ")
        for form in self.forms:
            if (form.prefix or "") == prefix:
                return form[field]
        raise KeyError(name)

    def _rows(self, name):
        """The rows that say something, questions by their places; one that moved passes the one that was there."""
        rows = [form for form in self.sets[name].forms if hasattr(form, "cleaned_data") and not form.is_blank]
        if name == "questions":
            rows = [row for _n, row in sorted(enumerate(rows), key=lambda pair: (*pair[1].stands, pair[0]))]
        return rows

    def definition(self):
        """(the definition that the forms say, which form each of its rows comes from, by fault's place)."""
        whole = self.whole.cleaned_data
        raw = dict(self.stored) | {"format": FORMAT}
        for name in ("title", "instructions", "notice", "reassess_days"):
            _set(raw, name, whole.get(name))
        _set(raw, "version", whole.get("edition"))
        _set(raw, "language", whole.get("language"))
        _set(raw, "options", written.options_of(whole.get("shared") or "", _shared(self.stored)))
        places = {}
        raw["items"], raw["last_code"] = self._items(places)
        options, codes = _options_by_code(raw), [item["code"] for item in raw["items"]]
        for item in raw["items"]:
            if isinstance(item.get("show_if"), _Said):
                item["show_if"] = _rule(item["show_if"].row, options)
        raw["scales"] = self._scales(codes, places)
        for name in ("alerts", "needs"):
            raw[name] = self._acts(name, options, places)
        return raw, places

    def _items(self, places):
        stored = {item["code"]: item for item in self.stored["items"]}
        # A number that was given once is never given again: answers to earlier versions are known by it.
        taken = {str(self.stored.get("last_code", 0)), *stored}
        taken |= {form.cleaned_data.get("code") or "" for form in self._rows("questions")}
        found, whole = [], self.whole.cleaned_data
        rows = [(form, form.cleaned_data) for form in self._rows("questions")]
        rows += [
            (self.whole, {"text": text, "kind": whole.get("paste_kind") or "matrix"})
            for text in written.questions_of(whole.get("paste") or "")
        ]
        for form, said in rows:
            code = said.get("code") or written.next_code(taken)
            taken.add(code)
            places.setdefault(gettext("item %(code)s") % {"code": code}, form.prefix or "whole")
            found.append(_item(stored.get(code, {}), code, said))
        return found, int(written.next_code(taken)) - 1

    def _scales(self, codes, places):
        stored = {scale.get("code"): scale for scale in _listed(self.stored, "scales")}
        taken = {*stored, *(form.cleaned_data.get("code") or "" for form in self._rows("scales"))}
        found = []
        for form in self._rows("scales"):
            said = form.cleaned_data
            code = said.get("code") or written.code_from(said.get("title") or "", taken)
            taken.add(code)
            places.setdefault(gettext("scale %(code)s") % {"code": code}, form.prefix)
            scale = dict(stored.get(code, {})) | {"code": code, "method": said.get("method") or "sum"}
            for name in ("title", "least", "at_least", "prorate", "higher_is", "reliable_change"):
                _set(scale, name, _whole_if_it_is(said.get(name)))
            scale["items"] = written.codes_of(said.get("items") or "", codes)
            _set(scale, "bands", written.bands_of(said.get("bands") or ""))
            found.append(scale)
        return found

    def _acts(self, name, options, places):
        stored, found = _listed(self.stored, name), []
        where = {"alerts": gettext("alert %(n)s"), "needs": gettext("need %(n)s")}[name]
        for n, form in enumerate(self._rows(name), start=1):
            said = form.cleaned_data
            key = said.get("key")
            row = dict(stored[key]) if key is not None and key < len(stored) else {}
            if said.get("subject") != FROM_FILE:
                _set(row, "when", _rule(said, options))
            for field in ("text", "actions") if name == "alerts" else ("domain", "words"):
                _set(row, field, said.get(field))
            places[where % {"n": n}] = form.prefix
            found.append(row)
        return found


class _Said:
    """A condition that waits until all questions are known."""

    def __init__(self, row):
        self.row = row


def _item(before, code, said):
    item = dict(before) | {"code": code, "text": said.get("text") or "", "kind": said.get("kind") or "single"}
    is_chosen = item["kind"] in (*CHOICES, "multi")
    own = written.options_of(said.get("answers") or "", before.get("options") or ()) if is_chosen else []
    _set(item, "options", own)
    for name in ("reverse", "required", "group"):
        _set(item, name, said.get(name))
    for name in ("low", "high"):
        _set(item, name, _whole_if_it_is(said.get(name)) if item["kind"] in ("number", "scale") else None)
    if said.get("subject") != FROM_FILE:
        _set(item, "show_if", _Said(said) if said.get("subject") else None)
    return item


def _set(row, name, value):
    """Keep what is said, and leave out what is not; nought is said."""
    if value is None or value == "" or value is False or value == []:
        row.pop(name, None)
    else:
        row[name] = value


def _whole_if_it_is(value):
    return int(value) if isinstance(value, float) and value == int(value) else value


def _rule(said, options):
    """The condition that a row says; nothing without a question."""
    kind, _colon, code = (said.get("subject") or "").partition(":")
    if not code:
        return None
    op = said.get("op") or "="
    if op == "answered":
        return {kind: code, "op": op}
    return {kind: code, "op": op, "value": _meant(said.get("value") or "", op, options.get(code, []))}


def _meant(text, op, options):
    """What is compared with: an answer by its words, else a number, else the words."""
    if op in ("=", "!=", "includes"):
        for option in options:
            if text.casefold() in (option["label"].casefold(), str(option["value"]).casefold()):
                return option["value"]
    try:
        value = written.number(text.strip())
    except (ValueError, OverflowError):
        return text
    return value if is_number(value) else text


def _subjects(raw, scales=True):
    """The questions, and the scores, that a condition can ask for."""
    asked = [
        (f"item:{item['code']}", f"{item['code']}. {Truncator(item.get('text') or '').chars(40)}")
        for item in _listed(raw, "items")
        if item.get("kind") != "info"
    ]
    scored = [
        (f"scale:{s['code']}", gettext("Score: %(title)s") % {"title": s.get("title") or s["code"]})
        for s in _listed(raw, "scales")
    ]
    return asked + (scored if scales else [])


# --- What is wrong, beside where it arose -----------------------------------------------------------------------------


def places_of(raw):
    """Which row of the page each place of a stored definition stands in."""
    found = {}
    for n, item in enumerate(_listed(raw, "items")):
        found.setdefault(gettext("item %(code)s") % {"code": item.get("code")}, f"item-{n}")
    for n, scale in enumerate(_listed(raw, "scales")):
        found.setdefault(gettext("scale %(code)s") % {"code": scale.get("code")}, f"scale-{n}")
    for n, _row in enumerate(_listed(raw, "alerts")):
        found[gettext("alert %(n)s") % {"n": n + 1}] = f"alert-{n}"
    for n, _row in enumerate(_listed(raw, "needs")):
        found[gettext("need %(n)s") % {"n": n + 1}] = f"need-{n}"
    return found


def faults_of(raw, places):
    """What keeps this from being published, by the row where it arose: {prefix: [sentences]}; "whole" for the rest."""
    try:
        parse(raw)
    except Malformed as malformed:
        found = {}
        for where, what in malformed.faults:
            found.setdefault(places.get(where, "whole"), []).append(_plainly(what))
        return found
    return {}


# What the format says of itself, in the words of the page.
PLAINLY = (
    ("“text” is missing.", _noop("Write what it says.")),
    ("“title” is missing.", _noop("Give it a title.")),
    ("There are no items.", _noop("There are no questions yet.")),
    ("There is no item %(codes)s.", _noop("There is no question %(codes)s.")),
    ("A scale needs items.", _noop("Say which questions are counted.")),
    (
        "Item %(code)s has answers that are no numbers.",
        _noop("The answers to question %(code)s are no numbers."),
    ),
    ("Only an item with numbers can be counted in reverse.", _noop("Only numbers can count in reverse.")),
    ("An alert has a condition and a text.", _noop("Choose the question that it hangs on.")),
    ("A need has a condition and a domain.", _noop("Choose the question that it hangs on.")),
    (
        "Counting items needs “at_least”: from which value an item counts.",
        _noop("Say which number they must reach."),
    ),
    ("“domain” is one of %(known)s.", _noop("Choose a part of life.")),
    (
        "“%(name)s” is a whole number from %(low)s to %(high)s.",
        _noop("Say a whole number from %(low)s to %(high)s."),
    ),
)


def _plainly(what):
    for said, plain in PLAINLY:
        shape = re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.+?)", re.escape(gettext(said)))
        if found := re.fullmatch(shape, what):
            return gettext(plain) % found.groupdict()
    return what


def as_far_as_it_goes(raw):
    """The definition without what is faulty, to show; None when nothing is left."""
    for _try in range(5):
        try:
            return parse(raw)
        except Malformed as malformed:
            raw = _without(raw, {where for where, _what in malformed.faults})
    return None


def _without(raw, faulty):
    def sound(name, where):
        return [
            row
            for n, row in enumerate(raw.get(name) or [], start=1)
            if where % {"code": row.get("code"), "n": n} not in faulty
        ]

    kept = {
        "items": sound("items", gettext("item %(code)s")),
        "scales": sound("scales", gettext("scale %(code)s")),
        "alerts": sound("alerts", gettext("alert %(n)s")),
        "needs": sound("needs", gettext("need %(n)s")),
    }
    if all(len(rows) == len(raw.get(name) or []) for name, rows in kept.items()):
        kept["items"] = [{k: v for k, v in item.items() if k != "show_if"} for item in kept["items"]]
    return raw | kept | {"title": raw.get("title") or "–"}
