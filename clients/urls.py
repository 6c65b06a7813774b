from django.urls import path

from clients.views import front_door, people

app_name = "clients"

urlpatterns = [
    path("clients/", people.client_list, name="client-list"),
    path("clients/<int:pk>/edit/", people.client_edit, name="client-edit"),
    path("intakes/", front_door.intake_list, name="intake-list"),
    path("intakes/new/", front_door.intake_create, name="intake-create"),
    path("intakes/<int:pk>/", front_door.intake_detail, name="intake-detail"),
    path("intakes/<int:pk>/edit/", front_door.intake_edit, name="intake-edit"),
    path("intakes/<int:pk>/decide/", front_door.intake_decide, name="intake-decide"),
    path("referrals/new/", front_door.referral_create, name="referral-create"),
    path("referrals/<int:pk>/", front_door.referral_detail, name="referral-detail"),
    path("decisions/<int:pk>/asked/", front_door.decision_followed_up, name="decision-followed-up"),
    path("follow-ups/<int:pk>/", people.follow_up, name="follow-up"),
]
