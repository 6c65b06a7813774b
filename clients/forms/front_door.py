"""Forms of the front door."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.core.forms import HouseModelForm
from clients.forms.days import sensible_day
from clients.forms.fields import LONG, DatePartsField, offer_choices, said_year_alone
from clients.matching import Traits
from clients.models import Client, Identifier, IncomingReferral, Intake
from clients.models.identity import check_number, digests_of

NAME_FIELDS = ["given_name", "family_name", "chosen_name", "born_on", "phone"]


class Who(forms.Form):
    """The few fields by which a person is known; by them somebody is looked for while they are typed, too."""

    given_name = forms.CharField(label=_("First name"), max_length=100, required=False)
    family_name = forms.CharField(label=_("Last name"), max_length=100, required=False)
    chosen_name = forms.CharField(
        label=_("Name they go by"),
        max_length=100,
        required=False,
        help_text=_("An alias is enough to begin."),
    )
    born_on = DatePartsField(label=_("Date of birth"), required=False)
    phone = forms.CharField(
        label=_("Phone"),
        max_length=40,
        required=False,
        validators=Client._meta.get_field("phone").validators,
        widget=forms.TextInput({"type": "tel"}),
    )
    id_number = forms.CharField(
        label=_("Identity number"),
        max_length=40,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=_("Such as Social Security or health card. A number alone is never proof."),
    )
    id_kind = forms.ChoiceField(
        label=_("Kind of number"), required=False, choices=[("", _("Not said")), *Identifier.Kind.choices]
    )

    def clean_id_number(self):
        number = self.cleaned_data["id_number"].strip()
        if number:
            check_number(number)
        return number

    def traits(self):
        """What was typed so far and can be read, as somebody is compared by it."""
        said = getattr(self, "cleaned_data", {})
        return Traits(
            given=said.get("given_name") or "",
            family=said.get("family_name") or "",
            chosen=said.get("chosen_name") or "",
            born_on=said.get("born_on"),
            born_precision="year" if said_year_alone(self, "born_on") else "exact",
            phones=(said.get("phone") or "",),
        )

    def says_enough(self):
        """Whether so much was typed that somebody known would have been found by it."""
        said = getattr(self, "cleaned_data", {})
        whole = all(len(said.get(name) or "") > 1 for name in ("given_name", "family_name"))
        return bool(whole or said.get("born_on") or said.get("phone") or said.get("id_number"))

    def known_people(self, staff):
        """Who may be meant, across the agency, best first (REQ-112)."""
        number = getattr(self, "cleaned_data", {}).get("id_number")
        digests = digests_of(staff.agency_id, number) if number else ()
        return Client.objects.to_recognise(staff).possible_matches(self.traits(), digests=digests)


class NamedPerson(Who):
    """Who the person is, and the question whether they are known already."""

    known_client = forms.ModelChoiceField(
        Client.objects.all(),
        required=False,
        blank=True,
        empty_label=_("No, this is somebody new"),
        label=_("Is it one of these people?"),
        widget=forms.RadioSelect,
    )
    nobody_known = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def look_for_matches(self):
        """Offer people who may be the same; True once the worker has decided (REQ-112)."""
        said = self.cleaned_data
        self.matches = self.known_people(self.staff)
        if not self.matches or said.get("known_client") or said.get("nobody_known"):
            return True
        self.data = self.data.copy()
        self.data[self.add_prefix("nobody_known")] = "on"
        self.add_error(
            "known_client",
            _("Somebody like this is known here. Choose them, or send again as somebody new."),
        )
        return False

    def clean(self):
        said = super().clean()
        if not said.get("known_client"):
            if not any((said.get(n) or "").strip() for n in ("given_name", "family_name", "chosen_name")):
                self.add_error("given_name", _("Enter a name, or an alias they go by."))
            if not self.errors:
                self.look_for_matches()
        return said

    def person(self):
        """The person chosen, or a new one."""
        said = self.cleaned_data
        if said.get("known_client"):
            return said["known_client"]
        new = Client(**{name: said[name] for name in NAME_FIELDS if said.get(name)})
        if said_year_alone(self, "born_on"):
            new.born_precision = Client.BirthPrecision.YEAR
        new.save()
        if said.get("id_number"):
            kind = said.get("id_kind") or Identifier.Kind.OTHER
            Identifier(client=new, kind=kind, number=said["id_number"]).save()
        return new

    def offer(self):
        """Show the choice of known people only where there are some, and nobody else in it; returns whom it shows."""
        matches = getattr(self, "matches", [])
        chosen = str((self.data if self.is_bound else self.initial).get("known_client") or "")
        if not matches and not chosen:
            del self.fields["known_client"]
            return []
        field = self.fields["known_client"]
        wanted = {m.pk for m in matches} | (
            {int(chosen)} if chosen.isdecimal() and len(chosen) < 19 else set()
        )
        field.queryset = field.queryset.filter(pk__in=wanted)
        own = {c.pk for c in field.queryset}
        for match in matches:
            match.is_own = match.pk in own
        return {m.pk for m in matches} | own


class ReferralForm(NamedPerson, HouseModelForm):
    """A referral, as it comes in by phone."""

    class Meta:
        model = IncomingReferral
        fields = (
            "source",
            "source_contact",
            "reason",
            "presenting_need",
            "urgency",
            "program",
            "assigned_to",
        )
        widgets = {
            "reason": forms.Textarea(LONG),
            "presenting_need": forms.Textarea(LONG),
            "urgency": forms.RadioSelect,
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        offer_choices(self)


class AboutThem(forms.Form):
    """How to speak with and reach the person; asked only where the record does not say it yet."""

    pronouns = forms.CharField(label=_("Pronouns"), required=False, max_length=40)
    language = forms.CharField(label=_("Preferred language"), required=False, max_length=60)
    needs_interpreter = forms.BooleanField(label=_("Needs an interpreter"), required=False)
    contact_way = forms.ChoiceField(
        label=_("Best way to reach them"),
        required=False,
        choices=[("", _("Not asked")), *Client.ContactWay.choices],
    )
    contact_note = forms.CharField(
        label=_("Safe to contact?"),
        required=False,
        max_length=200,
        help_text=_("For example: no voicemail, mornings only, ask for Jo."),
    )
    ABOUT = ("pronouns", "language", "needs_interpreter", "contact_way", "contact_note")

    def leave_out_what_is_known(self, client):
        for name in self.ABOUT:
            if client is not None and getattr(client, name):
                del self.fields[name]

    def tell(self, client):
        """Keep with the person what they said and nobody knew."""
        said = {
            name: self.cleaned_data[name]
            for name in self.ABOUT
            if self.cleaned_data.get(name) and not getattr(client, name)
        }
        if said:
            for name, value in said.items():
                setattr(client, name, value)
            client.save()


class IntakeForm(AboutThem, HouseModelForm):
    """The first meeting; only the reason and the safety question are needed (REQ-113).

    Sent as `draft` even they may wait: what is missing is named until somebody goes on with it.
    """

    class Meta:
        model = Intake
        fields = (
            "reason",
            "safe_now",
            "safety_note",
            "first_help",
            "place_tonight",
            "food_today",
            "medication_low",
            "dependants",
            "helper",
            "other_workers",
            "avoid",
            "program",
            "assigned_to",
            "started_on",
        )
        widgets = {
            "reason": forms.Textarea(LONG),
            "first_help": forms.Textarea(LONG),
            "safety_note": forms.Textarea(LONG),
            "safe_now": forms.RadioSelect,
            "place_tonight": forms.RadioSelect,
            "food_today": forms.RadioSelect,
            "medication_low": forms.RadioSelect,
        }

    def __init__(self, *args, client=None, known=None, **kwargs):
        super().__init__(*args, **kwargs)
        offer_choices(self)
        self.leave_out_what_is_known(client)
        for name in ("safe_now", "place_tonight", "food_today", "medication_low"):
            self.fields[name].choices = Intake.Answer.choices
        for name in ("helper", "other_workers"):
            self.fields[name].help_text = _("Several: put a semicolon between them.")
        for name, words in (known or {}).items():
            if words:
                self.fields[name].help_text = _("Known: %(words)s. Add what is new.") % {"words": words}
        self.is_draft = "draft" in self.data
        if self.is_draft:
            self.fields["reason"].required = self.fields["safe_now"].required = False

    def clean_started_on(self):
        day = self.cleaned_data["started_on"]
        sensible_day(day)
        if day > timezone.localdate():
            raise forms.ValidationError(_("The first meeting cannot be in the future."))
        return day

    def _get_validation_exclusions(self):
        """A draft may leave out what the model asks for; Intake.lacks says so afterwards."""
        left_out = {"reason", "safe_now"} if self.is_draft else set()
        return super()._get_validation_exclusions() | left_out

    def clean(self):
        said = super().clean()
        if self.is_draft:
            return said
        if said.get("safe_now") == Intake.Answer.NO and not (said.get("safety_note") or "").strip():
            self.add_error("safety_note", _("They are not safe: say what was done about it."))
        return said


class NewIntakeForm(NamedPerson, IntakeForm):
    """Who the person is and the first meeting, on one page."""
