import { describe, expect, test } from 'vitest';
import { readCloudInit } from './cloud-init.ts';

const read = (text: string) => readCloudInit(`#cloud-config\n${text}`);

describe('cloud-init', () => {
  test('takes files, commands and the host name, and names what it leaves', () => {
    const plan = read(`
hostname: edge-1
write_files:
- path: /etc/motd
  content: hello
  permissions: '0600'
- { path: /tmp/bin, encoding: b64, content: aGk= }
runcmd:
- echo one
- [touch, "it's"]
bootcmd: [echo early]
packages: [nginx]
`);
    expect(plan).toMatchObject({
      hostname: 'edge-1',
      commands: ['echo one', `'touch' 'it'\\''s'`],
      warnings: ['cloud-init: `bootcmd` is not carried out', 'cloud-init: `packages` is not carried out'],
    });
    if ('refused' in plan) throw new Error(plan.refused);
    expect(
      plan.files.map(({ path, content, mode }) => [path, Buffer.from(content).toString(), mode]),
    ).toEqual([
      ['/etc/motd', 'hello', 0o600],
      ['/tmp/bin', 'hi', 0o644],
    ]);
  });

  test.each([
    ['a path that climbs out', 'write_files: [{ path: /root/../../etc/passwd }]', '..'],
    ['a relative path', 'write_files: [{ path: etc/x }]', 'absolute'],
    ['a host name that is a command', 'hostname: "a; reboot"', 'host name'],
    ['text that is no YAML', 'a: [', 'cloud-init'],
    ['an unknown encoding', 'write_files: [{ path: /x, encoding: gz+b64 }]', 'encoding'],
  ])('refuses %s', (_, text, said) => {
    expect(read(text)).toEqual({ refused: expect.stringContaining(said) });
  });

  test('refuses what is no cloud-config, and takes an empty one', () => {
    expect(readCloudInit('#!/bin/sh\nreboot')).toHaveProperty('refused');
    expect(read('')).toEqual({ hostname: undefined, files: [], commands: [], warnings: [] });
  });
});
