from django.urls import path

from serviceplans.views import (
    checking,
    goals,
    interrupting,
    linking,
    matching,
    plan,
    planned,
    review,
    signing,
)

app_name = "serviceplans"

urlpatterns = [
    path("enrollments/<int:pk>/plan/", plan.plan_begin, name="plan-begin"),
    path("enrollments/<int:pk>/plans/", plan.plan_list, name="plan-list"),
    path("enrollments/<int:pk>/services/new/", linking.referral_create, name="referral-create"),
    path("enrollments/<int:pk>/find/", matching.resource_find, name="resource-find"),
    path("enrollments/<int:pk>/authorizations/", planned.authorization_list, name="authorization-list"),
    path("enrollments/<int:pk>/authorizations/new/", planned.authorization_create, name="authorization-create"),
    path("authorizations/<int:pk>/edit/", planned.authorization_edit, name="authorization-edit"),
    path("objectives/<int:pk>/services/new/", planned.planned_create, name="planned-create"),
    path("planned/<int:pk>/edit/", planned.planned_edit, name="planned-edit"),
    path("planned/<int:pk>/remove/", planned.planned_remove, name="planned-remove"),
    path("planned/<int:pk>/delivered/", planned.planned_delivered, name="planned-delivered"),
    path(
        "enrollments/<int:pk>/interruptions/new/", interrupting.interruption_create, name="interruption-create"
    ),
    path("interruptions/<int:pk>/", interrupting.interruption_edit, name="interruption-edit"),
    path("services/<int:pk>/", linking.referral_detail, name="referral-detail"),
    path("services/<int:pk>/step/", linking.referral_step, name="referral-step"),
    path("services/<int:pk>/edit/", linking.referral_edit, name="referral-edit"),
    path("plans/<int:pk>/", plan.plan_detail, name="plan-detail"),
    path("plans/<int:pk>/edit/", plan.plan_edit, name="plan-edit"),
    path("plans/<int:pk>/sign/", signing.plan_sign, name="plan-sign"),
    path("plans/<int:pk>/review/", review.plan_review, name="plan-review"),
    path("plans/<int:pk>/hear/", signing.plan_hear, name="plan-hear"),
    path("plans/<int:pk>/approve/", signing.plan_approve, name="plan-approve"),
    path("plans/<int:pk>/reopen/", signing.plan_reopen, name="plan-reopen"),
    path("plans/<int:pk>/review/put-off/", review.review_put_off, name="review-put-off"),
    path("plans/<int:pk>/give/", plan.plan_give, name="plan-give"),
    path("plans/<int:pk>/print/", plan.plan_print, name="plan-print"),
    path("plans/<int:pk>/need-left/", plan.need_left, name="need-left"),
    path("plans/<int:pk>/goals/new/", goals.goal_create, name="goal-create"),
    path("plans/<int:pk>/check/", checking.objective_check, name="objective-check"),
    path("goals/<int:pk>/edit/", goals.goal_edit, name="goal-edit"),
    path("goals/<int:pk>/end/", goals.goal_end, name="goal-end"),
    path("goals/<int:pk>/remove/", goals.goal_remove, name="goal-remove"),
    path("goals/<int:pk>/objectives/new/", goals.objective_create, name="objective-create"),
    path("objectives/<int:pk>/edit/", goals.objective_edit, name="objective-edit"),
    path("objectives/<int:pk>/remove/", goals.objective_remove, name="objective-remove"),
    path("objectives/<int:pk>/actions/new/", goals.action_create, name="action-create"),
    path("actions/<int:pk>/edit/", goals.action_edit, name="action-edit"),
    path("actions/<int:pk>/done/", goals.action_done, name="action-done"),
    path("actions/<int:pk>/remove/", goals.action_remove, name="action-remove"),
]
