from serviceplans.models.action import PlanAction
from serviceplans.models.funding import (
    BilledVisit,
    BillingLine,
    BillingRun,
    CoveredWork,
    EnrollmentFunding,
    FundingSource,
    WorkedDay,
)
from serviceplans.models.goal import SMART_LABELS, Goal, Objective
from serviceplans.models.library import GoalTemplate
from serviceplans.models.links import GoalBarrier, GoalNeed
from serviceplans.models.plan import (
    DischargeCriterion,
    Lack,
    NeedLeft,
    ServicePlan,
)
from serviceplans.models.progress import GoalProgress
from serviceplans.models.referral import AlreadyServed, ReferralStep, ServiceReferral, StepLacks
from serviceplans.models.review import GoalReview, ObjectiveRating, PlanReview, ReviewExemption
from serviceplans.models.service import (
    Authorization,
    PlannedService,
    ServiceDelivered,
    ServiceInterruption,
)
from serviceplans.models.signing import PlanAddendum, PlanSeal, PlanSignature

__all__ = [
    "SMART_LABELS",
    "AlreadyServed",
    "Authorization",
    "BilledVisit",
    "BillingLine",
    "BillingRun",
    "CoveredWork",
    "DischargeCriterion",
    "EnrollmentFunding",
    "FundingSource",
    "Goal",
    "GoalBarrier",
    "GoalNeed",
    "GoalProgress",
    "GoalReview",
    "GoalTemplate",
    "Lack",
    "NeedLeft",
    "Objective",
    "ObjectiveRating",
    "PlanAction",
    "PlanAddendum",
    "PlanReview",
    "PlanSeal",
    "PlanSignature",
    "PlannedService",
    "ReferralStep",
    "ReviewExemption",
    "ServiceDelivered",
    "ServiceInterruption",
    "ServicePlan",
    "ServiceReferral",
    "StepLacks",
    "WorkedDay",
]
