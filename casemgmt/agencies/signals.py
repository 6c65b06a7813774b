"""Sign-ins, sign-outs and refusals are written down as they happen, outside any request's transaction.

That is no business rule: Django tells of them by signal only.
"""

from allauth.account.adapter import get_adapter
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.dispatch import receiver

from casemgmt.agencies.models import LoginEvent, User


@receiver(user_logged_in)
def signed_in(sender, request, user, **kwargs):
    LoginEvent.objects.create(kind="in", username=user.get_username(), address=_address(request))


@receiver(user_logged_out)
def signed_out(sender, request, user, **kwargs):
    if user is not None:  # a session that nobody had signed in to
        LoginEvent.objects.create(kind="out", username=user.get_username(), address=_address(request))


@receiver(user_login_failed)
def refused(sender, credentials, request=None, **kwargs):
    """Keep the name only where somebody has it: people type their password into the wrong field."""
    typed = (credentials.get("username") or credentials.get("email") or "")[:150]
    known = (
        User.objects.filter(Q(username__iexact=typed) | Q(email__iexact=typed))
        if typed
        else User.objects.none()
    )
    user = known.first()
    LoginEvent.objects.create(
        kind="refused", username=user.get_username() if user else "", address=_address(request)
    )


def _address(request):
    """Where the request came from, as the rate limits see it; None for a command or a unix socket."""
    if request is None:
        return None
    try:
        return get_adapter(request).get_client_ip(request)
    except PermissionDenied:
        return None
