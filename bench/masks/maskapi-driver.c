/* Lets a program talk to COCO's own mask code: two bitmaps (column by column) in, what maskApi.c makes of them out. */
#include <stdio.h>
#include <stdlib.h>
#include "maskApi.h"

static void print_mask(const RLE *mask) {
  uint area;
  double box[4];
  char *text = rleToString(mask);
  rleArea(mask, 1, &area);
  rleToBbox(mask, box, 1);
  printf("%s %u %g %g %g %g\n", text, area, box[0], box[1], box[2], box[3]);
  free(text);
}

int main(void) {
  unsigned int size[2];
  while (fread(size, sizeof(unsigned int), 2, stdin) == 2) {
    siz height = size[0], width = size[1], pixels = height * width;
    byte *bitmaps = malloc(2 * pixels), *decoded = malloc(pixels);
    RLE masks[2], both, either, inverse, read;
    byte crowd = 0;
    double iou;
    if (fread(bitmaps, 1, 2 * pixels, stdin) != 2 * pixels) return 1;
    rleEncode(masks, bitmaps, height, width, 2);
    rleMerge(masks, &either, 2, 0);
    rleMerge(masks, &both, 2, 1);
    rleInvert(masks, &inverse, 1);
    print_mask(&masks[0]);
    print_mask(&masks[1]);
    print_mask(&either);
    print_mask(&both);
    print_mask(&inverse);
    rleIou(&masks[0], &masks[1], 1, 1, &crowd, &iou);
    printf("%.17g\n", iou);
    char *text = rleToString(&masks[0]);
    rleFrString(&read, text, height, width);
    rleDecode(&read, decoded, 1);
    siz same = 0;
    while (same < pixels && decoded[same] == bitmaps[same]) same++;
    printf("%d\n", same == pixels);
    free(text);
    rleFree(&masks[0]); rleFree(&masks[1]); rleFree(&either); rleFree(&both); rleFree(&inverse); rleFree(&read);
    free(bitmaps); free(decoded);
  }
  return 0;
}
