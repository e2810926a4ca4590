"""Copy-paste: a labelled object of another picture, scaled, on top of this one; its label map tells so."""
import numpy as np
from PIL import Image, ImageFilter

from clicks import box_around

DONORS = {"ecssd": 0, "car": 0, "ccp": 1}  # source -> the label map that holds whole objects
SMALLEST_DONOR, LARGEST_DONOR = 0.02, 0.7  # share of its own picture
SMALLEST_SIDE, LARGEST_SIDE = 0.25, 0.85  # longer side of the pasted object, as a share of the picture's shorter side
MOST_OUTSIDE = 0.15  # of the object's side may hang over the picture's edge
PASTED = 254  # its value in the label map


def donor_object(example, random):
    """Pixels and mask of one whole object, cut to its box; None where the picture holds none."""
    if example.source not in DONORS or len(example.maps) <= DONORS[example.source]:
        return None
    labels = example.maps[DONORS[example.source]]
    counts = np.bincount(labels.ravel(), minlength=256)[:256] / labels.size
    values = [value for value in range(1, 256) if SMALLEST_DONOR < counts[value] < LARGEST_DONOR]
    if not values:
        return None
    mask = labels == values[random.integers(len(values))]
    x0, y0, x1, y1 = box_around(mask)
    return example.image[y0:y1, x0:x1], mask[y0:y1, x0:x1]


def pasted(image, labels, donor, random):
    """The picture and label map with the donor's object on top, its border softened by about a pixel."""
    pixels, mask = donor
    height, width = labels.shape
    side = random.uniform(SMALLEST_SIDE, LARGEST_SIDE) * min(height, width)
    ratio = side / max(mask.shape)
    new_height, new_width = (max(4, round(length * ratio)) for length in mask.shape)
    if random.random() < 0.5:
        pixels, mask = pixels[:, ::-1], mask[:, ::-1]
    pixels = np.asarray(Image.fromarray(np.ascontiguousarray(pixels)).resize((new_width, new_height), Image.BILINEAR), np.float32)
    soft = Image.fromarray(np.ascontiguousarray(mask).astype(np.uint8) * 255).resize((new_width, new_height), Image.BILINEAR)
    soft = np.asarray(soft.filter(ImageFilter.GaussianBlur(random.uniform(0.3, 1.0))), np.float32) / 255
    place = lambda length, room: int(random.uniform(-MOST_OUTSIDE * length, room - (1 - MOST_OUTSIDE) * length))
    top, left = place(new_height, height), place(new_width, width)
    y0, x0, y1, x1 = max(0, top), max(0, left), min(height, top + new_height), min(width, left + new_width)
    if y1 <= y0 or x1 <= x0:
        return image, labels
    inner = slice(y0 - top, y1 - top), slice(x0 - left, x1 - left)
    image, labels = image.copy(), labels.copy()
    share = soft[inner][..., None]
    gain = random.uniform(0.8, 1.2)  # light differs between the two pictures
    mixed = image[y0:y1, x0:x1] * (1 - share) + np.clip(pixels[inner] * gain, 0, 255) * share
    image[y0:y1, x0:x1] = mixed.astype(np.uint8)
    labels[y0:y1, x0:x1][share[..., 0] > 0.5] = PASTED
    return image, labels
