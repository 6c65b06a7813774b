"""Forms of imports: what is sent, and what its columns are."""

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import Program
from casemgmt.agencies.words import worded
from casemgmt.core.forms import HouseForm
from casemgmt.interchange.models import PERMISSION, ImportRun
from casemgmt.interchange.tables.columns import KEY
from casemgmt.interchange.tables.dates import DAY_FIRST, MONTH_FIRST
from casemgmt.interchange.tables.reader import MAX_BYTES
from casemgmt.interchange.tables.work import KINDS, columns_of, date_order_of

SOURCE = "spreadsheet"
NAMED_BY = {
    ImportRun.Kind.CLIENTS: ("given_name", "family_name", "chosen_name", "whole_name"),
    ImportRun.Kind.STAFF: ("name", "given_name", "family_name"),
}


def kinds_for(staff):
    """What this person may import."""
    return [(kind.value, kind.label) for kind, may in PERMISSION.items() if staff.may(may)]


class UploadForm(HouseForm):
    """A file, and who is in it."""

    kind = forms.ChoiceField(label=_("Who is in the file?"), widget=forms.RadioSelect)
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "CSV or Excel workbook (.xlsx), up to 10 MB and 20,000 rows. The first row names the columns."
        ),
        allow_empty_file=True,  # the reader says what is wrong with it
        widget=forms.FileInput({"accept": ".csv,.tsv,.txt,.xlsx"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        kinds = kinds_for(self.staff)
        self.fields["kind"].choices = kinds
        self.fields["kind"].initial = kinds[0][0] if kinds else ""
        if len(kinds) == 1:
            self.fields["kind"].widget = forms.HiddenInput()

    def clean_file(self):
        file = self.cleaned_data["file"]
        most = min(settings.UPLOAD_MAX_MB * 1024**2, MAX_BYTES)
        if file.size > most:
            raise forms.ValidationError(
                _("The file is larger than %(most)s MB. Send it in parts.") % {"most": most // 1024**2}
            )
        return file


class MapForm(HouseForm):
    """What each column is; how dates are written, and what holds for rows that do not say it."""

    source = forms.CharField(
        label=_("Name of the other system"),
        max_length=90,
        initial=SOURCE,
        help_text=_("Use the same name next time: then rows with a key are found again and only mended."),
    )
    date_order = forms.ChoiceField(
        label=_("Dates such as 03/04/1980"),
        choices=[(MONTH_FIRST, _("Month first: 4 March")), (DAY_FIRST, _("Day first: 3 April"))],
    )
    program = forms.ModelChoiceField(
        label=_("Program, where a row names none"),
        queryset=Program.objects.all(),
        required=False,
        empty_label=_("None: they wait at the front door"),
    )
    enrolled_on = forms.DateField(
        label=_("Day of enrolling, where a row names none"), required=False, widget=forms.DateInput
    )

    def __init__(self, *args, run, **kwargs):
        super().__init__(*args, **kwargs)
        self.run = run
        self.fields["program"].queryset = self.fields["program"].queryset.open()
        if run.kind != ImportRun.Kind.CLIENTS:
            del self.fields["program"], self.fields["enrolled_on"]
        self._ask_for_dates()
        self.fields["source"].initial = run.source or SOURCE
        if run.mapped_at and "program" in self.fields:
            self.fields["program"].initial = run.program_id
            self.fields["enrolled_on"].initial = run.enrolled_on
        choices = [("", _("Leave out")), *((f.code, f.label) for f in KINDS[run.kind].fields)]
        self.labels = dict(choices)
        self.column_names = []
        for column in columns_of(run):
            name = f"column_{column['at']}"
            self.column_names.append(name)
            self.fields[name] = forms.ChoiceField(
                label=column["name"],
                choices=choices,
                required=False,
                initial=run.columns[column["at"]] if column["at"] < len(run.columns) else "",
                help_text=" · ".join(column["sample"]) or _("Empty"),
            )

    def _ask_for_dates(self):
        """Say what the file itself tells about its dates."""
        order, telling = date_order_of(self.run)
        field = self.fields["date_order"]
        field.initial = self.run.date_order or order or MONTH_FIRST
        if telling:
            field.help_text = _("The file has %(day)s, which tells.") % {"day": telling}
        else:
            field.help_text = _("The file does not tell: please check.")

    def clean_enrolled_on(self):
        day = self.cleaned_data["enrolled_on"]
        if (day and not 1900 <= day.year <= timezone.localdate().year) or (
            day and day > timezone.localdate()
        ):
            raise forms.ValidationError(_("Choose a day that has come, from 1900 on."))
        return day

    def clean(self):
        cleaned = super().clean()
        chosen = {}
        for name in self.column_names:
            code = cleaned.get(name)
            if code and code in chosen:
                self.add_error(
                    name,
                    _("“%(field)s” is the column “%(column)s” already.")
                    % {"field": self.labels[code], "column": chosen[code]},
                )
            elif code:
                chosen[code] = self.fields[name].label
        if not chosen.keys() & set(NAMED_BY[self.run.kind]):
            self.add_error(None, _("Say which column holds the name."))
        if cleaned.get("program") and not cleaned.get("enrolled_on") and "enrolled_on" not in chosen:
            if "enrolled_on" not in self.errors:
                self.add_error("enrolled_on", _("Give the day, or a column that holds it."))
        if KEY in chosen and cleaned.get("source") and not cleaned["source"].strip():
            self.add_error("source", _("Name the system whose keys these are."))
        return cleaned

    def save(self):
        cleaned = self.cleaned_data
        self.run.map_columns(
            [cleaned[name] for name in self.column_names],
            source=cleaned["source"],
            date_order=cleaned["date_order"],
            program=cleaned.get("program"),
            enrolled_on=cleaned.get("enrolled_on"),
        )

    def columns(self):
        return [self[name] for name in self.column_names]

    def rest(self):
        """What is asked beside the columns."""
        return [
            self[name] for name in ("date_order", "program", "enrolled_on", "source") if name in self.fields
        ]


def answer_label(verb, name=""):
    """What an answer to “known already?” says."""
    return {
        "": _("Hold back for now"),
        "new": worded(_("Somebody new")),
        "skip": _("The same: leave this row out"),
        "fill": _("The same as %(name)s: fill in what is empty there") % {"name": name},
    }[verb]
