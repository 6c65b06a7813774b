"""To whom the whole record is given."""

from django import forms
from django.utils.translation import gettext_lazy as _

from casemgmt.core.forms import HouseForm
from clients.models import LegalRepresentative


class ReleaseForm(HouseForm):
    """The person, or who decides for them about information."""

    to = forms.ChoiceField(label=_("Who asks for it"), widget=forms.RadioSelect)
    known = forms.BooleanField(
        label=_("I know them, or have seen a paper that says who they are"),
        error_messages={"required": _("Make sure who they are first.")},
    )

    def __init__(self, *args, client, **kwargs):
        super().__init__(*args, **kwargs)
        others = (
            LegalRepresentative.objects.visible_to(self.staff).filter(client=client).may_sign("disclosure")
        )
        names = [client.name, *[str(row) for row in others]]
        self.fields["to"].choices = [(name, name) for name in names]
        self.fields["to"].initial = client.name
