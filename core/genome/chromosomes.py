"""Names and lengths of chromosomes, and the other names by which people know them."""

from __future__ import annotations

from itertools import islice

from sighthound.core.errors import SighthoundError


class Chromosomes:
    """Chromosomes of an assembly, without their bases.

    Parameters
    ----------
    lengths : dict of str to int
        In bases, in the order of the file.
    source : str
        The file that names them, for errors.
    """

    def __init__(self, lengths: dict[str, int], source: str) -> None:
        self.lengths, self.source = lengths, source
        self._aliases = aliases(tuple(lengths))

    def resolve(self, name: str) -> str:
        """Give the file's own name of a chromosome called chrIV, IV, 4 or chr4 elsewhere.

        Raises
        ------
        SighthoundError
            No chromosome, or more than one, goes by that name.
        """
        if name in self.lengths:
            return name
        found = self._aliases.get(name.lower(), ())
        if len(found) == 1:
            return found[0]
        if found:
            raise SighthoundError(f"chromosome {name!r} could be any of {', '.join(found)}")
        listed = ", ".join(islice(self.lengths, 30)) + (", ..." if len(self.lengths) > 30 else "")
        raise SighthoundError(f"unknown chromosome {name!r}; {self.source} has {listed}")

    def other_names(self) -> dict[str, tuple[str, ...]]:
        """Give, by chromosome, the lower-case names that `resolve` takes for it and no other."""
        names: dict[str, list[str]] = {name: [] for name in self.lengths}
        for alias, meant in self._aliases.items():
            # A name that a chromosome has is that chromosome's.
            if len(meant) == 1 and alias not in self.lengths:
                names[meant[0]].append(alias)
        return {name: tuple(sorted(others)) for name, others in names.items()}


def aliases(names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Map every lower-case name a person might use to the chromosomes it could mean."""
    roman = _are_roman(names)
    aliases: dict[str, dict[str, None]] = {}
    for name in names:
        bare = name[3:] if name.lower().startswith("chr") else name
        stems = {bare}
        number = roman.get(bare.upper())
        if number is not None:
            stems.add(str(number))
        elif bare.isdigit() and not roman and len(names) <= 40 and _is_yeast_like(names):
            stems.add(to_roman(int(bare)))
        if bare.upper() in {"M", "MT", "MITO"}:
            stems |= {"M", "MT", "Mito"}
        for stem in stems:
            for alias in (stem, f"chr{stem}"):
                aliases.setdefault(alias.lower(), {})[name] = None
    return {alias: tuple(found) for alias, found in aliases.items()}


def _are_roman(names: tuple[str, ...]) -> dict[str, int]:
    """Number Roman chromosomes; none unless I, II and III show that X is ten, no sex chromosome."""
    bare = {(n[3:] if n.lower().startswith("chr") else n).upper() for n in names}
    if not {"I", "II", "III"} <= bare:
        return {}
    return {to_roman(i): i for i in range(1, 41) if to_roman(i) in bare}


def _is_yeast_like(names: tuple[str, ...]) -> bool:
    bare = {(n[3:] if n.lower().startswith("chr") else n).upper() for n in names}
    return not bare & {"X", "Y", "Z", "W"}


def to_roman(number: int) -> str:
    """Write a chromosome number below 40 in Roman numerals."""
    text = ""
    for value, digits in ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):
        while number >= value:
            text += digits
            number -= value
    return text
