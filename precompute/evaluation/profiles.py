"""How genes differ between experiments, measured and predicted: Fig. 3C, 3D, S5, S6 of the paper.

Columns are brought to one distribution by quantile normalisation (Bolstad et al. 2003), and every
gene to its mean over them, so that what is compared is which experiments have more of a gene than
others. Clusters are of Gaussian mixtures fitted to measured and to predicted profiles apart; that
they put the same genes together is measured by the adjusted Rand index (Hubert and Arabie 1985),
and its p-value is of permutations of the predicted clusters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sighthound.core.tracks.metrics import pearson
from sighthound.precompute.evaluation.expression import Column, GeneValues

Floats = NDArray[np.float64]
LEAST_COLUMNS, LEAST_GENES = 4, 40
EXAMPLES = (95, 75, 50, 25)  # percentiles of r that genes are shown of
_MOST_GENES, _MOST_COLUMNS = 1_000, 300  # in heat maps, the most variable
_GENES_A_CLUSTER, _MOST_CLUSTERS = 30, 8
_PERMUTATIONS = 999
_QUARTERS = 4


@dataclass(frozen=True)
class Profiles:
    """Genes that all chosen columns have, quantile-normalised log2(1 + value).

    Attributes
    ----------
    genes : int array, (genes,)
        Numbers of `GeneValues.genes`.
    columns : tuple of Column
    experiment, prediction : float64 arrays, (genes, columns)
    why : str
        Why these columns, in words.
    """

    genes: NDArray[np.int64]
    columns: tuple[Column, ...]
    experiment: Floats
    prediction: Floats
    why: str

    @property
    def is_enough(self) -> bool:
        """Whether there are genes and columns enough to say how they differ."""
        return len(self.columns) >= LEAST_COLUMNS and len(self.genes) >= LEAST_GENES

    @property
    def lack(self) -> str:
        """What is missing where there is not enough."""
        return (
            f"{len(self.columns)} predicted experiments with data at {len(self.genes):,} held-out "
            f"genes; it takes {LEAST_COLUMNS} and {LEAST_GENES}, replicates not counted"
        )


def profiles(values: GeneValues) -> Profiles:
    """Choose columns and genes: of assays of transcription where they are enough, else of all."""
    possible = [
        column
        for column in values.columns
        if values.is_predicted(column)
        and not values.is_repeat(column)
        and (column.plus and column.minus)
    ]
    read = {column.name: values.read("experiment", column) for column in possible}
    most = max((int((read[c.name] > 0).sum()) for c in possible), default=0)
    possible = [column for column in possible if (read[column.name] > 0).sum() > most / 4]
    chosen = [column for column in possible if column.is_transcription]
    why = "assays of transcription"
    if len(chosen) < LEAST_COLUMNS:
        why = (
            f"all assays, since {len(chosen)} of transcription are too few to compare"
            if chosen
            else "all assays, none of them of transcription"
        )
        chosen = possible
    if not chosen:
        nothing = np.empty((0, 0))
        return Profiles(np.empty(0, np.int64), (), nothing, nothing, why)
    experiment = np.stack([read[column.name] for column in chosen], axis=1).astype(float)
    known = np.flatnonzero(np.isfinite(experiment).all(axis=1) & (experiment > 0).any(axis=1))
    prediction = np.stack([values.read("prediction", column)[known] for column in chosen], axis=1)
    return Profiles(
        known,
        tuple(chosen),
        quantile_normalised(experiment[known]),
        quantile_normalised(prediction.astype(float)),
        why,
    )


def quantile_normalised(matrix: Floats) -> Floats:
    """Give every column the same distribution: the mean of the columns' sorted values.

    What ties in a column gets the mean of the places that it takes.

    Examples
    --------
    >>> quantile_normalised(np.array([[5.0, 4.0], [2.0, 1.0], [3.0, 4.0]])).tolist()
    [[4.5, 4.0], [1.5, 1.5], [3.5, 4.0]]
    """
    if not matrix.size:
        return matrix
    reference = np.sort(matrix, axis=0).mean(axis=1)
    found = np.empty_like(matrix)
    for column in range(matrix.shape[1]):
        order = np.argsort(matrix[:, column], kind="stable")
        _, run, sizes = np.unique(matrix[order, column], return_inverse=True, return_counts=True)
        found[order, column] = (np.bincount(run, reference) / sizes)[run]
    return found


def variation_table(own: Profiles) -> pd.DataFrame:
    """Give the error of genes by how much they vary over columns, in quarters of the genes."""
    spread = own.experiment.std(axis=1) / np.maximum(own.experiment.mean(axis=1), 1e-9)
    quarter = np.ceil(pd.Series(spread).rank(method="first").to_numpy() / len(spread) * 4) - 1
    error = np.square(own.prediction - own.experiment).mean(axis=1)
    baseline = np.square(own.experiment.mean(axis=1, keepdims=True) - own.experiment).mean(axis=1)
    r = gene_correlations(own.experiment, own.prediction)
    rows = []
    for number in range(_QUARTERS):
        chosen = quarter == number
        low, middle, high = np.percentile(error[chosen], [25, 50, 75])
        rows.append(
            {
                "quartile": number + 1,
                "genes": int(chosen.sum()),
                "variation_low": float(spread[chosen].min()),
                "variation_high": float(spread[chosen].max()),
                "error": float(error[chosen].mean()),
                "error_25": low,
                "error_50": middle,
                "error_75": high,
                "error_of_mean": float(baseline[chosen].mean()),
                "pearson": float(np.nanmedian(r[chosen]))
                if np.isfinite(r[chosen]).any()
                else np.nan,
            }
        )
    return pd.DataFrame(rows)


def gene_correlations(experiment: Floats, prediction: Floats) -> Floats:
    """Give every gene's r over columns; NaN where either is constant."""
    return np.asarray(pearson(prediction.T, experiment.T))


