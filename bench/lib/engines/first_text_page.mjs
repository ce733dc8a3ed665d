import * as api from '../../../build/web/index.js';
import { firstText } from './first_text.mjs';

export const load = async (spec) => ({ firstText: () => firstText(api, spec) });
