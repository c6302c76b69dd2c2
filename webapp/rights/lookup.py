"""Finding whom a person's request is about.

Invariant: what is typed is in no address and nowhere kept; the answer is on record before it is
shown.
"""

from __future__ import annotations

from flask import Blueprint, render_template
from govuk_frontend_wtf.wtforms_widgets import GovSubmitInput, GovTextInput
from wtforms import StringField, SubmitField
from wtforms.validators import Length

from governance.declared import records, records_nothing
from governance.permissions import Permission
from governance.subject_cases import SubjectError
from governance.subject_events import PeopleLookedUp
from kith.rights.lookup import AGREED, Sought, look_up
from kith.rights.wording import Labels
from webapp.access import Purpose, needs
from webapp.context import user, web
from webapp.forms import Form, a_day, read_day, trimmed
from webapp.retention.arrange import sentence

blueprint = Blueprint("rights_lookup", __name__)


def _field(label: str, *more: object) -> StringField:
    return StringField(
        label, widget=GovTextInput(), filters=[trimmed], validators=[Length(max=100), *more]
    )


class LookUpForm(Form):
    """What a person says of themselves."""

    given_name = _field("Forename")
    family_name = _field("Surname")
    birth_date = _field("Date of birth", a_day)
    postcode = _field("Postcode of an address of theirs, now or before")
    nhs_number = _field("NHS number")
    submit = SubmitField("Look", widget=GovSubmitInput())

    def sought(self) -> Sought:
        """What was filled in; the form is valid."""
        born = self.birth_date.data
        return Sought(
            given_name=self.given_name.data,
            family_name=self.family_name.data,
            birth_date=read_day(born) if born else None,
            postcode=self.postcode.data,
            nhs_number=self.nhs_number.data,
        )


@blueprint.get("/rights/look-up")
@needs(Permission.HANDLE_RIGHTS, purpose=Purpose.NOT_NEEDED)
@records_nothing("an empty form")
def ask_about() -> str:
    """Where to say what is known."""
    return render_template("rights-look-up.html", form=LookUpForm(formdata=None), found=None)


@blueprint.post("/rights/look-up")
@needs(Permission.HANDLE_RIGHTS, purpose=Purpose.NOT_NEEDED, rate="20 per minute")
@records(PeopleLookedUp)
def look_up_person() -> str | tuple[str, int]:
    """Those who may be meant."""
    form = LookUpForm()
    if not form.validate_on_submit():
        return render_template("rights-look-up.html", form=form, found=None), 400
    try:
        found = look_up(web().home, user(), form.sought())
    except SubjectError as error:
        form.given_name.errors = [sentence(error)]
        return render_template("rights-look-up.html", form=form, found=None), 400
    with web().home.register.session() as session:
        labels = Labels.of(session)
    return render_template(
        "rights-look-up.html", form=form, found=found, labels=labels, words=AGREED
    )
