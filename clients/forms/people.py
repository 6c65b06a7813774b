"""Forms about a person."""

from django import forms
from django.utils.translation import gettext_lazy as _

from casemgmt.core.forms import HouseModelForm
from clients.forms.fields import LONG, DatePartsField, said_year_alone
from clients.models import AftercareFollowUp, Client

SHORT = {"rows": 2}


class ClientForm(HouseModelForm):
    """The person: names as they use them, how to reach them safely, language, and what helps.

    The address of who keeps it secret is asked only of who may read it.
    """

    born_on = DatePartsField(
        label=_("Date of birth"), required=False, help_text=_("The year alone is enough.")
    )

    class Meta:
        model = Client
        fields = (
            "given_name",
            "middle_name",
            "family_name",
            "name_suffix",
            "chosen_name",
            "name_quality",
            "pronouns",
            "born_on",
            "born_precision",
            "phone",
            "contact_way",
            "contact_note",
            "no_voicemail",
            "email",
            "address",
            "address_protected",
            "language",
            "needs_interpreter",
            "culture",
            "helps",
            "avoids",
            "wishes",
        )
        widgets = {
            "phone": forms.TextInput({"type": "tel"}),
            "helps": forms.Textarea(SHORT),
            "avoids": forms.Textarea(SHORT),
            "wishes": forms.Textarea(SHORT),
        }
        help_texts = {"chosen_name": _("Any script; one name is enough.")}

    def __init__(self, *args, in_emergency=False, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.instance.shows_address_to(self.staff, in_emergency=in_emergency):
            del self.fields["address"], self.fields["address_protected"]
        if self.instance.born_on and self.instance.born_precision == Client.BirthPrecision.YEAR:
            self.initial["born_on"] = ["", "", str(self.instance.born_on.year)]

    def clean(self):
        said = super().clean()
        if said_year_alone(self, "born_on"):
            said["born_precision"] = Client.BirthPrecision.YEAR
        elif "born_on" in self.changed_data and said.get("born_precision") == Client.BirthPrecision.YEAR:
            said["born_precision"] = Client.BirthPrecision.EXACT
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
