"""The routes about tables of scored variants: lists that are scored here, rows, and files."""

from __future__ import annotations

import math
from typing import Any

from flask import Blueprint, Response, request

from sighthound.app.answers.jobs import Mistake
from sighthound.app.answers.kept import Removed
from sighthound.app.answers.scored import (
    AskedRun,
    DescribedTable,
    RunLimits,
    ScoredRows,
    VariantRun,
    VariantTables,
)
from sighthound.app.answers.written import respond_with
from sighthound.app.inference.client import Answer
from sighthound.app.project_state import Catalogue
from sighthound.app.uploads.store import Uploads
from sighthound.app.variants.files import FORMS, written
from sighthound.app.variants.lists import read_list, without_repeats
from sighthound.app.variants.runs import MAX_ALLELES, Runs
from sighthound.app.variants.tables import (
    ANY,
    DIRECTIONS,
    ORDERS,
    AskedRows,
    ScoredTables,
    Selection,
)
from sighthound.app.web.csrf import asked_json, guard
from sighthound.app.web.operation import Operation, Operations
from sighthound.app.web.parameters import check_known, integer, one_of, shown
from sighthound.app.web.visitors import DAYS, known_visitor, remember, visitor
from sighthound.core.errors import SighthoundError
from sighthound.core.interpretation.scores import SCORES
from sighthound.core.project.layout import variant_ids_folder
from sighthound.core.variants.rsids import VariantIds
from sighthound.core.variants.variant import Variant

MAX_TEXT_BYTES = 4 << 20  # of a list that is pasted
MOST_SITES = 500
_FILTERS = "score track? gene? words? least? percentile? known? sign? order?"
_AT = "/api/v1/variant-tables"

OPERATIONS: Operations = {
    _AT: {
        "get": Operation("Tables of scored variants, and what may be scored.", gives=VariantTables),
        "post": Operation("Read a list of variants to score.", gives=VariantRun, body=AskedRun),
    },
    f"{_AT}/{{identifier}}": {
        "get": Operation(
            "What a table of scored variants is of.", "identifier", DescribedTable, can_miss=True
        ),
        "delete": Operation("Remove a list and its scores.", "identifier", Removed, can_miss=True),
    },
    f"{_AT}/{{identifier}}/run": {
        "get": Operation("How far a list is.", "identifier", VariantRun, can_miss=True)
    },
    f"{_AT}/{{identifier}}/start": {
        "post": Operation(
            "Score a list, or go on with it.", "identifier", VariantRun, can_miss=True
        )
    },
    f"{_AT}/{{identifier}}/stop": {
        "post": Operation(
            "Stop scoring a list, which keeps what it has.",
            "identifier",
            VariantRun,
            can_miss=True,
        )
    },
    f"{_AT}/{{identifier}}/rows": {
        "get": Operation(
            "Sites of a table with what is asked for.",
            f"identifier {_FILTERS} first? limit?",
            ScoredRows,
            can_miss=True,
        )
    },
    f"{_AT}/{{identifier}}/file": {
        "get": Operation(
            "What is asked for of a table, as a file.",
            f"identifier form {_FILTERS}",
            media=tuple(FORMS.values()),
            can_miss=True,
        )
    },
}


