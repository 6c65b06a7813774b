"""Forms of an assessment: one to start it, one with all sixteen domains."""

from datetime import date

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.domains import Domain, Priority, Rating
from assessments.models import (
    Administration,
    Concern,
    DomainRating,
    InstrumentVersion,
    NotFinished,
    Response,
)
from casemgmt.agencies.models import PickItem
from casemgmt.agencies.models.program import PickList
from casemgmt.agencies.words import worded
from casemgmt.core.forms import HouseForm, HouseModelForm
from clients.models import Enrollment

EARLIEST = date(1900, 1, 1)  # where nobody knows the birth date
RATINGS = ("worker_rating", "client_rating")
WORDS = ("comment", "strength", "goal_wish", "barrier_id", "is_risk")
LABELS = {
    "worker_rating": worded("{Worker}"),
    "client_rating": worded("{Client}"),
    "comment": _("What is going on"),
    "strength": _("Strength to build on"),
    "goal_wish": worded(_("What the {client} wishes for")),
    "barrier_id": _("What gets in the way"),
    "is_risk": _("This is a risk"),
    "priority": worded(_("How soon, for the {client}")),
}
FIELDS = (*RATINGS, *WORDS, "priority")


class StartForm(HouseModelForm):
    """When, how and with whom; everything else comes while talking."""

    class Meta:
        model = Administration
        fields = ("held_on", "mode", "informants")
        widgets = {"mode": forms.RadioSelect}

    def answers(self):
        """What Administration.begin takes."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class ReviewForm(HouseModelForm):
    """The whole assessment on one page; every field may stay empty until it is signed."""

    class Meta:
        model = Administration
        fields = ("held_on", "mode", "informants", "summary")
        widgets = {"mode": forms.RadioSelect, "summary": forms.Textarea({"class": "form-control", "rows": 3})}

    def __init__(self, *args, ratings, **kwargs):
        super().__init__(*args, **kwargs)
        known = {r.domain: r for r in ratings}
        barriers = self._barriers(known.values())
        for domain in Domain:
            row = known.get(domain) or DomainRating(domain=domain)
            for name in FIELDS:
                field = _field(name, barriers)
                field.label = f"{domain.label}: {LABELS[name]}"
                value = getattr(row, name)
                field.initial = None if value is False else value  # as an empty box is sent
                self.fields[f"{domain}-{name}"] = field

    def _barriers(self, ratings):
        """The agency's list, and what was chosen from it before it changed; asked once for all sixteen."""
        chosen = {r.barrier_id for r in ratings if r.barrier_id}
        items = PickItem.objects.visible_to(self.staff)
        offered = items.of(PickList.BARRIER) | items.filter(pk__in=chosen)
        return [("", _("Nothing named")), *((item.pk, item.label) for item in offered)]

    def answers(self):
        """What Administration.record takes: the fields of each domain's rating."""
        said = self.cleaned_data
        return {d: {name: said[f"{d}-{name}"] for name in FIELDS} for d in Domain}

    def refuse(self, refused):
        """Say what is missing on top, and beside the domain where it is missing."""
        if not isinstance(refused, NotFinished):
            return super().refuse(refused)
        for domain, name, sentence in refused.problems:
            self.add_error(f"{domain}-{name}", sentence)

    def domain(self, domain):
        """The bound fields of one domain by their names, and the ratings as they stand on the page."""
        fields = {name: self[f"{domain}-{name}"] for name in FIELDS}
        return fields | {"ratings": [_rating(fields[name].value()) for name in RATINGS]}


def _rating(value):
    """The number behind what was tapped; None when it is none of ours."""
    value = str("" if value is None else value)
    return int(value) if value in {str(r.value) for r in Rating} else None


def _field(name, barriers):
    if name in RATINGS:
        return forms.TypedChoiceField(
            choices=Rating.choices, coerce=int, empty_value=None, required=False, widget=forms.RadioSelect
        )
    if name == "priority":
        return forms.TypedChoiceField(
            choices=[*Priority.choices, ("", _("Not said"))],
            coerce=int,
            empty_value=None,
            required=False,
            widget=forms.RadioSelect,
        )
    if name == "barrier_id":
        return forms.TypedChoiceField(
            choices=barriers,
            coerce=int,
            empty_value=None,
            required=False,
            widget=forms.Select({"class": "form-select"}),
        )
    if name == "is_risk":
        return forms.BooleanField(required=False, widget=forms.CheckboxInput({"class": "form-check-input"}))
    length = DomainRating._meta.get_field(name).max_length
    widget = forms.TextInput if length else forms.Textarea
    attrs = {"class": "form-control"} if length else {"class": "form-control", "rows": 2}
    return forms.CharField(max_length=length, required=False, widget=widget(attrs))


class HandleForm(HouseModelForm):
    """What was done about an answer that had to be acted upon."""

    class Meta:
        model = Concern
        fields = ("done",)
        widgets = {"done": forms.Textarea({"class": "form-control", "rows": 4})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["done"].required = True


class SetAsideForm(HouseModelForm):
    """Why an answered questionnaire does not count."""

    set_aside_why = forms.CharField(label=_("Why it does not count"), max_length=300)

    class Meta:
        model = Response
        fields = ()


class BeginForm(HouseForm):
    """Which questionnaire is begun, and in which period of service; hidden behind one button each."""

    version = forms.ModelChoiceField(InstrumentVersion.objects.all())
    enrollment = forms.ModelChoiceField(Enrollment.objects.all(), required=False)

    def __init__(self, *args, client=None, **kwargs):
        super().__init__(*args, **kwargs)
        own = self.fields["enrollment"]
        own.queryset = own.queryset.filter(client=client)


class AboutForm(HouseModelForm):
    """When and how a questionnaire was answered; what stands there already is mostly right."""

    class Meta:
        model = Response
        fields = ("held_on", "mode", "informant", "informant_name", "note")
        widgets = {"held_on": forms.DateInput, "note": forms.Textarea({"rows": 2})}

    def clean_held_on(self):
        day = self.cleaned_data["held_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("This day is still to come."))
        born = self.instance.client.born_on
        if day < (born or EARLIEST):
            raise forms.ValidationError(_("This day is too long ago."))
        return day
