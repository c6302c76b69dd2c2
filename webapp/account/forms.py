"""The forms of one's own account. Invariant: a password is never put back into the page."""

from __future__ import annotations

from govuk_frontend_wtf.wtforms_widgets import GovPasswordInput, GovSubmitInput
from wtforms import PasswordField, SubmitField
from wtforms.validators import InputRequired, Length

from webapp.forms import Form
from webapp.signin.forms import FirstPasswordForm


class PasswordForm(FirstPasswordForm):
    """The password as it is, and twice as it shall be."""

    current = PasswordField(
        "Password now",
        widget=GovPasswordInput(),
        validators=[InputRequired(message="Enter your password"), Length(max=1000)],
    )
    submit = SubmitField("Change the password", widget=GovSubmitInput())


class OthersForm(Form):
    """The password, to end one's other sessions."""

    password = PasswordField(
        "Password",
        widget=GovPasswordInput(),
        validators=[InputRequired(message="Enter your password"), Length(max=1000)],
    )
    submit = SubmitField("Sign out everywhere else", widget=GovSubmitInput())
