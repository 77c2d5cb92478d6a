"""Sessions, letters, and the demo's sign-in."""

from django.conf import settings
from django.urls import path

from entitlements.views import demo, engagements, letters, outcomes, policy, year_card
from entitlements.views import asking, demo, engagements, letters, outcomes, year_card
from entitlements.views import asking, demo, engagements, letters, moving, outcomes, year_card
from entitlements.views import demo, engagements, invitations, letters, outcomes, people, policy, year_card
from entitlements.views import (
    accounts,
    contacts,
    demo,
    engagements,
    invitations,
    letters,
    outcomes,
    people,
    policy,
    step_up,
    year_card,
)
from entitlements.views import demo, engagements, letters, outcomes, statements, year_card

urlpatterns = [
    path("sessions/", year_card.current, name="year_card"),
    path("sessions/years/<int:pk>/", year_card.year, name="contract_year"),
    path("sessions/years/<int:pk>/ledger/", year_card.ledger, name="contract_year_ledger"),
    path("sessions/policy/<int:pk>/", policy.edition, name="policy"),
    path("sessions/policy/<int:pk>/policy.txt", policy.as_text, name="policy_text"),
    path("sessions/engagements/", engagements.listing, name="engagement_list"),
    path("sessions/request/<int:contract>/<slug:activity>/", asking.ask, name="request_engagement"),
    path(
        "sessions/request/<int:contract>/<slug:activity>/professional-services/",
        asking.ask_beyond,
        name="request_professional_services",
    ),
    path("sessions/engagements/<str:reference>/", engagements.detail, name="engagement"),
    path("sessions/engagements/<str:reference>/move/", moving.move, name="move_engagement"),
    path("sessions/engagements/<str:reference>/withdraw/", engagements.withdraw, name="withdraw_engagement"),
    path("sessions/engagements/<str:reference>/cancel/", engagements.cancel, name="cancel_engagement"),
    path("sessions/engagements/<str:reference>/calendar.ics", engagements.calendar, name="engagement_calendar"),
    path("sessions/years/<int:pk>/statement/", statements.detail, name="year_statement"),
    path("sessions/years/<int:pk>/statement.pdf", statements.as_pdf, name="year_statement_pdf"),
    path("sessions/recommendations/", outcomes.listing, name="recommendation_list"),
    path("sessions/engagements/<str:reference>/outcome/", outcomes.detail, name="engagement_outcome"),
    path("sessions/engagements/<str:reference>/outcome/<int:n>/", outcomes.version, name="engagement_outcome_version"),
    path(
        "sessions/engagements/<str:reference>/recommendations/<int:number>/",
        outcomes.recommendation,
        name="recommendation",
    ),
    path("sessions/engagements/<str:reference>/feedback/", outcomes.feedback, name="engagement_feedback"),
    path("letters/", letters.listing, name="letter_list"),
    path("letters/<int:pk>/", letters.detail, name="letter"),
    path("people/", people.listing, name="people"),
    path("people/<int:customer>/invite/", people.invite, name="invite_person"),
    path("people/<int:pk>/roles/", people.change_roles, name="change_roles"),
    path("people/<int:pk>/remove/", people.remove, name="remove_person"),
    path("people/<int:pk>/leave/", people.leave, name="leave_customer"),
    path("people/invitations/<str:reference>/again/", people.invite_again, name="send_invitation_again"),
    path("people/invitations/<str:reference>/withdraw/", people.withdraw, name="withdraw_invitation"),
    path("people/<int:customer>/contacts/add/", contacts.add, name="add_legal_contact"),
    path("people/contacts/<int:pk>/again/", contacts.ask_again, name="send_contact_link_again"),
    path("people/contacts/<int:pk>/remove/", contacts.remove, name="remove_legal_contact"),
    path("contacts/<str:token>/", contacts.confirm, name="confirm_legal_contact"),
    path("addresses/<str:token>/", accounts.confirm_address, name="confirm_address"),
    path("account/", accounts.account, name="account"),
    path("account/confirm/", step_up.step_up, name="step_up"),
    path("account/address/", accounts.address, name="own_address"),
    path("account/display/", accounts.display, name="display_settings"),
    path("account/letters/<int:pk>/", accounts.letters, name="letter_settings"),
    path("account/sign-ins/", accounts.sign_ins, name="sign_ins"),
    path("account/sign-ins/<int:pk>/end/", accounts.end_sign_in, name="end_sign_in"),
    path("account/stay/", accounts.stay, name="stay_signed_in"),
    path("account/kept/", accounts.what_is_kept, name="what_is_kept"),
    path("invitations/<str:token>/", invitations.invitation, name="invitation"),
    path("invitations/<str:token>/ask/", invitations.ask, name="ask_for_invitation"),
]

if settings.DEMO:
    urlpatterns += [path("demo/sign-in/<str:token>/", demo.sign_in, name="demo_sign_in")]
