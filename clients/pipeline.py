"""The stages of a period of service, and the one tube through which upper floors speak down: gates.

A gate tells in words why an enrollment may not yet enter a stage. Each floor registers its own in its `gates.py`.
"""

from collections import defaultdict

from django.db import models
from django.utils.translation import gettext_lazy as _


class Stage(models.TextChoices):
    """From enrolling to the end of aftercare (REQ-100, 167); referral and intake have their own status."""

    ENROLLED = "enrolled", _("Enrolled")
    ASSESSED = "assessed", _("Assessed")
    PLANNED = "planned", _("Planned")
    ACTIVE = "active", _("Active")
    CONCLUDING = "concluding", _("Concluding")
    DISCHARGED = "discharged", _("Discharged")
    CLOSED = "closed", _("Closed")


ORDER = list(Stage)
OPEN_STAGES = ORDER[: ORDER.index(Stage.DISCHARGED)]

# Where one may go from each stage. Backward steps need a reason; an early end goes through concluding.
STEPS = {
    Stage.ENROLLED: {Stage.ASSESSED, Stage.CONCLUDING},
    Stage.ASSESSED: {Stage.PLANNED, Stage.ENROLLED, Stage.CONCLUDING},
    Stage.PLANNED: {Stage.ACTIVE, Stage.ASSESSED, Stage.CONCLUDING},
    Stage.ACTIVE: {Stage.CONCLUDING, Stage.PLANNED},
    Stage.CONCLUDING: {Stage.DISCHARGED, Stage.ACTIVE, Stage.PLANNED, Stage.ASSESSED, Stage.ENROLLED},
    Stage.DISCHARGED: {Stage.CLOSED, Stage.CONCLUDING},
    Stage.CLOSED: set(),
}

_gates = defaultdict(list)


def is_backward(here, there):
    """Whether a step goes back, which needs a reason."""
    return ORDER.index(Stage(there)) < ORDER.index(Stage(here))


def gate(stage):
    """Register a function of an enrollment that yields sentences, one for each thing missing before `stage`."""

    def register(check):
        _gates[Stage(stage)].append(check)
        return check

    return register


def missing(enrollment, stage):
    """What stands between an enrollment and a stage, in the user's words; an empty list: nothing."""
    return [str(sentence) for check in _gates[Stage(stage)] for sentence in check(enrollment)]
