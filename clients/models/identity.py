"""By what else a person is known: other names, and the numbers that other systems gave them."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import AgencyOwned, ScopedQuerySet
from casemgmt.core.crypt import EncryptedTextField, digest
from clients import names
from clients.models.person import Client


class OtherName(AgencyOwned):
    """A former name, a name in another script, a name that others use; the search finds people by it, too."""

    class Kind(models.TextChoices):
        FORMER = "former", _("Former name")
        ALIAS = "alias", _("Also called")
        SCRIPT = "script", _("In another script")
        MERGED = "merged", _("From a record that was merged")

    path = "client"

    client = models.ForeignKey(Client, models.PROTECT, related_name="other_names")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.ALIAS)
    name = models.CharField(_("name"), max_length=200)
    name_key = models.CharField(max_length=400, editable=False, db_index=True)
    sound_key = models.CharField(max_length=100, editable=False, db_index=True)

    class Meta:
        verbose_name = _("other name")
        verbose_name_plural = _("other names")

    def __str__(self):
        return self.name

    def fill_keys(self):
        """Derive what the search reads; bulk writers call it themselves."""
        self.name_key, self.sound_key = names.fold(self.name)[:400], names.sound(self.name)[:100]

    def save(self, *args, **kwargs):
        self.fill_keys()
        super().save(*args, **kwargs)


def plain_number(text):
    """A number as it is compared: letters and digits only, in capitals."""
    return "".join(c for c in (text or "").upper() if c.isalnum())


def check_number(text):
    """Raise ValidationError for a number without any digit, or of more than 40 characters."""
    if not any(c.isdigit() for c in text) or len(text) > 40:
        raise ValidationError(_("Write the number as it stands on the card, 40 characters at most."))


def digests_of(agency_id, number):
    """By what this number is found, whatever its kind; the number itself is never asked of the database."""
    return [digest(agency_id, kind, plain_number(number)) for kind in Identifier.Kind.values]


class IdentifierQuerySet(ScopedQuerySet):
    def of_number(self, agency_id, number):
        """Who carries this number, whatever its kind."""
        return self.filter(digest__in=digests_of(agency_id, number))


class Identifier(AgencyOwned):
    """A number that another system gave the person; stored encrypted, shown masked, and never proof by itself."""

    class Kind(models.TextChoices):
        SOCIAL = "social", _("Social Security number")
        HEALTH = "health", _("Health card number")
        MEDICAID = "medicaid", _("Medicaid number")
        MEDICARE = "medicare", _("Medicare number")
        STATE = "state", _("State, provincial or military ID")
        OTHER = "other", _("Another number")

    path = "client"

    client = models.ForeignKey(Client, models.PROTECT, related_name="identifiers")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    number = EncryptedTextField(_("number"), validators=[check_number])
    digest = models.CharField(max_length=64, editable=False, db_index=True)

    objects = IdentifierQuerySet.as_manager()

    class Meta:
        verbose_name = _("identity number")
        verbose_name_plural = _("identity numbers")

    def __str__(self):
        return f"{self.get_kind_display()} {self.masked}"

    def fill_digest(self):
        """Derive by what the number is found; bulk writers call it themselves, once `agency` is set."""
        self.digest = digest(self.agency_id, self.kind, plain_number(self.number))

    def save(self, *args, **kwargs):
        if self.agency_id is None:
            self.agency_id = self.client.agency_id
        self.fill_digest()
        super().save(*args, **kwargs)

    @property
    def masked(self):
        """The last four characters, which is enough to compare with a card."""
        shown = plain_number(self.number)[-4:] if len(plain_number(self.number)) > 5 else ""
        return f"••••{shown}"
