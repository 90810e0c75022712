"""Our own check of a hub's text, for UCSC's hubCheck is not to be had as a package.

The rules are those of UCSC's "Hub Track Database Definition" that our hubs could break: names,
labels, parents, views and subgroups, and the settings' values.
"""

from __future__ import annotations

import re

SHORT_LABEL, LONG_LABEL = 17, 76
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_NUMBER = r"-?\d+(\.\d+)?(e[-+]?\d+)?"
_PAIR = re.compile(rf"({_NUMBER}):({_NUMBER})")
_VALUES = {
    "visibility": r"hide|dense|squish|pack|full",
    "autoScale": r"on|off|group",
    "alwaysZero": r"on|off",
    "logo": r"on|off",
    "showSubtrackColorOnUi": r"on|off",
    "aggregate": r"transparentOverlay|solidOverlay|stacked|add|subtract|none",
    "windowingFunction": r"mean\+whiskers|maximum|mean|minimum",
    "maxHeightPixels": r"\d+:\d+:\d+",
    "compositeTrack": r"on|faceted",
    "container": r"multiWig",
    "superTrack": r"on( show)?",
    "useOneFile": r"on",
    "priority": r"\d+(\.\d+)?",
    "type": rf"bigWig( {_NUMBER} {_NUMBER})?|vcfTabix",
}


def check_hub(text: str, metadata: str | None = None) -> list[str]:
    """Check hub.txt of one file, or trackDb.txt.

    Parameters
    ----------
    text : str
        Stanzas with a blank line between.
    metadata : str, optional
        The table of a faceted composite, which is then checked against its tracks.

    Returns
    -------
    list of str
        A line a problem; empty where all is well.

    Examples
    --------
    >>> check_hub("track a b\\nshortLabel x\\nlongLabel x\\ntype bigWig\\nbigDataUrl a.bw\\n")
    ['a b: a name has letters, digits and underscores, a letter first']
    """
    problems: list[str] = []
    stanzas = [_settings(lines, problems) for lines in re.split(r"\n\s*\n", text) if lines.strip()]
    tracks: dict[str, dict[str, str]] = {}
    for settings in stanzas:
        first = next(iter(settings), "")
        if first == "track":
            name = settings["track"]
            if name in tracks:
                problems.append(f"{name}: the name is used twice")
            tracks[name] = settings
        elif first == "hub":
            problems += _hub_problems(settings, stanzas)
        elif first == "genome":
            problems += _genome_problems(settings)
        else:
            problems.append(f"a stanza begins with {first!r}; expected hub, genome or track")
    if not tracks:
        problems.append("there are no tracks")
    seen: dict[str, dict[str, str]] = {}
    for name, settings in tracks.items():
        problems += [f"{name}: {problem}" for problem in _track_problems(settings, seen)]
        seen[name] = settings
    parents = {settings.get("parent", "").split(" ")[0] for settings in tracks.values()}
    for name, settings in tracks.items():
        if _holds_others(settings) and name not in parents:
            problems.append(f"{name}: holds no track")
    if metadata is not None:
        problems += _table_problems(metadata, tracks)
    return problems


def _settings(lines: str, problems: list[str]) -> dict[str, str]:
    settings: dict[str, str] = {}
    for line in lines.strip("\n").split("\n"):
        key, _, value = line.strip().partition(" ")
        if not value.strip():
            problems.append(f"{line.strip()!r} has no value")
        if key in settings:
            problems.append(f"{next(iter(settings.values()))}: {key} is given twice")
        settings[key] = value.strip()
    return settings


def _hub_problems(hub: dict[str, str], stanzas: list[dict[str, str]]) -> list[str]:
    problems = [
        f"hub: {key} is missing" for key in ("shortLabel", "longLabel", "email") if not hub.get(key)
    ]
    problems += [f"hub: {problem}" for problem in _label_problems(hub)]
    if not _NAME.fullmatch(hub["hub"]):
        problems.append(f"hub: the name {hub['hub']!r} is not one word of letters and digits")
    if ("useOneFile" in hub) == ("genomesFile" in hub):
        problems.append("hub: expected either useOneFile or genomesFile")
    if "useOneFile" in hub and not any(next(iter(s), "") == "genome" for s in stanzas):
        problems.append("hub: useOneFile without a genome")
    return problems


def _genome_problems(genome: dict[str, str]) -> list[str]:
    """An assembly hub's genome says what it is and where it opens."""
    if "twoBitPath" not in genome:
        return []
    needed = ("organism", "scientificName", "description", "defaultPos", "orderKey")
    problems = [f"genome: {key} is missing" for key in needed if not genome.get(key)]
    if not re.fullmatch(r"[^:\s]+:\d+-\d+", genome.get("defaultPos", "")):
        problems.append(f"genome: defaultPos is {genome.get('defaultPos')!r}")
    return problems


def _label_problems(settings: dict[str, str]) -> list[str]:
    problems = []
    for key, limit in (("shortLabel", SHORT_LABEL), ("longLabel", LONG_LABEL)):
        length = len(settings.get(key, ""))
        if not 1 <= length <= limit:
            problems.append(f"{key} has {length} characters; expected 1 to {limit}")
    return problems


