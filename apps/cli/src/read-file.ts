import { readFile } from 'node:fs/promises';
import { CommandError } from './command-error.js';

/** @throws CommandError naming the file, and the line where it ceases to be JSON */
export async function readJsonFile(file: string): Promise<unknown> {
  const text = await readFileOf(file, 'utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new CommandError(`${file}, line ${faultyLine(text)}: not valid JSON: ${(error as Error).message}`);
  }
}

/** @throws CommandError when the file cannot be read */
export async function readFileOf(file: string): Promise<Buffer>;
export async function readFileOf(file: string, encoding: 'utf8'): Promise<string>;
export async function readFileOf(file: string, encoding?: 'utf8'): Promise<Buffer | string> {
  try {
    return await readFile(file, encoding);
  } catch (error) {
    throw new CommandError(`${file} cannot be read: ${(error as Error).message}`);
  }
}

/** Where text ceases to be the beginning of JSON. The parser of Node 20 names no place for most of its errors. */
function faultyLine(text: string): number {
  const lines = text.split('\n');
  let [sound, broken] = [0, lines.length];
  while (broken - sound > 1) {
    const middle = (sound + broken) >> 1;
    if (isBroken(lines.slice(0, middle).join('\n'))) broken = middle;
    else sound = middle;
  }
  return broken;
}

/** Whether nothing that follows could make JSON of it. */
function isBroken(beginning: string): boolean {
  try {
    JSON.parse(beginning);
    return false;
  } catch (error) {
    const { message } = error as Error;
    const position = /at position (\d+)/.exec(message)?.[1];
    const atEnd = position !== undefined && Number(position) >= beginning.length;
    return !atEnd && !message.includes('end of JSON input');
  }
}
