"""Forms about reaching somebody: a try, the end of a referral, what came of a referral out, who takes it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import StaffMember
from casemgmt.core.forms import HouseForm
from clients.forms.days import sensible_day
from clients.forms.fields import LONG, offer_choices
from clients.models import EligibilityDecision, IncomingReferral, OutreachContact

OUTCOMES = OutreachContact.Outcome


class TryForm(HouseForm):
    """One try to reach somebody: two taps, and the rest where it helps (REQ-31)."""

    outcome = forms.ChoiceField(label=_("What came of it"), choices=OUTCOMES, widget=forms.RadioSelect)
    way = forms.ChoiceField(
        label=_("How"), choices=OutreachContact.Way, initial=OutreachContact.Way.CALL, required=False
    )
    next_on = forms.DateField(
        label=_("Try again on"), required=False, widget=forms.DateInput, validators=[sensible_day]
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=300)

    def fields_of_try(self):
        """The arguments of OutreachContact.log."""
        said = self.cleaned_data
        return {
            "outcome": said["outcome"],
            "way": said["way"] or OutreachContact.Way.CALL,
            "next_on": said["next_on"],
            "note": said["note"],
        }


class ContactedForm(HouseForm):
    """The one-tap answer for somebody who waits."""

    outcome = forms.ChoiceField(choices=[(o.value, o.label) for o in (OUTCOMES.REACHED, OUTCOMES.NO_ANSWER)])


class CloseReferralForm(HouseForm):
    """Why nobody will meet the person."""

    why = forms.ChoiceField(
        label=_("How it ended"),
        choices=[(e.value, e.label) for e in IncomingReferral.Ending if e != IncomingReferral.Ending.MET],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=_("In a few words"), required=False, max_length=300, widget=forms.Textarea({"rows": 2})
    )


class GiveForm(HouseForm):
    """Who takes a referral or an intake."""

    worker = forms.ModelChoiceField(StaffMember.objects.all(), label=_("Who takes it"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        offer_choices(self)
        self.fields["worker"].initial = None


class AskedForm(HouseForm):
    """What came of a referral out."""

    came_of_it = forms.ChoiceField(
        label=_("What came of it"), choices=EligibilityDecision.CameOfIt, widget=forms.RadioSelect
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=300, widget=forms.Textarea(LONG))
    again_on = forms.DateField(
        label=_("Ask again on"),
        required=False,
        widget=forms.DateInput,
        validators=[sensible_day],
        help_text=_("Leave empty when this is settled."),
    )
