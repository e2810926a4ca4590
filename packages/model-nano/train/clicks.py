"""Simulated users: where somebody would click or draw a box."""
import numpy as np
from scipy import ndimage


def distance_inside(mask):
    """Distance of every true pixel to the nearest false one; the image edge counts as false."""
    return ndimage.distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]


def centre(mask):
    """The innermost pixel (x, y) and its distance to the border; distance 0 for an empty mask."""
    distance = distance_inside(mask)
    y, x = np.unravel_index(distance.argmax(), distance.shape)
    return int(x), int(y), float(distance[y, x])


def crop_to(mask):
    """The mask cut to its own extent, with the offset (x, y): distance maps of small objects become cheap."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if len(rows) == 0:
        return mask[:1, :1], 0, 0
    return mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], int(columns[0]), int(rows[0])


def training_click(mask, random, at_centre=0.72):
    """A click inside the mask: often the innermost pixel, else anywhere well inside. Pixel (x, y)."""
    cut, left, top = crop_to(mask)
    distance = distance_inside(cut)
    deepest = distance.max()
    if random.random() < at_centre:
        candidates = distance >= deepest * 0.95
    elif random.random() < 0.7:
        candidates = distance >= deepest * 0.5
    else:
        candidates = distance >= min(1.5, deepest)
    rows, columns = np.nonzero(candidates)
    pick = random.integers(len(rows))
    return left + int(columns[pick]), top + int(rows[pick])


def correction_click(predicted, wanted, random=None, at_centre=1.0):
    """
    Next click (x, y, label) in the largest error: label 1 where the mask misses the object, 0 where it spills over.
    A tie is positive, as in the measurement. None when there is no error.
    """
    missed, spilled = wanted & ~predicted, predicted & ~wanted
    missed_cut, spilled_cut = crop_to(missed), crop_to(spilled)
    missed_depth = distance_inside(missed_cut[0]).max()
    spilled_depth = distance_inside(spilled_cut[0]).max()
    if max(missed_depth, spilled_depth) == 0:
        return None
    label = 1 if missed_depth >= spilled_depth else 0
    if random is not None:
        x, y = training_click(missed if label else spilled, random, at_centre)
    else:
        cut, left, top = missed_cut if label else spilled_cut
        x, y, _ = centre(cut)
        x, y = x + left, y + top
    return x, y, label


def box_around(mask):
    """x0, y0, x1, y1 with the far corner exclusive."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return columns[0], rows[0], columns[-1] + 1, rows[-1] + 1


def noisy_box(box, random):
    x0, y0, x1, y1 = box
    if random.random() < 0.4:
        return x0, y0, x1, y1
    width, height = x1 - x0, y1 - y0
    shake = lambda side: np.clip(random.normal(0, 0.04), -0.1, 0.1) * side
    return x0 + shake(width), y0 + shake(height), x1 + shake(width), y1 + shake(height)
