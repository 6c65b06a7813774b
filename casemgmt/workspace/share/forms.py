"""What goes out, to whom, and on what ground."""

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models.program import ConsentKind
from casemgmt.agencies.words import worded
from casemgmt.core.forms import HouseForm
from casemgmt.workspace.share.content import PARTS, names_of
from clients.models import Consent, Disclosure, Enrollment

Basis = Disclosure.Basis
PERSON, OTHER = "person", "other"
GROUNDS = [(b.value, b.label) for b in (Basis.CARE, Basis.EMERGENCY, Basis.LAW)]
WAYS = [
    (_("on paper"), _("On paper")),
    (_("as a file"), _("As a file")),
    (_("by mail or fax"), _("By mail or fax")),
]
CHIPS = {"class": "chips"}


class EnrollmentChoices(forms.ModelMultipleChoiceField):
    """Periods of service to take it from; those under Part 2 say so."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, enrollment):
        said = f"{enrollment.program}, {date_format(enrollment.enrolled_on, 'M Y')}"
        return f"{said} · 42 CFR Part 2" if enrollment.program.is_part_2 else said


class ShareForm(HouseForm):
    """Choose what goes out and to whom; the gate decides whether it may."""

    parts = forms.MultipleChoiceField(
        label=_("What"),
        choices=PARTS,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("No more than they need."),
    )
    enrollments = EnrollmentChoices(
        queryset=Enrollment.objects.none(), required=False, label=worded(_("From which {enrollment}"))
    )
    to = forms.ChoiceField(label=_("To whom"), widget=forms.RadioSelect)
    ground = forms.ChoiceField(
        label=_("Ground, if nobody agreed"), choices=[("", "–"), *GROUNDS], required=False
    )
    recipient = forms.CharField(
        label=_("Name of who gets it"),
        max_length=200,
        required=False,
        help_text=_("Needed where no consent names one recipient."),
    )
    purpose = forms.CharField(label=_("What for"), max_length=200, required=False)
    way = forms.ChoiceField(label=_("How"), choices=WAYS, widget=forms.RadioSelect(CHIPS))

    def __init__(self, *args, client, **kwargs):
        super().__init__(*args, **kwargs)
        self.client = client
        rows = Enrollment.objects.visible_to(self.staff).filter(client=client).select_related("program")
        self.fields["enrollments"].queryset = rows.order_by("-enrolled_on", "-pk")
        enrolled = list(self.fields["enrollments"].queryset)
        self.fields["enrollments"].initial = [e.pk for e in enrolled if not e.program.is_part_2] or [
            e.pk for e in enrolled
        ]
        self.agreed = {
            f"c{c.pk}": c
            for c in Consent.objects.visible_to(self.staff)
            .filter(client=client)
            .outward()
            .select_related("client__agency", "program")
        }
        self.fields["to"].choices = [
            (PERSON, client.name),
            *[(key, self._said(consent)) for key, consent in self.agreed.items()],
            (OTHER, _("Somebody else, without a consent")),
        ]
        self.fields["to"].initial = PERSON
        self.fields["way"].initial = WAYS[0][0]
        if "heeded" in self.data:
            self._ask_heeded()

    @staticmethod
    def _said(consent):
        day = consent.expires_on
        until = date_format(day, "j M Y") if day else consent.expires_with
        said = f"{consent.whom()}: {consent.information}"
        return now_("%(what)s (until %(until)s)") % {"what": said, "until": until} if until else said

    def warn(self, refused):
        """The person's own words about what must not go out; whoever goes on says that they heeded them."""
        for sentence in refused.sentences:
            self.add_error(None, sentence)
        self._ask_heeded()

    def _ask_heeded(self):
        self.fields["heeded"] = forms.BooleanField(
            label=_("I read what they said, and this respects it"), required=False
        )

    def disclosure(self):
        """What the gate is asked."""
        said, to = self.cleaned_data, self.cleaned_data["to"]
        consent = self.agreed.get(to)
        if to == PERSON:
            basis, recipient = Basis.PERSON, self.client.name
        elif consent is not None:
            basis = Basis.CONSENT
            by_name = consent.kind == ConsentKind.PART2_TPO or ";" in consent.recipient
            recipient = said["recipient"] if by_name else consent.recipient
        else:
            basis, recipient = said["ground"], said["recipient"]
        return {
            "basis": basis,
            "consent": consent,
            "recipient": recipient,
            "purpose": said["purpose"],
            "information": names_of(said["parts"]),
            "parts": said["parts"],
            "enrollments": list(said["enrollments"]),
            "way": said["way"],
            "heeded": said.get("heeded", False),
        }
