"""Image encoder: inverted residual blocks with a feature pyramid, run once per image."""
from torch import nn

from layers import GlobalContext, InvertedResidual, conv_norm, stage, upsample_twice

FINE_CHANNELS, MIDDLE_CHANNELS, COARSE_CHANNELS = 8, 32, 64  # at strides 2, 4 and 8


class Encoder(nn.Module):
    """Normalised image [B,3,S,S] -> features at strides 2, 4 and 8: [B,8,S/2,S/2], [B,32,S/4,S/4], [B,64,S/8,S/8]."""

    def __init__(self):
        super().__init__()
        self.stage2 = nn.Sequential(conv_norm(3, 16, 3, 2), conv_norm(16, 16))
        self.stage4 = stage(16, 32, blocks=2, expansion=3)
        self.stage8 = stage(32, 48, blocks=3, expansion=4)
        self.stage16 = stage(48, 96, blocks=4, expansion=4, kernel=5)
        self.stage32 = nn.Sequential(stage(96, 160, blocks=3, expansion=4, kernel=5), GlobalContext(160))
        self.reduce32, self.lateral16, self.smooth16 = nn.Conv2d(160, 96, 1), nn.Conv2d(96, 96, 1), InvertedResidual(96, 96)
        self.reduce16, self.lateral8 = nn.Conv2d(96, 64, 1), nn.Conv2d(48, 64, 1)
        self.smooth8 = nn.Sequential(InvertedResidual(64, 64), InvertedResidual(64, 64))
        self.reduce8, self.lateral4, self.smooth4 = nn.Conv2d(64, 32, 1), nn.Conv2d(32, 32, 1), InvertedResidual(32, 32)
        self.lateral2 = nn.Conv2d(16, FINE_CHANNELS, 1)

    def forward(self, image):
        stride2 = self.stage2(image)
        stride4 = self.stage4(stride2)
        stride8 = self.stage8(stride4)
        stride16 = self.stage16(stride8)
        stride32 = self.stage32(stride16)
        pyramid16 = self.smooth16(self.lateral16(stride16) + upsample_twice(self.reduce32(stride32)))
        pyramid8 = self.smooth8(self.lateral8(stride8) + upsample_twice(self.reduce16(pyramid16)))
        pyramid4 = self.smooth4(self.lateral4(stride4) + upsample_twice(self.reduce8(pyramid8)))
        return self.lateral2(stride2), pyramid4, pyramid8
