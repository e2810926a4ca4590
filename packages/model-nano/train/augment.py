"""One training view of an image: crop, mirror, scale, colour; the same geometry for its label map."""
import numpy as np
from PIL import Image

MEAN = np.array([123.675, 116.28, 103.53], np.float32)
DEVIATION = np.array([58.395, 57.12, 57.375], np.float32)


def random_crop(height, width, random):
    """Top, left, height, width: half of the views show (nearly) the whole picture, half a part of it."""
    scale = random.uniform(0.85, 1.0) if random.random() < 0.5 else random.uniform(0.5, 0.9)
    if random.random() < 0.25:
        scale = 1.0
    squeeze = random.uniform(0.85, 1.0, 2) if scale < 1 else (1.0, 1.0)
    crop_height, crop_width = int(height * scale * squeeze[0]), int(width * scale * squeeze[1])
    top, left = random.integers(height - crop_height + 1), random.integers(width - crop_width + 1)
    return top, left, crop_height, crop_width


def fitted_size(height, width, size, random):
    """Height and width after the letterbox resize, with a little scale and aspect change."""
    ratio = size / max(height, width)
    if random.random() < 0.2:
        ratio *= random.uniform(0.7, 1.0)
    stretch = random.uniform(0.87, 1.15) if random.random() < 0.3 else 1.0
    fit = lambda side: int(min(size, max(16, round(side))))
    return fit(height * ratio), fit(width * ratio * stretch)


def normalised(pixels, random=None):
    """uint8 [h,w,3] -> float32, with random brightness, contrast, colour balance and saturation when given a source of chance."""
    values = pixels.astype(np.float32)
    if random is not None and random.random() < 0.75:
        if random.random() < 0.6:
            grey = values.mean(2, keepdims=True)
            values = grey + (values - grey) * (0.0 if random.random() < 0.12 else random.uniform(0.5, 1.5))
        gain = random.uniform(0.7, 1.3) * random.uniform(0.94, 1.06, 3).astype(np.float32)
        shift = random.uniform(-25, 25) + random.uniform(-8, 8, 3).astype(np.float32)
        values = np.clip((values - 128) * gain + 128 + shift, 0, 255)
    return ((values - MEAN) / DEVIATION).astype(np.float32)


def view(image, labels, size, random):
    """A square normalised picture [3,size,size] and a function that maps label values to soft masks at half that size."""
    height, width = labels.shape
    top, left, crop_height, crop_width = random_crop(height, width, random)
    box = (left, top, left + crop_width, top + crop_height)
    new_height, new_width = fitted_size(crop_height, crop_width, size, random)
    mirror = random.random() < 0.5
    pixels = np.asarray(Image.fromarray(image).resize((new_width, new_height), Image.BILINEAR, box=box))
    across = slice(None, None, -1) if mirror else slice(None)
    square = np.zeros((size, size, 3), np.float32)
    square[:new_height, :new_width] = normalised(pixels, random)[:, across]
    cut = labels[top : top + crop_height, left : left + crop_width]
    half = size // 2

    def soft_mask(values):
        """Area-averaged mask [half,half] of the union of some label values."""
        mask = cut == values[0]
        for value in values[1:]:
            mask = mask | (cut == value)
        picture = Image.fromarray(mask.astype(np.uint8) * 255)
        full = np.zeros((size, size), np.float32)
        full[:new_height, :new_width] = np.asarray(picture.resize((new_width, new_height), Image.BILINEAR), np.float32)[:, across]
        return full.reshape(half, 2, half, 2).mean((1, 3)) / 255

    def region_grid(step):
        """Label map [size/step,size/step] sampled at cell centres; -1 in the padding."""
        rows = (np.arange(size // step) + 0.5) * step * crop_height / new_height
        columns = (np.arange(size // step) + 0.5) * step * crop_width / new_width
        inside = (rows < crop_height)[:, None] & (columns < crop_width)[None]
        if mirror:
            columns = np.maximum(crop_width - columns, 0)
        grid = cut[np.minimum(rows.astype(int), crop_height - 1)][:, np.minimum(columns.astype(int), crop_width - 1)].astype(np.int64)
        return np.where(inside, grid, -1)

    return np.ascontiguousarray(square.transpose(2, 0, 1)), cut, soft_mask, region_grid
