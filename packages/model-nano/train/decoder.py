"""Prompt decoder: image features + clicks, boxes and an earlier mask -> three mask hypotheses with scores."""
import torch
from torch import nn
from torch.nn import functional

from encoder import COARSE_CHANNELS, FINE_CHANNELS, MIDDLE_CHANNELS
from layers import GlobalContext, InvertedResidual, SumNorm, conv_norm, upsample_twice

HYPOTHESES = 3
HEADS, HEAD_CHANNELS = 6, 16
CLICK_SIGMAS = (0.012, 0.05, 0.2)  # as a share of the image side
LABEL_NEGATIVE, LABEL_POSITIVE, LABEL_TOP_LEFT, LABEL_BOTTOM_RIGHT = 0, 1, 2, 3
ABSENT = -4.0  # similarity where no click of that kind exists
NEAR_SIGMA = 0.014
EDGE_SLOPE = 128.0  # a quarter of a stride-8 cell of a 256 px image
SCORE_STATISTICS = 6


class PromptMaps:
    """Clicks and boxes drawn on the grid of one stride. Points are 0..1 of the square; label -1 draws nothing."""

    def __init__(self, points, labels, side):
        centres = (torch.arange(side, dtype=points.dtype) + 0.5) / side
        self.grid_x, self.grid_y = centres.view(1, 1, 1, side), centres.view(1, 1, side, 1)
        delta_x = self.grid_x - points[..., 0, None, None]
        delta_y = self.grid_y - points[..., 1, None, None]
        self.distance_squared = delta_x * delta_x + delta_y * delta_y  # [L,N,side,side]
        self.points, self.labels, self.side = points, labels, side

    def chosen(self, label):
        return (self.labels == label).to(self.points.dtype)  # [L,N]

    def clicks(self, sigmas):
        positive = self.chosen(LABEL_POSITIVE)[..., None, None]
        negative = self.chosen(LABEL_NEGATIVE)[..., None, None]
        maps = []
        for sigma in sigmas:
            bump = torch.exp(self.distance_squared * (-0.5 / (sigma * sigma)))
            maps += [(bump * positive).amax(1, keepdim=True), (bump * negative).amax(1, keepdim=True)]
        return maps

    def box(self):
        """Soft inside-the-box map [L,1,side,side] and presence [L,1,1,1]; both zero without a box."""
        top_left, bottom_right = self.chosen(LABEL_TOP_LEFT), self.chosen(LABEL_BOTTOM_RIGHT)
        corner = lambda chosen, axis: (self.points[..., axis] * chosen).sum(1)[:, None, None, None]
        x0, y0, x1, y1 = corner(top_left, 0), corner(top_left, 1), corner(bottom_right, 0), corner(bottom_right, 1)
        x0, x1 = torch.minimum(x0, x1), torch.maximum(x0, x1)  # corners in any order, so that a mirrored box is a box
        y0, y1 = torch.minimum(y0, y1), torch.maximum(y0, y1)
        present = (top_left.sum(1) > 0).to(self.points.dtype)[:, None, None, None]
        edge = lambda distance: torch.sigmoid(distance * EDGE_SLOPE)
        inside = edge(self.grid_x - x0) * edge(x1 - self.grid_x) * edge(self.grid_y - y0) * edge(y1 - self.grid_y) * present
        return inside, present

    def nearness(self):
        """Weights of the positions around each point, summing to one: [L,N,side*side]."""
        near = torch.exp(self.distance_squared * (-0.5 / NEAR_SIGMA**2)).flatten(2) + 1e-8
        return near / near.sum(2, keepdim=True)


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        width, deep = COARSE_CHANNELS, 96
        # similarity to the clicked features
        self.queries = nn.Conv2d(width, HEADS * HEAD_CHANNELS, 1)
        self.keys = nn.Conv2d(width, HEADS * HEAD_CHANNELS, 1)
        self.similarity_scale = nn.Parameter(torch.full((HEADS,), 2.0))
        # stride 8: prompts meet the picture
        prompt_channels = 2 * HEADS + 2 * len(CLICK_SIGMAS) + 2 + 2
        self.image8 = nn.Conv2d(width, width, 1, bias=False)
        self.prompt8 = nn.Conv2d(prompt_channels, width, 1, bias=False)
        self.enter8 = SumNorm(width)
        self.blocks8 = nn.Sequential(InvertedResidual(width, width, kernel=5), InvertedResidual(width, width, kernel=5))
        # stride 16: the wide view
        self.down16 = conv_norm(width, deep, 3, 2)
        self.blocks16 = nn.Sequential(
            InvertedResidual(deep, deep, kernel=5), InvertedResidual(deep, deep, kernel=5), GlobalContext(deep), InvertedResidual(deep, deep, kernel=5))
        self.up8 = nn.Conv2d(deep, width, 1)
        self.leave8 = InvertedResidual(width, width)
        # strides 4 and 2: borders
        self.up4 = nn.Conv2d(width, 32, 1)
        self.object4 = nn.Conv2d(32 + 3, 32, 3, padding=1, bias=False)
        self.image4 = nn.Conv2d(MIDDLE_CHANNELS, 32, 3, padding=1, bias=False)
        self.enter4 = SumNorm(32)
        self.leave4 = InvertedResidual(32, 32)
        self.up2 = nn.Conv2d(32, 16, 1)
        self.object2 = nn.Conv2d(16, 16, 3, padding=1, bias=False)
        self.image2 = nn.Conv2d(FINE_CHANNELS, 16, 3, padding=1, bias=False)
        self.enter2 = SumNorm(16)
        self.head = nn.Conv2d(16, HYPOTHESES, 3, padding=1)
        score_inputs = width + deep + SCORE_STATISTICS * (1 + HYPOTHESES) + HYPOTHESES
        self.score = nn.Sequential(nn.Linear(score_inputs, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 1))

    def forward(self, features2, features4, features8, points, labels, earlier, has_earlier):
        """
        features*: [B,C,side,side]; B images with M objects each, L = B * M (or B = 1).
        points [L,N,2] in 0..1 of the square, labels [L,N], earlier [L,1,S/2,S/2] logits, has_earlier [L] or [1].
        Returns logits [L,3,S/2,S/2] and score logits [L,3] (their sigmoid is the predicted IoU).
        """
        objects, images = points.shape[0], features8.shape[0]
        if images == 1:
            per_object = lambda features: features
        else:
            per_object = lambda features: features.repeat_interleave(objects // images, 0)
        maps = PromptMaps(points, labels, features8.shape[-1])
        clicks = maps.clicks(CLICK_SIGMAS)
        box, has_box = maps.box()
        positive, negative = self.similarity(self.queries(features8).float(), self.keys(features8).float(), maps, per_object)
        has_earlier = has_earlier.view(-1, 1, 1, 1)
        earlier8 = torch.sigmoid(functional.interpolate(earlier, scale_factor=0.25, mode="bilinear", align_corners=False)) * has_earlier
        everywhere = torch.ones_like(box)
        prompt = torch.cat([positive, negative] + clicks + [box, has_box * everywhere, earlier8, has_earlier * everywhere], 1)

        at8 = self.blocks8(self.enter8(self.prompt8(prompt) + per_object(self.image8(features8))))
        at16 = self.blocks16(self.down16(at8))
        at8 = self.leave8(at8 + upsample_twice(self.up8(at16)))
        borders = torch.cat([upsample_twice(self.up4(at8)), upsample_twice(torch.cat([clicks[0], clicks[1], earlier8], 1))], 1)
        at4 = self.leave4(self.enter4(self.object4(borders) + per_object(self.image4(features4))))
        at2 = self.enter2(self.object2(upsample_twice(self.up2(at4))) + per_object(self.image2(features2)))
        logits = self.head(at2).float().clamp(-32, 32)
        with torch.autocast("cpu", enabled=False):  # scores differ by less than bfloat16 can tell
            scores = self.predict_scores(logits.detach(), at8.detach().float(), at16.detach().float(), maps)
        return logits, scores

    def similarity(self, queries, keys, maps, per_object):
        """How much each position looks like the clicked ones: [L,heads,side,side] for positive and for negative clicks."""
        side, count = maps.side, maps.points.shape[1]
        near = maps.nearness()
        flat = per_object(queries.flatten(2))
        clicked = torch.matmul(near, flat.transpose(1, 2)).reshape(-1, count, HEADS, HEAD_CHANNELS)
        clicked = clicked / (clicked.pow(2).sum(-1, keepdim=True) + 1e-6).sqrt()
        keys = keys.reshape(-1, HEADS, HEAD_CHANNELS, side * side)
        keys = per_object(keys / (keys.pow(2).sum(2, keepdim=True) + 1e-6).sqrt())
        similar = torch.matmul(clicked.transpose(1, 2), keys) * self.similarity_scale.view(1, HEADS, 1, 1)  # [L,heads,N,side*side]
        positive, negative = maps.chosen(LABEL_POSITIVE)[:, None, :, None], maps.chosen(LABEL_NEGATIVE)[:, None, :, None]
        pick = lambda chosen: (similar * chosen + ABSENT * (1 - chosen)).amax(2).reshape(-1, HEADS, side, side)
        return pick(positive), pick(negative)

    def predict_scores(self, logits, at8, at16, maps):
        """Score of each hypothesis from what lies inside it, its shape statistics and the whole picture."""
        small = functional.avg_pool2d(logits, 4)
        inside = torch.sigmoid(small)  # [L,3,side,side]
        area = inside.mean((2, 3))
        weight = (inside / (inside.sum((2, 3), keepdim=True) + 1.0)).flatten(2)
        pooled = torch.matmul(weight, at8.flatten(2).transpose(1, 2))  # [L,3,64]
        probability = torch.sigmoid(logits)
        total = lambda values: values.sum((2, 3)) + 1.0
        certain = total(probability * probability) / total(probability)
        stable = total(torch.sigmoid(logits * 4 - 4)) / total(torch.sigmoid(logits * 4 + 4))
        mean = probability.mean(1, keepdim=True)
        agreement = total(probability * mean) / (total(probability + mean - probability * mean))
        at_click = torch.matmul(maps.nearness(), inside.flatten(2).transpose(1, 2))  # [L,N,3]
        positive, negative = maps.chosen(LABEL_POSITIVE)[..., None], maps.chosen(LABEL_NEGATIVE)[..., None]
        hit = (at_click * positive).sum(1) / (positive.sum(1) + 0.01)
        spill = (at_click * negative).amax(1)
        statistics = torch.stack([area.sqrt(), certain, stable, agreement, hit, spill], 2)  # [L,3,6]
        same = torch.ones_like(statistics[:, :, :1])
        whole = at16.mean((2, 3))[:, None] * same
        others = statistics.flatten(1)[:, None] * same
        which = torch.eye(HYPOTHESES, dtype=same.dtype)[None] * same
        return self.score(torch.cat([pooled, whole, statistics, others, which], 2)).squeeze(2)
