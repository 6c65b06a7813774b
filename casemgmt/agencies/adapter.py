from allauth.account.adapter import DefaultAccountAdapter


class ClosedDoor(DefaultAccountAdapter):
    """Nobody signs themselves up: an agency admin gives people their jobs."""

    def is_open_for_signup(self, request):
        return False
