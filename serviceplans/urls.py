from django.urls import path

from serviceplans import views

app_name = "serviceplans"

urlpatterns = [
    path("enrollments/<int:pk>/plan/", views.plan_begin, name="plan-begin"),
    path("enrollments/<int:pk>/plans/", views.plan_list, name="plan-list"),
    path("enrollments/<int:pk>/services/new/", views.referral_create, name="referral-create"),
    path("services/<int:pk>/edit/", views.referral_edit, name="referral-edit"),
    path("plans/<int:pk>/", views.plan_detail, name="plan-detail"),
    path("plans/<int:pk>/edit/", views.plan_edit, name="plan-edit"),
    path("plans/<int:pk>/sign/", views.plan_sign, name="plan-sign"),
    path("plans/<int:pk>/review/", views.plan_review, name="plan-review"),
    path("plans/<int:pk>/give/", views.plan_give, name="plan-give"),
    path("plans/<int:pk>/print/", views.plan_print, name="plan-print"),
    path("plans/<int:pk>/need-left/", views.need_left, name="need-left"),
    path("plans/<int:pk>/goals/new/", views.goal_create, name="goal-create"),
    path("goals/<int:pk>/edit/", views.goal_edit, name="goal-edit"),
    path("goals/<int:pk>/end/", views.goal_end, name="goal-end"),
    path("goals/<int:pk>/remove/", views.goal_remove, name="goal-remove"),
    path("goals/<int:pk>/objectives/new/", views.objective_create, name="objective-create"),
    path("objectives/<int:pk>/edit/", views.objective_edit, name="objective-edit"),
    path("objectives/<int:pk>/remove/", views.objective_remove, name="objective-remove"),
    path("objectives/<int:pk>/actions/new/", views.action_create, name="action-create"),
    path("actions/<int:pk>/done/", views.action_done, name="action-done"),
    path("actions/<int:pk>/remove/", views.action_remove, name="action-remove"),
]
