"""The sign-in forms. Invariant: a password or a code is never put back into the page."""

from __future__ import annotations

from govuk_frontend_wtf.wtforms_widgets import GovPasswordInput, GovSubmitInput, GovTextInput
from wtforms import PasswordField, StringField, SubmitField
from wtforms.validators import EqualTo, InputRequired, Length

from webapp.forms import Form


class SignInForm(Form):
    """User name and password."""

    username = StringField(
        "User name",
        widget=GovTextInput(),
        validators=[InputRequired(message="Enter your user name"), Length(max=200)],
    )
    password = PasswordField(
        "Password",
        widget=GovPasswordInput(),
        validators=[InputRequired(message="Enter your password"), Length(max=1000)],
    )
    submit = SubmitField("Sign in", widget=GovSubmitInput())


class CodeForm(Form):
    """A code of the app, or a recovery code."""

    code = StringField(
        "Code",
        widget=GovTextInput(),
        validators=[InputRequired(message="Enter the code"), Length(max=40)],
    )
    submit = SubmitField("Continue", widget=GovSubmitInput())


class OwnCodeForm(CodeForm):
    """The same within a session: who sits down at somebody's desk does not know the password."""

    password = PasswordField(
        "Your password",
        widget=GovPasswordInput(),
        validators=[InputRequired(message="Enter your password"), Length(max=1000)],
    )


class FirstPasswordForm(Form):
    """A password of one's own, twice."""

    new = PasswordField(
        "New password",
        widget=GovPasswordInput(),
        validators=[InputRequired(message="Enter the new password"), Length(max=1000)],
    )
    again = PasswordField(
        "New password once more",
        widget=GovPasswordInput(),
        validators=[EqualTo("new", message="The new password is not the same both times")],
    )
    submit = SubmitField("Continue", widget=GovSubmitInput())


class SignOutForm(Form):
    """A button, and the token."""
