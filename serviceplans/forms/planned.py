"""Forms of the services in a plan: what is planned, what was given, and what a payer approved."""

from crispy_forms.layout import Div, Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models.program import PickList
from casemgmt.core.forms import HouseModelForm
from clients.forms.days import sensible_day
from serviceplans.forms.linking import CHIPS, LackingForm
from serviceplans.models import Authorization, PlannedService, ServiceDelivered, ServiceReferral


def small(*fields):
    """Short fields side by side, also on a phone."""
    return Div(*(Div(name, css_class=width) for name, width in fields), css_class="row gx-3")


def offer_funding(field, chosen=None):
    """Who may pay, as the agency lists it today; what was chosen stays."""
    field.queryset = field.queryset.of(PickList.FUNDING) | field.queryset.filter(pk=chosen)


def from_one(form, *names):
    """Let the browser know, too, that none of these is nothing."""
    for name in names:
        form.fields[name].widget.attrs["min"] = 1


class PlannedServiceForm(HouseModelForm):
    """A service of the plan: who gives it, how often, for how long, and who pays."""

    class Meta:
        model = PlannedService
        fields = [
            "referral", "service", "provider", "times", "per", "weeks", "minutes", "starts_on", "funding",
            "authorization",
        ]  # fmt: skip
        widgets = {"per": forms.RadioSelect(attrs=CHIPS), "starts_on": forms.DateInput}

    def __init__(self, *args, enrollment, **kwargs):
        super().__init__(*args, **kwargs)
        own = {"enrollment": enrollment}
        fields = self.fields
        referrals = ServiceReferral.objects.visible_to(self.staff).filter(**own)
        # What was chosen stays, also when it is over meanwhile.
        fields["referral"].queryset = referrals.open() | referrals.filter(pk=self.instance.referral_id)
        fields["referral"].label = _("Linked already")
        fields["referral"].empty_label = _("No, or named below")
        fields["referral"].help_text = _("Then its provider gives it.")
        if not fields["referral"].queryset.exists():
            del fields["referral"]
        fields["authorization"].queryset = Authorization.objects.visible_to(self.staff).filter(**own)
        fields["authorization"].empty_label = _("None")
        if not fields["authorization"].queryset.exists():
            del fields["authorization"]
        offer_funding(fields["funding"], self.instance.funding_id)
        fields["funding"].empty_label = _("Not known yet")
        fields["starts_on"].validators.append(sensible_day)
        from_one(self, "times", "weeks", "minutes")
        there = [name for name in ("referral",) if name in fields]
        paid = [name for name in ("funding", "authorization") if name in fields]
        self.helper.layout = Layout(
            "submit_key",
            "version",
            *there,
            "service",
            "provider",
            small(("times", "col-5 col-md-3"), ("per", "col-12 col-md-9")),
            small(
                ("weeks", "col-6 col-md-4"), ("minutes", "col-6 col-md-4"), ("starts_on", "col-12 col-md-4")
            ),
            Div(*paid, css_class="form-grid"),
        )


class DeliveredForm(LackingForm, HouseModelForm):
    """That it was given: once, today, unless something else is said."""

    class Meta:
        model = ServiceDelivered
        fields = ["times", "on", "confirmed_by", "units", "note"]
        widgets = {"on": forms.DateInput, "confirmed_by": forms.RadioSelect(attrs=CHIPS)}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        from_one(self, "times")
        self.fields["confirmed_by"].choices = ServiceReferral.Source.choices
        self.fields["on"].validators.append(sensible_day)
        self.helper.layout = Layout(
            "submit_key",
            "confirmed_by",
            small(("times", "col-6 col-md-3"), ("units", "col-6 col-md-3"), ("on", "col-12 col-md-6")),
            "note",
        )

    def said(self):
        """The arguments of PlannedService.deliver."""
        return {name: self.cleaned_data[name] for name in self._meta.fields}


class AuthorizationForm(HouseModelForm):
    """What a payer approved."""

    class Meta:
        model = Authorization
        fields = ["service", "payer", "number", "units", "starts_on", "ends_on", "note"]
        widgets = {"starts_on": forms.DateInput, "ends_on": forms.DateInput}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        from_one(self, "units")
        offer_funding(self.fields["payer"], self.instance.payer_id)
        for name in ("starts_on", "ends_on"):
            self.fields[name].validators.append(sensible_day)
        self.helper.layout = Layout(
            "submit_key",
            "version",
            "service",
            Div("payer", "number", css_class="form-grid"),
            "units",
            Div("starts_on", "ends_on", css_class="form-grid"),
            "note",
        )

    def clean(self):
        said = super().clean()
        first, last = said.get("starts_on"), said.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("It cannot end before it begins."))
        number = said.get("number")
        known = Authorization.objects.visible_to(self.staff).filter(
            enrollment=self.instance.enrollment_id, number=number
        )
        if number and known.exclude(pk=self.instance.pk).exists():
            self.add_error("number", _("This number is written down already."))
        return said
