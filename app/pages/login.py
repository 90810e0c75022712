"""The login page: a name and a password, in a form that needs no script; and logging out."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component
from flask import Blueprint, Response, redirect, request
from markupsafe import Markup

from sighthound.app.answers.jobs import Mistake
from sighthound.app.answers.written import respond_with
from sighthound.app.pages.bar import icon_button
from sighthound.app.pages.page import COMMON_STYLES, plain_html, script_bundle, style_bundle
from sighthound.app.rights.asking import PASSWORDS
from sighthound.app.rights.gate import LOGIN, local_address
from sighthound.app.rights.logins import DAYS, TooManyError
from sighthound.app.rights.people import MAX_NAME, MOST_PASSWORD, is_password
from sighthound.app.rights.rights import COOKIE, Rights
from sighthound.app.web.csrf import guard, guard_form
from sighthound.app.web.visitors import is_encrypted
from sighthound.core.errors import SighthoundError
from sighthound.core.project.settings import Project

BUNDLES = (
    style_bundle("login.css", [*COMMON_STYLES, "login.css"]),
    script_bundle("ui/login.js"),
)
# Dash has no elements for forms; what is filled in is escaped.
_FORM = Markup("""
<form method="post" action="{action}">
<input type="hidden" name="next" value="{onward}">
<label for="login-name">Name</label>
<input id="login-name" name="name" value="{name}" required maxlength="{most_name}"
 autocomplete="username" autocapitalize="none" spellcheck="false" {at_name}>
<label for="login-password">Password</label>
<input id="login-password" name="password" type="password" required maxlength="{most_password}"
 autocomplete="current-password" {at_password}>
{wrong}<button type="submit" class="button main">Log in</button>
</form>""")
_SAID = Markup('<p role="alert" class="login-wrong">{}</p>\n')
_WRONG = "That is not a name and its password."
_MOST_BYTES = 8_192
_DAY_S = 86_400


def blueprint(project: Project, rights: Rights) -> Blueprint:
    """Make the routes /login and /logout."""
    routes = Blueprint("login", __name__)

    @routes.get(LOGIN)
    def show() -> str:
        return page(project, request.args.get("next", "/"))

    @routes.post(LOGIN)
    def enter() -> Response | tuple[str, int]:
        request.max_content_length = _MOST_BYTES
        guard_form()
        onward = local_address(request.form.get("next", "/"))
        name = request.form.get("name", "").strip()[:MAX_NAME]
        address = request.remote_addr or ""
        if rights.login != PASSWORDS:
            raise SighthoundError("nobody logs in here by a password: the proxy says who asks")
        try:
            rights.logins.check_tries(name, address)
        except TooManyError as error:
            return page(project, onward, name, f"{error}."), 429
        if not is_password(rights.people(), name, request.form.get("password", "")):
            rights.logins.refuse(name, address)
            return page(project, onward, name, _WRONG), 401
        response: Response = redirect(f"{request.script_root}{onward}", 303)  # type: ignore[assignment]
        response.set_cookie(
            COOKIE,
            rights.logins.begin(name),
            max_age=DAYS * _DAY_S,
            path=request.script_root or "/",
            httponly=True,
            # A link in a mail leads to the page that it is of, not to the login.
            samesite="Lax",
            secure=is_encrypted(),
        )
        return response

    @routes.post("/logout")
    def leave() -> Response:
        guard()
        rights.logins.end(request.cookies.get(COOKIE, ""))
        response = respond_with(Mistake("you are logged out"))
        response.delete_cookie(COOKIE, path=request.script_root or "/")
        # What the browser keeps of answers is not for who logs in next.
        response.headers["Clear-Site-Data"] = '"cache"'
        return response

    return routes


def page(project: Project, onward: str = "/", name: str = "", wrong: str = "") -> str:
    """Make the page's HTML.

    Parameters
    ----------
    onward : str
        Where to go when logged in.
    name : str
        As it was typed.
    wrong : str
        What is wrong with that.
    """
    # The cursor stands where something is to be typed.
    at_name, at_password = ("", "autofocus") if name else ("autofocus", "")
    form = _FORM.format(
        action=f"{request.script_root}{LOGIN}",
        onward=local_address(onward),
        name=name,
        wrong=_SAID.format(wrong) if wrong else "",
        most_name=MAX_NAME,
        most_password=MOST_PASSWORD,
        at_name=at_name,
        at_password=at_password,
    )
    brand = [
        html.Span("Sighthound", className="brand"),
        html.Span(project.genome.name, id="genome"),
    ]
    top = html.Header(
        [
            html.Div(brand, className="brand-line"),
            icon_button("theme-toggle", "\u25d0", "Light or dark"),
        ],
        className="top",
    )
    words = "This server asks who you are. Its administrator gives out names and passwords."
    box = html.Div([html.H1(project.title), html.P(words), form], className="login-box")
    body: Component = html.Div([top, html.Main(box, className="login")], className="page")
    return plain_html(f"Log in \u2013 {project.title}", body, BUNDLES)
