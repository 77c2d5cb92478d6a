"""Where everything is."""

from allauth.account.decorators import secure_admin_login
from allauth.account.views import password_set
from allauth.mfa.totp.views import activate_totp
from allauth.mfa.webauthn.views import add_webauthn
from django.contrib import admin
from django.urls import include, path

from config.errors import not_offered
from entitlements.views.step_up import factor_was_shown, freshly_signed_in

admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("admin/", admin.site.urls),
    # Whoever can add an address to an account can sign in by it: addresses are changed at the desk, and nobody signs up.
    path("accounts/email/", not_offered, name="account_email_not_offered"),
    path("accounts/signup/", not_offered, name="account_signup_not_offered"),
    path("accounts/sessions/", not_offered, name="usersessions_not_offered"),  # ours is /account/sign-ins/
    # Whoever has no password is asked for nothing by the library before a factor is added: a code by letter, then.
    path("accounts/2fa/totp/activate/", freshly_signed_in(factor_was_shown(activate_totp)), name="mfa_activate_totp"),
    path("accounts/2fa/webauthn/add/", freshly_signed_in(factor_was_shown(add_webauthn)), name="mfa_add_webauthn"),
    path("accounts/password/set/", freshly_signed_in(password_set), name="account_set_password"),
    path("accounts/", include("allauth.urls")),
    path("", include("sla.urls")),
    path("", include("entitlements.urls")),
]

handler403 = "config.errors.permission_denied"
handler400 = "config.errors.bad_request"
handler429 = "config.errors.too_many_requests"
handler500 = "config.errors.server_error"
