import time

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from casemgmt.agencies.models import Agency, User, acting_as
from casemgmt.core import db
from casemgmt.demo import directory
from casemgmt.demo.caseload import House
from casemgmt.demo.cast import LOGINS, PASSWORD, build_cast
from casemgmt.demo.people import LAKESIDE, RIVERSIDE


class Command(BaseCommand):
    help = "Fill an empty database with two made-up agencies, their staff and the people they serve."

    def add_arguments(self, parser):
        parser.add_argument("--if-empty", action="store_true", help="do nothing where there is data already")

    def handle(self, *, if_empty, **options):
        if Agency.objects.exists() or User.objects.exists():
            if if_empty:
                return
            raise CommandError(
                _(
                    "This database holds data already, and the demo is only for an empty one. Nothing was written."
                )
            )
        began = time.monotonic()
        with transaction.atomic():
            self._say(_("Two agencies and their staff …"))
            cast = build_cast()
            for agency, by, people, services, area in (
                (cast.riverside, cast.dana, RIVERSIDE, directory.RIVERSIDE, "412"),
                (cast.lakeside, cast.olive, LAKESIDE, directory.LAKESIDE, "312"),
            ):
                self._say(_("%s: the people it serves …") % agency)
                with acting_as(agency, by=by, reason=""):
                    directory.list_services(cast, services, area=area, by=by)
                    house = House(cast, agency, area=area)
                    if agency == cast.riverside:
                        house.ask(cast.ccm)
                        house.ask_second_signature(cast.rapid)
                    count, visits = house.fill(people)
                self._say(_("  %(people)d people, %(visits)d visits") % {"people": count, "visits": visits})
        db.refresh_statistics(*apps.get_models())
        self._say(
            _("Done in %(seconds)d seconds. Sign in as one of: %(logins)s.")
            % {"seconds": time.monotonic() - began, "logins": ", ".join(LOGINS)}
        )
        self._say(_("The password is %s.") % PASSWORD)

    def _say(self, text):
        self.stdout.write(text)
        self.stdout.flush()