def gene_correlations_table(values: GeneValues, own: Profiles) -> pd.DataFrame:
    """Give r over columns of every gene, beside that with another gene's prediction.

    Returns
    -------
    DataFrame
        A row a gene; `example` is 95, 75, 50 or 25 at the gene of that percentile of r, else 0.
    """
    r = gene_correlations(own.experiment, own.prediction)
    other = np.random.default_rng(0).permutation(len(own.genes))
    table = pd.DataFrame(
        {
            "gene": [values.genes[i].id for i in own.genes],
            "name": [values.genes[i].name for i in own.genes],
            "chrom": [values.genes[i].chrom for i in own.genes],
            "tss": [int(values.genes[i].tss.start) + 1 for i in own.genes],
            "strand": [values.genes[i].strand for i in own.genes],
            "columns": len(own.columns),
            "pearson": r,
            "pearson_other": gene_correlations(own.experiment, own.prediction[other]),
            "example": 0,
        }
    )
    known = np.flatnonzero(np.isfinite(r))
    ranked = known[np.argsort(r[known], kind="stable")]
    for percentile in EXAMPLES:
        if len(ranked):
            table.loc[ranked[int(percentile / 100 * (len(ranked) - 1))], "example"] = percentile
    return table


def heat_map_tables(values: GeneValues, own: Profiles) -> dict[str, pd.DataFrame]:
    """Cluster the most variable genes, measured and predicted.

    Returns
    -------
    dict
        "heat_map.parquet": a row a gene and column with both values around the gene's mean, places
        of both in the order of the measured dendrograms, and both clusters. "clusters.tsv": one
        row, the adjusted Rand index of the two sets of clusters and its p-value.
    """
    spread = own.experiment.std(axis=1)
    genes = np.sort(np.argsort(-spread, kind="stable")[:_MOST_GENES])
    columns = np.arange(min(len(own.columns), _MOST_COLUMNS))
    measured, predicted = (
        matrix[np.ix_(genes, columns)] - matrix[np.ix_(genes, columns)].mean(axis=1, keepdims=True)
        for matrix in (own.experiment, own.prediction)
    )
    count = int(np.clip(len(genes) // _GENES_A_CLUSTER, 2, _MOST_CLUSTERS))
    own_clusters, predicted_clusters = (mixture_clusters(m, count) for m in (measured, predicted))
    index, p = rand_index_p(own_clusters, predicted_clusters)
    gene_place, column_place = (np.argsort(_order(m)) for m in (measured, measured.T))
    named = [values.genes[own.genes[i]] for i in genes]
    heat = [
        {
            "gene": gene.id, "name": gene.name, "column": own.columns[c].name,
            "assay": own.columns[c].assay, "gene_place": int(gene_place[row]),
            "column_place": int(column_place[c]), "cluster": int(own_clusters[row]),
            "predicted_cluster": int(predicted_clusters[row]), "experiment": measured[row, c],
            "prediction": predicted[row, c],
        }
        for row, gene in enumerate(named)
        for c in columns.tolist()
    ]  # fmt: skip
    found = {
        "clusters": count, "genes": len(genes), "columns": len(columns), "of": own.why,
        "adjusted_rand": index, "p": p, "permutations": _PERMUTATIONS,
    }  # fmt: skip
    return {"heat_map.parquet": pd.DataFrame(heat), "clusters.tsv": pd.DataFrame([found])}


def mixture_clusters(matrix: Floats, count: int) -> NDArray[np.int64]:
    """Give the most probable component of a Gaussian mixture of so many for every row."""
    from sklearn.mixture import GaussianMixture

    # Of values around a row's mean one direction is constant.
    mixture = GaussianMixture(
        count, covariance_type="diag", n_init=3, reg_covar=1e-4, random_state=0
    )
    return np.asarray(mixture.fit_predict(matrix), np.int64)


def rand_index_p(
    one: NDArray[np.int64], other: NDArray[np.int64], permutations: int = _PERMUTATIONS
) -> tuple[float, float]:
    """Give the adjusted Rand index of two sets of clusters, and the p-value that it is by chance.

    p is the share of permutations of one of them, itself counted, that reach the index.
    """
    from sklearn.metrics import adjusted_rand_score

    index = float(adjusted_rand_score(one, other))
    rng = np.random.default_rng(0)
    chance = (adjusted_rand_score(one, rng.permutation(other)) for _ in range(permutations))
    # A sum in another order may differ by rounding.
    reached = sum(value >= index - 1e-12 for value in chance)
    return index, (1 + reached) / (1 + permutations)


def _order(matrix: Floats) -> NDArray[np.int64]:
    """Rows in the order of the leaves of their dendrogram (Ward), neighbours the most alike."""
    from scipy.cluster.hierarchy import leaves_list, linkage

    return np.asarray(leaves_list(linkage(matrix, "ward", optimal_ordering=True)), np.int64)
