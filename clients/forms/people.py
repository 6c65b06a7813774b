"""Forms about a person."""

from django import forms
from django.utils.translation import gettext_lazy as _

from casemgmt.core.forms import HouseModelForm
from clients.forms.fields import LONG, DatePartsField
from clients.models import AftercareFollowUp, Client


class ClientForm(HouseModelForm):
    """The person: names as they use them, how to reach them safely, language."""

    born_on = DatePartsField(label=_("Date of birth"), required=False)

    class Meta:
        model = Client
        fields = (
            "given_name",
            "middle_name",
            "family_name",
            "name_suffix",
            "chosen_name",
            "pronouns",
            "born_on",
            "born_precision",
            "phone",
            "contact_way",
            "contact_note",
            "email",
            "address",
            "language",
            "needs_interpreter",
        )
        widgets = {"phone": forms.TextInput({"type": "tel"})}

    def clean(self):
        said = super().clean()
        if not any((said.get(n) or "").strip() for n in ("given_name", "family_name", "chosen_name")):
            self.add_error("given_name", _("Enter a name, or an alias they go by."))
        return said


class FollowUpForm(HouseModelForm):
    """How somebody is some time after discharge."""

    class Meta:
        model = AftercareFollowUp
        fields = ("outcome", "note")
        widgets = {"outcome": forms.RadioSelect, "note": forms.Textarea(LONG)}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["outcome"].required = True
        self.fields["outcome"].choices = AftercareFollowUp.Outcome.choices
