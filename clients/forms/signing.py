"""Who may put their name under a paper of this person today: they themselves, and who represents them in this."""

from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.models import LegalRepresentative

THEMSELF = "client"


@dataclass(frozen=True)
class Signer:
    """Somebody who may sign: their name, and the authority; None for the person themself."""

    name: str
    representative: LegalRepresentative | None = None


class SignerField(forms.ChoiceField):
    """One of those who may sign this paper today; the cleaned value is a `Signer`.

    A form says `signer = SignerField()` and, when it is made, `self.fields["signer"].offer(client, what, staff)`,
    where `what` is a key of LegalRepresentative.SIGNS. A representative who may not sign today is not offered; sent
    all the same (the page stood open over midnight, or the address was typed), they are refused with the reason.
    """

    widget = forms.RadioSelect(attrs={"class": "choices"})

    def __init__(self, **kwargs):
        super().__init__(**{"label": _("Who signs")} | kwargs)
        self.signers, self.refusals = {}, {}

    def offer(self, client, what, staff, at=None):
        """Offer the person and who may sign for them on this day."""
        known = LegalRepresentative.objects.visible_to(staff).filter(client=client)
        # New ones: a copy of the field, one for each form, shares what it is made with.
        self.signers, self.refusals = {THEMSELF: Signer(client.name)}, {}
        for row in known.may_sign(what, at):
            self.signers[str(row.pk)] = Signer(row.name, row)
        for row in known:
            if str(row.pk) not in self.signers:
                self.refusals[str(row.pk)] = row.why_not_sign(what, at)
        self.choices = [(key, str(one.representative or one.name)) for key, one in self.signers.items()]

    def validate(self, value):
        forms.Field.validate(self, value)
        if value and value in self.refusals:
            raise forms.ValidationError(self.refusals[value])
        super().validate(value)

    def clean(self, value):
        return self.signers.get(super().clean(value))
