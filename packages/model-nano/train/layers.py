"""Building blocks shared by the encoder and the decoder."""
import torch
from torch import nn
from torch.nn import functional


def conv_norm(inputs, outputs, kernel=3, stride=1, groups=1, activate=True):
    """Convolution, batch normalisation and (by default) ReLU. The export folds the normalisation away."""
    layers = [nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(outputs)]
    if activate:
        layers.append(nn.ReLU(inplace=True))
    return nn.Sequential(*layers)


class InvertedResidual(nn.Module):
    """Widen with 1x1, filter each channel alone, narrow with 1x1; a shortcut where the shape allows it."""

    def __init__(self, inputs, outputs, stride=1, expansion=2, kernel=3):
        super().__init__()
        hidden = inputs * expansion
        self.shortcut = stride == 1 and inputs == outputs
        self.wide = kernel > 3
        self.path = nn.Sequential(
            conv_norm(inputs, hidden, 1),
            conv_norm(hidden, hidden, kernel, stride, groups=hidden),
            conv_norm(hidden, outputs, 1, activate=False),
        )

    def forward(self, features):
        widen, filter_each, narrow = self.path
        if self.wide and self.training:
            # the backward pass of wide depthwise filters is slower in bfloat16 than in float32
            widened = widen(features).float()
            with torch.autocast("cpu", enabled=False):
                result = filter_each(widened)
        else:
            result = filter_each(widen(features))
        result = narrow(result)
        return features + result if self.shortcut else result


def stage(inputs, outputs, blocks, expansion, kernel=3):
    """Halve the side, then refine."""
    first = InvertedResidual(inputs, outputs, 2, expansion, kernel)
    return nn.Sequential(first, *[InvertedResidual(outputs, outputs, 1, expansion, kernel) for _ in range(blocks - 1)])


class GlobalContext(nn.Module):
    """Every position learns what the whole picture holds: scale and shift by the spatial mean."""

    def __init__(self, channels):
        super().__init__()
        self.gate = nn.Conv2d(channels, channels, 1)
        self.shift = nn.Conv2d(channels, channels, 1)

    def forward(self, features):
        mean = features.mean((2, 3), keepdim=True)
        return features * torch.sigmoid(self.gate(mean)) + self.shift(mean)


class SumNorm(nn.Module):
    """Normalisation and ReLU after a sum of convolutions: those that see only the image run once per image, not per object."""

    def __init__(self, channels):
        super().__init__()
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, features):
        return functional.relu(self.norm(features))


def upsample_twice(features):
    return functional.interpolate(features.float(), scale_factor=2.0, mode="bilinear", align_corners=False)
