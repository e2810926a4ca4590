"""The network as it ships: normalisation folded into the convolutions, D1 inputs and outputs."""
import copy

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from model import NanoModel


def folded(model):
    """A copy without any batch normalisation that computes the same."""
    model = copy.deepcopy(model).eval()
    for module in list(model.modules()):
        if isinstance(module, nn.Sequential):
            for index in range(len(module) - 1):
                if isinstance(module[index], nn.Conv2d) and isinstance(module[index + 1], nn.BatchNorm2d):
                    module[index] = fuse_conv_bn_eval(module[index], module[index + 1])
                    module[index + 1] = nn.Identity()
    decoder = model.decoder
    for side in (8, 4, 2):
        image, own = getattr(decoder, f"image{side}"), getattr(decoder, "prompt8" if side == 8 else f"object{side}")
        enter = getattr(decoder, f"enter{side}")
        fold_sum([image, own], enter.norm)
        enter.norm = nn.Identity()
    return model


@torch.no_grad()
def fold_sum(convolutions, norm):
    """Fold a normalisation that follows a sum of convolutions: each gets the scale, the last one the shift."""
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    for convolution in convolutions:
        convolution.weight.mul_(scale[:, None, None, None])
        if convolution.bias is not None:
            convolution.bias.mul_(scale)
    last = convolutions[-1]
    shift = norm.bias - norm.running_mean * scale
    last.bias = nn.Parameter(shift.clone() if last.bias is None else last.bias + shift)


class DeployEncoder(nn.Module):
    """
    image [1,3,S,S] -> high_res_feats_0, high_res_feats_1, image_embed. Each holds two views in its channels: first those of
    the picture, then those of its mirror image. The decoder's filters at stride 4 that see only the picture run here, once per
    picture and not for every click: they are a tenth of a decoder run. Those at strides 2 and 8 stay behind: what they give is larger than
    what they take, and reading it costs what they cost.
    """

    def __init__(self, model):
        super().__init__()
        self.encoder = model.encoder
        self.decoder = nn.Module()  # so that the weights keep their names
        self.decoder.image4 = model.decoder.image4

    def forward(self, image):
        fine, middle, coarse = self.encoder(torch.cat([image, image.flip(3)], 0))
        levels = fine, self.decoder.image4(middle), coarse
        return tuple(level.reshape(1, -1, *level.shape[2:]) for level in levels)


class DeployDecoder(nn.Module):
    """
    Prompts in pixels of the square input, without the half pixel; logits clamped to +-32, scores 0..1.
    With `both_views`, the answers for the picture and for its mirror image are averaged; else the first view decides alone.
    """

    def __init__(self, model, size, both_views):
        super().__init__()
        self.decoder, self.size, self.both_views = copy.copy(model.decoder), size, both_views
        self.decoder._modules = {**model.decoder._modules, "image4": nn.Identity()}  # the encoder has run it

    def forward(self, image_embed, high_res_feats_0, high_res_feats_1, point_coords, point_labels, mask_input, has_mask_input):
        points = (point_coords + 0.5) / self.size
        levels = (high_res_feats_0, high_res_feats_1, image_embed)
        straight = [level[:, : level.shape[1] // 2] for level in levels]
        logits, scores = self.decoder(*straight, points, point_labels, mask_input, has_mask_input)
        if self.both_views:
            mirrored = [level[:, level.shape[1] // 2 :] for level in levels]
            mirrored_points = torch.stack([1 - points[..., 0], points[..., 1]], 2)
            other_logits, other_scores = self.decoder(*mirrored, mirrored_points, point_labels, mask_input.flip(3), has_mask_input)
            logits, scores = (logits + other_logits.flip(3)) * 0.5, (scores + other_scores) * 0.5
        return logits, torch.sigmoid(scores)


def load_model(weights):
    model = NanoModel()
    saved = torch.load(weights, map_location="cpu")
    model.load_state_dict(saved.get("average", saved))
    return folded(model)
