"""Forms of a note after it is written."""

from django import forms

from casemgmt.core.forms import HouseModelForm
from clients.models import VisitAddendum


class AddendumForm(HouseModelForm):
    """What is added to a signed note."""

    class Meta:
        model = VisitAddendum
        fields = ("text",)
        widgets = {"text": forms.Textarea({"rows": 4})}
