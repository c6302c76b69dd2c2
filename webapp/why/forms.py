"""Who looks, at what, and why.

Invariant: a subject is an opaque id; a user is named by their user name.
"""

from __future__ import annotations

from govuk_frontend_wtf.wtforms_widgets import GovSelect, GovSubmitInput, GovTextInput
from wtforms import SelectField, StringField, SubmitField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired

from governance.registration import Agency
from webapp.forms import Form, trimmed
from webapp.register.forms import purposes, roles


class WhyForm(Form):
    """The question."""

    class Meta:
        csrf = False  # it only asks

    subject = StringField(
        "Person, address, record or contact",
        widget=GovTextInput(),
        filters=[trimmed],
        validators=[DataRequired(message="Enter an id")],
    )
    username = StringField("Who looks: a user", widget=GovTextInput(), filters=[trimmed])
    # What is left out of a link stands for nothing chosen; the governance room checks both.
    agency = SelectField("Or any user of an agency", widget=GovSelect(), validate_choice=False)
    role = SelectField("Acting as", widget=GovSelect(), validate_choice=False)
    purpose = SelectField("Looking because", widget=GovSelect(), default="visit")
    submit = SubmitField("Show why", widget=GovSubmitInput())

    def offer(self, agencies: list[Agency]) -> None:
        """Fill the choices."""
        named = [SelectChoice(each.agency_id, each.label) for each in agencies]
        self.agency.choices = [SelectChoice("", "None"), *named]
        self.role.choices = [SelectChoice(code, words) for code, words in roles().items()]
        self.purpose.choices = [SelectChoice(code, words) for code, words in purposes().items()]
