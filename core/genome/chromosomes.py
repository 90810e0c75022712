"""Names and lengths of chromosomes, and the other names by which people know them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from sighthound.core.errors import SighthoundError

# Human chromosomes as PLINK numbers them; 25 is where X and Y pair.
_PLINK = {"23": "X", "24": "Y", "25": "X", "26": "M"}
_MOST_ROMAN = 16  # more that are numbered are no yeast's: X is a sex chromosome that is not there


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
        """Give the file's own name of a chromosome called chrIV, IV, 4 or chr4 elsewhere, or 23.

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


def own_names(names: Iterable[str], source: Chromosomes) -> dict[str, str]:
    """Give, for a table's names of chromosomes, what another source calls them, where it has them.

    Programs take names for numbers, so that 22.0 is 22. A source of IV alone is known by 4, too; X
    is ten only beside other Roman numerals: of a panel of chromosome 10 alone nobody could tell.

    Examples
    --------
    >>> own_names(["23", "22.0", "7"], Chromosomes({"chr22": 1, "chrX": 1}, "panel"))
    {'23': 'chrX', '22.0': 'chr22'}
    """
    given = [name for name in dict.fromkeys(names) if isinstance(name, str)]  # a gap is none
    numerals = {to_roman(number) for number in range(1, 41)} - {"X"}
    are_roman = not numerals.isdisjoint(_bare(name) for name in given)
    found = {}
    for name in given:
        plain = name.removesuffix(".0")
        number = _bare(plain)
        is_roman = number.isdecimal() and number != "10" and 0 < int(number) <= _MOST_ROMAN
        for one in (plain, *((to_roman(int(number)),) if is_roman else ())):
            try:
                own = source.resolve(one)
            except SighthoundError:
                continue
            if are_roman or (_bare(name), _bare(own)) != ("X", "10"):
                found[name] = own
            break
    return found


def _bare(name: str) -> str:
    return (name[3:] if name.lower().startswith("chr") else name).upper()


def aliases(names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Map every lower-case name a person might use to the chromosomes it could mean."""
    roman = _are_roman(names)
    there = {_bare(name) for name in names}
    aliases: dict[str, dict[str, None]] = {}
    for name in names:
        bare = name[3:] if name.lower().startswith("chr") else name
        stems = {bare} | (set() if roman else _plink_names(bare.upper(), there))
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


def _plink_names(bare: str, there: set[str]) -> set[str]:
    """What PLINK calls X, Y and M, where no other chromosome has the number, and the other way."""
    letter = "M" if bare in {"M", "MT", "MITO"} else bare
    numbers = {number for number, own in _PLINK.items() if own == letter} - there
    own = _PLINK.get(bare, "") if bare != "25" else ""
    letters = {"M", "MT"} if own == "M" else {own} if own else set()
    return numbers | (letters if not letters & there else set())


def _are_roman(names: tuple[str, ...]) -> dict[str, int]:
    """Number Roman chromosomes; none unless I, II and III show that X is ten, no sex chromosome."""
    bare = {_bare(name) for name in names}
    if not {"I", "II", "III"} <= bare:
        return {}
    return {to_roman(i): i for i in range(1, 41) if to_roman(i) in bare}


def _is_yeast_like(names: tuple[str, ...]) -> bool:
    bare = {_bare(name) for name in names}
    numbers = [int(name) for name in bare if name.isdecimal()]
    return not bare & {"X", "Y", "Z", "W"} and max(numbers, default=0) <= _MOST_ROMAN


def to_roman(number: int) -> str:
    """Write a chromosome number below 40 in Roman numerals."""
    text = ""
    for value, digits in ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):
        while number >= value:
            text += digits
            number -= value
    return text
