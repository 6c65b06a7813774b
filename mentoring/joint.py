"""What a pair did together in a visit, told by the part that each of them took."""

from clients.models import VisitParticipant

_R = VisitParticipant.Role
# (the mentor's role, the new hire's role): the code of the activity
CODES = {
    (_R.LEAD, _R.SHADOWING): "SHADOW",
    (_R.OBSERVING, _R.LEAD): "OBSERVE",
    (_R.CO_LEAD, _R.LEAD): "CO_VISIT",
    (_R.LEAD, _R.CO_LEAD): "CO_VISIT",
}


def code_of(mentor_role, mentee_role):
    """The activity's code; any other way of going along counts as a visit done together."""
    return CODES.get((mentor_role, mentee_role), "CO_VISIT")
