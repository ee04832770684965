"""The sentences of the sign-in library in our words. It translates them itself; here they are marked."""

from __future__ import annotations


def N_(sentence: str) -> str:  # noqa: N802 (the name by which catalogues are filled)
    """The sentence, marked for the catalogues."""
    return sentence


# By the library's names: sentence and tone.
MESSAGES: dict[str, tuple[str, str]] = {
    "GENERIC_AUTHN_FAILED": (
        N_("This address and this password do not belong together. Check both, or ask for a new password."),
        "error",
    ),
    "GENERIC_RECOVERY": (N_("If the address has an account, a mail is on its way."), "info"),
    "PASSWORD_RESET_REQUEST": (
        N_("If the address has an account, a mail with a link is on its way. The link works for an hour."),
        "info",
    ),
    "PASSWORD_RESET_EXPIRED": (N_("The link is too old. Ask for a new one."), "error"),
    "INVALID_RESET_PASSWORD_TOKEN": (
        N_("The link was used already or is not complete. Ask for a new one."),
        "error",
    ),
    "PASSWORD_RESET_NO_LOGIN": (N_("Your new password is set. Sign in with it."), "success"),
    "PASSWORD_CHANGE": (N_("Your new password is set. Your other browsers are signed out."), "success"),
    "PASSWORD_IS_THE_SAME": (N_("This is your present password. Choose another."), "error"),
    "PASSWORD_NOT_PROVIDED": (N_("Enter a password."), "error"),
    "PASSWORD_MISMATCH": (N_("The two passwords differ. Type the new one twice."), "error"),
    "RETYPE_PASSWORD_MISMATCH": (N_("The two passwords differ. Type the new one twice."), "error"),
    "INVALID_PASSWORD": (N_("This is not your present password."), "error"),
    "EMAIL_NOT_PROVIDED": (N_("Enter your email address."), "error"),
    "INVALID_EMAIL_ADDRESS": (N_("Enter an email address such as name@example.org."), "error"),
    "INVALID_CODE": (N_("This code is wrong or was used already. Wait for the next one."), "error"),
    "TWO_FACTOR_INVALID_TOKEN": (
        N_("This code is wrong or was used already. Wait for the next one."),
        "error",
    ),
    "INVALID_RECOVERY_CODE": (N_("This is none of your recovery codes, or it was used already."), "error"),
    "TWO_FACTOR_LOGIN_SUCCESSFUL": (N_("You are signed in."), "success"),
    "TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": (
        N_("The second factor is on. Make recovery codes now, for the day you lose your phone."),
        "success",
    ),
    "TWO_FACTOR_DISABLED": (N_("The second factor is off."), "success"),
    "TWO_FACTOR_PERMISSION_DENIED": (N_("Sign in with your password first."), "error"),
    "TWO_FACTOR_METHOD_NOT_AVAILABLE": (N_("Choose one of the buttons on the page."), "error"),
    "TWO_FACTOR_SETUP_EXPIRED": (N_("That took too long. Start again."), "error"),
    "REAUTHENTICATION_REQUIRED": (N_("Enter your password once more before you change this."), "info"),
    "REAUTHENTICATION_SUCCESSFUL": (N_("Thank you. You may go on."), "success"),
    "UNAUTHENTICATED": (N_("Sign in to see this page."), "info"),
    "UNAUTHORIZED": (N_("Your account has no right to this page."), "error"),
    "INVALID_REDIRECT": (N_("Sign in here; then open your page again."), "error"),
    "ANONYMOUS_USER_REQUIRED": (N_("You are signed in already."), "info"),
    "WEBAUTHN_EXPIRED": (N_("That took too long. Start again."), "error"),
    "WEBAUTHN_NAME_REQUIRED": (N_("Give the passkey a name, such as that of your phone."), "error"),
    "WEBAUTHN_NAME_INUSE": (N_("You have a passkey of this name. Choose another name."), "error"),
    "WEBAUTHN_NAME_NOT_FOUND": (N_("You have no passkey of this name."), "error"),
    "WEBAUTHN_CREDENTIAL_DELETED": (
        N_("The passkey is removed. You may delete it on your device too."),
        "success",
    ),
    "WEBAUTHN_REGISTER_SUCCESSFUL": (
        N_("The passkey is added. Make recovery codes now, for the day you lose your device."),
        "success",
    ),
    "WEBAUTHN_CREDENTIAL_ID_INUSE": (N_("This passkey was added already."), "error"),
    "WEBAUTHN_UNKNOWN_CREDENTIAL_ID": (
        N_("We do not know this passkey. Use another one, or your password."),
        "error",
    ),
    "WEBAUTHN_ORPHAN_CREDENTIAL_ID": (
        N_("We do not know this passkey. Use another one, or your password."),
        "error",
    ),
    "WEBAUTHN_NO_VERIFY": (N_("The passkey’s answer does not fit our question. Try again."), "error"),
    "WEBAUTHN_CREDENTIAL_WRONG_USAGE": (N_("The passkey’s answer does not fit our question. Try again."), "error"),
    "WEBAUTHN_MISMATCH_USER_HANDLE": (N_("The passkey’s answer does not fit our question. Try again."), "error"),
    "DISABLED_ACCOUNT": (
        N_("We do not know this passkey. Use another one, or your password."),
        "error",
    ),
    "API_ERROR": (N_("We could not read that. Try again."), "error"),
}
SUBJECTS: dict[str, str] = {
    "PASSWORD_RESET": N_("Your link for a new password"),
    "PASSWORD_NOTICE": N_("Your password was set anew"),
    "PASSWORD_CHANGE_NOTICE": N_("Your password was changed"),
}