def _track_problems(settings: dict[str, str], seen: dict[str, dict[str, str]]) -> list[str]:
    problems = _label_problems(settings)
    if not _NAME.fullmatch(settings["track"]):
        problems.append("a name has letters, digits and underscores, a letter first")
    for key, allowed in _VALUES.items():
        if key in settings and not re.fullmatch(allowed, settings[key]):
            problems.append(f"{key} is {settings[key]!r}")
    for key in ("color", "altColor"):
        parts = settings.get(key, "0,0,0").split(",")
        if len(parts) != 3 or not all(p.isdigit() and int(p) <= 255 for p in parts):
            problems.append(f"{key} is {settings[key]!r}; expected red,green,blue of 0 to 255")
    if "viewLimits" in settings:
        match = _PAIR.fullmatch(settings["viewLimits"])
        if not match or float(match[1]) >= float(match[4]):
            problems.append(f"viewLimits is {settings['viewLimits']!r}; expected least:most")
    is_group = _holds_others(settings)
    if is_group == ("bigDataUrl" in settings):
        problems.append("expected a bigDataUrl on a BigWig or VCF, and on nothing else")
    problems += [
        f"{key} has a space"
        for key in ("bigDataUrl", "bigDataIndex")
        if " " in settings.get(key, "")
    ]
    if settings.get("type") == "vcfTabix" and not settings.get("bigDataUrl", "").endswith(
        ".vcf.gz"
    ):
        problems.append("expected a .vcf.gz as bigDataUrl of a vcfTabix")
    if "superTrack" not in settings and "type" not in settings:
        problems.append("type is missing")
    return problems + _parent_problems(settings, seen)


def _holds_others(settings: dict[str, str]) -> bool:
    return bool({"compositeTrack", "container", "superTrack", "view"} & set(settings))


def _parent_problems(settings: dict[str, str], seen: dict[str, dict[str, str]]) -> list[str]:
    if "compositeTrack" in settings and settings["compositeTrack"] == "faceted":
        missing = [key for key in ("metaDataUrl", "primaryKey") if key not in settings]
        return [f"a faceted composite needs {key}" for key in missing]
    if "compositeTrack" in settings:
        return _order_problems(settings)
    if "parent" not in settings:
        return []
    name, _, state = settings["parent"].partition(" ")
    problems = [] if state in ("", "on", "off") else [f"parent ends in {state!r}"]
    parent = seen.get(name)
    if parent is None:
        return [*problems, f"the parent {name!r} does not stand before it"]
    if not _holds_others(parent):
        problems.append(f"the parent {name!r} holds no tracks")
    if parent.get("compositeTrack") == "faceted":
        if {"view", "subGroups"} & set(settings):
            problems.append("a faceted composite has no views and no subGroups")
        if not settings["track"].startswith(f"{name}_"):
            problems.append(f"its name must begin with {name}_")
    elif parent.get("compositeTrack") == "on":
        if settings.get("view") not in _groups(parent).get("view", ()):
            problems.append(f"the view {settings.get('view')!r} is not in subGroup1")
    elif "view" in parent:
        composite = seen.get(parent.get("parent", "").split(" ")[0], {})
        problems += _member_problems(settings, parent["view"], _groups(composite))
    return problems


def _groups(composite: dict[str, str]) -> dict[str, set[str]]:
    """Give the tags of every subGroup of a composite by the group's name."""
    groups = {}
    for key, value in composite.items():
        if re.fullmatch(r"subGroup\d+", key):
            name, _, members = value.split(" ", 2)
            groups[name] = {member.split("=")[0] for member in members.split(" ")}
    return groups


def _order_problems(composite: dict[str, str]) -> list[str]:
    groups = _groups(composite)
    used = [part.split("=")[0] for part in composite.get("sortOrder", "").split()]
    used += [part.split("=")[1] for part in composite.get("dimensions", "").split()]
    problems = [f"{name!r} is no subGroup" for name in used if name not in groups]
    for name, tags in groups.items():
        bad = [tag for tag in tags if not re.fullmatch(r"\w+", tag, re.ASCII)]
        problems += [f"the tag {tag!r} of {name} is not one word" for tag in bad]
    return problems


def _member_problems(settings: dict[str, str], view: str, groups: dict[str, set[str]]) -> list[str]:
    given = dict(part.partition("=")[::2] for part in settings.get("subGroups", "").split())
    problems = [f"no subGroup {name}" for name in groups if name not in given]
    problems += [
        f"{name}={tag} is not in the composite"
        for name, tag in given.items()
        if tag not in groups.get(name, ())
    ]
    if given.get("view") != view:
        problems.append(f"is of the view {given.get('view')!r} under that of {view!r}")
    return problems


def _table_problems(metadata: str, tracks: dict[str, dict[str, str]]) -> list[str]:
    composites = [n for n, s in tracks.items() if s.get("compositeTrack") == "faceted"]
    if len(composites) != 1:
        return [f"a table for {len(composites)} faceted composites; expected one"]
    name = composites[0]
    header, *rows = [line.split("\t") for line in metadata.rstrip("\n").split("\n")]
    key = tracks[name].get("primaryKey", "")
    if key not in header:
        return [f"the table has no column {key!r}"]
    problems = [
        f"the table's line {number} has {len(row)} cells under {len(header)} columns"
        for number, row in enumerate(rows, 2)
        if len(row) != len(header)
    ]
    listed = dict.fromkeys(
        f"{name}_{row[header.index(key)]}" for row in rows if len(row) == len(header)
    )
    children = {n: None for n, s in tracks.items() if s.get("parent", "").split(" ")[0] == name}
    problems += [f"{n}: not in the table" for n in children if n not in listed]
    problems += [f"the table's {n} is no track" for n in listed if n not in children]
    return problems
