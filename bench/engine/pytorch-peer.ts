import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

/** A Python interpreter that can import PyTorch. */
export interface PyTorchPeer {
  readonly file: string;
  readonly torch: string;
  readonly python: string;
  /** Name of the graphics card that its PyTorch can use. */
  readonly cuda: string | null;
}

/** Not part of the build: it stays where the sources are. */
export const PEER_SCRIPT = path.join(packageRoot(import.meta.dirname), 'bench/peers/pytorch_peer.py');

/** Those of the interpreters that have PyTorch; `say` hears one line about each that has none. */
export async function findPyTorchPeers(
  files: readonly string[],
  say: (text: string) => void,
): Promise<PyTorchPeer[]> {
  const peers: PyTorchPeer[] = [];
  for (const file of files) {
    try {
      const { stdout } = await promisify(execFile)(file, [PEER_SCRIPT, '--probe']);
      peers.push({ file, ...(JSON.parse(stdout) as Omit<PyTorchPeer, 'file'>) });
    } catch (error) {
      say(`no PyTorch peer at ${file} (${reasonOf(error)}): ${HOW_TO_GET_ONE}`);
    }
  }
  return peers;
}

const HOW_TO_GET_ONE =
  'apt-get install python3-torch brings one to /usr/bin/python3; for the newest, python3 -m venv var/torch && ' +
  'var/torch/bin/pip install torch, then --peer-python var/torch/bin/python';

/** The last line that Python printed names the exception. */
function reasonOf(error: unknown): string {
  const { stderr, message } = error as Error & { stderr?: string };
  return (stderr?.trim() || message).split('\n').at(-1)!;
}

function packageRoot(folder: string): string {
  return fs.existsSync(path.join(folder, 'package.json')) ? folder : packageRoot(path.dirname(folder));
}
