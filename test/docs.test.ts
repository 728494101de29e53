import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TASKS } from '../domain/checklist';
import { renderChecklistDoc } from '../scripts/checklist-doc';

describe('docs/checklist.md', () => {
  test('is what the table says: after a change of the table, run `npm run docs`', () => {
    const written = readFileSync(join(__dirname, '..', 'docs', 'checklist.md'), 'utf8');
    expect(written).toBe(renderChecklistDoc());
  });

  test('quotes the source of every task', () => {
    const document = renderChecklistDoc();
    for (const { source } of Object.values(TASKS)) expect(document).toContain(`“${source}”`);
  });

  test('says why a gate is closed', () => {
    const document = renderChecklistDoc();
    expect(document).toContain('nobody has recorded that the systems are secured (finding systemsSecured)');
    expect(document).toContain('this contact is not approved (request contact:fbi)');
  });
});
