"""The base of every write form: choices one may see, a submit key, and the version that was read."""

import uuid

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext_lazy as _

MISSING_KEY = _("This page had been open too long to be sent. Your text is kept: please send it again.")


class KeyInput(forms.HiddenInput):
    """Where a form came without its key, it is shown again with a new one: else it could never be sent."""

    def format_value(self, value):
        try:
            return str(uuid.UUID(str(value)))
        except ValueError:
            return str(uuid.uuid4())


class HouseForm(forms.Form):
    """A form for one person: every choice is scoped to what they may see.

    `submit_key` makes the second click the first answer (agencies.middleware.House keeps it); `version` is what the
    person had read of `instance`, so that nobody overwrites another's work unseen.
    """

    submit_key = forms.UUIDField(
        widget=KeyInput, error_messages={"required": MISSING_KEY, "invalid": MISSING_KEY}
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, staff, **kwargs):
        super().__init__(*args, **kwargs)
        self.staff = staff
        self.fields["submit_key"].initial = uuid.uuid4
        record = getattr(self, "instance", None)
        if record is not None and record.pk:
            self.fields["version"].initial = record.version
        for field in self.fields.values():
            queryset = getattr(field, "queryset", None)
            if queryset is not None:
                field.queryset = queryset.visible_to(staff)
            if isinstance(field.widget, forms.DateInput):
                field.widget.input_type = "date"
                field.widget.format = "%Y-%m-%d"
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True

    def refuse(self, refused):
        """Show a rule's `Refused` as errors of this form, so that everything typed stays."""
        for sentence in refused.sentences:
            self.add_error(None, sentence)


class HouseModelForm(HouseForm, forms.ModelForm):
    """A `HouseForm` that edits one row; `Meta.fields` is always an explicit list."""


class ConfirmForm(HouseForm):
    """A button: a verb that needs nothing typed but must happen once."""
