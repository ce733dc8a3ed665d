/** Describes how images become the numbers that the encoder takes. */
export const PREPROCESSOR_FILE = 'preprocessor_config.json';
