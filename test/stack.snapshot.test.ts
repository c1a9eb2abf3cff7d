import { template } from './helpers/template';

/** The only snapshot: whoever changes what is deployed sees it here as a whole. Code and scripts have tests of their own. */
test('the template', () => {
  const masked = JSON.stringify(template(), (key, value: unknown) => {
    if (key === 'runCommand') return '<the script>';
    return typeof value === 'string' ? value.replaceAll(/\b[0-9a-f]{64}\b/g, '<asset>') : value;
  });
  expect(JSON.parse(masked)).toMatchSnapshot();
});
