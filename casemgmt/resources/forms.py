"""Forms of the directory: what is searched for, and what colleagues write down."""

from django import forms
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models.agency import phone_shape
from casemgmt.core.forms import HouseModelForm
from casemgmt.resources.models import Resource, ResourceContact, ResourcePlace, ResourceTip
from casemgmt.resources.needs import Need, Population

MOST_LINES = 40


class LinesField(forms.CharField):
    """A list, one item a line."""

    def __init__(self, *, item_length=200, **kwargs):
        widget = forms.Textarea({"rows": 2})
        super().__init__(required=False, max_length=item_length, widget=widget, **kwargs)

    def widget_attrs(self, widget):
        """The length is that of a line."""
        return {}

    def prepare_value(self, value):
        return "\n".join(map(self.as_line, value)) if isinstance(value, list) else value

    def to_python(self, value):
        lines = list(dict.fromkeys(" ".join(line.split()) for line in super().to_python(value).splitlines()))
        return [self.as_item(line) for line in lines if line]

    def run_validators(self, value):
        for item in value:
            super().run_validators(self.as_line(item))
        if len(value) > MOST_LINES:
            raise forms.ValidationError(_("At most %(lines)s lines, please."), params={"lines": MOST_LINES})

    def as_line(self, item):
        return str(item)

    def as_item(self, line):
        return line


class PhonesField(LinesField):
    """Phones, one a line: the number, then what it is for."""

    def as_line(self, item):
        return f"{item['number']}, {item['about']}" if item["about"] else item["number"]

    def as_item(self, line):
        number, _comma, about = line.partition(",")
        number = number.strip()
        phone_shape(number)
        if sum(c.isdigit() for c in number) < 3:
            raise forms.ValidationError(
                _("“%(line)s” does not begin with a phone number."), params={"line": line[:60]}
            )
        return {"number": number[:60], "about": about.strip()}


class ResourceForm(HouseModelForm):
    """One service, as it stands in the directory."""

    phones = PhonesField(
        label=_("Phones"), help_text=_("One a line, such as: 412 555 0100, front desk"), item_length=160
    )
    needs = forms.MultipleChoiceField(
        label=_("Helps with"),
        choices=Need,
        required=False,
        widget=forms.CheckboxSelectMultiple({"class": "chips"}),
    )
    populations = forms.MultipleChoiceField(
        label=_("Made for"),
        choices=Population,
        required=False,
        widget=forms.CheckboxSelectMultiple({"class": "chips"}),
        help_text=_("None means for everybody."),
    )
    categories = LinesField(
        label=_("Categories"), help_text=_("One a line, in the words of 211 if you know them.")
    )
    languages = LinesField(label=_("Languages"), help_text=_("One a line."), item_length=40)

    class Meta:
        model = Resource
        fields = [
            "name",
            "organization",
            "description",
            "needs",
            "populations",
            "eligibility",
            "how_to_apply",
            "documents",
            "fees",
            "capacity",
            "phones",
            "email",
            "website",
            "hours",
            "area",
            "languages",
            "categories",
            "is_confidential",
            "closed_on",
        ]
        widgets = {
            name: forms.Textarea({"rows": rows})
            for name, rows in {
                "description": 3,
                "eligibility": 2,
                "how_to_apply": 2,
                "documents": 2,
                "fees": 2,
                "hours": 2,
                "area": 2,
            }.items()
        } | {"closed_on": forms.DateInput}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            del self.fields["closed_on"]
        elif not self.staff.may("resource.confidential"):
            # Or whoever may not see the address could uncover it.
            del self.fields["is_confidential"]


class PlaceForm(HouseModelForm):
    """Where a service is offered."""

    class Meta:
        model = ResourcePlace
        fields = ["name", "address", "city", "region", "postcode", "hours", "access", "ended_on"]
        widgets = {"hours": forms.Textarea({"rows": 2}), "ended_on": forms.DateInput}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            del self.fields["ended_on"]

    def clean(self):
        said = super().clean()
        if not self.errors and not any(said[name] for name in ("name", "address", "city")):
            self.add_error("address", _("Write down the street, the town, or what the place is called."))
        return said


class ContactForm(HouseModelForm):
    """A person to ask for."""

    class Meta:
        model = ResourceContact
        fields = ["name", "role", "phone", "email", "ended_on"]
        widgets = {"phone": forms.TextInput({"type": "tel"}), "ended_on": forms.DateInput}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            del self.fields["ended_on"]


class TipForm(HouseModelForm):
    """What a colleague found out."""

    class Meta:
        model = ResourceTip
        fields = ["text"]
        widgets = {"text": forms.Textarea({"rows": 3})}


class SearchForm(forms.Form):
    """What somebody looks for; nothing in it is ever wrong, and nothing in it is about a person served."""

    q = forms.CharField(label=_("What, who, where"), max_length=200, required=False)
    need = forms.ChoiceField(label=_("Need"), choices=[("", _("Any need")), *Need.choices], required=False)
    made_for = forms.ChoiceField(
        label=_("Made for"), choices=[("", _("Anybody")), *Population.choices], required=False
    )
    place = forms.CharField(label=_("Town, ZIP code or county"), max_length=100, required=False)
    language = forms.CharField(label=_("Language"), max_length=60, required=False)
    category = forms.CharField(label=_("Category"), max_length=200, required=False)
    unverified = forms.BooleanField(label=_("Only those to verify"), required=False)

    def __init__(self, sent, *, categories, languages):
        clean = {name: value.replace("\x00", "")[:200] for name, value in sent.items()}
        super().__init__(clean)
        for field in self.fields.values():
            field.widget.attrs["class"] = (
                "form-select" if isinstance(field, forms.ChoiceField) else "form-control"
            )
        self.fields["unverified"].widget.attrs["class"] = "form-check-input"
        self.lists = {"category": categories, "language": languages}
        for name, values in self.lists.items():
            if values:
                self.fields[name].widget.attrs["list"] = f"list-{name}"
        self.is_valid()

    def said(self, name):
        """What is looked for; what makes no sense is as if nothing had been said."""
        return self.cleaned_data.get(name) or ""

    @property
    def is_narrowed(self):
        """Whether something is asked for beyond the one box."""
        return any(self.said(name) for name in self.fields if name != "q")
