"""Explain wrong gradients, tensor by tensor, from the student's own earlier ones.

`chain` has their right formulas. Gradients of a wrong shape are not explained here.
"""

from collections.abc import Iterator

from grader.judging.intermediates import Intermediates
from grader.model import Mistake

from .backward_masks import SLOPES, Target, dropped, is_whole, vanishes
from .chain import LAYERS
from .forward_masks import FRACTION
from .lines import DRAWS
from .slopes import slopes
from .weights import averages, weights


def explain(intermediates: Intermediates) -> Iterator[Mistake]:
    """Yield the mistakes of every tensor that does not follow from those before it."""
    mistakes: list[Mistake] = []
    for name in intermediates.wrong:
        if not intermediates.rows_of_wrong_shape(name):
            mistakes += _of_one(intermediates, name, int(name[2:]))
    if any(m.id == "backward-mask-on-dz" for m in mistakes):
        # A mask missing from dA may be on dZ without effect, as it is in another layer.
        mistakes = [m for m in mistakes if m.id != "backward-mask-missing"]
    yield from _by_layers(mistakes)


def _of_one(intermediates: Intermediates, name: str, layer: int) -> Iterator[Mistake]:
    with_masks = "keep_prob" in intermediates.rows[0].inputs
    hidden = layer < LAYERS[0]
    match name[:2]:
        case "dA" if with_masks:
            yield from _with_dropout(intermediates, layer)
        case "dZ" if (
            hidden
            and with_masks
            and is_whole(intermediates, layer)
            and _on_dz(intermediates, layer)
        ):
            pass  # reported for dA
        case "dZ" if hidden and any(f"dA{layer}" not in row.got for row in intermediates.rows):
            yield from _behind(intermediates, layer) if with_masks else ()
        case "dZ":
            yield from slopes(intermediates, layer)
        case "dW" if not with_masks:
            yield from weights(intermediates, layer)
        case "db" | "dW":
            yield from averages(intermediates, name, layer)


def _with_dropout(intermediates: Intermediates, layer: int) -> Iterator[Mistake]:
    """Yield the mistakes in dA_l: dropout is applied to dZ_l instead, or mask or scale are wrong."""
    name, dZ = f"dA{layer}", f"dZ{layer}"
    whole = is_whole(intermediates, layer)
    on_dz = _on_dz(intermediates, layer) if whole else ()
    for id in on_dz:
        yield Mistake(id, dZ, dZ, _reads(id, layer))
    unknown = whole and dZ in intermediates.wrong and not any(slopes(intermediates, layer))
    if not on_dz and not unknown:  # an unknown mistake in dZ may also explain dA
        for id in dropped(intermediates, Target(name, layer)) or ():
            yield Mistake(id, name, name, _reads(id, layer))


def _reads(id: str, layer: int) -> tuple[str, ...]:
    """Return the names by which to locate the line of a mistake: an array, the scale, or both."""
    match id:
        case "backward-mask-inverted":
            return (f"D{layer}",)
        case "cache-order":
            return tuple(f"{array}{layer}" for array in "DZA")
        case "backward-mask-redrawn":
            return DRAWS
        case "keep-prob-hard-coded":
            return (FRACTION,)
        case _ if id.startswith("backward-rescale") and id != "backward-rescale-missing":
            return ("keep_prob",)
    return (f"D{layer}", "keep_prob")


def _on_dz(intermediates: Intermediates, layer: int) -> tuple[str, ...]:
    """Return the mistakes where dZ_l is masked or scaled; a mask alone has no effect after the ReLU."""
    if vanishes(intermediates, layer):
        return ("backward-mask-on-dz", "backward-mask-inverted")
    plain = {"backward-rescale-missing", "backward-mask-missing"}
    for slope, more in SLOPES:
        ids = dropped(intermediates, Target(f"dZ{layer}", layer, slope))
        if ids is not None and not set(ids) & plain:
            return ("backward-mask-on-dz", *ids, *more)
    return ()


def _behind(intermediates: Intermediates, layer: int) -> Iterator[Mistake]:
    """Yield the mistakes in a dA_l that was not returned, from dZ_l."""
    name = f"dZ{layer}"
    for slope, more in SLOPES:
        ids = dropped(intermediates, Target(name, layer, slope))
        if ids is not None:
            yield from (Mistake(id, name, f"dA{layer}") for id in ids)
            yield from (Mistake(id, name, name) for id in more)
            return


def _by_layers(mistakes: list[Mistake]) -> Iterator[Mistake]:
    """Yield the mistakes; an L2 term that is missing in some layers only has an id of its own."""
    missing = [m for m in mistakes if m.id == "grad-l2-term-missing"]
    for mistake in mistakes:
        if mistake in missing and len(missing) < len(LAYERS) and not mistake.hint:
            yield Mistake("grad-l2-layer-missing", mistake.quantity, mistake.where, mistake.reads)
        else:
            yield mistake