def blueprint(
    catalogue: Catalogue, uploads: Uploads, runs: Runs, tables: ScoredTables
) -> Blueprint:
    """Make the routes /api/v1/variant-tables."""
    routes = Blueprint("variant-tables", __name__, url_prefix=_AT)
    vcf = catalogue.project.variants.vcf
    folder = variant_ids_folder(catalogue.project)
    ids = VariantIds(vcf, folder, catalogue.genome) if vcf else None

    def known(name: str) -> list[Variant]:
        """The variants of an id; its table is made when the first is asked for."""
        if ids is None or not name.isprintable() or " " in name:
            return []
        ids.build()
        return [v for v in ids.find(name) if v.id.lower() == name.lower()]

    @routes.get("")
    def listed() -> Response:
        members = catalogue.members()
        limits = RunLimits(
            MAX_ALLELES if runs.is_open and catalogue.model_hash() else 0,
            runs.days,
            members,
            runs.seconds_each(members),
            vcf.name if vcf else "",
        )
        own, kept = tuple(runs.of(known_visitor())), tuple(tables.of_project())
        return _private(VariantTables(own, kept, tuple(tables.studies()), limits))

    @routes.post("")
    def add() -> Response:
        guard()
        asked = _asked_run()
        if asked.upload:
            given = uploads.alleles(known_visitor(), asked.upload)
            if given is None:
                raise SighthoundError(
                    f"{shown(asked.upload)} is no VCF of yours here; add it, and try again"
                )
            about = uploads.find(known_visitor(), asked.upload)
            name, note = (about.name, about.note) if about else ("", "")
            alleles, left_out = without_repeats(given, has_lines=False)
            left_out = [note, *left_out] if note else left_out
        else:
            given = read_list(asked.text, catalogue.genome, catalogue.genes, known)
            alleles, left_out = without_repeats(given)
            name = ""
        names = [str(allele.variant) for allele in alleles]
        first = f"{names[0]} and {len(names) - 1:,} more" if len(names) > 1 else "".join(names)
        name = asked.name.strip() or name or first
        run = runs.add(visitor(), name, alleles, left_out, asked.members)
        response = _private(run)
        remember(response, visitor(), max(DAYS, runs.days))
        return response

    @routes.get("/<identifier>")
    def described(identifier: str) -> Answer:
        found = tables.described(identifier)
        return _missing(identifier) if found is None else (_private(found), 200)

    @routes.get("/<identifier>/run")
    def run(identifier: str) -> Answer:
        return _run(runs.find(identifier), identifier)

    @routes.post("/<identifier>/start")
    def start(identifier: str) -> Answer:
        guard()
        return _run(runs.start(known_visitor(), identifier), identifier)

    @routes.post("/<identifier>/stop")
    def stop(identifier: str) -> Answer:
        guard()
        return _run(runs.stop(known_visitor(), identifier), identifier)

    @routes.delete("/<identifier>")
    def remove(identifier: str) -> Answer:
        guard()
        if not runs.remove(known_visitor(), identifier):
            return _missing(identifier)
        return _private(Removed(identifier)), 200

    @routes.get("/<identifier>/rows")
    def rows(identifier: str) -> Answer:
        found = tables.select(identifier, asked_rows(request.args))
        if found is None:
            return _missing(identifier)
        first = integer("first", 0, 1_000_000_000) if "first" in request.args else 0
        limit = integer("limit", 1, MOST_SITES) if "limit" in request.args else 100
        return _private(tables.given(found, first, limit)), 200

    @routes.get("/<identifier>/file")
    def file(identifier: str) -> Answer:
        form = one_of("form", FORMS)
        found: Selection | None = tables.select(identifier, asked_rows(request.args))
        if found is None:
            return _missing(identifier)
        response = Response(written(found, form, catalogue.genome), mimetype=FORMS[form])
        response.headers["Cache-Control"] = "private, no-store"
        response.headers.set("Content-Disposition", "attachment", filename=f"variants.{form}")
        return response, 200

    return routes


def asked_rows(given: Any) -> AskedRows:
    """Read which rows are asked for; `given` has parameters of an address, by name.

    Raises
    ------
    SighthoundError
        The score or another choice is unknown, or a number is none.
    """
    return AskedRows(
        check_known("score", given.get("score", ""), SCORES),
        given.get("track", ANY),
        given.get("gene", "").strip(),
        given.get("words", "").strip()[:200],
        _least("least", given.get("least", "0"), math.inf),
        _least("percentile", given.get("percentile", "0"), 100),
        given.get("known", "0") == "1",
        check_known("sign", given.get("sign", DIRECTIONS[0]), DIRECTIONS),
        check_known("order", given.get("order", ORDERS[0]), ORDERS),
    )


def _least(name: str, text: str, most: float) -> float:
    try:
        value = float(text or 0)
    except ValueError:
        value = math.nan
    if not 0 <= value <= most or math.isinf(value):
        raise SighthoundError(f"{name} is {shown(text)}; expected a number from 0 on")
    return value


def _asked_run() -> AskedRun:
    asked = asked_json(MAX_TEXT_BYTES)
    words = {key: asked.get(key, "") for key in ("name", "text", "upload")}
    wrong = next((key for key, value in words.items() if not isinstance(value, str)), None)
    if wrong is not None:
        raise SighthoundError(f"{wrong} of the request is no text")
    if bool(words["text"].strip()) == bool(words["upload"]):
        raise SighthoundError("give 'text', variants one a line, or 'upload', the id of a VCF")
    return AskedRun(**words, members=asked.get("members", True) is True)


def _run(found: VariantRun | None, identifier: str) -> Answer:
    return _missing(identifier) if found is None else (_private(found), 200)


def _private(found: Any) -> Response:
    response = respond_with(found)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _missing(identifier: str) -> Answer:
    line = (
        f"{identifier[:40]!r} is no table of scored variants here: it has expired, was removed, "
        "is not done, or is another visitor's"
    )
    return _private(Mistake(line)), 404
