"""Prompt decoder: image features + clicks, boxes and an earlier mask -> three mask hypotheses with scores."""
import torch
from torch import nn
from torch.nn import functional

from encoder import PYRAMID_CHANNELS
from layers import GlobalContext, ResidualBlock, conv_norm, upsample_twice

HYPOTHESES = 3
HEADS, HEAD_CHANNELS = 4, 24
CLICK_SIGMAS = (0.012, 0.05, 0.2)  # as a share of the image side
LABEL_NEGATIVE, LABEL_POSITIVE, LABEL_TOP_LEFT, LABEL_BOTTOM_RIGHT = 0, 1, 2, 3
ABSENT = -4.0  # similarity where no click of that kind exists
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
        """Soft inside-the-box map, centre-weighted map and presence, each [L,1,side,side] or [L,1,1,1]; zero without a box."""
        top_left, bottom_right = self.chosen(LABEL_TOP_LEFT), self.chosen(LABEL_BOTTOM_RIGHT)
        corner = lambda chosen, axis: (self.points[..., axis] * chosen).sum(1)[:, None, None, None]
        x0, y0, x1, y1 = corner(top_left, 0), corner(top_left, 1), corner(bottom_right, 0), corner(bottom_right, 1)
        x0, x1 = torch.minimum(x0, x1), torch.maximum(x0, x1)  # corners in any order, so that a mirrored box is a box
        y0, y1 = torch.minimum(y0, y1), torch.maximum(y0, y1)
        present = (top_left.sum(1) > 0).to(self.points.dtype)[:, None, None, None]
        edge = lambda distance: torch.sigmoid(distance * (4.0 * 32))
        inside = edge(self.grid_x - x0) * edge(x1 - self.grid_x) * edge(self.grid_y - y0) * edge(y1 - self.grid_y) * present
        off_x = (self.grid_x - (x0 + x1) * 0.5) / ((x1 - x0) * 0.25 + 0.02)
        off_y = (self.grid_y - (y0 + y1) * 0.5) / ((y1 - y0) * 0.25 + 0.02)
        return inside, torch.exp(-0.5 * (off_x * off_x + off_y * off_y)), present


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        fine, middle, coarse = PYRAMID_CHANNELS[4], PYRAMID_CHANNELS[8], PYRAMID_CHANNELS[16]
        # once per image
        self.keys = nn.Conv2d(middle + coarse, HEADS * HEAD_CHANNELS, 1)
        self.similarity_scale = nn.Parameter(torch.full((HEADS,), 3.0))
        self.image8 = nn.Conv2d(middle, middle, 1)
        self.image16 = nn.Conv2d(coarse, coarse, 1)
        self.image4 = nn.Conv2d(fine, fine, 1)
        # once per object
        prompt_channels = 2 * len(CLICK_SIGMAS) + 2 + 2 + 2 * HEADS
        self.prompt8 = nn.Conv2d(prompt_channels, middle, 3, padding=1, bias=False)
        self.enter8 = nn.BatchNorm2d(middle)
        self.block8 = ResidualBlock(middle)
        self.down16 = nn.Conv2d(middle, coarse, 3, 2, 1, bias=False)
        self.enter16 = nn.BatchNorm2d(coarse)
        self.block16 = ResidualBlock(coarse)
        self.deep32 = nn.Sequential(conv_norm(coarse, coarse, stride=2), ResidualBlock(coarse), GlobalContext(coarse))
        self.leave16 = ResidualBlock(coarse)
        self.up8 = nn.Conv2d(coarse, middle, 1)
        self.leave8 = ResidualBlock(middle)
        self.up4 = nn.Conv2d(middle, fine, 1)
        self.prompt4 = nn.Conv2d(3, fine, 3, padding=1)
        self.enter4 = nn.BatchNorm2d(fine)
        self.leave4 = conv_norm(fine, fine)
        self.head = nn.Conv2d(fine, HYPOTHESES * 4, 3, padding=1)
        score_inputs = middle + coarse + SCORE_STATISTICS * (1 + HYPOTHESES) + HYPOTHESES
        self.score = nn.Sequential(nn.Linear(score_inputs, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 1))

    def forward(self, features4, features8, features16, points, labels, earlier, has_earlier):
        """
        features*: [B,C,side,side]; B images with M objects each, L = B * M (or B = 1).
        points [L,N,2] in 0..1 of the square, labels [L,N], earlier [L,1,S/2,S/2] logits, has_earlier [L] or [1].
        Returns logits [L,3,S/2,S/2] and score logits [L,3] (their sigmoid is the predicted IoU).
        """
        objects, images = points.shape[0], features8.shape[0]
        side = features8.shape[-1]
        if images == 1:
            per_object = lambda features: features
        else:
            per_object = lambda features: features.repeat_interleave(objects // images, 0)
        maps = PromptMaps(points, labels, side)
        clicks = maps.clicks(CLICK_SIGMAS)
        box, box_centre, has_box = maps.box()
        keys = self.keys(torch.cat([features8, upsample_twice(features16)], 1)).float()
        positive, negative = self.similarity(per_object(keys), maps, box * box_centre, has_box)
        has_earlier = has_earlier.view(-1, 1, 1, 1)
        earlier4 = torch.sigmoid(functional.avg_pool2d(earlier, 2)) * has_earlier
        earlier8 = functional.avg_pool2d(earlier4, 2)
        everywhere = torch.ones_like(box)
        prompt = torch.cat(clicks + [box, has_box * everywhere, earlier8, has_earlier * everywhere, positive, negative], 1)

        at8 = functional.relu(self.enter8(self.prompt8(prompt) + per_object(self.image8(features8))))
        at8 = self.block8(at8)
        at16 = functional.relu(self.enter16(self.down16(at8) + per_object(self.image16(features16))))
        at16 = self.block16(at16)
        at32 = self.deep32(at16)
        at16 = self.leave16(at16 + upsample_twice(at32))
        at8 = self.leave8(at8 + upsample_twice(self.up8(at16)))
        prompt4 = torch.cat([upsample_twice(clicks[0]), upsample_twice(clicks[1]), earlier4], 1)
        at4 = upsample_twice(self.up4(at8)) + per_object(self.image4(features4)) + self.prompt4(prompt4)
        at4 = self.leave4(functional.relu(self.enter4(at4)))
        logits = functional.pixel_shuffle(self.head(at4), 2).float().clamp(-32, 32)
        with torch.autocast("cpu", enabled=False):  # scores differ by less than bfloat16 can tell
            scores = self.predict_scores(logits.detach(), at8.detach().float(), at16.detach().float(), maps)
        return logits, scores

    def similarity(self, keys, maps, box_weight, has_box):
        """How much each position looks like the clicked ones: [L,heads,side,side] for positive and for negative clicks."""
        side = maps.side
        objects = maps.points.shape[0]
        count = maps.points.shape[1] + 1
        near = torch.cat([torch.exp(maps.distance_squared * (-0.5 / 0.016**2)), box_weight], 1) + 1e-8
        near = near / near.sum((2, 3), keepdim=True)
        flat = keys.reshape(-1, HEADS * HEAD_CHANNELS, side * side)
        queries = torch.matmul(near.flatten(2), flat.transpose(1, 2)).reshape(objects, count, HEADS, HEAD_CHANNELS)
        queries = queries / (queries.pow(2).sum(-1, keepdim=True) + 1e-6).sqrt()
        keys = flat.reshape(-1, HEADS, HEAD_CHANNELS, side * side)
        keys = keys / (keys.pow(2).sum(2, keepdim=True) + 1e-6).sqrt()
        similar = torch.matmul(queries.transpose(1, 2), keys) * self.similarity_scale.view(1, HEADS, 1, 1)  # [L,heads,N+1,side*side]
        positive = torch.cat([maps.chosen(LABEL_POSITIVE), has_box.view(-1, 1)], 1)[:, None, :, None]
        negative = torch.cat([maps.chosen(LABEL_NEGATIVE), torch.zeros_like(has_box.view(-1, 1))], 1)[:, None, :, None]
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
        near = torch.exp(maps.distance_squared * (-0.5 / 0.016**2)).flatten(2) + 1e-8
        near = near / near.sum(2, keepdim=True)
        at_click = torch.matmul(near, inside.flatten(2).transpose(1, 2))  # [L,N,3]
        positive, negative = maps.chosen(LABEL_POSITIVE)[..., None], maps.chosen(LABEL_NEGATIVE)[..., None]
        hit = (at_click * positive).sum(1) / (positive.sum(1) + 0.01)
        spill = (at_click * negative).amax(1)
        statistics = torch.stack([area.sqrt(), certain, stable, agreement, hit, spill], 2)  # [L,3,6]
        same = torch.ones_like(statistics[:, :, :1])
        whole = at16.mean((2, 3))[:, None] * same
        others = statistics.flatten(1)[:, None] * same
        which = torch.eye(HYPOTHESES, dtype=same.dtype)[None] * same
        return self.score(torch.cat([pooled, whole, statistics, others, which], 2)).squeeze(2)
