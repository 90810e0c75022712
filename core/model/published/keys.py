"""Which keys of published parameters matter: used, known to concern training only, or refused."""

from __future__ import annotations

from typing import Any

from sighthound.core.errors import SighthoundError

Params = dict[str, Any]

# Keys that change training, not what a trained network computes.
_TRAINING = {
    "adam_beta1", "adam_beta2", "adam_eps", "augment_rc", "augment_shift", "batch_renorm",
    "batch_size", "bn_momentum", "cnn_dropout", "cnn_l2", "decay", "early_stop", "final_l1",
    "grad_clip", "kernel_initializer", "l1_scale", "l2_scale", "learning_rate", "loss", "momentum",
    "norm_gamma", "optimization", "optimizer", "renorm", "target_length", "verbose",
}  # fmt: skip
# Keys whose only value understood is the one that leaves things as they are.
_FIXED: dict[str, tuple[Any, ...]] = {
    "conv_type": ("standard",),
    "pool_type": ("max",),
    "padding": ("same",),
    "stride": (1,),
    "strides": (1,),
    "residual": (False,),
    "flatten": (False,),
    "se": (False,),
    "use_bias": (False, None),
    "activation_end": (None,),
    "norm_type": ("batch",),
    "batch_norm": (True,),
    "seq_depth": (4,),
    "cnn_strides": (1,),
    "target_sqrt": (False, 0),
    "target_classes": (1,),
}


def refuse_unknown(values: Params, used: set[str], where: str) -> None:
    """Refuse keys that would change the computation in a way that is not understood.

    Parameters
    ----------
    used : set of str
        Keys that the caller reads.
    where : str
        Names the block in messages.
    """
    for key, value in values.items():
        if key in used or key in _TRAINING:
            continue
        allowed = _FIXED.get(key)
        given = value if isinstance(value, list) and allowed else [value]
        if allowed is None:
            raise SighthoundError(f"{where}: the key {key!r} is not understood")
        if any(item not in allowed for item in given):
            raise SighthoundError(f"{where}: {key} is {value!r}; only {allowed[0]!r} is understood")


def number(values: Params, key: str, where: str) -> float:
    """Give the number under a key, which must be there and not negative."""
    value = values.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise SighthoundError(f"{where}: {key} is {value!r}; expected a number")
    return value
