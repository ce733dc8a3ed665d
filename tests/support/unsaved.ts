import type { SessionSaver } from '../../src/generate/session.js';

/** For sessions that a test does not save. */
export const unsaved: SessionSaver = () => Promise.reject(new Error('this session is not saved'));
