from serviceplans.models.goal import SMART_LABELS, Goal, GoalNeed, Objective, PlanAction
from serviceplans.models.plan import Lack, NeedLeft, PlanSignature, ServicePlan
from serviceplans.models.progress import GoalProgress
from serviceplans.models.referral import AlreadyServed, ServiceReferral
from serviceplans.models.review import PlanReview

__all__ = [
    "SMART_LABELS",
    "AlreadyServed",
    "Goal",
    "GoalNeed",
    "GoalProgress",
    "Lack",
    "NeedLeft",
    "Objective",
    "PlanAction",
    "PlanReview",
    "PlanSignature",
    "ServicePlan",
    "ServiceReferral",
]
