"""Logins for jobs, in the set-up and in imports: whose a user name and an e-mail are, and the message about it."""

from allauth.account.adapter import get_adapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from casemgmt.agencies.models import User
from casemgmt.core.models import Refused


def find_login(username, email):
    """The login that both belong to; None when neither is anybody's, so that one may be made. Raises Refused.

    What else is known about a login stays unknown here, and so does whether it was there before.
    """
    known = User.objects.filter(Q(username__iexact=username) | Q(email__iexact=email))
    both = [u for u in known if (u.username, u.email.lower()) == (username, email.lower())]
    if len(both) == 1 and both[0].is_active and not both[0].is_superuser:
        return both[0]
    if known:
        # Not which of the two, nor whose.
        raise Refused(_("This user name and e-mail cannot be used. Check both."))
    return None


def make_login(username, email):
    """A login without a password: its owner chooses one."""
    user = User(username=username, email=email)
    user.set_unusable_password()
    user.save()
    return user


def write_to(request, job):
    """Tell the owner of a login, and nobody else, how to get in: the agency admin never holds a password."""
    adapter, user = get_adapter(request), job.user

    def send():
        key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
        text = render_to_string(
            "agencies/login_given.txt",
            {
                "agency": job.agency,
                "login": user.get_username(),
                "by": request.staff,
                "site": request.build_absolute_uri("/"),
                "link": adapter.get_reset_password_from_key_url(key),
                "has_password": user.has_usable_password(),
            },
        )
        send_mail(_("Your account at %s") % job.agency, text, None, [user.email])

    transaction.on_commit(send, robust=True)
