export const ADAPTER_CONFIG_FILE = 'adapter_config.json';
export const ADAPTER_WEIGHTS_FILE = 'adapter_model.safetensors';
export const ADAPTER_FILES: readonly string[] = [ADAPTER_CONFIG_FILE, ADAPTER_WEIGHTS_FILE];
/** The weights in PEFT's older format, a pickle. */
export const OLD_WEIGHTS_FILE = 'adapter_model.bin';

/** Whether a file of this name is a part of an adapter. */
export function isAdapterFile(name: string): boolean {
  return ADAPTER_FILES.includes(name) || name === OLD_WEIGHTS_FILE;
}
