"""Building blocks shared by the encoder and the decoder."""
import torch
from torch import nn
from torch.nn import functional


def conv_norm(inputs, outputs, kernel=3, stride=1, activate=True):
    """Convolution, batch normalisation and (by default) ReLU. The export folds the normalisation away."""
    layers = [nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outputs)]
    if activate:
        layers.append(nn.ReLU(inplace=True))
    return nn.Sequential(*layers)


class ResidualBlock(nn.Module):
    """Two dense 3x3 convolutions around a shortcut: on CPUs faster to train than depthwise blocks of equal quality."""

    def __init__(self, channels):
        super().__init__()
        self.first = conv_norm(channels, channels)
        self.second = conv_norm(channels, channels, activate=False)

    def forward(self, features):
        return functional.relu(features + self.second(self.first(features)))


class GlobalContext(nn.Module):
    """Every position learns what the whole picture holds: scale and shift by the spatial mean."""

    def __init__(self, channels):
        super().__init__()
        self.gate = nn.Conv2d(channels, channels, 1)
        self.shift = nn.Conv2d(channels, channels, 1)

    def forward(self, features):
        mean = features.mean((2, 3), keepdim=True)
        return features * torch.sigmoid(self.gate(mean)) + self.shift(mean)


def upsample_twice(features):
    return functional.interpolate(features, scale_factor=2.0, mode="bilinear", align_corners=False)
