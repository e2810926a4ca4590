"""Image encoder: a small residual network with a feature pyramid, run once per image."""
from torch import nn

from layers import GlobalContext, ResidualBlock, conv_norm, upsample_twice

STAGE_CHANNELS = {4: 48, 8: 96, 16: 160, 32: 160}
PYRAMID_CHANNELS = {4: 32, 8: 64, 16: 96}


class Encoder(nn.Module):
    """Normalised image [B,3,S,S] -> features at strides 4, 8 and 16: [B,32,S/4,S/4], [B,64,S/8,S/8], [B,96,S/16,S/16]."""

    def __init__(self):
        super().__init__()
        stage, pyramid = STAGE_CHANNELS, PYRAMID_CHANNELS
        self.stem = conv_norm(3, stage[4], kernel=7, stride=4)
        self.stage4 = ResidualBlock(stage[4])
        self.stage8 = nn.Sequential(conv_norm(stage[4], stage[8], stride=2), *[ResidualBlock(stage[8]) for _ in range(2)])
        self.stage16 = nn.Sequential(conv_norm(stage[8], stage[16], stride=2), *[ResidualBlock(stage[16]) for _ in range(3)])
        self.stage32 = nn.Sequential(
            conv_norm(stage[16], stage[32], stride=2),
            conv_norm(stage[32], 96, kernel=1),
            ResidualBlock(96),
            ResidualBlock(96),
            GlobalContext(96),
        )
        self.lateral16 = nn.Conv2d(stage[16], pyramid[16], 1)
        self.smooth16 = conv_norm(pyramid[16], pyramid[16])
        self.reduce16 = nn.Conv2d(pyramid[16], pyramid[8], 1)
        self.lateral8 = nn.Conv2d(stage[8], pyramid[8], 1)
        self.smooth8 = conv_norm(pyramid[8], pyramid[8])
        self.reduce8 = nn.Conv2d(pyramid[8], pyramid[4], 1)
        self.lateral4 = nn.Conv2d(stage[4], pyramid[4], 1)
        self.smooth4 = conv_norm(pyramid[4], pyramid[4])

    def forward(self, image):
        stride4 = self.stage4(self.stem(image))
        stride8 = self.stage8(stride4)
        stride16 = self.stage16(stride8)
        stride32 = self.stage32(stride16)
        features16 = self.smooth16(self.lateral16(stride16) + upsample_twice(stride32))
        features8 = self.smooth8(self.lateral8(stride8) + upsample_twice(self.reduce16(features16)))
        features4 = self.smooth4(self.lateral4(stride4) + upsample_twice(self.reduce8(features8)))
        return features4, features8, features16
