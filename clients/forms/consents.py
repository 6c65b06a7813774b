"""Forms in which somebody agrees, and takes it back: first the kind, then only what that kind needs."""

from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import ConsentText, Program
from casemgmt.agencies.models.program import ConsentKind
from casemgmt.core.forms import HouseForm, HouseModelForm
from clients import consents
from clients.models import Consent, Document, Enrollment, LegalRepresentative

# What an outward consent asks for in front; everything else waits in the fold.
FRONT = ("program", "recipient", "information", "purpose", "expires_on")
FOLD = ("directive", "method", "document", "language", "discloser", "expires_with", "given_on")
A_YEAR = timedelta(days=365)
LABELS = {
    ConsentKind.RESEARCH: {"purpose": _("which study")},
    ConsentKind.LEGAL: {"recipient": _("in which proceedings, before whom")},
}


class ConsentForm(HouseModelForm):
    """One consent of one kind, with the text that was read aloud."""

    said_all = forms.BooleanField(
        label=_("All of this was said, and they agree"),
        error_messages={"required": _("Say it all first, and ask whether they agree.")},
    )
    # Nobody lets all colleagues see substance use records by leaving a name out.
    colleagues = forms.BooleanField(label=_("With colleagues of the agency"), required=False)
    for_care = forms.BooleanField(label=consents.STATEMENTS["care"], required=False)

    class Meta:
        model = Consent
        fields = ["text", *FRONT, "signed_name", "representative", "client_view", *FOLD]
        widgets = {
            "text": forms.HiddenInput,
            "expires_on": forms.DateInput,
            "given_on": forms.DateInput,
            "information": forms.Textarea({"rows": 2}),
            "signed_name": forms.TextInput({"autocomplete": "off"}),
            "method": forms.RadioSelect({"class": "chips"}),
        }
        help_texts = {
            "recipient": _("The name of the person or service. Several: with a semicolon between."),
            "information": _("For example: name, phone and what help is needed."),
            "signed_name": _("Whoever agrees types their name. It stands for their signature."),
        }

    def __init__(self, *args, client, kind, **kwargs):
        super().__init__(*args, instance=Consent(client=client, kind=kind), **kwargs)
        self.client, self.kind, self.law = client, kind, client.agency.privacy_law
        self._choose()
        self._keep_only(consents.elements(kind, self.law))
        implied = "implied" in consents.methods(kind, self.law, ("care",))
        needed = () if implied else ("signed_name",)
        for name in (*consents.elements(kind, self.law), *needed):
            if name in self.fields and name not in ("text", "expires_on", "language", "discloser"):
                self.fields[name].required = True
                self.fields[name].error_messages["required"] = consents.LACKS[name]
        for name, label in LABELS.get(kind, {}).items():
            if name in self.fields:
                self.fields[name].label = label

    def _choose(self):
        """What may be chosen belongs to this person, and to this kind."""
        fields, staff = self.fields, self.staff
        fields["text"].queryset = ConsentText.objects.visible_to(staff).filter(kind=self.kind).offered()
        fields["text"].required = False
        enrolled = Enrollment.objects.visible_to(staff).filter(client=self.client)
        fields["program"].queryset = Program.objects.visible_to(staff).filter(
            is_part_2=True, pk__in=enrolled.values("program")
        )
        fields["program"].empty_label = None
        fields["representative"].queryset = (
            LegalRepresentative.objects.visible_to(staff).filter(client=self.client).now()
        )
        fields["representative"].empty_label = self.client.name
        fields["document"].queryset = Document.objects.visible_to(staff).filter(
            client=self.client, removed_on=None
        )
        ways = consents.methods(self.kind, self.law, ("care",))
        fields["method"].choices = [c for c in Consent.Method.choices if c[0] in ways]

    def _keep_only(self, wanted):
        outward = self.kind in consents.OUTWARD
        drop = {name for name in FRONT if name not in wanted} - {"expires_on"}
        drop |= set() if outward else {"directive", "discloser", "expires_with"}
        drop |= set() if consents.may_be_told(self.kind, self.law) else {"for_care"}
        if self.kind == ConsentKind.PART2_SPECIFIC:
            drop.discard("recipient")
        else:
            drop.add("colleagues")
        if self.kind not in consents.PART_2:
            drop.add("program")
        if not self.fields["representative"].queryset.exists():
            drop |= {"representative", "client_view"}
        for name in drop:
            del self.fields[name]
        if self.kind == ConsentKind.PART2_SPECIFIC:
            self.fields["recipient"].help_text = _("A name, unless it is for colleagues.")

    @staticmethod
    def usual(client, kind):
        """What stands in the form before anybody types."""
        said = {"given_on": timezone.localdate(), "discloser": client.agency.name}
        if kind in consents.OUTWARD:
            said["expires_on"] = timezone.localdate() + A_YEAR
        if kind == ConsentKind.PART2_TPO:
            said |= {
                "purpose": str(consents.TPO_PURPOSE),
                "expires_on": None,
                "expires_with": now_("End of treatment"),
            }
        return said

    def clean(self):
        data = super().clean()
        given, until = data.get("given_on"), data.get("expires_on")
        if given and until and until < given:
            self.add_error("expires_on", _("It cannot end before it was given."))
        if "colleagues" in self.fields and bool(data.get("recipient")) == data["colleagues"]:
            self.add_error("recipient", _("Give a name, or say that it is for colleagues: one of the two."))
        return data

    def elements(self):
        """What was filled in, for `Consent.give`; a single program needs no choice, and what was said is kept."""
        said = {name: self.cleaned_data[name] for name in self._meta.fields if name in self.fields}
        said["told"] = list(consents.statements(self.kind, self.law)) if self.cleaned_data["said_all"] else []
        if self.cleaned_data.get("for_care"):
            said["told"].append("care")
        if not said.get("language") and said.get("text"):
            said["language"] = said["text"].language
        return said

    def lacks(self, refused):
        """Each lack beside its field."""
        for name, sentence in refused.found:
            field = {"told": "said_all"}.get(name, name)
            self.add_error(field if field in self.fields else None, sentence)

    @property
    def front(self):
        names = ("program", "recipient", "colleagues", *FRONT[2:])
        return [self[name] for name in names if name in self.fields and not self._waits(name)]

    @property
    def fold(self):
        return [self[name] for name in (*FRONT, *FOLD) if name in self.fields and self._waits(name)]

    def _waits(self, name):
        """Whether a field stands in the fold: what is seldom changed."""
        return name in FOLD or (name == "expires_on" and self.kind not in consents.OUTWARD)

    @property
    def has_errors_in_fold(self):
        return any(field.errors for field in self.fold)


class WithdrawForm(HouseForm):
    """How it was taken back, and when."""

    why = forms.CharField(
        label=_("How they said so"),
        max_length=200,
        help_text=_("For example: said so on the phone; a letter came."),
    )
    on = forms.DateField(label=_("On"), initial=timezone.localdate, widget=forms.DateInput)
