export { embeddedCaptioner } from '../files/folder/embedded_models.js';
