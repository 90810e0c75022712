"""Who may use a server, and what people keep there: `sighthound admin`."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sighthound.app.commands import FILE, PROJECT, Number
from sighthound.core import load_project
from sighthound.core.errors import SighthoundError
from sighthound.core.project.layout import (
    key_file,
    people_file,
    rights_file,
    shares_folder,
    state_address,
    uploads_folder,
)

if TYPE_CHECKING:
    from sighthound.app.rights.tokens import Tokens
    from sighthound.app.state.database import Database
    from sighthound.app.uploads.store import Uploads
    from sighthound.core.project.settings import Project

NAME = click.argument("name")
PERSON = click.option("--person", metavar="NAME", help="Only of this person.")


@click.group()
def admin() -> None:
    """Let people in, see what they read and keep, take it away (docs/rights.md).

    The server notices each change; it need not be started again.
    """


@admin.command("add-person")
@PROJECT
@NAME
@click.option(
    "--password-file",
    type=FILE,
    help="Take the password from the first line of this file ('-': standard input), not typed.",
)
def add_person(project: Path, name: str, password_file: Path | None) -> None:
    """Let NAME log in by a password, or give them another one.

    The password is asked for and kept as a hash, in people.tsv beside sighthound.toml. Another
    password ends all logins by the earlier one.
    """
    from sighthound.app.rights import people
    from sighthound.app.rights.logins import Logins

    lab = load_project(project)
    people.check_name(name)
    if password_file is None:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = _first_line(password_file)
    is_new = people.add_person(people_file(lab), name, password)
    ended = Logins(_state(lab)).end_all(name)
    click.echo(f"{name} can log in" if is_new else f"{name} has another password")
    if ended:
        click.echo(f"{ended:,} logins by the earlier one have ended")
    if lab.server.login != "passwords":
        click.echo('next: write login = "passwords" into [server] of sighthound.toml')


@admin.command("remove-person")
@PROJECT
@NAME
def remove_person(project: Path, name: str) -> None:
    """Let NAME log in no more: ends their logins, revokes their tokens, keeps what they kept."""
    from sighthound.app.rights import people
    from sighthound.app.rights.logins import Logins

    lab = load_project(project)
    if lab.server.login != "proxy":
        people.remove_person(people_file(lab), name)
    state = _state(lab)
    ended, revoked = Logins(state).end_all(name), _tokens(lab, state).revoke_all(name)
    click.echo(f"{name} is out: {ended:,} logins ended, {revoked:,} tokens revoked")


@admin.command("people")
@PROJECT
def list_people(project: Path) -> None:
    """List who can log in, their groups, and how many tracks they may see."""
    from sighthound.app.rights.groups import hidden_from, read_groups
    from sighthound.app.rights.people import read_people
    from sighthound.core.tracks.sets import read_track_sets

    lab = load_project(project)
    groups = read_groups(rights_file(lab))
    tracks = {track.id: track for track in lab.read_tracks()}
    sets = {} if lab.tracks.sets is None else read_track_sets(lab.tracks.sets, tracks)
    click.echo("person\tgroups\ttracks")
    known = set(read_people(people_file(lab)))
    known.update(*(group.people for group in groups or ()))
    for name in sorted(known - {"*"}):
        theirs = [group.name for group in groups or () if group.holds(name)]
        hidden = frozenset() if groups is None else hidden_from(name, groups, tracks, sets)
        click.echo(f"{name}\t{', '.join(theirs)}\t{len(tracks) - len(hidden)}")


@admin.command("tokens")
@PROJECT
@PERSON
def list_tokens(project: Path, person: str | None) -> None:
    """List the read tokens that hold, as a table."""
    lab = load_project(project)
    found = _tokens(lab, _state(lab))
    click.echo("id\tperson\tname\ttracks\tmade\texpires")
    for token in found.all() if person is None else found.of(person):
        only = ",".join(token.tracks) or "all that the person may see"
        times = _day(token.made), _day(token.expires)
        click.echo("\t".join([token.id, token.person, token.name, only, *times]))


@admin.command("add-token")
@PROJECT
@click.argument("person")
@click.option("--name", default="made by the administrator", show_default=True, help="What for.")
@click.option("--days", default=30, show_default=True, type=click.IntRange(1),
              help="How long it holds, at most 365.")  # fmt: skip
@click.option("--track", "tracks", multiple=True, metavar="ID", help="Only this; repeatable.")
def add_token(project: Path, person: str, name: str, days: int, tracks: tuple[str, ...]) -> None:
    """Make a read token for PERSON, and print it: for a script, or in front of links.

    A script sends it as the header Authorization: Bearer TOKEN. It reads what the person may see.
    """
    from sighthound.app.rights.people import check_name, read_people

    lab = load_project(project)
    known = read_people(people_file(lab))
    if lab.server.login == "passwords" and check_name(person) not in known:
        raise SighthoundError(f"nobody is called {person!r}; there is {', '.join(known)}")
    ids = {track.id for track in lab.read_tracks()}
    for track in tracks:
        if track not in ids:
            raise SighthoundError(f"there is no track {track!r} in {lab.tracks.table.name}")
    found = _tokens(lab, _state(lab))
    click.echo(found.text(found.make(person, name, days, tracks)))


@admin.command("revoke")
@PROJECT
@click.argument("identifier", metavar="ID", required=False)
@click.option("--person", metavar="NAME", help="All tokens of this person.")
def revoke(project: Path, identifier: str | None, person: str | None) -> None:
    """Let the read token ID, or all of a person, hold no more."""
    if (identifier is None) == (person is None):
        raise click.UsageError("give the ID of a token, or --person")
    lab = load_project(project)
    tokens = _tokens(lab, _state(lab))
    count = tokens.revoke_all(person) if person is not None else tokens.revoke(str(identifier))
    if not count:
        raise SighthoundError("no such token holds; 'sighthound admin tokens' lists those that do")
    click.echo(f"{int(count):,} revoked")


@admin.command("kept")
@PROJECT
@PERSON
def list_kept(project: Path, person: str | None) -> None:
    """List what people keep on the server, as a table: files that they added, views they shared."""
    lab = load_project(project)
    state = _state(lab)
    click.echo("id\twhat\tperson\tname\tbytes\tmade")
    uploads = _uploads(lab)
    names = _homes(lab, state, uploads)
    for home, files in uploads.homes():
        who = names.get(home, f"visitor {home[:8]}")
        for file in files if person in (None, who) else ():
            cells = [file.id, "file", who, file.name, str(file.bytes), _day(file.added)]
            click.echo("\t".join(cells))
    rows = state.read("SELECT name, person, bytes, made FROM shares ORDER BY made")
    for name, who, size, made in rows:
        if person in (None, who):
            click.echo("\t".join([name, "view", who, "", str(size), _day(made)]))


@admin.command("remove")
@PROJECT
@click.argument("identifier", metavar="ID")
def remove(project: Path, identifier: str) -> None:
    """Remove the file or the shared view ID, whosever it is."""
    from sighthound.app.api.shares import Shares
    from sighthound.core.project.layout import shares_folder

    lab = load_project(project)
    is_file = _uploads(lab).remove_any(identifier)
    is_view = Shares(shares_folder(lab), lab.server.shares_mb).remove(identifier)
    if is_view:
        _state(lab).write("DELETE FROM shares WHERE name = ?", identifier)
    if not is_file and not is_view:
        raise SighthoundError(
            f"nothing is kept as {identifier!r}; 'sighthound admin kept' lists what is"
        )
    click.echo(f"{identifier} is removed")


@admin.command("audit")
@PROJECT
@PERSON
@click.option("--track", metavar="ID", help="Only of requests that named this track.")
@click.option("--days", type=Number(0, min_open=True), help="Only of the last days.")
def audit(project: Path, person: str | None, track: str | None, days: float | None) -> None:
    """List who read what, as a table: a row an hour, person, way in and kind of request."""
    from sighthound.app.rights.audit import Audit

    lab = load_project(project)
    click.echo("hour\tperson\tvia\troute\tstatus\ttimes\tlast\ttracks")
    for one in Audit(_state(lab)).readings(person, track, days):
        cells = [
            _second(one.hour), one.person, one.via, one.route, str(one.status), str(one.times),
            _second(one.last), one.tracks,
        ]  # fmt: skip
        click.echo("\t".join(cells))


@admin.command("backup")
@PROJECT
@click.argument("file", type=FILE)
def backup(project: Path, file: Path) -> None:
    """Write into FILE all that people keep, while the server runs.

    That is logins, tokens, the log of what was read, shared views, people, groups and the server's
    own secret: for its owner's eyes only. What visitors added goes by itself and is left out.
    """
    from sighthound.app.state.backup import write_backup

    lab = load_project(project)
    single, views = _kept(lab)
    files = [*single, *views.glob("*.json")]
    count = write_backup(_state(lab), lab.root, files, file)
    click.echo(f"{file}: {count:,} rows and files; keep it where the project is not")


@admin.command("restore")
@PROJECT
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.confirmation_option(
    "--yes", prompt="This replaces logins, tokens and the log, and files of the same names. Go on?"
)
def restore(project: Path, file: Path) -> None:
    """Put what FILE holds in place of what is there, into the same kind of database or another.

    Stop the server before, and start it after: it knows its secret from its beginning.
    """
    from sighthound.app.state.backup import restore_backup

    lab = load_project(project)
    single, views = _kept(lab)
    allowed = [one.relative_to(lab.root).as_posix() for one in single]
    folder = f"{views.relative_to(lab.root).as_posix()}/"
    count = restore_backup(_state(lab), lab.root, [*allowed, folder], file)
    click.echo(f"{count:,} rows and files of {file} are in place; start the server")


def _kept(lab: Project) -> tuple[list[Path], Path]:
    """The files that go with the rows of the state, and the folder of views."""
    return [people_file(lab), rights_file(lab), key_file(lab)], shares_folder(lab)


def _state(lab: Project) -> Database:
    from sighthound.app.state.database import Database

    return Database(state_address(lab))


def _tokens(lab: Project, state: Database) -> Tokens:
    from sighthound.app.rights.tokens import Tokens
    from sighthound.app.state.key import server_key

    return Tokens(state, server_key(key_file(lab)))


def _uploads(lab: Project) -> Uploads:
    from sighthound.app.uploads.store import Uploads

    server = lab.server
    return Uploads(
        uploads_folder(lab), lab.open_genome(), file_mb=server.upload_mb,
        total_mb=server.uploads_mb, days=server.upload_days,
    )  # fmt: skip


def _homes(lab: Project, state: Database, uploads: Uploads) -> dict[str, str]:
    """Whose folder of files is whose: of all people that are known by anything."""
    from sighthound.app.rights.people import read_people
    from sighthound.app.rights.rights import visitor_of
    from sighthound.app.state.key import server_key

    names = set(read_people(people_file(lab)))
    for table in ("logins", "tokens", "shares", "readings"):
        names.update(str(row[0]) for row in state.read(f"SELECT DISTINCT person FROM {table}"))
    key = server_key(key_file(lab))
    return {uploads.home_of(visitor_of(key, name)): name for name in names}


def _first_line(file: Path) -> str:
    if str(file) == "-":
        return sys.stdin.readline().rstrip("\r\n")
    with file.open(encoding="utf-8") as lines:
        return lines.readline().rstrip("\r\n")


def _day(when: float) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(when))


def _second(when: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(when))
