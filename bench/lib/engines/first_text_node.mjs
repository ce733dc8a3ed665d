import * as api from '../../../build/esm/index.js';
import { firstText } from './first_text.mjs';

export const load = async (spec) => ({ firstText: () => firstText(api, spec) });
