"""Reading what SuSiE and its kin found: a probability and a credible set a variant.

Known are the tables of susieR, PolyFun, FINEMAP, FinnGen, the eQTL Catalogue and SLALOM.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from sighthound.core.association.variant_table import as_numbers, read_variant_table
from sighthound.core.errors import SighthoundError
from sighthound.core.finemapping.names import named

_PIP = ("pip", "prob", "variable_prob", "posterior_prob", "cs_specific_prob", "posterior_inclusion")
_SET = ("cs", "cs_id", "credible_set", "cs_index", "cs_number", "low_purity_cs")
_NONE = {"", "0", "-1", "nan", "<na>", "na", "none", "false"}


@dataclass(frozen=True, eq=False)
class SusieTable:
    """What a table says.

    Attributes
    ----------
    names : DataFrame
        As `core.finemapping.names.named` gives them.
    pip : float64 array, (variants,)
        Posterior inclusion probability.
    sets : object array, (variants,)
        Name of the credible set; empty where a variant is in none.
    """

    path: Path
    names: pd.DataFrame
    pip: np.ndarray
    sets: np.ndarray


def read_susie_table(path: Path) -> SusieTable:
    """Read posterior inclusion probabilities and credible sets.

    Raises
    ------
    SighthoundError
        The file cannot be read, or has no probabilities, or one outside of 0 to 1.
    """
    table = read_variant_table(path)
    plain = {str(name).strip().lstrip("#").lower(): name for name in table.frame.columns}
    column = next((plain[name] for name in _PIP if name in plain), None)
    if column is None:
        raise SighthoundError(
            f"{path} has no posterior probabilities: columns are "
            f"{', '.join(map(str, table.frame.columns[:30]))}; expected one of {', '.join(_PIP)}"
        )
    pip = as_numbers(table.frame[column], path)
    wrong = np.flatnonzero((pip < 0) | (pip > 1 + 1e-6))
    if len(wrong):
        raise SighthoundError(
            f"{path}, row {wrong[0] + 1:,}: {column} is {pip[wrong[0]]:g}; expected a probability"
        )
    sets = np.full(len(table), "", object)
    own = next((plain[name] for name in _SET if name in plain), None)
    if own is not None:
        text = table.frame[own].astype(object).fillna("").astype(str).str.removesuffix(".0")
        sets = text.where(~text.str.lower().isin(_NONE), "").to_numpy(object)
    names = named(table.chrom, table.position, table.id, table.effect, table.other)
    return SusieTable(path, names, np.clip(pip, 0, 1), sets)
