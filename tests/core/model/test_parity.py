"""The paper's network gives the numbers that the paper's own code gives."""

import numpy as np
import pytest

from sighthound import core
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.keras_network import poisson_loss
from tests.models import golden_paper_model
from tests.paths import GOLDEN

FOLDER = GOLDEN / "paper_v02"
TOLERANCE = {"rtol": 1e-4, "atol": 1e-4}


@pytest.fixture(scope="module")
def model():
    return golden_paper_model()


@pytest.fixture(scope="module")
def sequences():
    inputs = np.load(GOLDEN / "small_v2" / "input.npz")
    return inputs[inputs.files[0]].astype(np.float32)


def test_predictions_equal_those_of_the_papers_code(model, sequences):
    expected = np.load(FOLDER / "predictions.npz")["preds"]
    np.testing.assert_allclose(model.predict(sequences), expected, **TOLERANCE)


def test_the_ensemble_equals_that_of_the_papers_code(model, sequences):
    expected = np.load(FOLDER / "predictions.npz")["preds_ens_rc_shifts"]
    ensemble = Ensemble(reverse_complement=True, shifts=(0, 1, -1))
    # The paper's code writes other vectors for N when it turns a sequence: compare where none is.
    known = (sequences.sum(-1) == 1).all(-1)
    assert known.sum() >= 2
    # The golden numbers of the ensemble are float16.
    predictions = model.predict(sequences[known], ensemble)
    np.testing.assert_allclose(predictions, expected[known], rtol=2e-3, atol=2e-3)


def test_the_loss_equals_that_of_the_papers_code(model, sequences):
    golden = np.load(FOLDER / "loss.npz")
    predictions = model.predict(sequences[golden["seqs"]])
    cropped = golden["targets"][:, model.crop : -model.crop]
    loss = float(poisson_loss(cropped, predictions, full=True))
    assert loss == pytest.approx(float(golden["loss"]), rel=1e-4)


def test_saliency_of_all_bins_equals_that_of_the_papers_code(model, sequences):
    golden = np.load(FOLDER / "saliency.npz")
    np.testing.assert_allclose(model.representation(sequences), golden["repr"], **TOLERANCE)
    for i, sequence in enumerate(sequences):
        for j, track in enumerate(model.tracks):
            scores = core.saliency(model, sequence, track)
            np.testing.assert_allclose(scores, golden["saliency"][i, j], **TOLERANCE)


def test_saliency_of_one_start_site_equals_that_of_the_papers_code(model, sequences):
    golden = np.load(FOLDER / "saliency.npz")
    track = model.tracks[int(golden["tss_target"])]
    scores = core.saliency(
        model, sequences[golden["tss_seq"]], track, bins=[int(golden["tss_bin"])]
    )
    np.testing.assert_allclose(scores, golden["tss_saliency"], **TOLERANCE)
