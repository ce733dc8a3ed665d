import { padded } from '../../../assembly/abi.js';
import { type EncoderConfig, patchGrid, patchLength } from '../../architecture/vit/config.js';
import type { CoreMemory } from '../memory.js';

/**
 * Writes the patches of an image, row by row, to an address: [patches, imageChannels x patch height x patch width],
 * rows padded to whole panels, from pixels [imageChannels, height, width].
 */
export function gatherPatches(
  memory: CoreMemory,
  address: number,
  pixels: Float32Array,
  config: EncoderConfig,
): void {
  const { imageChannels, imageSize, patchSize } = config;
  const [height, width] = imageSize;
  const [patchHeight, patchWidth] = patchSize;
  const [rows, columns] = patchGrid(config);
  const stride = padded(patchLength(config));
  const patches = memory.f32(address, rows * columns * stride);
  for (let channel = 0; channel < imageChannels; channel++) {
    for (let y = 0; y < rows * patchHeight; y++) {
      let from = (channel * height + y) * width;
      const row = Math.floor(y / patchHeight);
      const within = (channel * patchHeight + (y % patchHeight)) * patchWidth;
      for (let column = 0; column < columns; column++) {
        const to = (row * columns + column) * stride + within;
        for (let x = 0; x < patchWidth; x++) patches[to + x] = pixels[from + x]!;
        from += patchWidth;
      }
    }
  }
}
