import secrets
import zoneinfo

from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_slug
from django.db import transaction
from django.utils.translation import gettext as _

from casemgmt.agencies.models import Agency, StaffMember, User, acting_as
from casemgmt.agencies.roles import Role
from casemgmt.workspace.opening import open_agency


class Command(BaseCommand):
    help = (
        "Open an agency with its default lists and give its first admin a login; the password is shown once."
    )

    def add_arguments(self, parser):
        parser.add_argument("name", help="the agency's name")
        parser.add_argument("--slug", required=True, help="its short name in commands, such as riverside")
        parser.add_argument(
            "--admin", required=True, metavar="USERNAME", help="login of the first agency admin"
        )
        parser.add_argument("--admin-name", default="", help="the admin's full name; otherwise the login")
        parser.add_argument("--email", default="", help="the admin's e-mail address")
        parser.add_argument("--time-zone", default="America/New_York")

    def handle(self, *, name, slug, admin, admin_name, email, time_zone, **options):
        validate_slug(slug)
        if time_zone not in zoneinfo.available_timezones():
            raise CommandError(_("“%s” is no time zone; use a name such as America/New_York.") % time_zone)
        if Agency.objects.filter(slug=slug).exists():
            raise CommandError(_("There is an agency “%s” already.") % slug)
        if User.objects.filter(username=admin).exists():
            raise CommandError(
                _(
                    "The login “%s” exists already. Choose another; two jobs of one login are joined in Django admin."
                )
                % admin
            )
        password = secrets.token_urlsafe(15)
        with transaction.atomic():
            agency = open_agency(name, slug, time_zone=time_zone)
            user = User.objects.create_user(admin, email=email, password=password)
            with acting_as(agency, by=None, reason=_("The agency was opened.")):
                StaffMember.objects.create(
                    agency=agency,
                    user=user,
                    name=admin_name or admin,
                    email=email,
                    roles=[Role.ADMIN.value],
                )
        self.stdout.write(_("Opened %(name)s (%(slug)s).") % {"name": name, "slug": slug})
        self.stdout.write(_("Login: %s") % admin)
        self.stdout.write(_("Password, shown only now: %s") % password)
