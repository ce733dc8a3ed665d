import { MAPPER_FILES, openMapperFile } from '../../checkpoints/clipcap/mapper_file.js';
import { mapperShape } from '../../checkpoints/clipcap/mapper_shape.js';
import { withSource } from '../../files/open_source.js';
import type { Source } from '../../files/source_options.js';
import type { Mapper, MapperOptions } from './mapper.js';
import { checkPrefixOptions, checkWidth } from './options.js';

/** See `loadMapper`. */
export async function openMapper(source: Source, options: MapperOptions): Promise<Mapper> {
  checkPrefixOptions('loadMapper', options, ['heads', 'build', 'threads']);
  return withSource(source, { ...options, wanted: MAPPER_FILES }, async (files) => {
    const file = await openMapperFile(files, options.signal);
    const shape = mapperShape(file);
    const channels = shape.kind === 'mlp' ? file.channels : shape.channels;
    if (channels !== undefined) checkWidth(files.name, channels, options);
    await files.download?.([file.path], { signal: options.signal });
    if (shape.kind === 'mlp') {
      const { loadMlpMapper } = await import('./mlp_mapper.js');
      return loadMlpMapper(file, shape, options);
    }
    const { loadTransformerMapper } = await import('./transformer_mapper.js');
    return loadTransformerMapper(file, shape, options);
  });
}
