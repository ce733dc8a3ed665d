import type { Bytes } from '../../../base/bytes.js';
import { BitReader } from './bit_reader.js';
import { blockDecoder } from './block_decoders.js';
import { damagedJpeg } from './damaged.js';
import type { Component, Frame } from './frame.js';
import type { Scan, Tables } from './scan_header.js';

/** Decodes the blocks of a scan that begins at `start`; returns the position of the marker behind it. */
export function decodeScan(file: Bytes, start: number, frame: Frame, scan: Scan, tables: Tables): number {
  for (const { component } of scan.components) reserve(component, frame, tables);
  const reader = new BitReader(file, start);
  const decoder = blockDecoder(reader, frame, scan);
  const [alone] = scan.components.length === 1 ? scan.components : [];
  // The units of a scan of one component are its blocks, without those that fill the last unit of the frame.
  const unitsWide = alone ? Math.ceil(alone.component.width / 8) : frame.unitsWide;
  const unitsHigh = alone ? Math.ceil(alone.component.height / 8) : frame.unitsHigh;
  let left = tables.restartInterval;
  for (let row = 0; row < unitsHigh; row++) {
    for (let column = 0; column < unitsWide; column++) {
      if (tables.restartInterval > 0 && left-- === 0) {
        reader.restart();
        decoder.restart();
        left = tables.restartInterval - 1;
      }
      if (alone) {
        decoder.decode(alone, row * alone.component.blocksWide + column);
        continue;
      }
      for (const part of scan.components) {
        const { h, v, blocksWide } = part.component;
        for (let y = 0; y < v; y++) {
          const first = (row * v + y) * blocksWide + column * h;
          for (let x = 0; x < h; x++) decoder.decode(part, first + x);
        }
      }
    }
    reader.check();
  }
  reader.skipToMarker();
  return reader.position;
}

function reserve(component: Component, frame: Frame, tables: Tables): void {
  if (component.steps !== undefined) return;
  const steps = tables.steps[component.table];
  if (steps === undefined) throw damagedJpeg('a quantization table is missing');
  component.steps = steps;
  const size = component.blocksWide * component.blocksHigh * 64;
  component.samples = new Uint8Array(size);
  if (frame.isProgressive) component.coefficients = new Int16Array(size);
}
