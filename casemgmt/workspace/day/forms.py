"""What somebody says of their day: a visit agreed upon, out until when, what waits, when an e-mail comes."""

from datetime import datetime, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import StaffMember
from casemgmt.agencies.models.people import DailyMailWhen
from casemgmt.agencies.words import worded
from casemgmt.core.forms import HouseForm, HouseModelForm
from casemgmt.workspace.day.kinds import KINDS, NEVER_WAIT
from clients.models import Enrollment, PlannedVisit

CHIPS = {"class": "chips"}


class PlannedVisitForm(HouseModelForm):
    """Day, time and how; the rest is as usual."""

    day = forms.DateField(label=_("Day"), widget=forms.DateInput)
    time = forms.TimeField(label=_("Time"), widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
    staff = forms.ModelChoiceField(
        StaffMember.objects.all(),
        label=_("Who goes"),
        empty_label=None,
        widget=forms.RadioSelect(attrs=CHIPS),
    )

    class Meta:
        model = PlannedVisit
        fields = ("minutes", "mode", "place", "note", "staff")
        widgets = {
            "mode": forms.RadioSelect,
            "minutes": forms.NumberInput({"inputmode": "numeric", "min": 5, "max": 1440, "step": 5}),
        }

    field_order = ("day", "time", "minutes", "mode", "place", "note", "staff")

    def __init__(self, *args, workers, **kwargs):
        super().__init__(*args, **kwargs)
        if len(workers) > 1:
            self.fields["staff"].queryset = self.fields["staff"].queryset.filter(pk__in=workers)
        else:
            del self.fields["staff"]
        if self.instance.pk:
            begin = timezone.localtime(self.instance.starts_at)
            self.fields["day"].initial, self.fields["time"].initial = begin.date(), begin.strftime("%H:%M")

    def clean(self):
        said = super().clean()
        if said.get("day") and said.get("time"):
            if not 1900 <= said["day"].year <= 2200:
                self.add_error("day", _("Check the year."))
                return said
            # Of an hour that the clocks show twice, the first is meant; one that they skip is moved on.
            self.instance.starts_at = timezone.make_aware(datetime.combine(said["day"], said["time"]))
        return said

    def refuse(self, refused):
        """What the rules refuse about something agreed upon is its day."""
        for sentence in refused.sentences:
            self.add_error("day", sentence)


class CallOffForm(HouseModelForm):
    """Why a visit does not take place."""

    class Meta:
        model = PlannedVisit
        fields = ("cancelled_why",)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["cancelled_why"].required = True


OUT_FOR = [("30", _("30 min")), ("60", _("1 hour")), ("90", _("1½ hours")), ("120", _("2 hours"))]


class CheckInForm(HouseForm):
    """Out until when; where, for who has to look for them."""

    minutes = forms.ChoiceField(
        label=_("Back in"), choices=OUT_FOR, initial="60", widget=forms.RadioSelect(attrs=CHIPS)
    )
    place = forms.CharField(
        label=_("Where you will be"),
        max_length=200,
        required=False,
        help_text=worded(_("Only for your {supervisor}, if you do not come back.")),
    )
    enrollment = forms.ModelChoiceField(
        Enrollment.objects.all(), required=False, widget=forms.HiddenInput, label=""
    )


class LaterForm(HouseForm):
    """Out longer, by so many minutes from now."""

    minutes = forms.ChoiceField(choices=OUT_FOR)


class CloseForm(HouseForm):
    """How one knows that a colleague is safe."""

    note = forms.CharField(
        label=_("How do you know that they are safe?"),
        max_length=300,
        widget=forms.Textarea({"rows": 2}),
    )


WAITS = [("1", _("Tomorrow")), ("3", _("3 days")), ("7", _("1 week"))]


class SnoozeForm(HouseForm):
    """Until when something waits, and why; kind and subject say what."""

    kind = forms.ChoiceField(
        choices=[(kind, kind) for kind in KINDS if kind not in NEVER_WAIT], widget=forms.HiddenInput
    )
    subject = forms.CharField(max_length=60, widget=forms.HiddenInput)
    days = forms.ChoiceField(label=_("Until"), choices=WAITS, widget=forms.RadioSelect(attrs=CHIPS))
    why = forms.CharField(label=_("Why it waits"), max_length=200)

    def until(self):
        return timezone.localdate() + timedelta(days=int(self.cleaned_data["days"]))


class RemindersForm(HouseForm):
    """When the e-mail of the day comes, and of what it is silent."""

    mail_daily = forms.ChoiceField(
        label=_("Daily e-mail"), choices=DailyMailWhen.choices, widget=forms.RadioSelect(attrs=CHIPS)
    )
    mail_with = forms.MultipleChoiceField(
        label=_("It counts"),
        choices=list(KINDS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args, job, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["mail_daily"].initial = job.mail_daily
        self.fields["mail_with"].initial = [kind for kind in KINDS if kind not in job.mail_without]

    def without(self):
        wanted = set(self.cleaned_data["mail_with"])
        return [kind for kind in KINDS if kind not in wanted]
