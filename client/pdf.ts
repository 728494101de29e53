/** A document for somebody outside is made on this machine as the worker makes it. */
export { createPdf } from '../integrations/pdf/pdf';
