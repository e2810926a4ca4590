"""The shipped pipeline around the network, as a host runs it: letterbox, encode, decode, back to image pixels."""
import numpy as np
import torch
from PIL import Image
from torch.nn import functional

from augment import normalised
from deploy import DeployDecoder, DeployEncoder


class Predictor:
    """One encoded image. Points and boxes are image pixels; (x, y) names the centre of a pixel."""

    def __init__(self, model, image, size, both_views=True):
        self.height, self.width = image.shape[:2]
        scale = size / max(self.height, self.width)
        self.new_height = max(1, int(self.height * scale + 0.5))
        self.new_width = max(1, int(self.width * scale + 0.5))
        self.size = size
        pixels = np.asarray(Image.fromarray(image).resize((self.new_width, self.new_height), Image.BILINEAR))
        square = np.zeros((size, size, 3), np.float32)
        square[: self.new_height, : self.new_width] = normalised(pixels)
        self.decoder = DeployDecoder(model, size, both_views).eval()
        with torch.no_grad():
            fine, middle, coarse = DeployEncoder(model).eval()(torch.from_numpy(square.transpose(2, 0, 1))[None])
        self.features = coarse, fine, middle

    @torch.no_grad()
    def decode(self, points, box=None, earlier=None):
        """points: (x, y, label) rows. Returns low-resolution logits [3,h,w] and scores [3]."""
        rows = [(x, y, label) for x, y, label in points]
        if box is not None:
            rows = [(box[0], box[1], 2), (box[2], box[3], 3)] + rows
        rows = np.array(rows, np.float32)
        scale = np.array([self.new_width / self.width, self.new_height / self.height], np.float32)
        coordinates = torch.from_numpy(rows[:, :2] * scale)[None]
        labels = torch.from_numpy(rows[:, 2].copy())[None]
        half = self.size // 2
        mask = torch.zeros(1, 1, half, half) if earlier is None else earlier[None, None]
        has = torch.tensor([0.0 if earlier is None else 1.0])
        logits, scores = self.decoder(*self.features, coordinates, labels, mask, has)
        return logits[0], scores[0]

    @torch.no_grad()
    def full_masks(self, logits):
        """Low-resolution logits [n,h,w] -> boolean masks [n,height,width]."""
        large = functional.interpolate(logits[None], size=(self.size, self.size), mode="bilinear", align_corners=False)
        large = large[:, :, : self.new_height, : self.new_width]
        return (functional.interpolate(large, size=(self.height, self.width), mode="bilinear", align_corners=False)[0] > 0).numpy()
